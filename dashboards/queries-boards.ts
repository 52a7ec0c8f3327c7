import { fleetMetrics as F, kmsMetrics as K, type Metric, recordedIncrease } from "../licensing/telemetry/metrics.ts";
import { byZone, type Scope, series } from "./queries.ts";

/** What the dashboards Deadlines, Failures, Planning, and MAK and keys ask. */
const all = (...selectors: string[]): string => selectors.filter(Boolean).join(",");
const inFleet = (metric: Metric, at: Scope, selector = ""): string =>
  `sum(${series(metric, selector ? all(at.zone, selector) : at.zone)})`;

/** Computers with a deadline within these days, by the status in which it runs. */
export const deadlinesByStatus = (days: number, at: Scope): string =>
  `sum by (status) (${series(F.deadlines, all(at.zone, `within="${days}d"`))})`;
export const deadlinesByZone = (days: number, at: Scope): string =>
  `sum by (zone) (${series(F.deadlines, all(at.zone, `within="${days}d"`))})`;
export const passedByStatus = (at: Scope): string => `sum by (status) (${series(F.deadlinesPassed, at.zone)})`;
export const overdueTotal = (at: Scope): string => inFleet(F.renewalsOverdue, at);
/** Licenses in this status; nothing while no license was read. */
export const licensesIn = (status: string, at: Scope): string =>
  `${inFleet(F.licenses, at, `status="${status}"`)} or 0 * ${inFleet(F.licenses, at)}`;
export const notified = (at: Scope): string => `sum by (cadence) (${series(F.notifiedComputers, at.zone)})`;
export const genuine = (at: Scope): string => `sum by (state) (${series(F.genuineComputers, at.zone)})`;

/** Events in the time shown, from a recorded rate; those that were none are left out. */
const inRange = (metric: Metric, by: string, selector: string): string =>
  `sum by (${by}) (avg_over_time(${series(metric, selector)}[$__range]) * $__range_s) > 0.5`;
export const failuresInRange = (at: Scope): string => inRange(F.failures, "zone, reason", at.zone);
export const hostFailuresInRange = (at: Scope): string => inRange(K.requestFailures, "kms_host, zone, reason", at.host);
export const failedLastHour = (at: Scope): string => `sum(${recordedIncrease(F.failures)}{${at.zone}})`;
/** The share of attempts of the last hour that were activated. */
export const activatedShare = (at: Scope): string => {
  const attempts = (selector = "") =>
    `sum(${recordedIncrease(F.attempts)}{${selector ? all(at.zone, selector) : at.zone}})`;
  return `${attempts('outcome="activated"')} / (${attempts()} > 0)`;
};
export const skewed = (at: Scope): string => inFleet(F.clockSkewed, at);
export const skewedByZone = (at: Scope): string => byZone(F.clockSkewed, at);
export const uncoveredTotal = (at: Scope): string => `sum(${series(K.uncoveredClients, at.host)})`;
export const unexpectedHosts = (): string => `max by (target) (${series(K.unexpectedHostClients)})`;
export const duplicatesTotal = (at: Scope): string =>
  `sum(max by (kms_host) (${series(K.duplicateMachineIds, at.host)}))`;

/** Table 1: what it asks for, and what is there. */
export const recommendedHosts = (at: Scope): string => `max by (zone) (${series(K.recommendedHosts, at.zone)})`;
export const presentHosts = (at: Scope): string =>
  `count by (zone) (max by (kms_host, zone) (${series(K.hostInfo, at.zone)})) or 0 * ${recommendedHosts(at)}`;
export const missingHosts = (at: Scope): string => `sum(clamp_min(${recommendedHosts(at)} - (${presentHosts(at)}), 0))`;
export const zoneComputers = (at: Scope): string => byZone(F.computers, at, 'state!="retired"');
/** Table 2: its total, what remains, and the rows that are not empty. */
export const worksheet = (at: Scope): string => {
  const rows = (selector: string) =>
    `sum by (zone, criterion, method) (${series(F.worksheetComputers, all(at.zone, selector))})`;
  return `${rows('criterion=~"total|remaining"')} or ${rows("")} > 0`;
};
export const worksheetRow = (criterion: string, at: Scope): string =>
  inFleet(F.worksheetComputers, at, `criterion="${criterion}"`);
export const worksheetMethod = (method: string, at: Scope): string =>
  inFleet(F.worksheetComputers, at, `method="${method}"`);
/** Counts against what each host can hold and what its classes need. */
export const hostCounts = (metric: Metric, at: Scope): string =>
  `max by (kms_host, zone, application) (${series(metric, at.host)})`;
export const waiting = (at: Scope): string => `sum(${series(K.waitingClients, at.host)})`;

/** A MAK belongs to no zone. */
export const makAsOf = (): string => `max by (partial_product_key) (${series(F.makRemainingAsOf)})`;
const makComputers = `max by (partial_product_key) (${series(F.makComputers)})`;
const makLeft = `(max by (partial_product_key) (${series(F.makRemaining)}) or max by (partial_product_key) (${series(F.makAllowance)}) - ${makComputers})`;
/** Days until nothing is left, at the pace of the last week; nothing where the number does not grow. */
export const makDaysLeft = (): string =>
  `${makLeft} / (86400 * max by (partial_product_key) (deriv(${series(F.makComputers)}[7d])) > 0.01)`;
export const makUsedShare = (): string =>
  `${makComputers} / (max by (partial_product_key) (${series(F.makAllowance)}) > 0)`;
export const keyHosts = (): string => `max by (partial_product_key) (${series(K.keyHosts)})`;
export const keyHostsAllowed = (): string =>
  `0 * ${keyHosts()} + on () group_left () max(${series(K.keyHostsAllowed)})`;
export const reactivations = (): string => `max by (partial_product_key, kms_host) (${series(K.keyReactivations)})`;
export const reactivationsAllowed = (): string =>
  `0 * ${reactivations()} + on () group_left () max(${series(K.keyReactivationsAllowed)})`;
export const licensesByChannel = (at: Scope): string => `sum by (channel) (${series(F.licenses, at.zone)})`;
export const activeChannel = (at: Scope, channel: string): string =>
  `sum by (product, status) (${series(F.licenses, all(at.zone, `channel="${channel}"`))})`;
