import { counter, gauge } from "./metrics.ts";

const LICENSE = "application product activation_id";

/** What an agent says of its own computer: names of their own, so that no sum counts a computer twice. */
export const localMetrics = {
  licenseStatus: gauge(
    "local_license_status",
    `${LICENSE} channel status`,
    "Status of each installed license: 1 for its state, 0 for the others.",
  ),
  licenseDeadline: gauge(
    "local_license_deadline_timestamp_seconds",
    `${LICENSE} ends`,
    "When the license's validity or grace ends, where one runs.",
  ),
  lastRenewal: gauge(
    "local_last_renewal_timestamp_seconds",
    LICENSE,
    "When this KMS client was last activated or renewed.",
  ),
  kmsHostInfo: gauge("local_kms_host_info", "application kms_host", "1 for the KMS host that this computer uses."),
  rearmsRemaining: gauge("local_rearms_remaining", "", "Rearms of Windows that are left."),
  reportedClients: gauge(
    "local_kms_reported_clients",
    "application",
    "On a KMS host: clients that it counts, as it reports them through WMI.",
  ),
  reportedRequests: counter(
    "local_kms_reported_requests_total",
    "application result",
    "On a KMS host: its own cumulative request counters.",
  ),
  reading: gauge(
    "local_reading_timestamp_seconds",
    "",
    "When the license state was last read; all figures above are as of then.",
  ),
  readingDegraded: gauge(
    "local_reading_degraded",
    "",
    "1 when WMI did not answer and a source with fewer properties was read.",
  ),
  buildInfo: gauge("local_agent_build_info", "version", "1, with the agent's version."),
  figures: gauge("local_agent_timestamp_seconds", "", "When the agent made these figures."),
  spooledRecords: gauge("local_agent_spooled_records", "", "Records on disk that are not delivered."),
  oldestUnsent: gauge("local_agent_oldest_unsent_seconds", "", "Age of the oldest record that is not delivered."),
  lastDelivery: gauge(
    "local_agent_last_delivery_timestamp_seconds",
    "",
    "When the collector last took records; absent without a collector, and before the first time.",
  ),
  droppedRecords: counter(
    "local_agent_dropped_records_total",
    "kind",
    "Records dropped: the spool was full, or the collector refuses them for good.",
  ),
  failingSources: gauge("local_agent_failing_source", "source", "1 for each source that cannot be read at present."),
} as const;

export const LOCAL_METRICS = Object.values(localMetrics);
