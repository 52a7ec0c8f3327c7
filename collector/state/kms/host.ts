import { knownUntil, withHeartbeat, withRecord } from "../../../licensing/kms/coverage.ts";
import type { KmsReading } from "../../../licensing/kms/reading.ts";
import { classOf, POOL_OF_CLASS, PRODUCT_CLASSES, type ProductClass, REQUIRED } from "../../../licensing/kms/rules.ts";
import {
  afterLateRequest,
  afterReading,
  afterRequest,
  hasReached,
  NEW_SIMULATION,
} from "../../../licensing/kms/simulation.ts";
import type { Application, Products } from "../../../licensing/products.ts";
import type { Reason } from "../../../licensing/reasons.ts";
import { HOUR, type Instant, MINUTE } from "../../../licensing/time.ts";
import {
  type ClassState,
  type CountReading,
  type KmsHostState,
  type PoolState,
  poolState,
  type StartFailed,
} from "./host-state.ts";
import { withReading } from "./keys.ts";
import { countsOf, type ToldCount, toldOfPool } from "./names.ts";
import { replayFound, replayLate } from "./replay-plan.ts";
import type { KmsRequest } from "./request.ts";

const FAILED_MINUTES = 60;

/** One request in the log of this KMS host. One that comes late and may have had an effect asks for a replay. */
export const recordRequest = (host: KmsHostState, request: KmsRequest): void => {
  const { at } = request;
  const pool = poolState(host, request.pool);
  pool.lastRequest = Math.max(pool.lastRequest ?? 0, at);
  const late = at < (host.appliedUntil ?? 0);
  if (!late) {
    applyReadings(host, at);
    host.appliedUntil = at;
  }
  if (!request.valid) {
    recordFailure(pool, request);
    return;
  }
  if (request.productClass) recordAsked(host, request.productClass, { askedAt: at });
  const simulation = late ? afterLateRequest(pool.simulation, request) : afterRequest(pool.simulation, request);
  if (simulation) pool.simulation = simulation;
  else replayLate(host, at);
  if (late && simulation) insertIntoReplay(host, request);
};

/** A request that the repeated walk has passed already would be missing at its end. */
const insertIntoReplay = (host: KmsHostState, request: KmsRequest): void => {
  const { replay } = host;
  if (!replay || request.at > replay.position[0]) return;
  const simulation = afterLateRequest(replay.pools[request.pool] ?? NEW_SIMULATION, request);
  if (simulation) host.replay = { ...replay, pools: { ...replay.pools, [request.pool]: simulation } };
  else replayLate(host, request.at);
};

const recordAsked = (
  host: KmsHostState,
  productClass: ProductClass,
  asked: Pick<ClassState, "askedAt" | "reportedAt">,
) => {
  const known = host.classes[productClass];
  host.classes[productClass] = {
    ...known,
    ...(asked.askedAt !== undefined && { askedAt: Math.max(known?.askedAt ?? 0, asked.askedAt) }),
    ...(asked.reportedAt !== undefined && { reportedAt: Math.max(known?.reportedAt ?? 0, asked.reportedAt) }),
  };
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

/** A count that the host reported shows which classes have reached their threshold, whatever the log says. */
const recordReached = (host: KmsHostState, pool: Application, count: number): void => {
  for (const it of PRODUCT_CLASSES)
    if (POOL_OF_CLASS[it] === pool && count >= REQUIRED[it] && !host.classes[it]?.reached)
      host.classes[it] = { ...host.classes[it], reached: true };
};

/** One record of the Key Management Service log, for what its number says about gaps. */
export const recordLogNumber = (host: KmsHostState, recordId: number | undefined, at: Instant): void => {
  host.coverage = withRecord(host.coverage, recordId, at);
};

/** What the host's agent says of the Key Management Service log. */
export const recordKmsHeartbeat = (
  host: KmsHostState,
  channel: { readUntil: Instant; oldest?: Instant; gaps: number },
): void => {
  const before = host.coverage;
  host.coverage = withHeartbeat(before, channel);
  const isLate = channel.readUntil < (knownUntil(before) ?? 0);
  // A late word about the log may change which readings could be judged.
  if (isLate && host.coverage !== before && Object.values(host.pools).some((it) => it.simulation.droppedUntil))
    replayLate(host, channel.readUntil);
};

const PENDING_READINGS_MAX = 200;

/** The counts of one reading: applied once everything before it is known. One that comes late may ask for a replay. */
export const recordCounts = (host: KmsHostState, reading: CountReading): void => {
  for (const [name, count] of Object.entries(reading.counts)) recordReached(host, name as Application, count);
  const isLate =
    reading.at < (host.appliedUntil ?? 0) ||
    Object.keys(reading.counts).some((it) => reading.at < (host.pools[it as Application]?.simulation.watch?.at ?? 0));
  if (
    isLate &&
    Object.entries(reading.counts).some(([name, count]) => mayMatter(host, name, { at: reading.at, count }))
  )
    replayLate(host, reading.at);
  if (isLate) return;
  host.pendingReadings = [...host.pendingReadings, reading].sort((a, b) => a.at - b.at).slice(-PENDING_READINGS_MAX);
};

/** A late reading between others that count the same changes nothing. */
const mayMatter = (host: KmsHostState, pool: string, { at, count }: { at: Instant; count: number }): boolean => {
  const { watch, steadySince } = host.pools[pool as Application]?.simulation ?? NEW_SIMULATION;
  const isSteady = steadySince !== undefined && at >= steadySince && watch?.count === count;
  return !isSteady || watch.suspected !== undefined;
};

/** Applies the readings up to which the host's log is known. */
export const applyKnownReadings = (host: KmsHostState): void => {
  if (host.pendingReadings.length > 0) applyReadings(host, knownUntil(host.coverage) ?? 0);
};

/**
 * Applies the readings before an instant up to which every request has been applied. A walk that is being repeated takes the rest: it
 * meets them in the store, and the table is not complete until its end.
 */
const applyReadings = (host: KmsHostState, until: Instant): void => {
  const due = host.pendingReadings.filter((it) => it.at <= until);
  if (due.length === 0) return;
  host.pendingReadings = host.pendingReadings.slice(due.length);
  host.appliedUntil = Math.max(host.appliedUntil ?? 0, due.at(-1)!.at);
  for (const { at, counts } of due)
    for (const [name, count] of Object.entries(counts)) {
      if (host.replay) return;
      const pool = poolState(host, name as Application);
      const { simulation, replayFrom } = afterReading(pool.simulation, { at, count }, host.coverage);
      pool.simulation = simulation;
      if (replayFrom !== undefined) replayFound(host, replayFrom);
    }
};

/** What a reading says of the host's license, its keys and its counts: of each, the newest one counts. */
export const recordKmsReading = (
  host: KmsHostState,
  reading: KmsReading,
  { at, intervalSeconds }: { at: Instant; intervalSeconds?: number | undefined },
): void => {
  host.keys = withReading(host.keys, reading, at);
  if (at >= (host.reading?.at ?? 0)) recordNewestReading(host, reading, { at, intervalSeconds });
  for (const [name, { count, need, counters }] of Object.entries(reading.pools)) {
    const application = name as Application;
    const pool = poolState(host, application);
    if (at >= (pool.reported?.at ?? 0)) {
      pool.reported = { count, at, ...(intervalSeconds !== undefined && { intervalSeconds }) };
      pool.counters = counters;
    }
    // A host whose requests are not collected still tells which need its clients have.
    const productClass = need === undefined ? undefined : classOf(application, need);
    if (productClass && count > 0) recordAsked(host, productClass, { reportedAt: at });
  }
};

const recordNewestReading = (
  host: KmsHostState,
  reading: KmsReading,
  { at, intervalSeconds }: { at: Instant; intervalSeconds: number | undefined },
): void => {
  if (reading.isKmsHost) host.port = reading.port;
  host.reading = {
    at,
    keys: reading.keys,
    ...(intervalSeconds !== undefined && { intervalSeconds }),
    ...(reading.isKmsHost ? {} : { isKmsHost: false }),
    ...(reading.dnsPublishing !== undefined && { dnsPublishing: reading.dnsPublishing }),
  };
};

/** The newest count that a client of a pool was told, and the largest. */
export const toldCount = (host: KmsHostState, pool: Application, products: Products): ReturnType<typeof toldOfPool> =>
  toldOfPool([host.told, ...host.toldByAlias], pool, products);

/** The renewal interval that clients were told last, minutes. */
export const renewalMinutes = ({ told, toldByAlias }: KmsHostState): number | undefined => {
  let newest: ToldCount | undefined;
  for (const it of [told, ...toldByAlias].flatMap((all) => Object.values(all).flatMap(countsOf)))
    if (it.renewalMinutes !== undefined && it.at >= (newest?.at ?? 0)) newest = it;
  return newest?.renewalMinutes;
};

export const DOMAINS_MAX = 50;
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

/** 12291: the newest start that failed stays; of one instant the greater code. */
export const recordStartFailed = (host: KmsHostState, { at, code }: StartFailed): void => {
  const known = host.startFailed;
  if (known && (known.at > at || (known.at === at && (known.code ?? "") >= (code ?? "")))) return;
  host.startFailed = { at, ...(code && { code }) };
};

export const DUPLICATES_MAX = 1_000;
/** Enough to find the image that they were made from. */
const NAMES_MAX = 8;
/** A client machine ID that several computers use until an instant; undefined where a late name shows that they are one. */
export const recordDuplicate = (
  host: KmsHostState,
  cmid: string,
  { computers, until }: { computers: string[]; until: Instant | undefined },
): void => {
  if (until === undefined) {
    delete host.duplicates[cmid];
    return;
  }
  if (!host.duplicates[cmid] && Object.keys(host.duplicates).length >= DUPLICATES_MAX) return;
  host.duplicates[cmid] = { computers: computers.slice(0, NAMES_MAX), until };
};

/** When this need was last asked for: by requests, or, where they are not collected, by what the host reports. */
export const askedAt = (host: KmsHostState, pool: PoolState, productClass: ProductClass): Instant | undefined => {
  const { askedAt: asked, reportedAt } = host.classes[productClass] ?? {};
  return asked ?? (pool.lastRequest === undefined ? reportedAt : undefined);
};

/** Has this class ever been served here? */
export const hasBeenReached = (
  host: KmsHostState,
  pool: PoolState,
  { productClass, products }: { productClass: ProductClass; products: Products },
): boolean =>
  host.classes[productClass]?.reached === true ||
  hasReached(pool.simulation, REQUIRED[productClass]) ||
  (toldCount(host, POOL_OF_CLASS[productClass], products)?.most ?? 0) >= REQUIRED[productClass];
