import { knownUntil } from "../../licensing/kms/coverage.ts";
import { CLIENT_LIFETIME } from "../../licensing/kms/ledger.ts";
import { PRODUCT_CLASSES, REQUIRED } from "../../licensing/kms/rules.ts";
import { STATUSES } from "../../licensing/license.ts";
import { REASONS } from "../../licensing/reasons.ts";
import type { Sample } from "../../licensing/telemetry/exposition.ts";
import { kmsMetrics as M, type Metric } from "../../licensing/telemetry/metrics.ts";
import { HOUR, hourOf, type Instant, MINUTE } from "../../licensing/time.ts";
import type { Memory } from "../state/memory.ts";
import { recentFailures, renewalMinutes, toldCount } from "../state/kms-host.ts";
import { newKmsHost } from "../state/kms-host-state.ts";
import { askedByHost, askedProducts, hostsByKey, type KeyView, keyViews } from "../state/kms-keys.ts";
import type { Reader } from "../store/store.ts";
import { cleanLabel, type SumEntry, type Sums, sumKey } from "../store/sums.ts";
import { type HostView, hostView, type PoolView } from "../summary/kms-host.ts";
import type { HostRules } from "../summary/probes.ts";

export interface KmsSettings extends HostRules {
  /** Cloud providers' hosts and retired ones have no series. */
  readonly hiddenHosts: readonly string[];
  readonly keyHostsAllowed: number;
  readonly keyReactivationsAllowed: number;
}

/** Every KMS host that has series: confirmed by its own facts, or expected by configuration (rule 12). */
export const kmsHostViews = (memory: Memory, settings: KmsSettings, now: Instant): HostView[] => {
  const hidden = new Set(settings.hiddenHosts);
  const names = new Set([...memory.hosts.keys(), ...settings.expectedHosts].filter((it) => !hidden.has(it)));
  return [...names].sort().map((name) => hostView(name, memory.hosts.get(name) ?? newKmsHost(), now));
};

/** Clients that asked within 30 days, beyond the table's limit: whole hours from the sums, the first one from the store. */
export const distinctClients = async (
  sums: ReadonlyMap<string, readonly SumEntry[]>,
  reader: Reader,
  { kmsHost, pool, judgedAt }: { kmsHost: string; pool: string; judgedAt: Instant },
): Promise<number> => {
  const after = judgedAt - CLIENT_LIFETIME + 1;
  let count = await reader.countKmsClients({ kmsHost, pool, from: after, until: (hourOf(after) + 1) * HOUR });
  for (const { hour, sum } of sums.get(`${kmsHost} ${pool}`) ?? []) if (hour > hourOf(after)) count += sum;
  return count;
};

export const kmsSamples = async (
  memory: Memory,
  reader: Reader,
  settings: KmsSettings,
  now: Instant,
): Promise<Sample[]> => {
  const samples: Sample[] = [];
  for (const it of PRODUCT_CLASSES) samples.push({ metric: M.requiredClients, labels: [it], value: REQUIRED[it] });
  samples.push({ metric: M.keyHostsAllowed, labels: [], value: settings.keyHostsAllowed });
  samples.push({ metric: M.keyReactivationsAllowed, labels: [], value: settings.keyReactivationsAllowed });
  const distinct = memory.sums.byHour("distinct");
  const asked = askedByHost(memory.sums);
  const views = kmsHostViews(memory, settings, now);
  for (const [key, count] of hostsByKey(views)) samples.push({ metric: M.keyHosts, labels: [key], value: count });
  for (const view of views) {
    const zone = memory.zoneOf(view.name, view.host.zone);
    const add = (metric: Metric, value: number | undefined, ...labels: string[]): void => {
      if (value !== undefined) samples.push({ metric, labels: [view.name, zone, ...labels], value });
    };
    hostSamples(view, add);
    const keys = keyViews(view.host, memory.products);
    samples.push(...keySamples(keys, view.name, zone));
    for (const it of askedProducts(asked.get(view.name) ?? [], view.host, keys, {
      products: memory.products,
      until: view.judgedAt ?? now,
    }))
      add(M.uncoveredClients, it.uncovered, it.product);
    for (const pool of view.pools) {
      poolSamples(view, pool, memory.sums, now, add);
      const { judgedAt, name } = view;
      if (judgedAt !== undefined && pool.pool.lastRequest !== undefined)
        add(
          M.distinctClients,
          await distinctClients(distinct, reader, { kmsHost: name, pool: pool.application, judgedAt }),
          pool.application,
        );
    }
  }
  return samples;
};

/** Two editions of a product that the catalogue does not name may share a key: one series. */
const keySamples = (keys: readonly KeyView[], host: string, zone: string): Sample[] => {
  const samples = new Map<string, Sample>();
  const put = (metric: Metric, value: number, ...labels: string[]) =>
    samples.set([metric.name, ...labels].join(), { metric, labels, value });
  for (const { key, label, use } of keys) {
    put(M.hostKeyInfo, 1, host, zone, key.application, label, key.partialProductKey);
    if (use) put(M.keyReactivations, use.reactivations, key.partialProductKey, host);
  }
  return [...samples.values()];
};

type Add = (metric: Metric, value: number | undefined, ...labels: string[]) => void;
const seconds = (at: Instant | undefined): number | undefined => (at === undefined ? undefined : at / 1_000);

const hostSamples = ({ host, pools, duplicates }: HostView, add: Add): void => {
  const told = pools.map((it) => toldCount(host, it.application)?.at).filter((it) => it !== undefined);
  const reported = host.reading?.at;
  const ledger = knownUntil(host.coverage);
  add(M.knownUntil, seconds(reported), "reported");
  if (told.length > 0) add(M.knownUntil, seconds(Math.max(...told)), "clients");
  // An expected host of which nothing was ever heard is known until 1970: the alert on unknown hosts speaks of it.
  add(M.knownUntil, seconds(ledger ?? (reported === undefined && told.length === 0 ? 0 : undefined)), "ledger");
  add(M.hostInfo, 1, cleanLabel(host.os ?? ""), String(host.port ?? 1688));
  add(M.duplicateMachineIds, duplicates.length);
  const renewal = renewalMinutes(host);
  if (renewal) add(M.renewalInterval, (renewal * MINUTE) / 1_000);
  for (const [domain, { published }] of Object.entries(host.domains))
    add(M.dnsPublishFailed, published ? 0 : 1, domain);
  const { reading } = host;
  if (reading?.status) for (const it of STATUSES) add(M.hostStatus, it === reading.status ? 1 : 0, it);
  add(M.hostDeadline, seconds(reading?.deadline));
};

const poolSamples = (view: HostView, it: PoolView, sums: Sums, now: Instant, add: Add): void => {
  const { application, pool } = it;
  add(M.reportedClients, pool.reported?.count, application);
  add(M.toldClients, toldCount(view.host, application)?.count, application);
  add(M.lastRequest, seconds(pool.lastRequest), application);
  add(M.tableLost, seconds(pool.simulation.lostAt), application);
  add(M.effectiveClients, it.effective?.count, application);
  add(M.ledgerComplete, it.complete ? 1 : 0, application);
  if (view.judgedAt !== undefined && pool.lastRequest !== undefined) {
    add(M.tableClients, it.tableClients, application);
    add(M.cacheSize, it.capacity, application);
  }
  for (const [result, count] of Object.entries(pool.counters)) add(M.reportedRequests, count, application, result);
  if (pool.lastRequest !== undefined) {
    for (const status of STATUSES)
      add(M.requests, sums.get(sumKey("requests", view.name, application, status)), application, status);
    for (const reason of REASONS) {
      const key = sumKey("request_failures", view.name, application, reason);
      add(M.requestFailures, sums.get(key), application, reason);
      add(M.recentFailures, recentFailures(pool, reason, view.judgedAt ?? now), application, reason);
    }
  }
  for (const { productClass, headroom, reached, belowThresholdAt, waiting } of it.classes) {
    add(M.headroom, headroom, productClass);
    add(M.thresholdReached, reached ? 1 : 0, productClass);
    add(M.belowThreshold, seconds(belowThresholdAt), productClass);
    add(M.waitingClients, waiting, productClass);
  }
};
