import type { Log } from "../../config/log.ts";
import type { Clock } from "../../licensing/time.ts";
import type { AgentConfig } from "../config.ts";
import type { Heartbeats } from "../heartbeats.ts";
import type { Progress } from "../sources/progress.ts";
import type { SelfMetrics } from "./self-metrics.ts";

export interface OpenParts {
  readonly clock: Clock;
  readonly version: string;
  readonly log: Log;
  readonly progress: Progress;
  readonly heartbeats: Heartbeats;
}

/** The agent's own metrics; undefined, and not even loaded, where the configuration asks for none. */
export const openSelfMetrics = async (
  { metrics }: Pick<AgentConfig, "metrics">,
  { clock, version, log, progress, heartbeats }: OpenParts,
): Promise<SelfMetrics | undefined> => {
  if (metrics.listen === "" && metrics.textfile === "") return undefined;
  const { startSelfMetrics } = await import("./self-metrics.ts");
  return startSelfMetrics(metrics, {
    clock,
    version,
    heartbeat: heartbeats.own,
    onWritten: () => progress.succeeded("textfile", { facts: [] }),
    onFailure: (cause) => progress.failed("textfile", cause),
    onListening: (url) => log.info(`Figures of this computer at ${url}`),
  });
};
