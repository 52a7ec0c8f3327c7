import type { ProbeFact } from "../../licensing/fact.ts";
import type { AgentConfig } from "../config.ts";
import { onSchedule, type Task } from "../schedule.ts";
import type { Prober } from "./prober.ts";

/** Probes on schedule. What goes wrong here is told and never ends anything else; a stop does not wait for deadlines. */
export const startProbing = (
  prober: Prober,
  { schedule, jitter }: AgentConfig["probes"],
  { random, tell, failed }: { random: () => number; tell: (fact: ProbeFact) => void; failed: (cause: Error) => void },
): Task => {
  const ended = new AbortController();
  // Results come from many connections at once: none of them may end another, or the agent.
  const telling = (fact: ProbeFact) => {
    try {
      tell(fact);
    } catch (cause) {
      failed(cause as Error);
    }
  };
  const task = onSchedule(schedule, {
    jitterMs: jitter,
    random,
    work: async (intervalMs) => {
      try {
        await prober.run(intervalMs, telling, ended.signal);
      } catch (cause) {
        failed(cause as Error);
      }
    },
  });
  return {
    ask: task.ask,
    stop: async () => {
      ended.abort();
      await task.stop();
    },
  };
};
