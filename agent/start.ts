import { randomUUID } from "node:crypto";
import type { Log } from "../config/log.ts";
import type { LicensingFact } from "../licensing/facts.ts";
import type { Clock, Instant } from "../licensing/time.ts";
import { computerOf, ownHost } from "./computer.ts";
import { type AgentConfig, isProber } from "./config.ts";
import type { Delivery } from "./delivery/delivery-result.ts";
import { deliver } from "./delivery/sender.ts";
import { newSleep } from "./delivery/sleep.ts";
import { openTelemetry } from "./delivery/telemetry.ts";
import { httpTransport, nowhere } from "./delivery/transport.ts";
import type { startProbing } from "./probe/probing.ts";
import type { LocalParts } from "./self-metrics/self-metrics.ts";
import { openBookmarks } from "./sources/bookmarks.ts";
import { type Gathered, gather } from "./sources/gather.ts";
import { newProgress } from "./sources/progress.ts";
import { every, type Task } from "./sources/schedule.ts";
import { type Source, watched } from "./sources/source.ts";
import type { Windows } from "./sources/windows.ts";
import type { WindowsParts } from "./sources/windows-context.ts";
import { openSpool } from "./spool/spool.ts";

export interface Agent {
  stop(): Promise<void>;
}

export interface AgentParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly random: () => number;
}

/** On a stop the rest is sent if it can be within this time; otherwise it waits on disk for the next start. */
const LAST_DELIVERY_MS = 3_000;
/** Whoever exports waits for the spool to be cleared. */
const CLEARING_MS = 2_000;

/**
 * Starts an agent: sources → spool → bookmark, spool → collector, heartbeats in between. Opens in order, stops in reverse,
 * once, also after half a start.
 */
export const startAgent = async (
  config: AgentConfig,
  { clock, log, version, environment, random }: AgentParts,
): Promise<Agent> => {
  const opened: (() => unknown)[] = [];
  const stopping = new AbortController();
  const stop = async (): Promise<void> => {
    stopping.abort();
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    const host = await ownHost(config);
    const instanceId = randomUUID();
    const spool = openSpool(config.spool.directory, config.spool.max_size);
    opened.push(() => spool.close());
    const bookmarks = openBookmarks(config.spool.directory);
    const progress = newProgress((source, what) => log.warn(`${source}: ${what}`));
    const telemetry = await openTelemetry(environment, { spooled: () => spool.depth });
    opened.push(() => telemetry.stop());
    const hasCollector = config.collector.url !== "";
    const transport = hasCollector ? httpTransport(config.collector) : nowhere;
    opened.push(() => transport.close());

    const ended = new AbortController();
    const sleep = newSleep();
    const { wake } = sleep;
    let windows: Windows | undefined;
    // Off Windows nobody knows; somebody who watches a recording does not want to wait.
    const beatMs = () =>
      windows && !windows.isKmsHost() ? config.heartbeat.interval : config.heartbeat.kms_host_interval;
    const heartbeatOf = (about: string) =>
      progress.heartbeat(about, spool, { now: clock(), intervalMs: beatMs(), own: about === host });
    const local = await localOf(config, {
      clock,
      version,
      hasCollector,
      heartbeat: () => heartbeatOf(host),
      written: () => progress.succeeded("textfile", { facts: [] }),
      failed: (cause) => progress.failed("textfile", cause),
      told: (text) => log.info(text),
    });
    opened.push(() => local?.stop());
    let quiet = false;
    const delivering = deliver(
      {
        spool,
        transport,
        random,
        clock,
        sleep: {
          untilNew: (ms) => (quiet ? Promise.resolve(ended.abort()) : sleep.untilNew(ms)),
          for: (ms) => (quiet ? Promise.resolve(ended.abort()) : sleep.for(ms)),
        },
        computerOf: (about) => ({
          ...computerOf(about, { host, instanceId, version, zone: config.zone }),
          ...windows?.systemOf(about),
        }),
        onFailure: (cause) => progress.failed("spool", cause),
        onDelivery: (delivery, records) => {
          telemetry.delivered(delivery, records);
          local?.delivered(delivery);
          tell(log, delivery, records);
        },
      },
      ended.signal,
    );
    opened.push(async () => {
      quiet = true;
      const tooLong = setTimeout(() => ended.abort(), LAST_DELIVERY_MS);
      sleep.end();
      await delivering;
      clearTimeout(tooLong);
    });

    let beatAt = Number.NEGATIVE_INFINITY;
    const beat = async (): Promise<void> => {
      const now = clock();
      // A clock that was set back must not silence an agent until it has caught up.
      if (now >= beatAt && now - beatAt < beatMs() - TICK_MS) return;
      beatAt = now;
      try {
        for (const about of new Set([host, ...progress.hosts()]))
          spool.append([{ host: about, observedAt: now, fact: heartbeatOf(about) }]);
        progress.succeeded("spool", { facts: [] });
      } catch (cause) {
        progress.failed("spool", cause as Error);
      }
      wake();
    };
    const probing = await probingOf(config, {
      host,
      random,
      tell: (fact) => {
        if (!spool.append([{ host, observedAt: clock(), fact }])) throw new Error("the spool is full");
        progress.succeeded("probes", { facts: [] });
        wake();
      },
      failed: (cause) => progress.failed("probes", cause),
    });
    const see = (fact: LicensingFact, at: Instant): void => {
      probing?.see(fact);
      local?.see(fact, at);
    };
    const waiting = new Set<string>();
    const gatherAll = async (source: Source): Promise<Gathered> => {
      const parts = { spool, bookmarks, progress };
      const seen = watched(source, host, see);
      let outcome: Gathered;
      do {
        outcome = await gather(seen, parts, stopping.signal);
        wake();
      } while (outcome === "more" && !stopping.signal.aborted);
      if (outcome !== "full") waiting.delete(source.name);
      else if (!waiting.has(source.name)) {
        waiting.add(source.name);
        log.warn(`${source.name}: ${FULL}`);
      }
      return outcome;
    };
    const tasks = (await sourcesOf(config, clock)).map(
      (source): Task => every(config.recorded.interval, async () => void (await gatherAll(source))),
    );
    windows = await windowsOf({ config, clock, random, log, host, onFatal: endingAfter(log) }, gatherAll);
    opened.push(() => windows?.close());
    tasks.push(...(windows?.tasks ?? []));
    const beating = every(config.heartbeat.kms_host_interval, beat);
    if (probing) tasks.push(probing);
    const clearing = every(CLEARING_MS, async () => {
      const records = spool.leaveExported();
      if (records > 0) log.info(`${records} records left the spool, because they were exported.`);
    });
    for (const task of [...tasks, beating, clearing]) opened.push(() => task.stop());
    for (const task of tasks) task.ask();
    beating.ask();
    return { stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
};

/** Loaded where they are asked for only: most of a fleet does neither. */
const probingOf = async ({ probes }: AgentConfig, parts: Parameters<typeof startProbing>[1]) =>
  isProber(probes) ? (await import("./probe/probing.ts")).startProbing(probes, parts) : undefined;
const localOf = async ({ metrics }: AgentConfig, parts: LocalParts) =>
  metrics.listen !== "" || metrics.textfile !== ""
    ? (await import("./self-metrics/self-metrics.ts")).openLocal(metrics, parts)
    : undefined;

/** A timer's own unevenness. */
const TICK_MS = 5_000;
const FULL = "The spool is full: nothing is read until the collector has taken some of it. The event logs keep it.";
/** So long a log needs to reach its file. */
const LAST_WORDS_MS = 500;

/** Windows did not come back from a call: the process ends with code 1, and the service manager starts a new one. */
const endingAfter =
  (log: Log) =>
  async (cause: Error): Promise<void> => {
    log.error(`${cause.message} The agent ends, to be started again by the service manager.`);
    const { endAtOnce } = await import("./win32/terminate-process.ts");
    setTimeout(endAtOnce, LAST_WORDS_MS);
  };

const windowsOf = async (
  parts: WindowsParts,
  gatherAll: (source: Source) => Promise<Gathered>,
): Promise<Windows | undefined> =>
  process.platform === "win32" ? (await import("./sources/windows.ts")).openWindows(parts, gatherAll) : undefined;

/** What there is to read off Windows; there it is beside event logs and license state. */
const sourcesOf = async ({ recorded, simulated }: AgentConfig, clock: Clock): Promise<Source[]> => {
  const sources: Source[] = [];
  if (recorded.files.length > 0) {
    const { recordedSource } = await import("./sources/recorded.ts");
    sources.push(...recorded.files.map((file) => recordedSource(file, clock, recorded.live)));
  }
  if (simulated.kms_host !== undefined) {
    const { simulatedSource } = await import("./simulation/drill.ts");
    sources.push(simulatedSource(simulated.kms_host, simulated, clock));
  }
  return sources;
};

const tell = (log: Log, delivery: Delivery, records: number): void => {
  if (delivery.outcome === "later")
    log.warn(`The collector did not take ${records} records: ${delivery.reason}. They stay in the spool.`);
  else if (delivery.outcome === "refused")
    log.error(`The collector refused ${records} records for good: ${delivery.reason}`);
  else if (delivery.outcome === "accepted" && delivery.rejected > 0)
    log.error(`The collector rejected ${delivery.rejected} records: ${delivery.message}`);
  else log.debug(`${records} records: ${delivery.outcome}`);
};
