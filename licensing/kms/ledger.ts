import { DAY, type Instant } from "../time.ts";

/** A KMS host forgets a client it has not heard from for 30 days (planning guide, "KMS activation renewal"). */
export const CLIENT_LIFETIME = 30 * DAY;
/** The table of a host that was asked by a product that needs 25 (twice that need). */
const LARGE_TABLE = 50;
/** The largest count of a table that no product needing 25 has asked: more clients prove the larger table. */
export const SMALL_TABLE = 10;

/** Client machine ID and the time of its last valid request. */
export type LedgerEntry = readonly [cmid: string, last: Instant];

/**
 * The table of one pool of one KMS host, simulated from its requests (docs/counting-rules.md, "The table is simulated"): the
 * freshest client machine IDs, at most `capacity`, which is twice the highest need seen and never shrinks. Entries older than
 * 30 days stay at the end, where they hold no place a younger one needs: they tell when a count fell. Plain data, so that it
 * is stored as it is.
 */
export interface Ledger {
  /** When the capacity grew, oldest first; the last one is in force. */
  readonly grown: readonly (readonly [at: Instant, capacity: number])[];
  /** Freshest first; clients of the same instant in the order of their IDs. */
  readonly entries: readonly LedgerEntry[];
  /** The table is known to have been empty here: requests before do not count. */
  readonly bornAt?: Instant;
}

export const EMPTY_LEDGER: Ledger = { grown: [], entries: [] };

export interface Request {
  readonly cmid: string;
  readonly at: Instant;
  /** 5 or 25. */
  readonly need: number;
}

/** How many clients the table keeps; 0 before its first request. */
export const capacityOf = (ledger: Ledger): number => ledger.grown.at(-1)?.[1] ?? 0;

/** An empty table that had its 50 places before the first request that is known. */
export const largeLedger = (bornAt?: Instant): Ledger => ({
  grown: [[bornAt ?? 0, LARGE_TABLE]],
  entries: [],
  ...(bornAt !== undefined && { bornAt }),
});

/**
 * The table after a request, or `undefined` when it came late and from before the table grew: what was pushed out of the
 * smaller table then cannot be told from the entries now, so the requests must be replayed in their order.
 *
 * In every other order the result is exact: while the capacity stays the same, the table holds just the freshest clients.
 */
export const applyRequest = (ledger: Ledger, { cmid, at, need }: Request): Ledger | undefined => {
  if (ledger.bornAt !== undefined && at < ledger.bornAt) return ledger;
  const capacity = Math.max(capacityOf(ledger), 2 * need);
  const grows = capacity > capacityOf(ledger);
  const newest = ledger.entries[0]?.[1] ?? Number.NEGATIVE_INFINITY;
  const lastGrowth = ledger.grown.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY;
  if (ledger.entries.length > 0 && (grows ? at < newest : at < lastGrowth)) return undefined;
  const known = ledger.entries.findIndex((it) => it[0] === cmid);
  const grown = grows ? [...ledger.grown, [at, capacity] as const] : ledger.grown;
  if (known >= 0 && ledger.entries[known]![1] >= at) return grows ? { ...ledger, grown } : ledger;
  const others = known < 0 ? ledger.entries : ledger.entries.toSpliced(known, 1);
  const place = others.findIndex((it) => it[1] < at || (it[1] === at && it[0] > cmid));
  const entries = others.toSpliced(place < 0 ? others.length : place, 0, [cmid, at]);
  if (entries.length > capacity) entries.length = capacity;
  return { ...ledger, grown, entries };
};

/** How many clients the table holds at an instant. */
export const tableSize = ({ entries }: Ledger, at: Instant): number => {
  const gone = entries.findIndex((it) => it[1] + CLIENT_LIFETIME <= at);
  return gone < 0 ? entries.length : gone;
};

/** Have as many distinct clients asked since an instant as the table can hold? Whatever it held before is pushed out then. */
export const isFullSince = (ledger: Ledger, since: Instant): boolean => {
  const oldest = ledger.entries[capacityOf(ledger) - 1];
  return oldest !== undefined && oldest[1] >= since;
};

/**
 * When the count falls below `required` if no client renews: the required-th freshest client decides. In the past once it has
 * fallen; undefined if so many were never known.
 */
export const fallsBelowAt = ({ entries }: Ledger, required: number): Instant | undefined => {
  const deciding = entries[required - 1];
  return deciding && deciding[1] + CLIENT_LIFETIME;
};

/** How many entries end within (from, until], if no client renews. */
export const expiriesBetween = ({ entries }: Ledger, from: Instant, until: Instant): number =>
  entries.filter(([, last]) => last + CLIENT_LIFETIME > from && last + CLIENT_LIFETIME <= until).length;
