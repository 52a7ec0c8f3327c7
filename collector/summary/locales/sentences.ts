import type { HealthSentences } from "../../../licensing/kms/health-sentences.ts";
import type { ProductClass } from "../../../licensing/kms/rules.ts";
import type { PlanningSentences } from "../../../licensing/planning-sentences.ts";
import type { Instant } from "../../../licensing/time.ts";
import type { ClockDoubt } from "../clock-doubt.ts";
import type { Limit } from "../limits.ts";

/** What is said of a KMS host, in one language. A language that lacks a sentence does not compile. */
export interface Sentences {
  readonly health: HealthSentences;
  readonly planning: PlanningSentences;
  readonly unexpected: string;
  /** The host's own count and what its log gives. */
  readonly countsDiffer: (reported: number, fromLog: number, lost: "requests" | "table") => string;
  readonly tableLost: (at: Instant) => string;
  readonly siteTooSmall: (required: number) => string;
  readonly waiting: (clients: number, productClass: ProductClass) => string;
  readonly duplicates: (ids: number) => string;
  /** @param some the hosts with their counts; there may be more. */
  readonly split: (hosts: number, some: string) => string;
  readonly unknownProducts: (ids: string) => string;
  /** @param groups what the installed keys are for; empty where there is none. */
  readonly uncovered: (computers: number, product: string, groups: string) => string;
  readonly reactivated: (key: string, times: number, allowed: number) => string;
  /** Of the collector itself. */
  readonly clockDoubted: (doubt: ClockDoubt) => string;
  readonly limitReached: (limit: Limit) => string;
  readonly probe: (failed: {
    readonly prober: string;
    readonly zone: string;
    readonly since: Instant;
    readonly target: string;
    readonly outcome: string;
    readonly isTcp: boolean;
  }) => string;
}
