import { REASONS, type Reason } from "../../licensing/reasons.ts";
import type { ATTEMPT_OUTCOMES } from "../../licensing/telemetry/label-values.ts";
import type { Sums } from "../store/sums.ts";

type Outcome = (typeof ATTEMPT_OUTCOMES)[number];

/** Activation attempts that agents reported since the store began, and why they failed. */
export interface FailuresAnswer {
  /** Only causes that occurred, the most frequent first. */
  readonly causes: readonly {
    readonly cause: Reason;
    readonly attempts: number;
    readonly zones: readonly { readonly zone: string; readonly attempts: number }[];
  }[];
  readonly outcomes: readonly (Readonly<Record<Outcome, number>> & { readonly zone: string })[];
}

/** Read from the sums: costs the same for 100 computers and 100,000. */
export const failuresAnswer = (sums: Sums): FailuresAnswer => {
  const failures = [...sums.of("failures")].map(({ labels: [zone, cause], sum }) => ({
    zone: zone!,
    cause,
    attempts: sum,
  }));
  const causes = REASONS.map((cause) => {
    const zones = failures
      .filter((it) => it.cause === cause && it.attempts > 0)
      .map(({ zone, attempts }) => ({ zone, attempts }))
      .sort((a, b) => b.attempts - a.attempts);
    return { cause, attempts: zones.reduce((sum, it) => sum + it.attempts, 0), zones };
  });
  const byZone = new Map<string, Record<Outcome, number>>();
  for (const { labels, sum } of sums.of("attempts")) {
    const [zone, outcome] = labels as [string, Outcome];
    const counts = byZone.get(zone) ?? { activated: 0, refused: 0, no_answer: 0 };
    counts[outcome] += sum;
    byZone.set(zone, counts);
  }
  return {
    causes: causes.filter((it) => it.attempts > 0).sort((a, b) => b.attempts - a.attempts),
    outcomes: [...byZone].map(([zone, counts]) => ({ zone, ...counts })).sort((a, b) => (a.zone < b.zone ? -1 : 1)),
  };
};
