import type { Log } from "../../config/log.ts";
import type { Clock } from "../../licensing/time.ts";
import type { AgentConfig } from "../config.ts";
import type { Gatherer } from "./gatherer.ts";
import { every, type Task } from "./schedule.ts";
import type { Source } from "./source.ts";
import type { Windows } from "./windows.ts";

export interface Sources {
  readonly tasks: readonly Task[];
  /** undefined off Windows. */
  readonly windows: Windows | undefined;
  close(): Promise<void>;
}

export interface SourceParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly host: string;
}

/** Everything that this agent reads: recordings and the drill anywhere, event logs and license state on Windows. */
export const openSources = async (config: AgentConfig, parts: SourceParts, gatherer: Gatherer): Promise<Sources> => {
  const tasks = (await followedSources(config, parts)).map(
    (source): Task => every(config.recorded.interval, async () => void (await gatherer(source))),
  );
  const windows = await openWindows(config, parts, gatherer);
  return {
    tasks: [...tasks, ...(windows?.tasks ?? [])],
    windows,
    close: async () => windows?.close(),
  };
};

/** What there is to read off Windows; there it is beside event logs and license state. */
const followedSources = async (
  { recorded, simulated }: AgentConfig,
  { clock, host }: SourceParts,
): Promise<Source[]> => {
  const sources: Source[] = [];
  if (recorded.files.length > 0) {
    const { recordedSource } = await import("./recorded.ts");
    sources.push(...recorded.files.map((file) => recordedSource(file, clock, recorded.live, host)));
  }
  if (simulated.kms_host !== undefined) {
    const { simulatedSource } = await import("../simulation/drill.ts");
    sources.push(simulatedSource(simulated.kms_host, simulated, clock));
  }
  return sources;
};

const openWindows = async (
  config: AgentConfig,
  parts: SourceParts,
  gatherer: Gatherer,
): Promise<Windows | undefined> => {
  if (process.platform !== "win32") return undefined;
  const windows = await import("./windows.ts");
  return windows.openWindows({ config, ...parts, onFatal: endAfter(parts.log) }, gatherer);
};

/** A log needs up to this long to reach its file. */
const LOG_MS = 500;

/** Windows did not come back from a call: the process ends with code 1, and the service manager starts a new one. */
const endAfter =
  (log: Log) =>
  async (cause: Error): Promise<void> => {
    log.error(`${cause.message} The agent ends, to be started again by the service manager.`);
    const { endAtOnce } = await import("../win32/terminate-process.ts");
    setTimeout(endAtOnce, LOG_MS);
  };
