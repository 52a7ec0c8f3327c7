import type { Coverage } from "../../../licensing/kms/coverage.ts";
import { keyUseUntil } from "../../../licensing/kms/key-use.ts";
import { CLIENT_LIFETIME } from "../../../licensing/kms/ledger.ts";
import type { ProductClass } from "../../../licensing/kms/rules.ts";
import { DAY, type Instant } from "../../../licensing/time.ts";
import { newClientClocks } from "../client-clocks.ts";
import type { KmsHostState } from "./host-state.ts";
import type { ToldCounts } from "./names.ts";
import { replayLate } from "./replay-plan.ts";

/** Later than any clock that is right: clocks differ by a day only where one of them is wrong. */
export const isFarAhead = (at: Instant | undefined, now: Instant): boolean => at !== undefined && at > now + DAY;

/**
 * Forgets what a KMS host's state has of times that lie in the future: the clocks of the host and of the collector were wrong
 * together, and are right again. The table is simulated anew from the requests until now.
 */
export const forgetFutureOfHost = (host: KmsHostState, now: Instant): void => {
  const { coverage, appliedUntil, reading, originAt } = host;
  const newest = [coverage.newest, coverage.spans.at(-1)?.until, appliedUntil, reading?.at, originAt];
  if (!newest.some((at) => isFarAhead(at, now))) return;
  const isFuture = (at: Instant | undefined): boolean => at !== undefined && at > now;
  host.coverage = coverageUntil(coverage, now);
  if (isFuture(appliedUntil)) host.appliedUntil = now;
  if (isFuture(originAt)) delete host.originAt;
  if (isFuture(reading?.at)) delete host.reading;
  host.pendingReadings = host.pendingReadings.filter((it) => it.at <= now);
  for (const pool of Object.values(host.pools)) {
    if (isFuture(pool.reported?.at)) delete pool.reported;
    if (isFuture(pool.lastRequest)) delete pool.lastRequest;
    pool.failures = valuesOf(pool.failures, (minutes) => minutes.filter(([minute]) => minute <= now));
  }
  for (const [name, { askedAt, reportedAt, reached }] of Object.entries(host.classes))
    host.classes[name as ProductClass] = {
      ...(askedAt !== undefined && askedAt <= now && { askedAt }),
      ...(reportedAt !== undefined && reportedAt <= now && { reportedAt }),
      ...(reached && { reached }),
    };
  host.told = toldUntil(host.told, now);
  host.toldByAlias = host.toldByAlias.map((it) => toldUntil(it, now));
  if (isFuture(host.startFailed?.at)) delete host.startFailed;
  host.domains = valuesOf(host.domains, (it) => ({ ...it, at: Math.min(it.at, now) }));
  host.aliases = valuesOf(host.aliases, (at) => Math.min(at, now));
  host.refusedRequests = valuesOf(host.refusedRequests, (it) => ({ at: Math.min(it.at, now) }));
  host.refused = valuesOf(host.refused, (it) => ({ ...it, at: Math.min(it.at, now) }));
  host.duplicates = valuesOf(host.duplicates, (it) => ({ ...it, until: Math.min(it.until, now + CLIENT_LIFETIME) }));
  host.keys = Object.fromEntries(
    Object.entries(host.keys).flatMap(([key, it]) => {
      const use = keyUseUntil(it, now);
      return use ? [[key, use]] : [];
    }),
  );
  host.clocks = newClientClocks();
  replayLate(host, 0);
};

const coverageUntil = (
  { spans, ranges, newest, days: _, daysAfter: __, ...coverage }: Coverage,
  now: Instant,
): Coverage => ({
  ...coverage,
  ...(newest !== undefined && newest <= now && { newest }),
  spans: spans.filter((it) => it.firstAt <= now).map((it) => ({ ...it, until: Math.min(it.until, now) })),
  ranges: ranges.filter((it) => it[3] <= now),
});

const toldUntil = (told: ToldCounts, now: Instant): ToldCounts =>
  Object.fromEntries(
    Object.entries(told).flatMap(([id, it]) => {
      const { open, ...product } = it;
      const newest = it.newest.filter(({ at }) => at <= now);
      const left = open?.filter(({ at }) => at <= now) ?? [];
      if (newest.length + left.length === 0) return [];
      return [[id, { ...product, newest, ...(left.length > 0 && { open: left }) }] as const];
    }),
  );

const valuesOf = <V>(map: { readonly [name: string]: V }, change: (it: V) => V): Record<string, V> =>
  Object.fromEntries(Object.entries(map).map(([name, it]) => [name, change(it)]));
