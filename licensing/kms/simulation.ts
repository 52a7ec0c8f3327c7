import type { Application } from "../products.ts";
import type { Instant } from "../time.ts";
import { type Coverage, isCompleteAt } from "./coverage.ts";
import {
  applyRequest,
  capacityOf,
  EMPTY_LEDGER,
  expiriesBetween,
  type Ledger,
  largeLedger,
  type Request,
  SMALL_TABLE,
  tableSize,
} from "./ledger.ts";
import { type LossWatch, POOL_OF_CLASS, PRODUCT_CLASSES, type ProductClass, REQUIRED, watchForLoss } from "./rules.ts";

/** A client whose newest request found the count too low. */
export interface RefusedByCount {
  readonly cmid: string;
  readonly productClass: ProductClass;
  readonly name: string;
  readonly at: Instant;
  /** It does not wait: it was licensed before, or the KMS host's word alone tells that the count was too low. */
  readonly apart?: true;
}

/** A valid request with what the table and its classes need of it. */
export interface CountedRequest extends Request {
  readonly pool: Application;
  readonly productClass: ProductClass | undefined;
  readonly name: string;
  /** LicenseStatus before the request. */
  readonly status: number | undefined;
  /** The KMS host answered that its count is too low. */
  readonly tooFew?: boolean;
}

/**
 * One pool of one KMS host, walked through request by request and reading by reading in the order of their times. Plain
 * data. A fact that arrives late either provably leaves the walk as it was, or the walk is repeated from the stored facts:
 * so the order of arrival changes nothing.
 */
export interface PoolSimulation {
  readonly ledger: Ledger;
  /** When the table first held so many clients, by the sizes that matter. */
  readonly reached: Readonly<Record<string, Instant>>;
  /** The newest request after which the table did not surely serve every class of the pool. */
  readonly lowUntil?: Instant;
  /** The newest reading that counted fewer clients than the one before it: a late fact may explain it. */
  readonly droppedUntil?: Instant;
  /** All readings since this one have counted as many clients as the newest. */
  readonly steadySince?: Instant;
  /** The reading that proved that the table was large before the first request that is known. */
  readonly largeAt?: Instant;
  /** By client machine ID. */
  readonly waiting: Readonly<Record<string, RefusedByCount>>;
  readonly watch?: LossWatch;
  readonly lostAt?: Instant;
}

export const NEW_SIMULATION: PoolSimulation = { ledger: EMPTY_LEDGER, reached: {}, waiting: {} };

/** Clients that asked while the count was too low, and were not licensed yet. */
export const waitingClients = ({ waiting }: PoolSimulation): RefusedByCount[] =>
  Object.values(waiting).filter((it) => !it.apart);

/** Did the newest request of a client, at this instant, find the count too low? */
export const foundTooFew = ({ waiting }: PoolSimulation, cmid: string, at: Instant): boolean =>
  waiting[cmid]?.at === at;

const LICENSED = 1;
const WAITING_MAX = 200;

/** One more than any class of the pool needs: below it, one client more or less may decide. */
const ampleFor = (pool: Application): number =>
  1 + Math.max(5, ...PRODUCT_CLASSES.filter((it) => POOL_OF_CLASS[it] === pool).map((it) => REQUIRED[it]));

/** The sizes whose first time is kept: every need, and what makes late requests harmless. */
const LEVELS = [5, 6, 25, 26];

/** Has the table ever held as many clients? `size` is one of the needs. */
export const hasReached = ({ reached }: PoolSimulation, size: number): boolean => reached[size] !== undefined;

/** The next request in the order of time. */
export const afterRequest = (before: PoolSimulation, request: CountedRequest): PoolSimulation => {
  const { at, pool } = request;
  // A request to the table that was lost since: the walk that found the loss has counted it.
  if (at < (before.ledger.bornAt ?? at)) return before;
  const ledger = applyRequest(before.ledger, request) ?? before.ledger;
  const size = tableSize(ledger, at);
  return {
    ...before,
    ledger,
    reached: withSize(before.reached, size, at),
    ...(size < ampleFor(pool) && { lowUntil: at }),
    waiting: withWaiting(before.waiting, request, size),
  };
};

const withSize = (reached: PoolSimulation["reached"], size: number, at: Instant): PoolSimulation["reached"] => {
  const fresh = LEVELS.filter((level) => size >= level && reached[level] === undefined);
  return fresh.length === 0 ? reached : { ...reached, ...Object.fromEntries(fresh.map((level) => [level, at])) };
};

/**
 * A request that comes late.
 *
 * @returns undefined when it may change what later requests and readings met: the walk must be repeated from its time on.
 */
export const afterLateRequest = (before: PoolSimulation, request: CountedRequest): PoolSimulation | undefined => {
  const { lowUntil = 0, droppedUntil = 0, largeAt = 0, reached } = before;
  const { at, pool, need } = request;
  const ample = ampleFor(pool);
  const since = reached[ample];
  if (since === undefined || at <= since || at <= lowUntil || at <= droppedUntil) return undefined;
  if (need > 5 && at <= largeAt) return undefined;
  const ledger = applyRequest(before.ledger, request);
  return ledger && { ...before, ledger, waiting: withWaiting(before.waiting, request, ample) };
};

const withWaiting = (
  waiting: PoolSimulation["waiting"],
  { cmid, productClass, name, at, status, tooFew }: CountedRequest,
  size: number,
): PoolSimulation["waiting"] => {
  const known = waiting[cmid];
  if (known && known.at > at) return waiting;
  const isTooSmall = productClass !== undefined && size < REQUIRED[productClass];
  if (!known && !isTooSmall && !tooFew) return waiting;
  const { [cmid]: _, ...others } = waiting;
  if (productClass === undefined || (!isTooSmall && !tooFew)) return others;
  const waits = isTooSmall && status !== LICENSED;
  const client: RefusedByCount = { cmid, productClass, name, at, ...(!waits && { apart: true }) };
  const all = Object.values(others);
  if (all.length < WAITING_MAX) return { ...others, [cmid]: client };
  // Who waits is shown by name: the others make place first.
  const apart = all.filter((it) => it.apart);
  const oldest = (apart.length > 0 ? apart : all).reduce((a, b) => (b.at < a.at ? b : a));
  const { [oldest.cmid]: __, ...newer } = others;
  return { ...newer, [cmid]: client };
};

const waitingBefore = ({ waiting }: PoolSimulation, at: Instant): PoolSimulation["waiting"] =>
  Object.fromEntries(Object.entries(waiting).filter(([, it]) => it.at < at));

/** What a reading of the host's own count shows about the simulated table. */
export interface ReadingResult {
  readonly simulation: PoolSimulation;
  /** The requests must be replayed from here on: the table was lost, or is larger than the known requests can tell. */
  readonly replayFrom?: Instant;
}

/** The next reading in the order of time; every request before it must have been applied. */
export const afterReading = (
  before: PoolSimulation,
  reading: { readonly at: Instant; readonly count: number },
  coverage: Coverage,
): ReadingResult => {
  const { ledger } = before;
  const { at, count } = reading;
  if ((ledger.bornAt ?? 0) > at) return { simulation: before };
  // It has been judged; of a table that was lost since, it still tells how large the new one is.
  if (before.watch && at <= before.watch.at) return withLargeTable(before, reading);
  // A small table that is full says nothing where this reading shows that the table is large.
  const sized = provesLarge(ledger, reading) ? { ...ledger, grown: largeLedger(ledger.bornAt).grown } : ledger;
  const expiries = isCompleteAt(coverage, sized, at)
    ? (from: Instant, until: Instant) => expiriesBetween(ledger, from, until)
    : undefined;
  const { watch, lost } = watchForLoss(before.watch, reading, expiries);
  if (lost) {
    const { largeAt, steadySince: _, ...others } = before;
    return {
      simulation: {
        ...others,
        // What the table was like before it was lost says nothing about the new one.
        ...(largeAt !== undefined && largeAt > lost.bornAt && { largeAt }),
        watch,
        droppedUntil: at,
        lostAt: lost.seenAt,
        ledger: { ...EMPTY_LEDGER, bornAt: lost.bornAt },
        waiting: waitingBefore(before, lost.bornAt),
      },
      replayFrom: lost.bornAt,
    };
  }
  const simulation: PoolSimulation = {
    ...before,
    watch,
    steadySince: (count === before.watch?.count && before.steadySince) || at,
    ...(before.watch && count < before.watch.count && { droppedUntil: at }),
  };
  return withLargeTable(simulation, reading);
};

/** Does a reading count more than the table as it is simulated can hold? */
const provesLarge = (ledger: Ledger, { at, count }: { readonly at: Instant; readonly count: number }): boolean =>
  count > SMALL_TABLE && capacityOf(ledger) <= SMALL_TABLE && at !== ledger.bornAt;

/** A count that only a large table can hold, before any request that would have made it large. */
const withLargeTable = (
  before: PoolSimulation,
  { at, count }: { readonly at: Instant; readonly count: number },
): ReadingResult => {
  const { ledger } = before;
  const { bornAt } = ledger;
  if (!provesLarge(ledger, { at, count })) return { simulation: before };
  return { simulation: { ...before, largeAt: at, ledger: largeLedger(bornAt) }, replayFrom: bornAt ?? 0 };
};

/** A walk that is repeated from an instant on; it begins earlier, so that the table is filled when it gets there. */
export interface Repetition {
  readonly from: Instant;
  readonly start: Instant;
}

/** Entries that no repeated request will bring: they hold no place that a younger one needs, but tell when a count fell. */
const entriesBefore = ({ entries }: Ledger, start: Instant): Ledger["entries"] =>
  entries.filter(([, last]) => last < start);

/** The state in which a repeated walk begins: what is known of the time before stays as it was found then. */
export const simulationBefore = (known: PoolSimulation, { from, start }: Repetition): PoolSimulation => {
  const { ledger, largeAt, lostAt, lowUntil, droppedUntil } = known;
  const bornAt = lostAt !== undefined && lostAt < from ? ledger.bornAt : undefined;
  const large = largeAt !== undefined && largeAt < from && largeAt >= (bornAt ?? 0);
  const grown = large ? largeLedger(bornAt).grown : ledger.grown.filter(([at]) => at < start && at >= (bornAt ?? 0));
  return {
    ledger: { grown, entries: entriesBefore(ledger, start), ...(bornAt !== undefined && { bornAt }) },
    reached: Object.fromEntries(Object.entries(known.reached).filter(([, at]) => at < from)),
    waiting: waitingBefore(known, from),
    ...(large && { largeAt }),
    ...(bornAt !== undefined && { lostAt: lostAt! }),
    ...(lowUntil !== undefined && lowUntil < from && { lowUntil }),
    ...(droppedUntil !== undefined && droppedUntil < from && { droppedUntil }),
  };
};

/** The state in which a walk begins again after it found that the table was lost, or larger than was thought. */
export const simulationFound = (found: PoolSimulation, repetition: Repetition): PoolSimulation => {
  const { ledger, largeAt, lostAt, watch, droppedUntil } = found;
  const { bornAt } = ledger;
  if (bornAt === undefined && largeAt === undefined) return simulationBefore(found, repetition);
  const known = bornAt ?? repetition.from;
  return {
    ledger: {
      ...(largeAt === undefined ? { ...EMPTY_LEDGER, bornAt: bornAt! } : largeLedger(bornAt)),
      entries: entriesBefore(ledger, repetition.start),
    },
    reached: Object.fromEntries(Object.entries(found.reached).filter(([, at]) => at < known)),
    waiting: waitingBefore(found, known),
    ...(watch && { watch }),
    ...(largeAt !== undefined && { largeAt }),
    ...(lostAt !== undefined && { lostAt }),
    ...(droppedUntil !== undefined && { droppedUntil }),
  };
};

/** A request of before the repetition's instant: it fills the table, and everything else about it is known. */
export const filledBy = (before: PoolSimulation, request: CountedRequest): PoolSimulation => ({
  ...before,
  ledger: applyRequest(before.ledger, request) ?? before.ledger,
});

/** A reading of before the repetition's instant: the next one is compared with it. */
export const watchedAt = (
  before: PoolSimulation,
  reading: { readonly at: Instant; readonly count: number },
  coverage: Coverage,
): PoolSimulation => {
  const { watch } = afterReading(before, reading, coverage).simulation;
  return watch ? { ...before, watch } : before;
};
