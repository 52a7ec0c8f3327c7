import { DAY, dayOf, type Instant } from "../time.ts";
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

/** The heartbeats of one day (UTC) that name the same number of gaps; of older days, of several. */
type HeartbeatDay = readonly [gaps: number, firstAt: Instant, until: Instant, reachesBackTo: Instant];

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
  /** What the spans follow from, in the order of time. Absent where only the spans were stored. */
  readonly days?: readonly HeartbeatDay[];
  /** Heartbeats until here are in no day any more: what they said makes no difference now. */
  readonly daysAfter?: Instant;
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
/** Longer than 30 days, also where some days had gaps. */
const DAYS_MAX = 50;

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
  const { days, daysAfter, restartedAfter, ...others } = coverage;
  const after = days ? daysAfter : restartedAfter;
  if (after !== undefined && readUntil <= after) return coverage;
  const known = days ?? coverage.spans.map(dayOfSpan);
  const reachesBackTo = Math.max(oldest ?? readUntil, readUntil - CLIENT_LIFETIME);
  const all = withDay(known, [gaps, readUntil, readUntil, reachesBackTo]);
  if (days && all === known) return coverage;
  return { ...others, ...spansOf(atMost(all, after)) };
};

interface Days {
  readonly days: readonly HeartbeatDay[];
  readonly daysAfter?: Instant;
}

const withDay = (days: readonly HeartbeatDay[], heartbeat: HeartbeatDay): readonly HeartbeatDay[] => {
  const [gaps, at, , reachesBackTo] = heartbeat;
  const place = days.findLastIndex(
    ([other, first, until]) => other === gaps && dayOf(first) <= dayOf(at) && dayOf(at) <= dayOf(until),
  );
  const known = days[place];
  if (!known) return [...days, heartbeat].sort(inOrder);
  const [, first, until, reach] = known;
  if (at >= first && at <= until && reachesBackTo >= reach) return days;
  return days
    .with(place, [gaps, Math.min(first, at), Math.max(until, at), Math.min(reach, reachesBackTo)])
    .sort(inOrder);
};

const inOrder = (a: HeartbeatDay, b: HeartbeatDay): number => a[1] - b[1] || a[2] - b[2] || a[0] - b[0];

/** Of too many days the oldest become one, where nothing changed between them; otherwise the oldest is forgotten. */
const atMost = (days: readonly HeartbeatDay[], daysAfter: Instant | undefined): Days => {
  if (days.length <= DAYS_MAX) return { days, ...(daysAfter !== undefined && { daysAfter }) };
  const place = days.findIndex((it, i) => it[0] === days[i + 1]?.[0]);
  if (place < 0) return { days: days.slice(1), daysAfter: days[0]![2] };
  const [[gaps, first, until, reach], [, , laterUntil, laterReach]] = [days[place]!, days[place + 1]!];
  const joined: HeartbeatDay = [gaps, first, Math.max(until, laterUntil), Math.min(reach, laterReach)];
  return { days: days.toSpliced(place, 2, joined), ...(daysAfter !== undefined && { daysAfter }) };
};

/**
 * The spans that follow from the days. Where one day has a number of gaps both before and after another, only its last
 * heartbeat is surely after it.
 */
const spansOf = ({ days, daysAfter }: Days): Pick<Coverage, "spans" | "restartedAfter" | keyof Days> => {
  let restartedAfter = daysAfter;
  let spans: HeartbeatSpan[] = [];
  for (const day of days) {
    const last = spans.at(-1);
    const span = spanOf(day, restartedAfter);
    if (!last) spans = [span];
    else if (span.gaps === last.gaps) {
      const reachesBackTo = Math.min(last.reachesBackTo, span.reachesBackTo);
      spans = spans.with(-1, { ...last, reachesBackTo, until: Math.max(last.until, span.until) });
    } else if (span.gaps > last.gaps && span.firstAt >= last.until) spans.push(span);
    else {
      const [before, after] = span.until > last.until ? [last, day] : [span, dayOfSpan(last)];
      restartedAfter = before.until;
      spans = [spanOf(after, restartedAfter)];
    }
  }
  const before = restartedAfter === undefined ? 0 : dayOf(restartedAfter) * DAY;
  const left = days.filter((it) => it[2] >= before);
  const forgotten = left.length < days.length ? Math.max(daysAfter ?? 0, before - 1) : daysAfter;
  return {
    spans,
    ...(restartedAfter !== undefined && { restartedAfter }),
    days: left,
    ...(forgotten !== undefined && { daysAfter: forgotten }),
  };
};

const spanOf = ([gaps, firstAt, until, reachesBackTo]: HeartbeatDay, after: Instant | undefined): HeartbeatSpan =>
  after !== undefined && firstAt <= after
    ? { gaps, firstAt: until, reachesBackTo: until, until }
    : { gaps, firstAt, reachesBackTo, until };

const dayOfSpan = ({ gaps, firstAt, until, reachesBackTo }: HeartbeatSpan): HeartbeatDay => [
  gaps,
  firstAt,
  until,
  reachesBackTo,
];

/** The part of the coverage that a computer keeps while it is not known to be a KMS host. */
export const newestSpan = ({ spans, restartedAfter }: Coverage): Pick<Coverage, "spans" | "restartedAfter"> => {
  const after = spans.length > 1 ? spans.at(-2)!.until : restartedAfter;
  return { spans: spans.slice(-1), ...(after !== undefined && { restartedAfter: after }) };
};

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
