import { kmsMetrics as K, type Metric } from "../licensing/telemetry/metrics.ts";
import { isKnown, type Rule, type Settings, series, withKind } from "./rule.ts";

const CLASS = "and on (kms_host, zone, product_class)";
const HOST = "and on (kms_host, zone)";

/** 1 where both kinds of probe got an answer, from whichever prober: a host that takes connections and serves nobody is down. */
const answers = (by: string): string => `min by (${by}) (max by (${by}, probe) (${series(K.hostUp)}))`;

/** What the collector is configured with, else what Microsoft allows everybody. */
const allowed = (metric: Metric, otherwise: number): string => `(max(${series(metric)}) or vector(${otherwise}))`;

/** Alerts on KMS hosts. The gates (known, reached, in use) stand in the expressions themselves. */
export const kmsRules = ({ thresholds: t }: Settings): Rule[] => {
  const reached = `${CLASS} (${series(K.thresholdReached)} == 1)`;
  const known = `${HOST} ${isKnown(t)}`;
  const headroom = series(K.headroom);
  const complete = `${HOST} (min by (kms_host, zone) (${series(K.ledgerComplete, 'application!="unknown"')}) == 1)`;
  const nearFor = (selector: string, most: number) =>
    `(${series(K.headroom, selector)} >= 0 and ${series(K.headroom, selector)} <= ${most})`;
  const kms = (rule: Rule): Rule => ({ dashboard: "activation-kms", ...rule, expr: withKind(rule.expr) });
  return [
    {
      alert: "KmsCountBelowThreshold" as const,
      severity: "critical" as const,
      expr: `${headroom} < 0 ${reached} ${known}`,
      keep: true,
    },
    {
      alert: "KmsThresholdNotReached" as const,
      severity: "warning" as const,
      expr: `${headroom} < 0 ${CLASS} (${series(K.thresholdReached)} == 0) ${known}`,
      holds: "long" as const,
    },
    {
      alert: "KmsCountNearThreshold" as const,
      severity: "warning" as const,
      expr: `(${nearFor('product_class="client"', t.nearClients)} or ${nearFor('product_class!="client"', t.nearOthers)}) ${reached} ${known}`,
      holds: "short" as const,
    },
    {
      alert: "KmsCountForecastBelowThreshold" as const,
      severity: "warning" as const,
      expr: `(${series(K.belowThreshold)} - time() > 0 and ${series(K.belowThreshold)} - time() < ${t.forecastSeconds}) ${reached} ${complete} ${known}`,
    },
    {
      alert: "KmsHostUnknown" as const,
      severity: "warning" as const,
      expr: `time() - max by (kms_host, zone) (${series(K.knownUntil)}) > ${t.unknownAfterSeconds}`,
    },
    {
      alert: "KmsCountsDisagree" as const,
      severity: "info" as const,
      expr: `abs(${series(K.reportedClients)} - on (kms_host, zone, application) ${series(K.tableClients)}) > ${t.disagreeClients} and on (kms_host, zone, application) (${series(K.ledgerComplete)} == 1) ${known}`,
      holds: "long" as const,
    },
    {
      alert: "KmsTableLost" as const,
      severity: "warning" as const,
      expr: `time() - ${series(K.tableLost)} < ${t.tableLostSeconds}`,
    },
    {
      alert: "KmsUnknownProducts" as const,
      severity: "info" as const,
      expr: `${series(K.tableClients, 'application="unknown"')} > 0`,
      holds: "long" as const,
    },
    {
      alert: "KmsHostNotLicensed" as const,
      severity: "critical" as const,
      expr: `${series(K.hostStatus, 'status=~"unlicensed|notification"')} == 1`,
      holds: "short" as const,
    },
    {
      alert: "KmsHostGraceEnding" as const,
      severity: "warning" as const,
      expr: `${series(K.hostDeadline)} - time() < ${t.hostGraceSeconds} ${HOST} (${series(K.hostStatus, 'status="licensed"')} == 0)`,
    },
    {
      alert: "KmsRequestsFailing" as const,
      severity: "warning" as const,
      expr: `sum by (kms_host, zone, reason) (${series(K.recentFailures, 'reason!="count_too_low"')}) > ${t.failingRequests} ${known}`,
      holds: "short" as const,
    },
    {
      alert: "KmsNoRequests" as const,
      severity: "warning" as const,
      expr: `time() - max by (kms_host, zone) (${series(K.lastRequest)}) > ${t.noRequestsSeconds} ${known}`,
    },
    {
      alert: "KmsHostDown" as const,
      severity: "critical" as const,
      expr: `${answers("kms_host, zone")} == 0`,
      holds: "long" as const,
    },
    {
      alert: "KmsHostUnreachable" as const,
      severity: "warning" as const,
      expr: `${answers("kms_host, zone, prober_zone")} == 0 ${HOST} (${answers("kms_host, zone")} == 1)`,
      holds: "long" as const,
    },
    {
      alert: "KmsSrvRecordMissing" as const,
      severity: "warning" as const,
      expr: `${series(K.srvPublished)} == 0`,
      holds: "short" as const,
    },
    {
      alert: "KmsUnexpectedHost" as const,
      severity: "warning" as const,
      expr: `max by (target) (${series(K.unexpectedHostClients)}) > 0 or max by (target) (${series(K.srvRecordInfo, 'state="unexpected"')}) > 0`,
      holds: "short" as const,
    },
    {
      alert: "KmsSingleHost" as const,
      severity: "warning" as const,
      expr: `${series(K.recommendedHosts)} > 1 and on (zone) (count by (zone) (max by (kms_host, zone) (${series(K.hostInfo)})) == 1)`,
      holds: "long" as const,
    },
    {
      alert: "KmsDnsPublishFailed" as const,
      severity: "warning" as const,
      expr: `${series(K.dnsPublishFailed)} == 1`,
      holds: "short" as const,
    },
    {
      alert: "KmsKeyOverused" as const,
      severity: "warning" as const,
      expr: `${series(K.keyHosts)} > on () group_left () ${allowed(K.keyHostsAllowed, t.keyHosts)} or ${series(K.keyReactivations)} > on () group_left () ${allowed(K.keyReactivationsAllowed, t.keyReactivations)}`,
      holds: "short" as const,
    },
    {
      alert: "KmsClientsUncovered" as const,
      severity: "warning" as const,
      expr: `${series(K.uncoveredClients)} > 0`,
      holds: "short" as const,
    },
    {
      alert: "KmsDuplicateMachineIds" as const,
      severity: "warning" as const,
      expr: `${series(K.duplicateMachineIds)} > 0`,
      holds: "long" as const,
    },
    {
      alert: "KmsRenewalIntervalTooLong" as const,
      severity: "info" as const,
      expr: `${series(K.renewalInterval)} > ${t.renewalIntervalSeconds}`,
      holds: "long" as const,
    },
  ].map(kms);
};
