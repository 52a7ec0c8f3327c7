import { join } from "node:path";
import { startPostgres } from "../support/postgres.ts";
import { accepted } from "./ingest-licenses.ts";
import { measureLoad } from "./load.ts";
import { type Piece, Series } from "./plan.ts";
import { cpuSecondsOfChildren } from "./process-figures.ts";
import { type CollectorServer, collectorServer } from "./servers.ts";
import { roundAt, type Workload } from "./workload.ts";

const KINDS = ["licenses", "events"] as const;
const CONNECTIONS = { licenses: 64, events: 8 } as const;

/** The same amount of reports through one collector on PostgreSQL and through two that share it, half each. */
export const ingestPostgres: Piece = async ({ plan, folder, checkout, signal, progress }) => {
  const series = new Series();
  const server = await startPostgres("");
  const opened: CollectorServer[] = [];
  try {
    const base = Date.now();
    const collectorsOn = async (url: string, count: number) => {
      for (let i = 0; i < count; i += 1) opened.push(await collectorServer(join(folder, "postgres"), checkout, url));
      return opened.slice(-count);
    };
    /** @returns things per second, and per second of the database's CPU. */
    const send = async (collectors: readonly CollectorServer[], kind: (typeof KINDS)[number], round: number) => {
      const total = kind === "licenses" ? plan.reports : plan.events;
      const count = Math.floor(total / collectors.length);
      const begun = cpuSecondsOfChildren(server.pid());
      const measured = await Promise.all(
        collectors.map(({ url, pid }, i) => {
          const workload: Workload =
            kind === "licenses"
              ? { what: kind, first: i * count, count, at: roundAt(base, round) }
              : {
                  what: kind,
                  first: round * total,
                  count: total,
                  at: base,
                  share: { index: i, of: collectors.length },
                };
          const connections = Math.ceil(CONNECTIONS[kind] / collectors.length);
          return measureLoad({ url, connections, prepared: true, workload }, pid, signal).then(accepted);
        }),
      );
      const amount = measured.reduce((sum, it) => sum + it.amount, 0);
      const seconds = Math.max(...measured.map((it) => it.seconds));
      return { perSecond: amount / seconds, perDatabaseSecond: amount / (cpuSecondsOfChildren(server.pid()) - begun) };
    };
    const sets = new Map<number, readonly CollectorServer[]>();
    for (const count of [1, 2]) sets.set(count, await collectorsOn(await server.database(), count));
    for (let run = 0; run <= plan.runs; run += 1)
      for (const kind of KINDS)
        for (const [count, collectors] of sets) {
          progress(`postgres: ${kind}, ${count} collectors, run ${run} of ${plan.runs}`);
          const { perSecond, perDatabaseSecond } = await send(collectors, kind, run);
          // The first run warms up, and makes the computers.
          if (run === 0) continue;
          series.add(`${kind} ${count}`, perSecond);
          series.add(`${kind} ${count} database`, perDatabaseSecond);
        }
  } finally {
    for (const it of opened.reverse()) await it.stop();
    await server.remove();
  }
  return KINDS.flatMap((kind) =>
    [1, 2].flatMap((count) => {
      const name = `${NAMES[kind]}, ${count === 1 ? "one collector" : "two collectors"}`;
      const against = count === 2 ? [`${NAMES[kind]}, one collector`] : [];
      return [
        { piece: "postgres", name, unit: "per s", values: series.of(`${kind} ${count}`), against },
        {
          piece: "postgres",
          name: `${name}, database`,
          unit: "per CPU-s",
          values: series.of(`${kind} ${count} database`),
        },
      ];
    }),
  );
};

const NAMES = { licenses: "license states of known computers", events: "new KMS events" } as const;
