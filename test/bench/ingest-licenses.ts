import { join } from "node:path";
import type { Figure } from "./figures.ts";
import { type Measured, measureLoad } from "./load.ts";
import { type Bench, type Piece, Series } from "./plan.ts";
import { bareServer, collectorServer, pushgatewayServer, type Server } from "./servers.ts";
import { roundAt, type Workload } from "./workload.ts";

const CONNECTIONS = 64;
const PER_CPU = "per CPU-s";

/** License states, one request for each computer: new computers, known ones, gzip; beside them the same figures pushed. */
export const ingestLicenses: Piece = async (bench) => {
  const { plan, folder, checkout, signal, peers, progress } = bench;
  const series = new Series();
  const opened: Server[] = [];
  const open = async <S extends Server>(server: Promise<S>): Promise<S> => {
    opened.push(await server);
    return server;
  };
  try {
    const collector = await open(collectorServer(join(folder, "licenses"), checkout));
    const bare = await open(bareServer());
    const pushgateway = peers ? await open(pushgatewayServer(folder, false)) : undefined;
    const base = Date.now();
    const send = (server: Server, workload: Workload, more: { gzip?: boolean } = {}): Promise<Measured> =>
      measureLoad(
        { url: server.url, connections: CONNECTIONS, prepared: true, workload, ...more },
        server.pid,
        signal,
      ).then(accepted);
    const reports = (first: number, round: number): Workload => ({
      what: "licenses",
      first,
      count: plan.reports,
      at: roundAt(base, round),
    });
    const pushes = (round: number): Workload => ({
      what: "pushes",
      first: 0,
      count: plan.reports,
      at: roundAt(base, round),
    });
    // Compilers warm up, and the peers hold all computers before anything counts.
    progress("licenses: warming up");
    for (const server of [collector, bare]) await send(server, reports(10_000_000, 0));
    if (pushgateway) await send(pushgateway, pushes(0));
    for (let run = 0; run < plan.runs; run += 1) {
      progress(`licenses: run ${run + 1} of ${plan.runs}`);
      const first = run * plan.reports;
      const fresh = await send(collector, reports(first, 1));
      series.add("new", fresh.perCpuSecond);
      const known = await send(collector, reports(first, 2));
      series.add("known", known.perCpuSecond);
      series.add("wall", known.perSecond);
      series.add("p99", known.latencyMs.p99);
      series.add("gzip", (await send(collector, reports(first, 3), { gzip: true })).perCpuSecond);
      series.add("bare", (await send(bare, reports(first, 2))).perCpuSecond);
      if (pushgateway) series.add("push", (await send(pushgateway, pushes(run + 1))).perCpuSecond);
    }
    if (pushgateway) {
      await pushgateway.stop();
      opened.splice(opened.indexOf(pushgateway), 1);
      await checked(bench, series, pushes, open);
    }
    return figuresFrom(series);
  } finally {
    for (const it of opened.reverse()) await it.stop();
  }
};

/** The peer as it comes: each push is checked against everything stored. It finds what it stored before in its file. */
const checked = async (
  { plan, folder, signal, progress }: Bench,
  series: Series,
  pushes: (round: number) => Workload,
  open: <S extends Server>(server: Promise<S>) => Promise<S>,
): Promise<void> => {
  const server = await open(pushgatewayServer(folder, true));
  for (let run = 0; run < plan.runs; run += 1) {
    progress(`licenses: pushgateway with its consistency check, run ${run + 1} of ${plan.runs}`);
    const job = {
      url: server.url,
      connections: 2,
      prepared: true,
      workload: pushes(run),
      forAtMostMs: plan.slowPeerMs,
    };
    series.add("checked", accepted(await measureLoad(job, server.pid, signal)).perCpuSecond);
  }
};

/** A server that refuses is no server that is fast. */
export const accepted = (it: Measured): Measured => {
  const refused = Object.entries(it.statuses).filter(([status]) => Number(status) >= 300);
  if (refused.length > 0) throw new Error(`A server refused: ${JSON.stringify(it.statuses)}`);
  return it;
};

const BARE = "bare node:http, same requests";
const PUSH = "pushgateway, check off, same figures";
const CHECKED = "pushgateway, default";

const figuresFrom = (series: Series): Figure[] => {
  const figure = (name: string, of: string, more: Partial<Figure> = {}): Figure => ({
    piece: "licenses",
    name,
    unit: PER_CPU,
    values: series.of(of),
    ...more,
  });
  const against = [BARE, PUSH, CHECKED];
  return [
    figure("license states of new computers", "new", { least: 7_000, against }),
    figure("license states of known computers", "known", { least: 7_000, against }),
    figure("license states, gzip", "gzip", { against }),
    figure("license states, wall clock", "wall", { unit: "per s" }),
    figure("license states, p99 of the answer", "p99", { unit: "ms" }),
    figure(BARE, "bare"),
    figure(PUSH, "push"),
    figure(CHECKED, "checked"),
  ].filter((it) => it.values.length > 0);
};
