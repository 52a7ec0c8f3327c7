import { knownUntil } from "../../licensing/kms/coverage.ts";
import { HEALTH_STATES } from "../../licensing/kms/health.ts";
import { servingKeys, worstStatus } from "../../licensing/kms/host-license.ts";
import { PRODUCT_CLASSES, REQUIRED } from "../../licensing/kms/rules.ts";
import { deadlineOf, STATUSES } from "../../licensing/license.ts";
import { APPLICATIONS, type Application } from "../../licensing/products.ts";
import { REASONS } from "../../licensing/reasons.ts";
import type { Sample } from "../../licensing/telemetry/exposition.ts";
import { kmsMetrics as M, type Metric } from "../../licensing/telemetry/metrics.ts";
import { type Instant, MINUTE } from "../../licensing/time.ts";
import { recentFailures, renewalMinutes } from "../state/kms/host.ts";
import type { KmsHostState } from "../state/kms/host-state.ts";
import { hostsByKey, type KeyView } from "../state/kms/keys.ts";
import { cleanLabel, type Sums, sumKey } from "../store/sums.ts";
import type { PoolView } from "../summary/kms/kms-host.ts";
import type { ApplicationSummary, HostSummary, KmsSettings } from "../summary/kms/kms-hosts.ts";
import { loggedPublications } from "../summary/kms/probes.ts";

export const kmsSamples = (
  hosts: readonly HostSummary[],
  sums: Sums,
  settings: KmsSettings,
  now: Instant,
): Sample[] => {
  const samples: Sample[] = [];
  for (const it of PRODUCT_CLASSES) samples.push({ metric: M.requiredClients, labels: [it], value: REQUIRED[it] });
  samples.push({ metric: M.keyHostsAllowed, labels: [], value: settings.keyHostsAllowed });
  samples.push({ metric: M.keyReactivationsAllowed, labels: [], value: settings.keyReactivationsAllowed });
  for (const [key, count] of hostsByKey(hosts)) samples.push({ metric: M.keyHosts, labels: [key], value: count });
  for (const host of hosts) {
    const add = (metric: Metric, value: number | undefined, ...labels: string[]): void => {
      if (value !== undefined) samples.push({ metric, labels: [host.name, host.zone, ...labels], value });
    };
    hostSamples(host, add);
    for (const it of host.applications) healthSamples(it, host.host, add);
    samples.push(...keySamples(host.keys, host.name, host.zone));
    for (const it of host.asked) add(M.uncoveredClients, it.uncovered, it.product);
    for (const pool of host.pools) {
      poolSamples(host, pool, sums, now, add);
      add(M.distinctClients, host.distinct[pool.application], pool.application);
    }
    for (const it of APPLICATIONS)
      if (!host.pools.some(({ application, pool }) => application === it && pool.lastRequest !== undefined))
        formerRequestSamples(host.name, it, sums, add);
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

const requestSums = (host: string, application: Application, sums: Sums) => [
  ...STATUSES.map((label) => ({
    metric: M.requests,
    label,
    sum: sums.get(sumKey("requests", host, application, label)),
  })),
  ...REASONS.map((label) => ({
    metric: M.requestFailures,
    label,
    sum: sums.get(sumKey("request_failures", host, application, label)),
  })),
];

/** Counters do not end where the requests of unknown products turned out to be those of another pool. */
const formerRequestSamples = (host: string, application: Application, sums: Sums, add: Add): void => {
  for (const { metric, sum, label } of requestSums(host, application, sums))
    if (sum > 0) add(metric, sum, application, label);
};

type Add = (metric: Metric, value: number | undefined, ...labels: string[]) => void;
const seconds = (at: Instant | undefined): number | undefined => (at === undefined ? undefined : at / 1_000);

const hostSamples = ({ host, pools, duplicates }: HostSummary, add: Add): void => {
  const told = pools.map((it) => it.told?.at).filter((it) => it !== undefined);
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
  for (const [domain, published] of loggedPublications(host)) add(M.dnsPublishFailed, published ? 0 : 1, domain);
  licenseSamples(host, add);
};

/** The worst license and the soonest deadline of the keys by which the host serves: the series name no key. */
const licenseSamples = ({ reading }: KmsHostState, add: Add): void => {
  const status = worstStatus(reading?.keys ?? []);
  if (status) for (const it of STATUSES) add(M.hostStatus, it === status ? 1 : 0, it);
  const deadlines = servingKeys(reading?.keys ?? []).flatMap((it) => {
    const { deadline } = it.status ? deadlineOf(it.status, it.minutesLeft, reading!.at) : {};
    return deadline === undefined ? [] : [deadline];
  });
  if (deadlines.length > 0) add(M.hostDeadline, seconds(Math.min(...deadlines)));
};

const healthSamples = (
  { application, health, pool }: ApplicationSummary,
  { reading }: KmsHostState,
  add: Add,
): void => {
  for (const it of HEALTH_STATES) add(M.health, it === health.state ? 1 : 0, application, it);
  if (reading) add(M.hostKeyLost, (pool ? pool.keyLost : reading.isKmsHost === false) ? 1 : 0, application);
};

const poolSamples = (view: HostSummary, it: PoolView, sums: Sums, now: Instant, add: Add): void => {
  const { application, pool } = it;
  add(M.reportedClients, it.keyLost ? undefined : pool.reported?.count, application);
  add(M.toldClients, it.told?.count, application);
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
    for (const it of requestSums(view.name, application, sums)) add(it.metric, it.sum, application, it.label);
    for (const reason of REASONS)
      add(M.recentFailures, recentFailures(pool, reason, view.judgedAt ?? now), application, reason);
  }
  for (const { productClass, headroom, reached, belowThresholdAt, waiting } of it.classes) {
    add(M.headroom, headroom, productClass);
    add(M.thresholdReached, reached ? 1 : 0, productClass);
    add(M.belowThreshold, seconds(belowThresholdAt), productClass);
    add(M.waitingClients, waiting, productClass);
  }
};
