import type { Instant } from "../../licensing/time.ts";
import type { Memory } from "../state/memory.ts";
import { type ClockDoubt, clockDoubtText } from "./clock-doubt.ts";
import { type Limit, limitsOf } from "./limits.ts";
import type { Sentences } from "./locales/sentences.ts";

/** What there is to know of the collector itself. */
export interface CollectorItem {
  /** What is wrong with it, and what to do. */
  readonly findings: readonly string[];
  /** Why it doubts its own clock; absent while it does not. */
  readonly clock_doubt?: string;
  readonly limits: readonly Limit[];
}

export const collectorItem = (
  memory: Memory,
  { clockDoubt, say, now }: { clockDoubt: ClockDoubt | undefined; say: Sentences; now: Instant },
): CollectorItem => {
  const limits = limitsOf(memory, now);
  return {
    findings: [
      ...(clockDoubt ? [say.clockDoubted(clockDoubt)] : []),
      ...limits.filter((it) => it.reached).map((it) => say.limitReached(it)),
    ],
    ...(clockDoubt && { clock_doubt: clockDoubtText(clockDoubt) }),
    limits,
  };
};
