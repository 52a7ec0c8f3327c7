/**
 * The catalogue of every metric that the collector serves: the one place where a metric's name, type and labels are
 * written. Exposition, alerts and dashboards take them from here, so a misspelt name does not compile.
 */
export type MetricType = "gauge" | "counter" | "histogram";

export interface Metric {
  readonly name: string;
  readonly type: MetricType;
  readonly labels: readonly string[];
  readonly help: string;
}

/** `name` without the prefix that all share, `labels` separated by spaces. */
export const gauge = (name: string, labels: string, help: string): Metric => metric("gauge", name, labels, help);
/** As `gauge`; its name ends in `_total`. */
export const counter = (name: string, labels: string, help: string): Metric => metric("counter", name, labels, help);
const metric = (type: MetricType, name: string, labels: string, help: string): Metric => ({
  name: `activation_${name}`,
  type,
  labels: labels.split(" ").filter(Boolean),
  help,
});

const POOL = "kms_host zone application";
const CLASS = "kms_host zone product_class";

export const kmsMetrics = {
  reportedClients: gauge(
    "kms_reported_clients",
    POOL,
    "Clients that the KMS host itself counts, as it reports them through WMI.",
  ),
  toldClients: gauge("kms_told_clients", POOL, "Count that the KMS host last told one of its clients (event 12289)."),
  tableClients: gauge(
    "kms_table_clients",
    POOL,
    "Clients in the KMS host's table, computed from its requests (12290) with its size limit.",
  ),
  distinctClients: gauge(
    "kms_distinct_clients",
    POOL,
    "Distinct client machine IDs with a valid request in 30 days, without the table's limit.",
  ),
  effectiveClients: gauge(
    "kms_effective_clients",
    POOL,
    "The count to judge by: reported while fresh, else computed while complete.",
  ),
  knownUntil: gauge(
    "kms_known_until_timestamp_seconds",
    "kms_host zone source",
    "Until when the counts of this KMS host are known, by source.",
  ),
  cacheSize: gauge("kms_cache_size", POOL, "Entries that the KMS host's table can hold: twice the highest need seen."),
  requiredClients: gauge(
    "kms_required_clients",
    "product_class",
    "Clients that a KMS host must count before it activates this class.",
  ),
  headroom: gauge("kms_headroom", CLASS, "Effective count minus required count, for the product classes in use."),
  thresholdReached: gauge(
    "kms_threshold_reached",
    CLASS,
    "1 once the count has reached what the class requires, 0 before.",
  ),
  belowThreshold: gauge(
    "kms_below_threshold_timestamp_seconds",
    CLASS,
    "When the count falls below what the class requires if no client renews.",
  ),
  waitingClients: gauge(
    "kms_waiting_clients",
    CLASS,
    "Clients refused because the count was too low, and not activated since.",
  ),
  requests: counter(
    "kms_requests_total",
    `${POOL} status`,
    "Requests handled by the KMS host, by the client's license status before.",
  ),
  requestFailures: counter(
    "kms_request_failures_total",
    `${POOL} reason`,
    "Requests that the KMS host answered with an error, by cause.",
  ),
  reportedRequests: counter(
    "kms_reported_requests_total",
    `${POOL} result`,
    "The KMS host's own cumulative request counters.",
  ),
  lastRequest: gauge("kms_last_request_timestamp_seconds", POOL, "When the KMS host last handled a request."),
  duplicateMachineIds: gauge(
    "kms_duplicate_machine_ids",
    "kms_host zone",
    "Client machine IDs that several computers use in turn (cloned without sysprep).",
  ),
  hostStatus: gauge(
    "kms_host_status",
    "kms_host zone status",
    "License status of the KMS host itself, the worst of its host keys: 1 for its state, 0 for the others.",
  ),
  health: gauge(
    "kms_health",
    `${POOL} state`,
    "Health of the KMS host for this application: 1 for its state, 0 for the others.",
  ),
  hostKeyLost: gauge(
    "kms_host_key_lost",
    POOL,
    "1 when the newest reading of the KMS host says that it is no KMS host any more for this application, 0 otherwise.",
  ),
  hostDeadline: gauge(
    "kms_host_deadline_timestamp_seconds",
    "kms_host zone",
    "End of the KMS host's own grace, where one runs.",
  ),
  hostInfo: gauge("kms_host_info", "kms_host zone os port", "1 for each KMS host, with its system and port."),
  hostKeyInfo: gauge(
    "kms_host_key_info",
    `${POOL} product_group partial_product_key`,
    "1 for each KMS host key installed.",
  ),
  ledgerComplete: gauge(
    "kms_ledger_complete",
    POOL,
    "1 while the KMS host's log of the last 30 days was read without a gap.",
  ),
  tableLost: gauge("kms_table_lost_timestamp_seconds", POOL, "When the KMS host last lost its table of clients."),
  recentFailures: gauge(
    "kms_recent_failures",
    `${POOL} reason`,
    "Failed requests in the last hour of the KMS host's log.",
  ),
  dnsPublishFailed: gauge(
    "kms_dns_publish_failed",
    "kms_host zone domain",
    "1 while the last attempt to publish the KMS host in this DNS domain failed.",
  ),
  srvPublished: gauge(
    "kms_srv_published",
    "kms_host zone domain",
    "1 while the KMS host's SRV record was published or seen in this DNS domain.",
  ),
  renewalInterval: gauge(
    "kms_renewal_interval_seconds",
    "kms_host zone",
    "Renewal interval that the KMS host tells its clients.",
  ),
  recommendedHosts: gauge("kms_recommended_hosts", "zone", "KMS hosts that the planning guide's Table 1 asks for."),
  unexpectedHostClients: gauge(
    "kms_unexpected_host_clients",
    "target",
    "Clients that used a KMS host which is not expected.",
  ),
  hostUp: gauge("kms_host_up", "kms_host zone probe prober_zone", "1 when the KMS host answered this probe."),
  srvRecordInfo: gauge(
    "kms_srv_record_info",
    "domain target port priority weight state",
    "1 for each SRV record of _vlmcs._tcp found.",
  ),
  uncoveredClients: gauge(
    "kms_uncovered_clients",
    "kms_host zone product",
    "Clients that asked within 30 days for an edition that the KMS host's keys cannot activate.",
  ),
  keyHosts: gauge("kms_key_hosts", "partial_product_key", "KMS hosts that use this host key."),
  keyHostsAllowed: gauge("kms_key_hosts_allowed", "", "KMS hosts that may use one host key."),
  keyReactivations: gauge(
    "kms_key_reactivations",
    "partial_product_key kms_host",
    "Reactivations of this KMS host on its key that were seen.",
  ),
  keyReactivationsAllowed: gauge(
    "kms_key_reactivations_allowed",
    "",
    "Reactivations that one KMS host has on its key after the first activation.",
  ),
} as const;

export const fleetMetrics = {
  zoneInfo: gauge("zone_info", "zone kind", "1 for each configured zone, with its kind."),
  licenses: gauge("licenses", "zone product channel status", "Installed licenses."),
  computers: gauge(
    "computers",
    "zone state source",
    "Computers by whether they report. Source `kms`: known by others' logs alone, such as a KMS host's requests.",
  ),
  deadlines: gauge(
    "deadlines",
    "zone status within source",
    "Computers whose license deadline lies ahead, within the time (cumulative).",
  ),
  deadlinesPassed: gauge("deadlines_passed", "zone status", "Computers past their last known license deadline."),
  computerDeadline: gauge(
    "computer_deadline_timestamp_seconds",
    "computer zone product status",
    "The soonest license deadlines of the fleet.",
  ),
  renewalsOverdue: gauge(
    "renewals_overdue",
    "zone",
    "KMS clients without a renewal for more than two intervals and a day.",
  ),
  notifiedComputers: gauge(
    "notified_computers",
    "zone cadence",
    "Computers whose users see activation notifications, by how often.",
  ),
  attempts: counter("attempts_total", "zone outcome", "Activation attempts of computers, whichever way they go."),
  channelAttempts: counter(
    "channel_attempts_total",
    "zone channel outcome",
    "Those of activation_attempts_total that go to Active Directory, a Hyper-V host (AVMA) or a token.",
  ),
  failures: counter("failures_total", "zone reason", "Failed activation attempts by cause."),
  clockSkewed: gauge("clock_skewed_computers", "zone", "Computers whose clock is more than an hour off."),
  licenseChanges: counter("license_changes_total", "zone change", "Changes of license state that were seen."),
  genuineComputers: gauge("genuine_computers", "zone state", "Computers by genuine state."),
  rearmComputers: gauge("rearm_computers", "zone remaining", "Computers by the rearms they have left."),
  makComputers: gauge("mak_computers", "partial_product_key", "Computers licensed by this MAK."),
  makAllowance: gauge("mak_allowance", "partial_product_key", "Activations bought with this MAK."),
  makRemaining: gauge("mak_remaining", "partial_product_key", "Activations left on this MAK, as last imported."),
  makRemainingAsOf: gauge(
    "mak_remaining_as_of_timestamp_seconds",
    "partial_product_key",
    "When the remaining activations were read.",
  ),
  worksheetComputers: gauge(
    "worksheet_computers",
    "zone criterion method",
    "The planning guide's Table 2, filled from live data.",
  ),
} as const;

export const pipelineMetrics = {
  buildInfo: gauge("collector_build_info", "version", "1, with the collector's version."),
  ready: gauge("collector_ready", "", "1 when the figures are exact."),
  records: counter("collector_records_total", "kind outcome", "Records received, by kind and what became of them."),
  timeCorrections: counter(
    "collector_time_corrections_total",
    "",
    "Event times that lay in the future and were set to their receipt.",
  ),
  clockSuspect: gauge(
    "collector_clock_suspect",
    "",
    "1 while the collector's own clock is doubted: nothing is deleted by it, and requests may be refused.",
  ),
  limitReached: gauge(
    "collector_limit_reached",
    "limit",
    "1 while the collector holds as much of something as it may: what is new is refused, or counted without its details.",
  ),
  storeBytes: gauge("collector_store_bytes", "", "Size of the collector's database."),
  storeErrors: counter("collector_store_errors_total", "", "Transactions that the database refused."),
  collectorComputers: gauge("collector_computers", "", "Computers that the collector knows."),
  spooledRecords: gauge("agent_spooled_records", "zone", "Records that agents hold on disk and have not delivered."),
  oldestUnsent: gauge(
    "agent_oldest_unsent_seconds",
    "zone",
    "Age of the oldest record that an agent has not delivered.",
  ),
  droppedRecords: counter(
    "agent_dropped_records_total",
    "zone kind",
    "Records that agents dropped: their spool was full, or the collector refuses them for good.",
  ),
  eventGaps: counter(
    "agent_event_gaps_total",
    "zone",
    "Places where agents found their event log overwritten or cleared.",
  ),
  failingSources: gauge("agent_failing_sources", "zone source", "Sources that agents cannot read at present."),
} as const;

/** Of one collector's process, unlike the fleet's figures above: they differ between replicas and are never recorded. */
export const processMetrics = {
  requests: counter("collector_requests_total", "code", "OTLP requests by status code."),
  refusedRequests: counter(
    "collector_refused_requests_total",
    "cause",
    "Requests that were refused, to OTLP, pages and API, by cause.",
  ),
  requestDuration: metric(
    "histogram",
    "collector_request_duration_seconds",
    "",
    "Time from an OTLP request's arrival to its answer.",
  ),
  commitDuration: metric(
    "histogram",
    "collector_commit_duration_seconds",
    "",
    "Time to interpret and commit what one transaction took.",
  ),
} as const;

/** In the order in which they are served. */
export const METRICS: readonly Metric[] = [
  ...Object.values(kmsMetrics),
  ...Object.values(fleetMetrics),
  ...Object.values(pipelineMetrics),
];

export const WITHIN_DAYS = [1, 3, 7, 14, 30, 45, 60, 90] as const;

/**
 * The recorded series that rules and panels read. Several collectors on one database expose the same fleet figures; the
 * recording rules collapse these replicas: the maximum of gauges, and of counters the maximum of the rates (never the rate
 * of a maximum, which would jump whenever a collector restarts).
 */
export const recordedName = ({ name, type }: Metric): string =>
  type === "counter" ? `fleet:${name.replace(/_total$/, "")}:rate5m` : `fleet:${name}:max`;

/** The recorded increase of a counter over the window of the alerts (an hour unless set otherwise). */
export const recordedIncrease = ({ name }: Metric): string => `fleet:${name.replace(/_total$/, "")}:increase`;
