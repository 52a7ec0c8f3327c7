import type { Instant } from "../time.ts";
import { CLIENT_LIFETIME, isFullSince, type Ledger } from "./ledger.ts";

/** Records of the Key Management Service log that were seen without a hole: numbers, and the times of both ends. */
export type RecordRange = readonly [first: number, last: number, firstAt: Instant, lastAt: Instant];

/** What the heartbeats say that name the same number of gaps. A higher number begins a span of its own. */
export interface HeartbeatSpan {
  readonly gaps: number;
  /** The earliest heartbeat of the span: the gap before it ended here at the latest. */
  readonly firstAt: Instant;
  /** How far back the log was readable by its heartbeats. */
  readonly reachesBackTo: Instant;
  /** Read without a gap until here. */
  readonly until: Instant;
}

/**
 * What is known of a KMS host's log (docs/counting-rules.md, "Silence is not zero"): by its agent's heartbeats, and, where
 * none come, by the record numbers, because the log carries nothing but requests. A function of the set of heartbeats and
 * records: their order of arrival makes no difference.
 */
export interface Coverage {
  /** By the number of gaps, ascending, which is also their order in time. */
  readonly spans: readonly HeartbeatSpan[];
  /** The agent's gap counter began anew after this instant: the first span follows a gap, too. */
  readonly restartedAfter?: Instant;
  /** The log was cleared: its first record is not the first there ever was. */
  readonly cleared?: true;
  /** The newest record, whether it had a number or not. */
  readonly newest?: Instant;
  /** Ascending, not touching. */
  readonly ranges: readonly RecordRange[];
}

export const NO_COVERAGE: Coverage = { spans: [], ranges: [] };
/** More holes mean that nothing can be said about older records; senders that retry in parallel leave some for a while. */
const RANGES_MAX = 500;
/** A log with more gaps within 30 days is never complete, whatever the older spans were. */
const SPANS_MAX = 50;

/** Adds one record. Numbers that begin anew (a cleared log) replace the older ones. */
export const withRecord = (before: Coverage, id: number | undefined, at: Instant): Coverage => {
  const coverage = { ...before, newest: Math.max(before.newest ?? at, at) };
  return id === undefined ? coverage : withNumber(coverage, id, at);
};

const withNumber = (coverage: Coverage, id: number, at: Instant): Coverage => {
  const { ranges } = coverage;
  const newest = ranges.at(-1);
  if (newest && id <= newest[1] && at > newest[3]) return { ...coverage, cleared: true, ranges: [[id, id, at, at]] };
  if (newest && id === newest[1] + 1 && at >= newest[2])
    return { ...coverage, ranges: ranges.with(-1, [newest[0], id, newest[2], Math.max(newest[3], at)]) };
  // A higher number of an earlier time belongs to the log as it was before it was cleared.
  if (ranges.some(([first, , firstAt]) => id > first && at < firstAt)) return { ...coverage, cleared: true };
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
 * Adds what a heartbeat says of the Key Management Service log.
 *
 * The agent counts the gaps it found. Heartbeats of the same count belong to one span; a later heartbeat with a lower count
 * comes from an agent that began to count anew, which is a gap of its own.
 */
export const withHeartbeat = (
  coverage: Coverage,
  channel: { readonly readUntil: Instant; readonly oldest?: Instant; readonly gaps: number },
): Coverage => {
  const { readUntil, oldest, gaps } = channel;
  const reachesBackTo = Math.max(oldest ?? readUntil, readUntil - CLIENT_LIFETIME);
  if (coverage.restartedAfter !== undefined && readUntil <= coverage.restartedAfter) return coverage;
  const { spans } = coverage;
  const newest = spans.at(-1);
  const span: HeartbeatSpan = { gaps, firstAt: readUntil, reachesBackTo, until: readUntil };
  if (newest && gaps < newest.gaps && readUntil > newest.until)
    return { ...coverage, restartedAfter: newest.until, spans: [span] };
  if (spans.some((it) => it.gaps > gaps && it.firstAt < readUntil)) return coverage;
  const later = spans.filter((it) => it.gaps < gaps && it.until > readUntil);
  if (later.length > 0)
    return { ...coverage, restartedAfter: readUntil, spans: later.map((it) => after(readUntil, it)) };
  const place = spans.findIndex((it) => it.gaps >= gaps);
  const same = spans[place];
  if (same?.gaps !== gaps) {
    const all = spans.toSpliced(place < 0 ? spans.length : place, 0, span);
    if (all.length <= SPANS_MAX) return { ...coverage, spans: all };
    return { ...coverage, restartedAfter: all[0]!.until, spans: all.slice(1) };
  }
  if (readUntil <= same.until && readUntil >= same.firstAt && reachesBackTo >= same.reachesBackTo) return coverage;
  const joined: HeartbeatSpan = {
    gaps,
    firstAt: Math.min(same.firstAt, readUntil),
    reachesBackTo: Math.min(same.reachesBackTo, reachesBackTo),
    until: Math.max(same.until, readUntil),
  };
  return { ...coverage, spans: spans.with(place, joined) };
};

/** The part of the coverage that a computer keeps while it is not known to be a KMS host. */
export const newestSpan = ({ spans, restartedAfter }: Coverage): Pick<Coverage, "spans" | "restartedAfter"> => {
  const after = spans.length > 1 ? spans.at(-2)!.until : restartedAfter;
  return { spans: spans.slice(-1), ...(after !== undefined && { restartedAfter: after }) };
};

/** What is left of a span once its counter is known to have begun anew after an instant. */
const after = (instant: Instant, span: HeartbeatSpan): HeartbeatSpan =>
  span.firstAt > instant ? span : { ...span, firstAt: span.until };

/** Until when the log is known: the newest heartbeat's word, or the newest record, which the agent sent before it. */
export const knownUntil = ({ spans, newest }: Coverage): Instant | undefined => {
  const until = spans.at(-1)?.until;
  return until === undefined ? newest : Math.max(until, newest ?? until);
};

/** Since when the log is known without a gap at an instant; `fromFirstRecord` where that is all there ever was. */
interface KnownSince {
  readonly at: Instant;
  readonly fromFirstRecord: boolean;
}

const knownSince = (coverage: Coverage, at: Instant): KnownSince | undefined => {
  const { spans, ranges, restartedAfter, cleared } = coverage;
  const index = spans.findLastIndex((it, i) => startOf(coverage, it, i) <= at);
  const span = spans[index];
  const isLast = index === spans.length - 1;
  if (span && !isLast && at > span.until) return undefined;
  const range = ranges.findLast(([, , firstAt]) => firstAt <= at);
  const byNumbers = range && { at: range[2], fromFirstRecord: range[0] === 1 && !cleared };
  if (!span) return spans.length === 0 ? byNumbers : undefined;
  const byHeartbeats = startOf(coverage, span, index);
  // A gap that the agent found outweighs the numbers: they cannot show that the newest records are missing.
  if (index > 0 || restartedAfter !== undefined) return { at: byHeartbeats, fromFirstRecord: false };
  return {
    at: Math.min(byHeartbeats, byNumbers?.at ?? byHeartbeats),
    fromFirstRecord: byNumbers?.fromFirstRecord ?? false,
  };
};

const startOf = ({ restartedAfter }: Coverage, span: HeartbeatSpan, index: number): Instant =>
  index === 0 && restartedAfter === undefined ? span.reachesBackTo : span.firstAt;

/**
 * Is the table exact at this instant? It is when the log was read without a gap from 30 days before, from the log's first
 * record, from the table's birth, or since as many distinct clients asked as the table can hold.
 */
export const isCompleteAt = (coverage: Coverage, ledger: Ledger, at: Instant): boolean => {
  const since = knownSince(coverage, at);
  if (!since) return false;
  if (since.fromFirstRecord || since.at <= at - CLIENT_LIFETIME) return true;
  return (ledger.bornAt !== undefined && since.at <= ledger.bornAt) || isFullSince(ledger, since.at);
};

/** The same at the instant until which the log is known. */
export const isComplete = (coverage: Coverage, ledger: Ledger): boolean => {
  const until = knownUntil(coverage);
  return until !== undefined && isCompleteAt(coverage, ledger, until);
};
