import type { Instant } from "../time.ts";
import { CLIENT_LIFETIME } from "./ledger.ts";

/** Records of the Key Management Service log that were seen without a hole: numbers, and the times of both ends. */
export type RecordRange = readonly [first: number, last: number, firstAt: Instant, lastAt: Instant];

/**
 * What is known of a KMS host's log (contract, rule 6): by its agent's heartbeats, or, where none come, by the record
 * numbers, because the log carries nothing but requests.
 */
export interface Coverage {
  /** From heartbeats: read without a gap from here … */
  readonly from?: Instant;
  /** … until here. */
  readonly until?: Instant;
  readonly gaps?: number;
  /** The log was cleared under our eyes: its first record is not the first there ever was. */
  readonly cleared?: true;
  /** The newest record, whether it had a number or not. */
  readonly newest?: Instant;
  /** Ascending, not touching. */
  readonly ranges: readonly RecordRange[];
}

export const NO_COVERAGE: Coverage = { ranges: [] };
/** Holes beyond this many mean that nothing can be said about older records anyway; senders that retry in parallel leave some for a while. */
const RANGES_MAX = 500;

/** Takes one record; numbers that begin anew (a cleared log) make a range of their own that replaces the older ones. */
export const withRecord = (before: Coverage, id: number | undefined, at: Instant): Coverage => {
  const coverage = { ...before, newest: Math.max(before.newest ?? at, at) };
  return id === undefined ? coverage : withNumber(coverage, id, at);
};

const withNumber = (coverage: Coverage, id: number, at: Instant): Coverage => {
  const { ranges } = coverage;
  const newest = ranges.at(-1);
  if (newest && id <= newest[1] && at > newest[3]) return { ...coverage, cleared: true, ranges: [[id, id, at, at]] };
  if (newest && id === newest[1] + 1)
    return { ...coverage, ranges: ranges.with(-1, [newest[0], id, newest[2], Math.max(newest[3], at)]) };
  const place = ranges.findIndex((it) => it[1] >= id - 1);
  const here = ranges[place];
  if (!here) return { ...coverage, ranges: [...ranges, [id, id, at, at] as const].slice(-RANGES_MAX) };
  if (id >= here[0] && id <= here[1]) return coverage;
  const next = ranges[place + 1];
  if (id === here[1] + 1) {
    const joined = next && next[0] === id + 1;
    const grown: RecordRange = joined ? [here[0], next[1], here[2], next[3]] : [here[0], id, here[2], at];
    return { ...coverage, ranges: ranges.toSpliced(place, joined ? 2 : 1, grown) };
  }
  if (id === here[0] - 1) return { ...coverage, ranges: ranges.with(place, [id, here[1], at, here[3]]) };
  return { ...coverage, ranges: ranges.toSpliced(place, 0, [id, id, at, at]).slice(-RANGES_MAX) };
};

/**
 * Takes what a heartbeat says of the Key Management Service log. The first one tells how far back the log was read; a new
 * gap means that what was known before it is of no use.
 */
export const withHeartbeat = (
  coverage: Coverage,
  channel: { readonly readUntil: Instant; readonly oldest?: Instant; readonly gaps: number },
): Coverage => {
  const { readUntil, oldest, gaps } = channel;
  if (coverage.until !== undefined && readUntil < coverage.until) return coverage;
  const reachesBack = Math.max(oldest ?? readUntil, readUntil - CLIENT_LIFETIME);
  const gap = coverage.gaps !== undefined && gaps > coverage.gaps;
  const from = gap ? readUntil : Math.min(coverage.from ?? reachesBack, reachesBack);
  return { ...coverage, from, until: readUntil, gaps };
};

/** Until when the log is known: the heartbeat's word, or the newest record, which the agent sent before it. */
export const knownUntil = ({ until, newest }: Coverage): Instant | undefined =>
  until === undefined ? newest : Math.max(until, newest ?? until);

/** Read without a gap from 30 days before `known until`, from the log's first record, or from the table's birth. */
export const isComplete = (coverage: Coverage, bornAt: Instant | undefined): boolean => {
  const until = knownUntil(coverage);
  if (until === undefined) return false;
  const newest = coverage.ranges.at(-1);
  const since = Math.min(coverage.from ?? Number.POSITIVE_INFINITY, newest?.[2] ?? Number.POSITIVE_INFINITY);
  if (since <= until - CLIENT_LIFETIME || (bornAt !== undefined && since <= bornAt)) return true;
  return newest?.[0] === 1 && !coverage.cleared;
};
