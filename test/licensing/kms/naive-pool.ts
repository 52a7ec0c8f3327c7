import { DAY, type Instant } from "../../../licensing/time.ts";
import { clientText, type HeartbeatFact, type HostFact, type PoolFigures } from "./delivered-kms-host.ts";

/**
 * The figures of the Windows pool of one KMS host from the set of its facts (docs/counting-rules.md), with no regard for cost:
 * a table that is a list, walked through from the beginning for each question. It takes part of the log's coverage as given:
 * all heartbeats name the same number of gaps.
 */
const LIFETIME = 30 * DAY;
const REQUIRED = { client: 25, server: 5 } as const;

interface Entry {
  readonly client: number;
  readonly at: Instant;
}
interface Asked extends Entry {
  readonly need: 5 | 25;
  readonly status: number;
}
interface Counted {
  readonly at: Instant;
  readonly count: number;
}

export const naiveWindowsPool = (facts: readonly HostFact[]): PoolFigures => {
  const asked: Asked[] = [];
  const readings: Counted[] = [];
  const heartbeats: HeartbeatFact[] = [];
  for (const it of facts.toSorted((a, b) => a.at - b.at)) {
    if (it.kind === "heartbeat") heartbeats.push(it);
    else if (it.kind === "reading") readings.push({ at: it.at, count: it.counts.windows! });
    else if (it.product !== "office" && it.result !== "failed")
      asked.push({ client: it.client, at: it.at, need: it.product === "client" ? 25 : 5, status: it.status });
  }
  const until = Math.max(...facts.filter((it) => it.kind !== "reading").map((it) => it.at));
  const since = Math.min(...heartbeats.map((it) => Math.max(it.oldest, it.at - LIFETIME)));

  const lives: Life[] = [lifeFrom(Number.NEGATIVE_INFINITY, asked, readings)];
  let lostAt: Instant | undefined;
  const isCompleteAt = (at: Instant): boolean => {
    const life = lives.at(-1)!;
    const { entries, capacity } = tableAt(life, at);
    const isFull = capacity > 0 && entries.length >= capacity && entries[capacity - 1]!.at >= since;
    return since <= at && (since <= at - LIFETIME || since <= life.bornAt || isFull);
  };
  let isBeforeComplete = false;
  let suspected: { from: Instant; at: Instant; count: number } | undefined;
  for (const [i, { at, count }] of readings.entries()) {
    const before = readings[i - 1];
    const suspicion = suspected;
    suspected = undefined;
    // What ended since the reading before is known only if the log was complete then, too.
    const isJudged = isBeforeComplete;
    isBeforeComplete = at <= until && isCompleteAt(at);
    if (!before || !isJudged || !isBeforeComplete) continue;
    const { entries } = tableAt(lives.at(-1)!, at);
    const ended = (from: Instant) => entries.filter((it) => it.at + LIFETIME > from && it.at + LIFETIME <= at).length;
    if (!suspicion) {
      const expected = before.count - ended(before.at);
      if (count < expected) suspected = { from: before.at, at, count: expected };
    } else if (count < suspicion.count - ended(suspicion.at)) {
      lives[lives.length - 1] = { ...lives.at(-1)!, diedAt: suspicion.from };
      lives.push(lifeFrom(suspicion.from, asked, readings));
      lostAt = suspicion.at;
    }
  }

  const life = lives.at(-1)!;
  const table = tableAt(life, until);
  const live = table.entries.filter((it) => it.at + LIFETIME > until);
  const sizes = lives.flatMap((it) =>
    it.asked
      .filter(({ at }) => at <= it.diedAt)
      .map((one) => ({ one, size: tableAt(it, one.at).entries.filter(({ at }) => at + LIFETIME > one.at).length })),
  );
  const newest = new Map(sizes.map((it) => [it.one.client, it]));
  const fallsBelow = (required: number) => {
    const at = table.entries[required - 1]?.at;
    return at === undefined ? undefined : at + LIFETIME;
  };
  return {
    capacity: table.capacity,
    size: live.length,
    clients: live.map((it) => clientText(it.client, it.at)),
    fallsBelowAt: { 5: fallsBelow(5), 25: fallsBelow(25) },
    reached: (["client", "server"] as const).filter((it) =>
      [...sizes.map(({ size }) => size), ...readings.map(({ count }) => count)].some((size) => size >= REQUIRED[it]),
    ),
    waiting: [...newest.values()]
      .filter(({ one, size }) => one.status !== 1 && size < one.need && one.at + LIFETIME > until)
      .map(({ one }) => clientText(one.client, one.at))
      .sort(),
    lostAt,
    complete: isCompleteAt(until),
  };
};

interface Life {
  readonly bornAt: Instant;
  readonly diedAt: Instant;
  readonly asked: readonly Asked[];
  /** It had 50 places before the first request that needs 25. */
  readonly isLarge: boolean;
}

const lifeFrom = (bornAt: Instant, asked: readonly Asked[], readings: readonly Counted[]): Life => {
  const mine = asked.filter((it) => it.at >= bornAt);
  const firstLarge = mine.find((it) => it.need === 25)?.at ?? Number.POSITIVE_INFINITY;
  const isLarge = readings.some((it) => it.at > bornAt && it.count > 10 && firstLarge >= it.at);
  return { bornAt, diedAt: Number.POSITIVE_INFINITY, asked: mine, isLarge };
};

const tableAt = ({ asked, isLarge }: Life, until: Instant): { capacity: number; entries: Entry[] } => {
  let capacity = isLarge ? 50 : 0;
  let entries: Entry[] = [];
  for (const { client, at, need } of asked) {
    if (at > until) break;
    capacity = Math.max(capacity, 2 * need);
    entries = [{ client, at }, ...entries.filter((it) => it.client !== client)].slice(0, capacity);
  }
  return { capacity, entries };
};
