import { kmsMetrics as K, type Metric } from "../licensing/telemetry/metrics.ts";
import { type Rule, type Settings, series } from "./rule.ts";

const HOST = "and on (kms_host, zone)";

/** 1 where both kinds of probe got an answer, from any prober: a host that accepts connections and serves no client is down. */
const answers = (by: string): string => `min by (${by}) (max by (${by}, probe) (${series(K.hostUp)}))`;

/** The limit of the collector's configuration, else what Microsoft allows everybody. */
const allowed = (metric: Metric, otherwise: number): string => `(max(${series(metric)}) or vector(${otherwise}))`;

const notLicensed = `max by (kms_host, zone, status) (${series(K.hostStatus, 'status=~"unlicensed|notification"')} == 1)`;
const keyLost = `(${series(K.hostKeyLost)} == 1)`;
const refusing = `max by (kms_host, zone, application) (${series(K.health, 'state="refusing"')} == 1)`;
/** A host that gave activations: it holds clients, or had enough of them once. */
const served = `(max by (kms_host, zone) (${series(K.distinctClients)}) > 0 or max by (kms_host, zone) (${series(K.thresholdReached)}) == 1)`;

/** Alerts on KMS hosts themselves: license, keys, reachability. */
export const kmsHostRules = ({ thresholds: t }: Settings): Rule[] => [
  {
    alert: "KmsHostKeyLost",
    severity: "critical",
    expr: `${keyLost} ${HOST} ${served}`,
    holds: "holds_short",
  },
  {
    alert: "KmsHostKeyLost",
    severity: "warning",
    expr: `${keyLost} unless on (kms_host, zone) ${served}`,
    holds: "holds_short",
  },
  {
    alert: "KmsHostNotLicensed",
    severity: "critical",
    expr: `(${refusing} unless on (kms_host, zone, application) ${keyLost}) or (${notLicensed} unless on (kms_host, zone) (${refusing} or ${keyLost}))`,
    holds: "holds_short",
  },
  {
    alert: "KmsHostGraceEnding",
    severity: "warning",
    expr: `max by (kms_host, zone) (${series(K.hostDeadline)}) - time() < ${t.host_grace_ending} ${HOST} (${series(K.hostStatus, 'status="licensed"')} == 0)`,
    holds: "holds_short",
    uses: ["host_grace_ending"],
  },
  {
    alert: "KmsHostDown",
    severity: "critical",
    expr: `${answers("kms_host, zone")} == 0`,
    holds: "holds_long",
  },
  {
    alert: "KmsHostUnreachable",
    severity: "warning",
    expr: `${answers("kms_host, zone, prober_zone")} == 0 ${HOST} (${answers("kms_host, zone")} == 1)`,
    holds: "holds_long",
  },
  {
    alert: "KmsKeyOverused",
    dashboard: "activation-keys",
    severity: "warning",
    expr: `${series(K.keyHosts)} > on () group_left () ${allowed(K.keyHostsAllowed, t.key_hosts)} or ${series(K.keyReactivations)} > on () group_left () ${allowed(K.keyReactivationsAllowed, t.key_reactivations)}`,
    holds: "holds_short",
    uses: ["key_hosts", "key_reactivations"],
  },
  {
    alert: "KmsClientsUncovered",
    dashboard: "activation-failures",
    severity: "warning",
    expr: `${series(K.uncoveredClients)} >= ${t.uncovered_clients}`,
    holds: "holds_short",
    uses: ["uncovered_clients"],
  },
  {
    alert: "KmsRenewalIntervalTooLong",
    severity: "info",
    expr: `${series(K.renewalInterval)} > ${t.renewal_interval_too_long}`,
    holds: "holds_long",
    uses: ["renewal_interval_too_long"],
  },
];

/** Alerts on DNS and on which KMS hosts clients use. */
export const kmsDiscoveryRules = ({ thresholds: t }: Settings): Rule[] => [
  {
    alert: "KmsDnsPublishFailed",
    severity: "warning",
    expr: `${series(K.dnsPublishFailed)} == 1`,
    holds: "holds_short",
  },
  {
    alert: "KmsSrvRecordMissing",
    severity: "warning",
    expr: `${series(K.srvPublished)} == 0`,
    holds: "holds_short",
  },
  {
    alert: "KmsUnexpectedHost",
    dashboard: "activation-failures",
    severity: "warning",
    expr: `max by (target) (${series(K.unexpectedHostClients)}) >= ${t.unexpected_host_clients} or max by (target) (${series(K.srvRecordInfo, 'state="unexpected"')}) > 0`,
    holds: "holds_short",
    uses: ["unexpected_host_clients"],
  },
  {
    alert: "KmsSingleHost",
    dashboard: "activation-planning",
    severity: "warning",
    expr: `${series(K.recommendedHosts)} > 1 and on (zone) (count by (zone) (max by (kms_host, zone) (${series(K.hostInfo)})) == 1)`,
    holds: "holds_long",
  },
];
