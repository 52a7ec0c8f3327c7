import type { HeartbeatFact } from "../../licensing/facts.ts";
import { CLOCK_LIMIT } from "../../licensing/kms/client-clock.ts";
import type { Instant } from "../../licensing/time.ts";
import { KINDS } from "../ingest/accepted-record.ts";
import { cleanLabel } from "../store/sums.ts";

/** How an agent fares, by its newest heartbeat. */
export interface Heartbeat {
  readonly at: Instant;
  readonly spooled: number;
  readonly oldestUnsent: number;
  readonly failing: readonly string[];
  readonly skewed: boolean;
}

/** The agent's own counters in one of its live heartbeats. */
export interface AgentCounters {
  readonly at: Instant;
  readonly dropped: Readonly<Record<string, number>>;
  readonly gaps: number;
}

interface Reporting {
  heartbeat?: Heartbeat;
  /** Oldest first; of those that say the same in a row only the first and the last. */
  counters?: readonly AgentCounters[];
}

export interface AgentDeltas {
  readonly dropped: readonly (readonly [kind: string, count: number])[];
  readonly gaps: number;
}

/**
 * Takes one heartbeat: the newest tells how the agent fares. For counters that only rise, every order of arrival gives the
 * same sum. Imported heartbeats are never counted.
 *
 * @returns what the counters grew by; undefined when this heartbeat changes nothing.
 */
export const recordAgentHeartbeat = (
  computer: Reporting,
  fact: HeartbeatFact,
  {
    at,
    receivedAt,
    sentAt,
    imported,
  }: { at: Instant; receivedAt: Instant; sentAt: Instant | undefined; imported: boolean },
): AgentDeltas | undefined => {
  const heartbeat: Heartbeat = {
    at,
    spooled: fact.spooledRecords,
    oldestUnsent: fact.oldestUnsentSeconds,
    failing: Object.entries(fact.failingSources)
      .flatMap(([source, it]) => (it > 0 ? [cleanLabel(source).slice(0, 40)] : []))
      .sort()
      .slice(0, 20),
    skewed: isSkewed(fact, sentAt, receivedAt),
  };
  const isNewest = !computer.heartbeat || isAfter(heartbeat, computer.heartbeat);
  if (isNewest) computer.heartbeat = heartbeat;
  const grown = imported ? undefined : recordCounters(computer, fact, at);
  return grown ?? (isNewest ? { dropped: [], gaps: 0 } : undefined);
};

/** Two heartbeats of one instant stand in the order of what they say; when they were received says nothing. */
const isAfter = (a: Heartbeat, b: Heartbeat): boolean => a.at > b.at || (a.at === b.at && said(a) > said(b));
const said = ({ skewed: _, ...heartbeat }: Heartbeat): string => JSON.stringify(heartbeat);

/** So many changes of the counters are kept to place a late heartbeat among them. */
const COUNTERS_MAX = 12;

/**
 * Puts the counters of a heartbeat where its time belongs. A heartbeat between two others can only add to what they rose by,
 * so what is counted never falls, and every order of arrival gives the same sums.
 */
const recordCounters = (computer: Reporting, fact: HeartbeatFact, at: Instant): AgentDeltas | undefined => {
  const gaps = Object.values(fact.channels).reduce((sum, it) => sum + (it.gaps ?? 0), 0);
  const counters: AgentCounters = { at, dropped: droppedByKind(fact), gaps };
  const before = computer.counters ?? [];
  if (before.some((it) => it.at === at)) return undefined;
  const place = before.findLastIndex((it) => it.at < at) + 1;
  // What is delivered again after it was forgotten adds nothing again.
  if (place === 0 && before.length >= COUNTERS_MAX) return undefined;
  const all = before.toSpliced(place, 0, counters);
  const [was, now] = [risesOf(before), risesOf(all)];
  computer.counters = withoutRepetitions(all).slice(-COUNTERS_MAX);
  return {
    dropped: [...now.dropped].map(([kind, sum]) => [kind, sum - (was.dropped.get(kind) ?? 0)]),
    gaps: now.gaps - was.gaps,
  };
};

/** What the counters rose by. Gaps of the first heartbeat were there before anything was counted. */
const risesOf = (counters: readonly AgentCounters[]): { dropped: Map<string, number>; gaps: number } => {
  const dropped = new Map<string, number>();
  let gaps = 0;
  counters.forEach((it, i) => {
    const before = counters[i - 1];
    for (const [kind, count] of Object.entries(it.dropped))
      dropped.set(kind, (dropped.get(kind) ?? 0) + rise(count, before?.dropped[kind]));
    if (before) gaps += rise(it.gaps, before.gaps);
  });
  return { dropped, gaps };
};

/** Counters since the agent's start: one that fell has begun anew. */
const rise = (now: number, was: number | undefined): number => (was === undefined || now < was ? now : now - was);

const withoutRepetitions = (counters: readonly AgentCounters[]): AgentCounters[] =>
  counters.filter((it, i) => {
    const [before, after] = [counters[i - 1], counters[i + 1]];
    return !before || !after || !isSame(before, it) || !isSame(it, after);
  });
const isSame = (a: AgentCounters, b: AgentCounters): boolean =>
  a.gaps === b.gaps && JSON.stringify(a.dropped) === JSON.stringify(b.dropped);

/** An agent names kinds of records; what else a sender may name is one more, so that it makes no series of its own. */
const droppedByKind = ({ droppedRecords }: HeartbeatFact): Record<string, number> => {
  const dropped: Record<string, number> = {};
  for (const [name, count] of Object.entries(droppedRecords).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const kind = KINDS.find((it) => it === name) ?? "other";
    if (count > 0) dropped[kind] = (dropped[kind] ?? 0) + count;
  }
  return dropped;
};

/** More than an hour off. A backlog makes the sending look old, so an old time counts only from an agent without one. */
const isSkewed = (fact: HeartbeatFact, sentAt: Instant | undefined, receivedAt: Instant): boolean => {
  if (sentAt === undefined) return false;
  if (sentAt > receivedAt + CLOCK_LIMIT) return true;
  return sentAt < receivedAt - CLOCK_LIMIT && fact.spooledRecords <= 10 && fact.oldestUnsentSeconds < 600;
};
