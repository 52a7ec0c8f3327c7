import { type Instant, MINUTE } from "../../licensing/time.ts";

/**
 * What told of a failed attempt: the attempt's own event (12288 and 12289 with the KMS host, or that of Active Directory, AVMA
 * or a token), the activation service (8198), or its rules engine (8233).
 */
export type FailureSign = "exchange" | "service" | "rules";

/** A sign of a failed attempt that has arrived. */
export interface CountedFailure {
  readonly at: Instant;
  readonly sign: FailureSign;
  /** An older version joined both signs of one failure. */
  readonly both?: true;
}

/** The service and its rules engine log a failure within this time of the attempt that failed. */
const WITHIN = 5 * MINUTE;
/** The three signs of each of the last eight failures. */
const SIGNS_MAX = 24;

/**
 * Records a sign of a failed attempt. One failure is logged up to three times, once by each sign; of MAK, retail and digital
 * licenses only the service and its rules engine tell.
 *
 * @returns the signs to keep, and whether this one tells of a further failure. The number of failures is the smallest that
 *   explains all signs: so it depends on no order of arrival, and no further sign lowers it.
 */
export const recordFailureSign = (
  failures: readonly CountedFailure[],
  { at, sign }: { at: Instant; sign: FailureSign },
): { failures: readonly CountedFailure[]; counts: boolean } => {
  const known = failures.flatMap(apart);
  const signs = [...known, { at, sign }].sort((a, b) => a.at - b.at);
  return { failures: signs.slice(-SIGNS_MAX), counts: failuresIn(signs) > failuresIn(known) };
};

const apart = ({ at, sign, both }: CountedFailure): CountedFailure[] =>
  both
    ? [
        { at, sign },
        { at, sign: sign === "exchange" ? "service" : "exchange" },
      ]
    : [{ at, sign }];

/**
 * So many failures explain these signs at least, where one has each sign once, within five minutes. The earliest sign begins a
 * failure; that it takes the earliest of each other sign leaves the later ones to those that can use them.
 *
 * @param signs in the order of their times.
 */
const failuresIn = (signs: readonly CountedFailure[]): number => {
  let count = 0;
  for (let left = [...signs]; left.length > 0; count += 1) {
    const [first] = left as [CountedFailure];
    const taken = new Set<FailureSign>();
    left = left.filter(({ at, sign }) => {
      if (at - first.at > WITHIN || taken.has(sign)) return true;
      taken.add(sign);
      return false;
    });
  }
  return count;
};
