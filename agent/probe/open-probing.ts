import type { Clock } from "../../licensing/time.ts";
import { type AgentConfig, isProber } from "../config.ts";
import type { Progress } from "../sources/progress.ts";
import type { Spool } from "../spool/spool.ts";
import type { Probing } from "./probing.ts";

export interface ProbingParts {
  readonly host: string;
  readonly random: () => number;
  readonly clock: Clock;
  readonly spool: Spool;
  readonly progress: Progress;
  /** A result is in the spool. */
  readonly wake: () => void;
}

/** Probing with results that go to the spool; undefined, and not even loaded, where the configuration asks for none. */
export const openProbing = async (
  config: AgentConfig["probes"],
  { host, random, clock, spool, progress, wake }: ProbingParts,
): Promise<Probing | undefined> => {
  if (!isProber(config)) return undefined;
  const { startProbing } = await import("./probing.ts");
  return startProbing(config, {
    host,
    random,
    report: (fact) => {
      if (!spool.append([{ host, observedAt: clock(), fact }])) throw new Error("the spool is full");
      progress.succeeded("probes", { facts: [] });
      wake();
    },
    failed: (cause) => progress.failed("probes", cause),
  });
};
