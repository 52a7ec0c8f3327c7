import type { HeartbeatFact, LicensingFact } from "../../licensing/facts.ts";
import { kmsReadingOf } from "../../licensing/kms/reading.ts";
import { type License, licensesOf, numberOf, renewedAt, STATUSES } from "../../licensing/license.ts";
import type { Sample } from "../../licensing/telemetry/exposition.ts";
import type { Metric } from "../../licensing/telemetry/metrics.ts";
import { localMetrics as M } from "../../licensing/telemetry/metrics-self.ts";
import { type Instant, SECOND } from "../../licensing/time.ts";

const sample = (metric: Metric, value: number, ...labels: string[]): Sample => ({ metric, labels, value });

/** One reading of license state as samples, by the same rules by which the collector judges it. */
export const readingSamples = (fact: LicensingFact, at: Instant): Sample[] => {
  const rearms = numberOf(fact.service?.RemainingWindowsReArmCount);
  return [
    ...distinct(licensesOf(fact, at)).flatMap(licenseSamples),
    ...hostsInUse(licensesOf(fact, at)),
    ...(rearms === undefined ? [] : [sample(M.rearmsRemaining, rearms)]),
    ...kmsHostSamples(fact),
    sample(M.reading, at / SECOND),
    sample(M.readingDegraded, fact.degraded ? 1 : 0),
  ];
};

/** WMI names each license once; whatever it does, no series may appear twice. */
const distinct = (licenses: readonly License[]): License[] => [
  ...new Map(licenses.map((it) => [it.activationId, it])).values(),
];

const licenseSamples = (it: License): Sample[] => {
  const labels = [it.application, it.name, it.activationId];
  const renewed = renewedAt(it);
  return [
    ...STATUSES.map((status) => sample(M.licenseStatus, it.status === status ? 1 : 0, ...labels, it.channel, status)),
    ...(it.deadline === undefined
      ? []
      : [sample(M.licenseDeadline, it.deadline / SECOND, ...labels, it.deadlineKind ?? "validity")]),
    ...(renewed === undefined ? [] : [sample(M.lastRenewal, renewed / SECOND, ...labels)]),
  ];
};

const hostsInUse = (licenses: readonly License[]): Sample[] => {
  const hosts = new Map(
    licenses.flatMap(({ application, kmsHost }) =>
      kmsHost === undefined ? [] : [[`${application} ${kmsHost}`, [application, kmsHost]]],
    ),
  );
  return [...hosts.values()].map((labels) => sample(M.kmsHostInfo, 1, ...labels));
};

const kmsHostSamples = (fact: LicensingFact): Sample[] =>
  Object.entries(kmsReadingOf(fact)?.pools ?? {}).flatMap(([application, { count, counters }]) => [
    sample(M.reportedClients, count, application),
    ...Object.entries(counters).map(([result, it]) => sample(M.reportedRequests, it, application, result)),
  ]);

/** How the agent itself fares, as its heartbeat says it. */
export const agentSamples = (
  { spooledRecords, oldestUnsentSeconds, droppedRecords, failingSources }: HeartbeatFact,
  { version, now, deliveredAt }: { version: string; now: Instant; deliveredAt: Instant | undefined },
): Sample[] => [
  sample(M.buildInfo, 1, version),
  sample(M.figures, now / SECOND),
  sample(M.spooledRecords, spooledRecords),
  sample(M.oldestUnsent, oldestUnsentSeconds),
  ...(deliveredAt === undefined ? [] : [sample(M.lastDelivery, deliveredAt / SECOND)]),
  ...Object.entries(droppedRecords).map(([kind, it]) => sample(M.droppedRecords, it, kind)),
  ...Object.keys(failingSources).map((it) => sample(M.failingSources, 1, it)),
];
