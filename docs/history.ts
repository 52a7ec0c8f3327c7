import { spawnSync } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { SIMULATED_MAK, SIMULATED_ZONES, simulatedFleet } from "../agent/simulation/simulate.ts";
import { readCollectorConfig } from "../collector/config.ts";
import { openEngine } from "../collector/engine/engine.ts";
import { startCollector } from "../collector/start.ts";
import { openSqlite } from "../collector/store/sqlite/store.ts";
import { openLog } from "../config/log.ts";
import { VERSION } from "../config/version.ts";
import { METRICS, recordedName } from "../licensing/telemetry/metrics.ts";
import { DAY, type Instant, MINUTE, SECOND } from "../licensing/time.ts";
import type { LogsRequest } from "../otlp/logs.ts";
import { encodeLogs } from "../otlp/protobuf.ts";

/**
 * A fleet with a past, to make the pictures from: the simulated fleet is taken by the collector's engine, whose clock is
 * moved through the last days, and what it serves is written as Prometheus' blocks. Then both go on in the present until Ctrl-C.
 * Prometheus must bridge the steps: `--query.lookback-delta=20m`.
 */
const { values } = parseArgs({
  options: {
    out: { type: "string" },
    days: { type: "string", default: "7" },
    hosts: { type: "string", default: "400" },
    seed: { type: "string", default: "1" },
    otlp: { type: "string", default: "127.0.0.1:4318" },
    http: { type: "string", default: "127.0.0.1:9688" },
  },
});
if (!values.out)
  throw new Error(
    "Name a folder: --out FOLDER [--days 7] [--hosts 400] [--seed 1] [--http HOST:PORT] [--otlp HOST:PORT]",
  );
const out = values.out;
mkdirSync(out, { recursive: true });

const STEP = 15 * MINUTE;
const end = Date.now();
const start = end - Number(values.days) * DAY;
let clock: Instant = start;

const database = join(out, "activation.db");
const config = readCollectorConfig(
  "history",
  JSON.stringify({
    otlp: { listen: values.otlp },
    http: { listen: values.http },
    store: { url: `sqlite:${database}` },
    zones: SIMULATED_ZONES,
    mak: SIMULATED_MAK,
  }),
  {},
);
const engine = await openEngine(openSqlite(database), config, { clock: () => clock, version: VERSION });
const take = (request: LogsRequest) => engine.ingest([{ read: () => request, receivedAt: clock, imported: false }]);

const COUNTERS = new Set(METRICS.filter((it) => it.type === "counter").map((it) => it.name));
const RECORDED = new Map(METRICS.map((it) => [it.name, recordedName(it)]));
const last = new Map<string, number>();
/** What the recording rules would have made of a scrape at this instant. */
const recorded = async (): Promise<string> => {
  let lines = "";
  for (const line of (await engine.metrics("text")).split("\n")) {
    const space = line.lastIndexOf(" ");
    const series = line.slice(0, space);
    const [name = "", labels = ""] = series.replace(/}$/, "").split("{");
    if (!RECORDED.has(name)) continue;
    let value = Number(line.slice(space + 1));
    if (COUNTERS.has(name)) {
      const before = last.get(series);
      last.set(series, value);
      if (before === undefined) continue;
      value = (value - before) / (STEP / SECOND);
    }
    lines += `${RECORDED.get(name)}{${labels}} ${value} ${clock / SECOND}\n`;
  }
  return lines;
};

const file = join(out, "history.om");
const text = createWriteStream(file);
const fleet = simulatedFleet({ seed: Number(values.seed), hosts: Number(values.hosts), now: start, version: VERSION });
for (const request of fleet.present()) await take(request);
await recorded();
for (clock = start + STEP; clock <= end; clock += STEP) {
  for (const request of fleet.between(clock - STEP, clock)) await take(request);
  await take(fleet.hostsAt(clock));
  text.write(await recorded());
}
await engine.close();
text.end("# EOF\n");
await finished(text);
const blocks = ["tsdb", "create-blocks-from", "openmetrics", file, join(out, "prometheus")];
if (spawnSync("promtool", blocks, { stdio: ["ignore", "ignore", "inherit"] }).status !== 0)
  throw new Error(`promtool could not make blocks of ${file}.`);

const log = openLog({ terminal: true, level: "warn" });
const collector = await startCollector(config, { clock: Date.now, log, version: VERSION });
process.stdout.write(`Collector    ${collector.webUrl}\nPrometheus's blocks are in ${join(out, "prometheus")}\n`);
const send = async (request: LogsRequest): Promise<void> => {
  const response = await fetch(`${collector.otlpUrl}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body: encodeLogs(request),
  });
  if (!response.ok) throw new Error(`The collector answered ${response.status}: ${await response.text()}`);
};
const ended = new AbortController();
for (const it of ["SIGINT", "SIGTERM"] as const) process.once(it, () => ended.abort());
for (let reached = clock - STEP; !ended.signal.aborted; ) {
  const now = Date.now();
  for (const request of fleet.between(reached, now)) await send(request);
  await send(fleet.hostsAt(now));
  reached = now;
  await pause(5 * SECOND, undefined, { signal: ended.signal }).catch(() => {});
}
await collector.stop();
