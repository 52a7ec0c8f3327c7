import { join } from "node:path";
import { accepted } from "./ingest-licenses.ts";
import { measureLoad } from "./load.ts";
import { type Piece, Series } from "./plan.ts";
import { bareServer, collectorServer } from "./servers.ts";
import type { Workload } from "./workload.ts";

const CONNECTIONS = 8;

/** KMS requests, 100 in each request: new ones, and the same again as after a lost answer. */
export const ingestEvents: Piece = async ({ plan, folder, checkout, signal, progress }) => {
  const series = new Series();
  const collector = await collectorServer(join(folder, "events"), checkout);
  const bare = await bareServer();
  try {
    const at = Date.now();
    const send = async (server: { url: string; pid: number }, workload: Workload) =>
      accepted(
        await measureLoad({ url: server.url, connections: CONNECTIONS, prepared: true, workload }, server.pid, signal),
      );
    const events = (first: number): Workload => ({ what: "events", first, count: plan.events, at });
    progress("events: warming up");
    for (const server of [collector, bare]) await send(server, events(0));
    for (let run = 1; run <= plan.runs; run += 1) {
      progress(`events: run ${run} of ${plan.runs}`);
      const fresh = await send(collector, events(run * plan.events));
      series.add("new", fresh.perCpuSecond);
      series.add("wall", fresh.perSecond);
      series.add("again", (await send(collector, events(run * plan.events))).perCpuSecond);
      series.add("bare", (await send(bare, events(run * plan.events))).perCpuSecond);
    }
  } finally {
    await bare.stop();
    await collector.stop();
  }
  const against = [BARE];
  const unit = "per CPU-s";
  return [
    { piece: "events", name: "new KMS events", unit, values: series.of("new"), least: 25_000, against },
    { piece: "events", name: "KMS events sent again", unit, values: series.of("again"), against },
    { piece: "events", name: "new KMS events, wall clock", unit: "per s", values: series.of("wall") },
    { piece: "events", name: BARE, unit, values: series.of("bare") },
  ];
};

const BARE = "bare node:http, same events";
