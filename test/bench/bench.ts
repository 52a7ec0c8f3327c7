import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../support/cli.ts";
import { type Figure, median, table } from "./figures.ts";
import { fleets } from "./fleets.ts";
import { ingestEvents } from "./ingest-events.ts";
import { ingestLicenses } from "./ingest-licenses.ts";
import { ingestPostgres } from "./ingest-postgres.ts";
import { type Piece, type Plan, QUICK, WHOLE } from "./plan.ts";
import { hasPushgateway } from "./servers.ts";

const PIECES: Readonly<Record<string, Piece>> = {
  licenses: ingestLicenses,
  events: ingestEvents,
  fleets,
  postgres: ingestPostgres,
};

const HELP = `npm run bench -- [--quick] [--only PIECE]... [--computers N] [--checkout DIR] [--json FILE]

Measures the real collector on this computer, beside prometheus-pushgateway (Debian's package) and a bare node:http
server, which take the same things in the same run: judge by the ratios, absolute figures belong to one computer.
Rates are per second of CPU time of the server's process.

  --quick       less of everything: under two minutes instead of under ten
  --only PIECE  ${Object.keys(PIECES).join(", ")}; may be given more than once
  --computers N fleets of this size alone (a million takes half an hour and 6 GB of disk)
  --checkout DIR the collector of another checkout takes this one's load: docs/performance.md, "Compare two versions"
  --json FILE   every single value, for a program to read
`;

const options = () => {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      tiny: { type: "boolean", default: false },
      only: { type: "string", multiple: true },
      computers: { type: "string" },
      checkout: { type: "string", default: ROOT },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  for (const it of values.only ?? [])
    if (!Object.hasOwn(PIECES, it))
      throw new Error(`There is no piece ${it}; there are ${Object.keys(PIECES).join(", ")}.`);
  const computers = values.computers === undefined ? undefined : Number(values.computers);
  if (computers !== undefined && !(Number.isSafeInteger(computers) && computers > 0))
    throw new Error("--computers takes a number of computers, such as 1000000.");
  return { ...values, computers };
};

/** So small that it only shows that everything still runs. */
const TINY: Plan = { runs: 1, reports: 200, events: 1_000, fleets: [200], scrapes: 5, slowPeerMs: 200 };

const main = async (): Promise<number> => {
  let chosen: ReturnType<typeof options>;
  try {
    chosen = options();
  } catch (cause) {
    process.stderr.write(`${(cause as Error).message}\n`);
    return 2;
  }
  if (chosen.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const ended = new AbortController();
  for (const it of ["SIGINT", "SIGTERM"] as const) process.once(it, () => ended.abort());
  const folder = mkdtempSync(join(tmpdir(), "activation-bench-"));
  const terminal = process.stderr.isTTY === true;
  const progress = (text: string) => {
    if (ended.signal.aborted) throw new Error("stopped");
    if (terminal) process.stderr.write(`\r${text}\u001b[K`);
  };
  const size = chosen.tiny ? TINY : chosen.quick ? QUICK : WHOLE;
  const plan = chosen.computers === undefined ? size : { ...size, fleets: [chosen.computers] };
  const peers = hasPushgateway();
  const figures: Figure[] = [];
  try {
    for (const name of chosen.only ?? (chosen.computers === undefined ? Object.keys(PIECES) : ["fleets"]))
      figures.push(
        ...(await PIECES[name]!({
          plan,
          folder,
          checkout: resolve(chosen.checkout),
          signal: ended.signal,
          peers,
          progress,
        })),
      );
  } catch (cause) {
    process.stderr.write(`\n${ended.signal.aborted ? "Stopped." : (cause as Error).stack}\n`);
    return 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    if (terminal) process.stderr.write("\r\u001b[K");
  }
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 1e9)} GB, Node ${process.version}`;
  process.stdout.write(`${machine}\n\n${table(figures)}`);
  if (!peers) process.stdout.write("\nprometheus-pushgateway is not installed, so there is no peer to judge by.\n");
  if (chosen.json !== undefined) {
    const values = figures.map((it) => ({ ...it, median: median(it.values) }));
    writeFileSync(chosen.json, `${JSON.stringify({ machine, plan, figures: values }, null, 2)}\n`);
  }
  return 0;
};

process.exitCode = await main();
