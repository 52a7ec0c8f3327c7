import { type Instant, MINUTE } from "../../licensing/time.ts";

/** What told of a failed attempt: the exchange with the KMS host (12288, 12289), or the activation service (8198). */
export type FailureSign = "exchange" | "service";

/** A failed attempt that has been counted. */
export interface CountedFailure {
  readonly at: Instant;
  readonly sign: FailureSign;
  /** Both signs of it have come. */
  readonly both?: true;
}

/** The service logs its failure within this time of the exchange that failed. */
const WITHIN = 5 * MINUTE;
const FAILURES_MAX = 8;

/**
 * Records a sign of a failed attempt. A KMS client's failure is logged twice, by the exchange and by the service; of MAK,
 * retail and digital licenses only the service tells.
 *
 * @returns the failures to keep, and whether this one is to be counted: the other sign of it has not been. In whichever order
 *   the signs arrive, each failure counts once.
 */
export const recordFailureSign = (
  failures: readonly CountedFailure[],
  { at, sign }: { at: Instant; sign: FailureSign },
): { failures: readonly CountedFailure[]; counts: boolean } => {
  let nearest = -1;
  failures.forEach((it, i) => {
    const distance = Math.abs(it.at - at);
    if (it.sign === sign || it.both || distance > WITHIN) return;
    if (nearest < 0 || distance < Math.abs(failures[nearest]!.at - at)) nearest = i;
  });
  if (nearest >= 0) return { failures: failures.with(nearest, { ...failures[nearest]!, both: true }), counts: false };
  const kept = [...failures, { at, sign }].sort((a, b) => a.at - b.at).slice(-FAILURES_MAX);
  return { failures: kept, counts: true };
};
