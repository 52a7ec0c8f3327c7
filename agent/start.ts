import type { Log } from "../config/log.ts";
import type { LicensingFact } from "../licensing/facts.ts";
import type { Clock, Instant } from "../licensing/time.ts";
import { hostName, newComputers } from "./computer.ts";
import { type AgentConfig, hasCollector } from "./config.ts";
import { configWarnings } from "./config-warnings.ts";
import { type Delivering, startDelivery } from "./delivery/delivery.ts";
import { logDeliveries } from "./delivery/delivery-log.ts";
import { type Heartbeats, newHeartbeats } from "./heartbeats.ts";
import { openProbing } from "./probe/open-probing.ts";
import { openSelfMetrics } from "./self-metrics/open-self-metrics.ts";
import { openTelemetry } from "./self-metrics/telemetry.ts";
import { openBookmarks } from "./sources/bookmarks.ts";
import { newGatherer } from "./sources/gatherer.ts";
import { openSources } from "./sources/open-sources.ts";
import { newProgress } from "./sources/progress.ts";
import { every, type Task } from "./sources/schedule.ts";
import { openSpool, type Spool } from "./spool/spool.ts";

export interface Agent {
  stop(): Promise<void>;
}

/** What an agent takes from its process; a test gives its own. */
export interface AgentParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly random: () => number;
}

/** How often the agent looks whether `agent export --clear` asks it to remove what was exported. */
const EXPORTED_MS = 2_000;

/**
 * Starts an agent: sources → spool → bookmark, spool → collector, heartbeats in between. The parts open in order and close in
 * reverse order, once, also when the start fails.
 */
export const startAgent = async (config: AgentConfig, parts: AgentParts): Promise<Agent> => {
  const stopping = new AbortController();
  const opened = new AsyncDisposableStack();
  const stop = async (): Promise<void> => {
    stopping.abort();
    await opened.disposeAsync();
  };
  try {
    await openAgent(config, parts, { opened, signal: stopping.signal });
    return { stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
};

interface Lifecycle {
  /** What is put here closes in reverse order. */
  readonly opened: AsyncDisposableStack;
  /** Aborted when the agent is asked to stop. */
  readonly signal: AbortSignal;
}

const openAgent = async (config: AgentConfig, parts: AgentParts, { opened, signal }: Lifecycle): Promise<void> => {
  const { clock, log, version, random } = parts;
  const host = await hostName(config);
  const warn = (text: string) => log.warn(text);
  for (const it of configWarnings(config)) warn(it);
  const spool = opened.adopt(openSpool(config.spool.directory, config.spool.max_size, warn), (it) => it.close());
  const bookmarks = openBookmarks(config.spool.directory, warn);
  const progress = newProgress((source, text) => log.warn(`${source}: ${text}`));
  const computers = newComputers(config, host, version);
  const heartbeats = newHeartbeats({ spool, progress, clock, computers, intervals: config.heartbeat });

  const selfMetrics = await openSelfMetrics(config, { clock, version, log, progress, heartbeats });
  opened.defer(() => selfMetrics?.stop());
  const delivering = await openDelivery(config, parts, { spool, computers, progress, selfMetrics }, opened);
  const probing = await openProbing(config.probes, { host, random, clock, spool, progress, wake: delivering.wake });

  const gatherer = newGatherer({
    spool,
    bookmarks,
    progress,
    log,
    host,
    signal,
    hasCollector: hasCollector(config),
    onRead: delivering.wake,
    onLicensing: (fact: LicensingFact, at: Instant) => {
      probing?.see(fact);
      selfMetrics?.see(fact, at);
    },
  });
  const sources = await openSources(config, { clock, random, log, host }, gatherer);
  opened.defer(() => sources.close());
  if (sources.windows) computers.learnFrom(sources.windows);

  startTasks([...sources.tasks, ...(probing ? [probing] : []), heartbeatTask(config, heartbeats, delivering)], opened);
  opened.adopt(exportedTask(spool, log), (it) => it.stop());
};

/** The sender, and what hears of each delivery: the log, OpenTelemetry, the agent's own metrics. */
const openDelivery = async (
  config: AgentConfig,
  { clock, log, environment, random }: AgentParts,
  {
    spool,
    computers,
    progress,
    selfMetrics,
  }: Pick<Parameters<typeof startDelivery>[1], "spool" | "computers" | "progress"> & {
    selfMetrics: Awaited<ReturnType<typeof openSelfMetrics>>;
  },
  opened: AsyncDisposableStack,
): Promise<Delivering> => {
  const telemetry = await openTelemetry(environment, { spooled: () => spool.depth });
  opened.defer(() => telemetry.stop());
  const logged = logDeliveries(log);
  const delivering = startDelivery(config.collector, {
    spool,
    computers,
    progress,
    random,
    clock,
    onDelivery: (delivery, records) => {
      logged(delivery, records);
      telemetry.delivered(delivery, records);
      selfMetrics?.delivered(delivery);
    },
  });
  opened.defer(() => delivering.stop());
  return delivering;
};

const heartbeatTask = ({ heartbeat }: AgentConfig, heartbeats: Heartbeats, { wake }: Delivering): Task =>
  every(heartbeat.kms_host_interval, async () => {
    if (heartbeats.spoolDue()) wake();
  });

/** Removes from the spool what `agent export --clear` has put on a medium. */
const exportedTask = (spool: Spool, log: Log): Task =>
  every(EXPORTED_MS, async () => {
    const records = spool.leaveExported();
    if (records > 0) log.info(`${records} records left the spool, because they were exported.`);
  });

/** Every task works once at the start. */
const startTasks = (tasks: readonly Task[], opened: AsyncDisposableStack): void => {
  for (const task of tasks) opened.defer(() => task.stop());
  for (const task of tasks) task.ask();
};
