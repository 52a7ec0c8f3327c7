import type { NormalisedEvent } from "../../licensing/events/names.ts";
import { isComplete, withHeartbeat, withRecord } from "../../licensing/kms/coverage.ts";
import {
  applyRequest,
  EMPTY_LEDGER,
  expiriesBetween,
  type Request,
  rebuild,
  tableSize,
} from "../../licensing/kms/ledger.ts";
import type { KmsReading } from "../../licensing/kms/reading.ts";
import {
  classOf,
  isPlausibleNeed,
  isValidRequest,
  PRODUCT_CLASSES,
  type ProductClass,
  poolOf,
  REQUIRED,
  watchForLoss,
} from "../../licensing/kms/rules.ts";
import { deadlineOf } from "../../licensing/license.ts";
import type { Application, Products } from "../../licensing/products.ts";
import { type Reason, reasonOf } from "../../licensing/reasons.ts";
import { HOUR, type Instant, MINUTE } from "../../licensing/time.ts";
import { type KmsHostState, type PoolState, poolState } from "./kms-host-state.ts";
import { withReading } from "./kms-keys.ts";

/** A request with all that counting needs; undefined when the event does not say it (a payload, a forged need). */
export interface KmsRequest extends Request {
  readonly pool: Application;
  readonly productClass: ProductClass | undefined;
  readonly name: string;
  readonly valid: boolean;
  readonly reason: Reason;
  readonly status: number | undefined;
  readonly clientTime: string | undefined;
}

/** Shared by what happens live and by a rebuild from stored events, so that both count the same. */
export const requestOf = (event: NormalisedEvent, at: Instant, products: Products): KmsRequest | undefined => {
  const { client_machine_id: cmid, required_count: need, hresult, activation_id: activationId } = event;
  if (event.event !== "kms_request_processed" || !cmid || need === undefined || !hresult || !activationId)
    return undefined;
  if (!isPlausibleNeed(need)) return undefined;
  const pool = poolOf(activationId, need, products);
  return {
    cmid,
    at,
    need,
    pool,
    productClass: classOf(pool, need),
    name: (event.client_fqdn ?? "").toLowerCase(),
    valid: isValidRequest(hresult),
    reason: reasonOf(hresult),
    status: event.license_status,
    clientTime: event.client_time,
  };
};

const LICENSED = 1;
const FAILED_MINUTES = 60;

/**
 * One request in the log of this KMS host.
 *
 * @returns false when the table must be rebuilt from the stored requests, because this one came late.
 */
export const recordRequest = (host: KmsHostState, request: KmsRequest): boolean => {
  const pool = poolState(host, request.pool);
  if (!request.valid) {
    pool.lastRequest = Math.max(pool.lastRequest ?? 0, request.at);
    recordFailure(pool, request);
    return true;
  }
  noteAsked(host, pool, request);
  const ledger = applyRequest(pool.ledger, request);
  if (!ledger) return false;
  pool.ledger = ledger;
  markReached(host, request.pool, tableSize(ledger, request.at), request.at);
  recordWaiting(host, request, tableSize(ledger, request.at));
  return true;
};

const noteAsked = (host: KmsHostState, pool: PoolState, { at, productClass }: KmsRequest): void => {
  pool.lastRequest = Math.max(pool.lastRequest ?? 0, at);
  if (!productClass) return;
  const known = host.classes[productClass];
  host.classes[productClass] = { ...known, askedAt: Math.max(known?.askedAt ?? 0, at) };
};

/** The table of a pool anew, from its requests since a client could still be in it. */
export const rebuildPool = (host: KmsHostState, pool: Application, requests: readonly KmsRequest[]): void => {
  const state = poolState(host, pool);
  const mine = requests.filter((it) => it.pool === pool && it.valid);
  state.ledger = rebuild(mine, state.ledger);
  for (const it of mine) noteAsked(host, state, it);
  const newest = state.ledger.entries[0]?.[1];
  if (newest !== undefined) markReached(host, pool, tableSize(state.ledger, newest), newest);
};

const recordFailure = (pool: PoolState, { at, reason }: KmsRequest): void => {
  const minute = Math.floor(at / MINUTE) * MINUTE;
  const minutes = pool.failures[reason] ?? [];
  const same = minutes.findIndex((it) => it[0] === minute);
  const counted =
    same >= 0
      ? minutes.with(same, [minute, minutes[same]![1] + 1])
      : [...minutes, [minute, 1] as const].toSorted((a, b) => a[0] - b[0]);
  pool.failures[reason] = counted.slice(-FAILED_MINUTES);
};

export const recentFailures = (pool: PoolState, reason: Reason, until: Instant): number =>
  (pool.failures[reason] ?? []).reduce((sum, [minute, count]) => (minute > until - HOUR ? sum + count : sum), 0);

/** A client that asked while the count was too low, and was not licensed yet, waits; its next request tells. */
const recordWaiting = (
  host: KmsHostState,
  { cmid, productClass, name, at, status }: KmsRequest,
  count: number,
): void => {
  if (!productClass) return;
  delete host.waiting[cmid];
  if (count >= REQUIRED[productClass] || status === LICENSED) return;
  host.waiting[cmid] = { productClass, name, at };
};

const markReached = (host: KmsHostState, pool: Application, count: number, at: Instant): void => {
  for (const productClass of PRODUCT_CLASSES)
    if (count >= REQUIRED[productClass] && !host.classes[productClass]?.reachedAt && classBelongs(productClass, pool))
      host.classes[productClass] = { ...host.classes[productClass], reachedAt: at };
};
const classBelongs = (productClass: ProductClass, pool: Application): boolean =>
  classOf(pool, 25) === productClass || classOf(pool, 5) === productClass;

/** One record of the Key Management Service log, for what its number says about gaps. */
export const recordLogNumber = (host: KmsHostState, recordId: number | undefined, at: Instant): void => {
  host.coverage = withRecord(host.coverage, recordId, at);
};

export const recordKmsHeartbeat = (
  host: KmsHostState,
  channel: { readUntil: Instant; oldest?: Instant; gaps: number },
): void => {
  host.coverage = withHeartbeat(host.coverage, channel);
};

/**
 * What the host reports of itself. @returns the pools whose table was lost and must be rebuilt.
 */
export const recordKmsReading = (
  host: KmsHostState,
  reading: KmsReading,
  { at, intervalSeconds }: { at: Instant; intervalSeconds?: number | undefined },
): Application[] => {
  const { deadline } = reading.status ? deadlineOf(reading.status, reading.minutesLeft, at) : {};
  host.port = reading.port;
  host.keys = withReading(host.keys, reading, at);
  host.reading = {
    at,
    keys: reading.keys,
    ...(intervalSeconds !== undefined && { intervalSeconds }),
    ...(reading.status && { status: reading.status }),
    ...(deadline !== undefined && { deadline }),
  };
  const lost: Application[] = [];
  for (const [name, { count, need, counters }] of Object.entries(reading.pools)) {
    const application = name as Application;
    const pool = poolState(host, application);
    pool.reported = { count, at, ...(intervalSeconds !== undefined && { intervalSeconds }) };
    pool.counters = counters;
    markReached(host, application, count, at);
    // A host whose requests are not collected still tells which need its clients have.
    const productClass = need === undefined ? undefined : classOf(application, need);
    if (productClass && count > 0 && pool.lastRequest === undefined)
      host.classes[productClass] = { ...host.classes[productClass], askedAt: at };
    const { ledger } = pool;
    const expiries = isComplete(host.coverage, ledger.bornAt)
      ? (from: Instant, until: Instant) => expiriesBetween(ledger, from, until)
      : undefined;
    const step = watchForLoss(pool.watch, { at, count }, expiries);
    pool.watch = step.watch;
    if (!step.lost) continue;
    pool.lostAt = step.lost.seenAt;
    pool.ledger = { ...EMPTY_LEDGER, bornAt: step.lost.bornAt };
    lost.push(application);
  }
  return lost;
};

/** What a client was told: 12289, joined with the 12288 that names the host and the product. */
export const recordToldCount = (
  host: KmsHostState,
  pool: Application,
  told: { count: number; at: Instant; renewalMinutes?: number | undefined },
): void => {
  if (told.renewalMinutes) host.renewalMinutes = told.renewalMinutes;
  const state = poolState(host, pool);
  if (state.told && state.told.at > told.at) return;
  state.told = { count: told.count, at: told.at };
  markReached(host, pool, told.count, told.at);
};

const DOMAINS_MAX = 50;
export const recordDnsPublication = (host: KmsHostState, domain: string, published: boolean, at: Instant): void => {
  const key = domain.toLowerCase();
  // A domain named `__proto__` is one like any other.
  const known = Object.hasOwn(host.domains, key) ? host.domains[key] : undefined;
  if (known ? known.at > at : Object.keys(host.domains).length >= DOMAINS_MAX) return;
  Object.defineProperty(host.domains, key, {
    value: { published, at },
    enumerable: true,
    writable: true,
    configurable: true,
  });
};

const DUPLICATES_MAX = 1_000;
export const recordDuplicate = (host: KmsHostState, cmid: string, computers: string[], until: Instant): void => {
  if (!host.duplicates[cmid] && Object.keys(host.duplicates).length >= DUPLICATES_MAX) return;
  host.duplicates[cmid] = { computers, until };
};
