import { statSync } from "node:fs";
import { join } from "node:path";
import type { Figure } from "./figures.ts";
import { accepted } from "./ingest-licenses.ts";
import { measureLoad, prepareLoad } from "./load.ts";
import type { Bench, Piece } from "./plan.ts";
import { cpuSeconds, residentBytes } from "./process-figures.ts";
import { type CollectorServer, collectorServer, DATABASE, pushgatewayServer } from "./servers.ts";

const MEGABYTE = 1e6;
/** License states a second while /metrics is read. */
const STEADY = 1_000;
const SCRAPE_PAUSE_MS = 50;
/** More would take pushgateway gigabytes of memory and minutes for each scrape. */
const PEER_COMPUTERS_MAX = 100_000;

/** Fleets of growing size, stored with 31 days of their history: memory, start, /metrics in peace and under load. */
export const fleets: Piece = async (bench) => {
  const figures: Figure[] = [];
  for (const computers of bench.plan.fleets) {
    figures.push(...(await ours(bench, computers)));
    if (bench.peers && computers <= PEER_COMPUTERS_MAX) figures.push(...(await theirs(bench, computers)));
  }
  return figures;
};

const ours = async ({ plan, folder, checkout, signal, progress }: Bench, computers: number): Promise<Figure[]> => {
  const label = `${computers.toLocaleString("en-GB")} computers`;
  const data = join(folder, `fleet-${computers}`);
  const base = Date.now();
  let collector = await collectorServer(data, checkout);
  try {
    progress(`fleets: ${label} report for the first time`);
    const empty = residentBytes(collector.pid);
    accepted(
      await measureLoad(
        {
          url: collector.url,
          connections: 4,
          prepared: false,
          workload: { what: "fleet", count: computers, at: base },
        },
        collector.pid,
        signal,
      ),
    );
    const filled = residentBytes(collector.pid);
    const starts: number[] = [];
    let disk = 0;
    for (let run = 0; run < Math.min(plan.runs, 3); run += 1) {
      progress(`fleets: start with ${label} stored, ${run + 1}`);
      await collector.stop();
      disk = statSync(join(data, DATABASE)).size;
      collector = await collectorServer(data, checkout);
      starts.push(collector.startSeconds);
    }
    progress(`fleets: /metrics with ${label}`);
    const calm = await scrapes(collector, plan.scrapes);
    const load = await prepareLoad(
      {
        url: collector.url,
        connections: 64,
        prepared: false,
        perSecond: STEADY,
        workload: { what: "licenses", first: 0, count: 10_000_000, at: base + 60_000 },
      },
      signal,
    );
    const sent = load.go();
    progress(`fleets: /metrics with ${label} and ${STEADY} license states a second`);
    const busy = await scrapes(collector, plan.scrapes);
    load.stop();
    const { requests, seconds } = await sent;
    const resident = residentBytes(collector.pid);
    const figure = (name: string, unit: string, values: readonly number[], more: Partial<Figure> = {}): Figure => ({
      piece: "fleets",
      name: `${label}: ${name}`,
      unit,
      values,
      ...more,
    });
    const largest = computers >= 100_000;
    return [
      figure("start to ready", "s", starts, largest ? { most: 3 } : {}),
      figure("memory after a start and under load", "MB", [resident / MEGABYTE], largest ? { most: 200 } : {}),
      figure("memory after their first reports", "MB", [filled / MEGABYTE]),
      figure("memory for each, under load", "KB", [Math.max(0, resident - empty) / computers / 1e3], {
        against: [`${label}: pushgateway, memory for each`],
      }),
      figure("disk for each, with 31 days", "KB", [disk / computers / 1e3]),
      figure("/metrics, p50", "ms", [calm.p50], { against: [`${label}: pushgateway, /metrics`] }),
      figure("/metrics, CPU", "ms", [calm.cpuMs], { against: [`${label}: pushgateway, /metrics, CPU`] }),
      figure("/metrics, size", "KB", [calm.bytes / 1e3], { against: [`${label}: pushgateway, /metrics, size`] }),
      figure("/metrics under load, p50", "ms", [busy.p50]),
      figure("/metrics under load, p99", "ms", [busy.p99], largest ? { most: 50 } : {}),
      figure("that load", "per s", [requests / seconds]),
      figure("event loop delay under it, p99", "ms", [busy.loopDelayMs]),
    ];
  } finally {
    await collector.stop();
  }
};

interface Scrapes {
  readonly p50: number;
  readonly p99: number;
  readonly cpuMs: number;
  readonly bytes: number;
  readonly loopDelayMs: number;
}

const scrapes = async (collector: CollectorServer, count: number): Promise<Scrapes> => {
  const times: number[] = [];
  let text = "";
  const before = cpuSeconds(collector.pid);
  for (let i = 0; i < count; i += 1) {
    const started = performance.now();
    text = await (await fetch(`${collector.web}/metrics`)).text();
    times.push(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, SCRAPE_PAUSE_MS));
  }
  const sorted = times.toSorted((a, b) => a - b);
  return {
    p50: sorted[Math.floor(count * 0.5)]!,
    p99: sorted[Math.min(count - 1, Math.floor(count * 0.99))]!,
    cpuMs: ((cpuSeconds(collector.pid) - before) * 1_000) / count,
    bytes: text.length,
    loopDelayMs: Number(/^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(text)?.[1] ?? Number.NaN) * 1_000,
  };
};

const theirs = async ({ plan, folder, signal, progress }: Bench, computers: number): Promise<Figure[]> => {
  const label = `${computers.toLocaleString("en-GB")} computers: pushgateway`;
  progress(`fleets: ${label}`);
  const server = await pushgatewayServer(join(folder, `fleet-${computers}`), false);
  try {
    const empty = residentBytes(server.pid);
    const at = Date.now();
    accepted(
      await measureLoad(
        {
          url: server.url,
          connections: 16,
          prepared: false,
          workload: { what: "pushes", first: 0, count: computers, at },
        },
        server.pid,
        signal,
      ),
    );
    const resident = residentBytes(server.pid);
    const times: number[] = [];
    const cpu: number[] = [];
    let bytes = 0;
    for (let run = 0; run < Math.min(plan.runs, 3); run += 1) {
      const before = cpuSeconds(server.pid);
      const started = performance.now();
      bytes = (await (await fetch(`${server.url}/metrics`)).arrayBuffer()).byteLength;
      times.push(performance.now() - started);
      cpu.push((cpuSeconds(server.pid) - before) * 1_000);
    }
    const figure = (name: string, unit: string, values: readonly number[]): Figure => ({
      piece: "fleets",
      name: `${label}, ${name}`,
      unit,
      values,
    });
    return [
      figure("memory for each", "KB", [(resident - empty) / computers / 1e3]),
      figure("/metrics", "ms", times),
      figure("/metrics, CPU", "ms", cpu),
      figure("/metrics, size", "KB", [bytes / 1e3]),
    ];
  } finally {
    await server.stop();
  }
};
