import { kmsMetrics as K } from "../licensing/telemetry/metrics.ts";
import { isKnown, type Rule, type Settings, series } from "./rule.ts";

const CLASS = "and on (kms_host, zone, product_class)";
const POOL = "and on (kms_host, zone, application)";
const HOST = "and on (kms_host, zone)";

/** Alerts on what KMS hosts count. The gates (known, reached, complete) are in the expressions themselves. */
export const kmsCountRules = ({ thresholds: t }: Settings): Rule[] => {
  const headroom = series(K.headroom);
  const reached = `${CLASS} (${series(K.thresholdReached)} == 1)`;
  const known = `${HOST} ${isKnown(t)}`;
  const complete = `${HOST} (min by (kms_host, zone) (${series(K.ledgerComplete, 'application!="unknown"')}) == 1)`;
  const near = (selector: string, most: number) => `(${series(K.headroom, selector)} >= 0 <= ${most})`;
  const fall = `(${series(K.belowThreshold)} - time())`;
  const distinct = `sum by (kms_host, zone) (${series(K.distinctClients)})`;
  return [
    {
      alert: "KmsCountBelowThreshold",
      severity: "critical",
      expr: `${headroom} < 0 ${reached} ${known}`,
      keep: true,
      uses: ["host_unknown_after", "keeps_firing"],
    },
    {
      alert: "KmsThresholdNotReached",
      severity: "warning",
      expr: `${headroom} < 0 ${CLASS} (${series(K.thresholdReached)} == 0) ${known}`,
      holds: "holds_long",
      uses: ["host_unknown_after"],
    },
    {
      alert: "KmsCountNearThreshold",
      severity: "warning",
      expr: `(${near('product_class="client"', t.near_clients)} or ${near('product_class!="client"', t.near_servers_and_office)}) ${reached} ${known}`,
      holds: "holds_short",
      uses: ["near_clients", "near_servers_and_office", "host_unknown_after"],
    },
    {
      alert: "KmsCountForecastBelowThreshold",
      severity: "warning",
      expr: `(${fall} > 0 < ${t.forecast}) ${reached} ${complete} ${known}`,
      uses: ["forecast", "host_unknown_after"],
    },
    {
      alert: "KmsHostUnknown",
      severity: "warning",
      expr: `time() - max by (kms_host, zone) (${series(K.knownUntil)}) > ${t.host_unknown_after}`,
      holds: "holds_host_unknown",
      uses: ["host_unknown_after"],
    },
    {
      alert: "KmsCountsDisagree",
      severity: "info",
      expr: `abs(${series(K.reportedClients)} - on (kms_host, zone, application) ${series(K.tableClients)}) > ${t.counts_disagree} ${POOL} (${series(K.ledgerComplete)} == 1) ${known}`,
      holds: "holds_long",
      uses: ["counts_disagree", "host_unknown_after"],
    },
    {
      alert: "KmsTableLost",
      severity: "warning",
      expr: `time() - ${series(K.tableLost)} < ${t.table_lost_shown}`,
      uses: ["table_lost_shown"],
    },
    {
      alert: "KmsUnknownProducts",
      severity: "info",
      expr: `${series(K.tableClients, 'application="unknown"')} >= ${t.unknown_product_clients}`,
      holds: "holds_long",
      uses: ["unknown_product_clients"],
    },
    {
      alert: "KmsRequestsFailing",
      dashboard: "activation-failures",
      severity: "warning",
      expr: `sum by (kms_host, zone, reason) (${series(K.recentFailures, 'reason!="count_too_low"')}) > ${t.failing_requests} ${known}`,
      holds: "holds_short",
      uses: ["failing_requests", "host_unknown_after"],
    },
    {
      alert: "KmsNoRequests",
      severity: "warning",
      expr: `${noRequests(t.renewal_interval_assumed, t.no_requests_margin)} ${known}`,
      holds: "holds_short",
      uses: ["renewal_interval_assumed", "no_requests_margin", "host_unknown_after"],
    },
    {
      alert: "KmsDuplicateMachineIds",
      severity: "warning",
      expr: `${series(K.duplicateMachineIds)} > on (kms_host, zone) (${t.duplicate_ids_share} * ${distinct}) or ${series(K.duplicateMachineIds)} > 0 unless on (kms_host, zone) ${distinct}`,
      holds: "holds_long",
      uses: ["duplicate_ids_share"],
    },
  ];
};

/** Longer than the interval by which this host tells its clients to renew (7 days where it is not known), and a margin. */
const noRequests = (assumedInterval: number, margin: number): string => {
  const last = `max by (kms_host, zone) (${series(K.lastRequest)})`;
  const interval = `(max by (kms_host, zone) (${series(K.renewalInterval)}) or 0 * ${last} + ${assumedInterval})`;
  return `(time() - ${last} > on (kms_host, zone) (${interval} + ${margin}))`;
};
