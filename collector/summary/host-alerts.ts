import { knownUntil } from "../../licensing/kms/coverage.ts";
import { HEALTH, type HealthState } from "../../licensing/kms/health.ts";
import { servingKeys } from "../../licensing/kms/host-license.ts";
import { deadlineOf } from "../../licensing/license.ts";
import { REASONS } from "../../licensing/reasons.ts";
import { type Instant, MINUTE } from "../../licensing/time.ts";
import { recentFailures, renewalMinutes } from "../state/kms/host.ts";
import type { ApplicationSummary, HostSummary, KmsSettings } from "./kms/kms-hosts.ts";
import { loggedPublications } from "./kms/probes.ts";

/** Alerts of KMS hosts whose conditions the collector can judge by itself, in the order in which they matter. */
export const HOST_ALERTS = [
  "KmsHostKeyLost",
  "KmsHostNotLicensed",
  "KmsHostDown",
  "KmsCountBelowThreshold",
  "KmsHostUnknown",
  "KmsHostUnreachable",
  "KmsHostGraceEnding",
  "KmsCountForecastBelowThreshold",
  "KmsCountNearThreshold",
  "KmsThresholdNotReached",
  "KmsTableLost",
  "KmsRequestsFailing",
  "KmsNoRequests",
  "KmsClientsUncovered",
  "KmsDuplicateMachineIds",
  "KmsDnsPublishFailed",
  "KmsKeyOverused",
  "KmsUnexpectedHost",
  "KmsCountsDisagree",
  "KmsUnknownProducts",
  "KmsRenewalIntervalTooLong",
] as const;
export type HostAlert = (typeof HOST_ALERTS)[number];

/**
 * The alerts whose conditions hold for one product family of a KMS host now, by the default thresholds. Prometheus decides
 * whether they fire: it knows how long they have held, and changed thresholds.
 */
export const hostAlerts = (
  host: HostSummary,
  it: ApplicationSummary,
  settings: Pick<KmsSettings, "keyReactivationsAllowed">,
  now: Instant,
): HostAlert[] => {
  if (it.health.state === "maintenance") return [];
  const found: Readonly<Record<HostAlert, boolean>> = {
    ...ofHealth(host, it, now),
    ...ofCount(host, it, now),
    ...ofHost(host, it, settings),
  };
  return HOST_ALERTS.filter((alert) => found[alert] && !(found.KmsHostUnknown && ONLY_WHEN_KNOWN.has(alert)));
};

/** Of a host that is silent they are old news. */
const ONLY_WHEN_KNOWN: ReadonlySet<HostAlert> = new Set(["KmsCountsDisagree", "KmsRequestsFailing", "KmsNoRequests"]);

const ofHealth = (host: HostSummary, { health, pool, application }: ApplicationSummary, now: Instant) => {
  const keyLost = pool ? pool.keyLost : host.host.reading?.isKmsHost === false;
  const has = (state: HealthState) => health.reasons.some((it) => it.state === state);
  const known = [knownUntil(host.host.coverage), host.host.reading?.at, ...host.pools.map((it) => it.told?.at)];
  return {
    KmsHostKeyLost: keyLost,
    KmsHostNotLicensed: !keyLost && has("refusing"),
    KmsHostDown: has("down") && isUnreachableFromEverywhere(host),
    KmsHostUnknown: now - Math.max(0, ...known.filter((at) => at !== undefined)) > HEALTH.unknownAfter,
    KmsHostUnreachable: !has("down") && isUnreachableFromSomewhere(host),
    KmsHostGraceEnding: ownDeadlines(host).some((at) => at - now < HEALTH.hostGraceEnding),
    KmsCountBelowThreshold: has("below"),
    KmsThresholdNotReached: has("not_reached"),
    KmsCountNearThreshold: has("near"),
    KmsCountForecastBelowThreshold: health.reasons.some(
      (one) => one.state === "falling" && one.productClass !== undefined,
    ),
    KmsUnknownProducts: application === "unknown" && (pool?.tableClients ?? 0) > 0,
  };
};

/**
 * Whether one kind of probe gets no answer anywhere. A host whose service did not start by its own log is down, too; the
 * alert rule reads probes only.
 */
const isUnreachableFromEverywhere = ({ looks }: HostSummary): boolean =>
  [...Map.groupBy(looks, (it) => it.result.probe).values()].some((all) =>
    all.every((it) => it.result.outcome !== "ok"),
  );

/** No prober of some zone gets an answer, and another one does. */
const isUnreachableFromSomewhere = ({ looks }: HostSummary): boolean =>
  [...Map.groupBy(looks, (it) => `${it.proberZone} ${it.result.probe}`).values()].some((all) =>
    all.every((it) => it.result.outcome !== "ok"),
  );

/** When the grace of the keys by which the host serves ends. */
const ownDeadlines = ({ host: { reading } }: HostSummary): Instant[] =>
  servingKeys(reading?.keys ?? []).flatMap(({ status, minutesLeft }) => {
    const { deadline } = status && status !== "licensed" ? deadlineOf(status, minutesLeft, reading!.at) : {};
    return deadline === undefined ? [] : [deadline];
  });

const ofCount = (host: HostSummary, { pool }: ApplicationSummary, now: Instant) => {
  const { lostAt } = pool?.pool.simulation ?? {};
  const reported = pool && !pool.keyLost ? pool.pool.reported?.count : undefined;
  const failures = pool
    ? REASONS.filter((it) => it !== "count_too_low").map((it) => recentFailures(pool.pool, it, host.judgedAt ?? now))
    : [];
  const renewal = renewalMinutes(host.host);
  const interval = renewal === undefined ? HEALTH.renewalAssumed : renewal * MINUTE;
  const lastRequest = Math.max(0, ...host.pools.map((it) => it.pool.lastRequest ?? 0));
  return {
    KmsTableLost: lostAt !== undefined && now - lostAt < HEALTH.tableLostShown,
    KmsCountsDisagree:
      pool?.complete === true &&
      reported !== undefined &&
      Math.abs(reported - pool.tableClients) > HEALTH.countsDisagree,
    KmsRequestsFailing: failures.some((it) => it > HEALTH.failingRequests),
    KmsNoRequests: lastRequest > 0 && now - lastRequest > interval + HEALTH.noRequestsMargin,
    KmsRenewalIntervalTooLong: renewal !== undefined && interval > HEALTH.renewalTooLong,
  };
};

const ofHost = (
  host: HostSummary,
  { application }: ApplicationSummary,
  { keyReactivationsAllowed: allowed }: Pick<KmsSettings, "keyReactivationsAllowed">,
) => {
  const { duplicates, distinct, asked, keys, isUnexpected } = host;
  const clients = Object.values(distinct).reduce((sum, it) => sum + it, 0);
  return {
    KmsDuplicateMachineIds: duplicates.length > HEALTH.duplicateIdsShare * clients,
    KmsClientsUncovered: asked.some((it) => it.application === application && it.uncovered > 0),
    KmsDnsPublishFailed: loggedPublications(host.host).some(([, published]) => !published),
    KmsKeyOverused: keys.some(({ key, use }) => key.application === application && (use?.reactivations ?? 0) > allowed),
    KmsUnexpectedHost: isUnexpected,
  };
};
