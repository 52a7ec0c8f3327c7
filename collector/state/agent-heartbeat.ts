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

/** The agent's own counters in its live heartbeats: what the next rise is counted from. */
export interface AgentCounters {
  /** Of the newest heartbeat. */
  readonly at: Instant;
  readonly dropped: Readonly<Record<string, number>>;
  readonly gaps: number;
  /** Gaps of the earliest heartbeat: those were there before anything was counted. */
  readonly first: readonly [at: Instant, gaps: number];
}

interface Reporting {
  heartbeat?: Heartbeat;
  counters?: AgentCounters;
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

const recordCounters = (computer: Reporting, fact: HeartbeatFact, at: Instant): AgentDeltas | undefined => {
  const gaps = Object.values(fact.channels).reduce((sum, it) => sum + (it.gaps ?? 0), 0);
  const dropped = droppedByKind(fact);
  const before = computer.counters;
  if (!before) {
    computer.counters = { at, dropped, gaps, first: [at, gaps] };
    return { dropped: Object.entries(dropped), gaps: 0 };
  }
  if (at < before.first[0]) {
    computer.counters = { ...before, first: [at, gaps] };
    return { dropped: [], gaps: Math.max(0, before.first[1] - gaps) };
  }
  if (at <= before.at) return undefined;
  computer.counters = { at, dropped, gaps, first: before.first };
  // Counters since the agent's start: one that fell has begun anew.
  const grown = (now: number, was: number | undefined) => (was === undefined || now < was ? now : now - was);
  return {
    dropped: Object.entries(dropped).map(([kind, it]) => [kind, grown(it, before.dropped[kind])]),
    gaps: grown(gaps, before.gaps),
  };
};

/** An agent names kinds of records; what else a sender may name is one more, so that it makes no series of its own. */
const droppedByKind = ({ droppedRecords }: HeartbeatFact): Record<string, number> => {
  const dropped: Record<string, number> = {};
  for (const [name, count] of Object.entries(droppedRecords)) {
    const kind = KINDS.find((it) => it === name) ?? "other";
    dropped[kind] = (dropped[kind] ?? 0) + count;
  }
  return dropped;
};

/** More than an hour off. A backlog makes the sending look old, so an old time counts only from an agent without one. */
const isSkewed = (fact: HeartbeatFact, sentAt: Instant | undefined, receivedAt: Instant): boolean => {
  if (sentAt === undefined) return false;
  if (sentAt > receivedAt + CLOCK_LIMIT) return true;
  return sentAt < receivedAt - CLOCK_LIMIT && fact.spooledRecords <= 10 && fact.oldestUnsentSeconds < 600;
};
