import type { ProbeFact } from "../../licensing/facts.ts";
import type { AgentConfig } from "../config.ts";
import { onSchedule, type Task } from "../sources/schedule.ts";
import { newProber, type Prober } from "./prober.ts";

export interface Probing extends Task, Pick<Prober, "see"> {}

/** Probes on schedule. What goes wrong here is told and never ends anything else; a stop does not wait for deadlines. */
export const startProbing = (
  config: AgentConfig["probes"],
  {
    host,
    random,
    report,
    failed,
  }: { host: string; random: () => number; report: (fact: ProbeFact) => void; failed: (cause: Error) => void },
): Probing => {
  const prober = newProber(config, host);
  const ended = new AbortController();
  // Results come from many connections at once: none of them may end another, or the agent.
  const reported = (fact: ProbeFact) => {
    try {
      report(fact);
    } catch (cause) {
      failed(cause as Error);
    }
  };
  const task = onSchedule(config.schedule, {
    jitterMs: config.jitter,
    random,
    work: async (intervalMs) => {
      try {
        await prober.run(intervalMs, reported, ended.signal);
      } catch (cause) {
        failed(cause as Error);
      }
    },
  });
  return {
    see: prober.see,
    ask: task.ask,
    stop: async () => {
      ended.abort();
      await task.stop();
    },
  };
};
