import type { ApiAnswer } from "../collector/api/queries.ts";
import { REFUSAL_CAUSES } from "../collector/http/refusal.ts";
import type { RefusedSender } from "../collector/http/refusal-log.ts";
import type { CollectorItem } from "../collector/summary/collector-item.ts";
import type { ComputerItem, LicenseItem } from "../collector/summary/computer-item.ts";
import type { KeysAndClocks, KmsHostDetail, TableClient } from "../collector/summary/kms/kms-host-detail.ts";
import type { KmsHostItem, Threshold } from "../collector/summary/kms/kms-host-item.ts";
import type { ProbeItem } from "../collector/summary/kms/probes.ts";
import type { Limit } from "../collector/summary/limits.ts";
import type { RecommendationItem } from "../collector/summary/recommendations.ts";
import type { ComputerTimeline } from "../collector/summary/timeline/computer-timeline.ts";
import type { KmsHostTimeline } from "../collector/summary/timeline/kms-host-timeline.ts";
import type { DiagnosisItem, TimelineItem } from "../collector/summary/timeline/timeline-item.ts";
import type { WorksheetAnswer } from "../collector/summary/worksheet.ts";
import { HEALTH_STATES } from "../licensing/kms/health.ts";
import { CHANNELS, STATUSES } from "../licensing/license.ts";
import { APPLICATIONS } from "../licensing/products.ts";
import { LABEL_VALUES } from "../licensing/telemetry/label-values.ts";

/** The meaning of every member of an object; a member without one does not compile. */
type Meanings<T> = { readonly [Member in keyof Required<T>]: string };

const listed = (values: readonly string[]): string => values.map((it) => `\`${it}\``).join(", ");
const MACHINE_ID = "client machine ID";
const CLIENT = "name that the client gave";
const LAST_REQUEST = "time of the client's newest request";

export const kmsHostItem: Meanings<KmsHostItem> = {
  kms_host: "full name of the KMS host",
  zone: "its zone",
  application: `product family: ${listed(APPLICATIONS)}`,
  health: listed(HEALTH_STATES),
  reasons: "sentences that say why, worst first",
  reported_clients: "count that the host reports through WMI",
  told_clients: "count that the host last told a client (12289)",
  distinct_clients: "client machine IDs with a valid request within 30 days",
  table_clients: "clients in the simulated table",
  cache_size: "clients that the table can hold: 10 or 50",
  effective_clients: "the count by which the host is judged",
  clients_between: "lower and upper end, if the count is known only as an interval",
  complete: "whether the host's log is known without a gap",
  known_until: "for each source (`reported`, `clients`, `ledger`) the instant until which it is known",
  last_request: "time of the newest request",
  duplicate_machine_ids: "`client_machine_id` and the names of the `computers` that share it",
  thresholds: "for each product class in use: see below",
  findings: "the reasons, then why counts differ and what else to do",
  alerts:
    "names of the alerts whose conditions hold now, by the default thresholds; Prometheus decides whether they fire",
};

export const threshold: Meanings<Threshold> = {
  required: "clients that the class needs",
  health: "health of this class",
  headroom: "effective count minus required count; absent while it is not known",
  reached: "whether the threshold was ever reached",
  below_threshold_at: "when the count falls below if no client renews",
};

export const kmsHostDetail: Meanings<Omit<KmsHostDetail, keyof KeysAndClocks>> & Meanings<KeysAndClocks> = {
  kms_host: "full name of the KMS host",
  items: "the items of `/api/v1/kms-hosts` about this host",
  table: "clients that asked last, 200 of each product family at most: see below",
  waiting:
    "clients refused because the count was too low: `client_machine_id`, `client_fqdn`, `product_class`, `last_request`",
  aliases: "other names by which clients call this host",
  keys: "KMS host keys: `application`, `partial_product_key`, `product_group`, `status`, `reactivations`",
  refused:
    "clients whose product no key activates: `client_machine_id`, `client_fqdn`, `product`, `activation_id`, `last_request`",
  clock_skewed: "clients whose clock is off: `client_machine_id`, `client_fqdn`, `minutes_off`, `last_request`",
};

export const tableClient: Meanings<TableClient> = {
  application: "product family",
  client_machine_id: MACHINE_ID,
  client_fqdn: CLIENT,
  last_request: LAST_REQUEST,
  leaves_at: "when the host forgets the client if it does not renew",
  in_table: "whether the client holds a place in the table",
};

export const computerItem: Meanings<ComputerItem> = {
  computer: "full name of the computer",
  zone: "its zone",
  os: "operating system, as its agent reports it",
  last_seen: "time of the newest fact",
  source: "`agent` where its own agent reports, else `kms`: known by other logs alone, such as a KMS host's requests",
  retired: "`true` once it is retired",
  agent_version: "version of its agent",
  deadline: "the soonest deadline of the licenses that decide",
  renewed_at: "last activation or renewal that is known",
  renewal_overdue_at: "when its renewal counts as overdue",
  rearms_left: "rearms of Windows that are left",
  asked_kms_host: "the KMS host that it asked last: `name`, `at`",
  licenses: "installed licenses: see below",
};

export const licenseItem: Meanings<LicenseItem> = {
  name: "name in WMI",
  application: "product family",
  product: "product as label of metrics",
  activation_id: "activation ID",
  channel: listed(CHANNELS),
  status: listed(STATUSES),
  reason: "HRESULT of the license status",
  deadline: "when validity or grace ends, if one runs",
  deadline_kind: "`validity` or `grace`",
  partial_product_key: "last five characters of the key",
  addon: "`true` for add-ons (Extended Security Updates), which do not decide",
  primary: "`true` for the license that decides for its application",
  kms_host: "KMS host that WMI names",
};

export const probeItem: Meanings<ProbeItem> = {
  prober: "computer whose agent probes",
  zone: "the prober's zone",
  probe: "`dns_srv`, `tcp` or `rpc`",
  target: "what was probed",
  kms_host: "the KMS host that the target is, if it is known",
  outcome: "`ok`, or why not",
  latency_ms: "time to the answer, milliseconds",
  at: "time of the result",
  since: "since when the outcome is the same",
  fresh_until: "until when the result is valid",
  records: "SRV records found: `target`, `port`, `priority`, `weight`, `resolution`",
};

export const recommendationItem: Meanings<RecommendationItem> = {
  zone: "configured zone",
  kind: "`core`, `isolated`, `lab` or `disconnected`",
  computers: "computers of the zone, without retired ones",
  recommended_hosts: "KMS hosts that the planning guide's Table 1 asks for",
  kms_hosts: "KMS hosts that are there",
  sentences: "why, and what to do",
};

type WorksheetItem = WorksheetAnswer["items"][number];
export const worksheetItem: Meanings<WorksheetItem> = {
  zone: "configured zone",
  kind: "kind of the zone",
  rows: "rows of Table 2: `row`, `criterion`, `words`, `method`, `computers`",
  finding: "what does not add up",
};

export const collectorItem: Meanings<CollectorItem> = {
  findings: "sentences: what is wrong with the collector, and what to do",
  clock_doubt: "why it doubts its own clock; absent while it does not",
  limits: "what the collector holds only so much of: see below",
};

export const limit: Meanings<Limit> = {
  limit: listed(LABEL_VALUES.limit),
  used: "how much of it there is",
  allowed: "how much there may be",
  reached: "`true` once the limit is reached: what is new is refused (`computers`), or counted without its details",
};

export const refusedSender: Meanings<RefusedSender> = {
  cause: listed(REFUSAL_CAUSES),
  address: "network address of the sender",
  requests: "refused requests",
  first: "time of the first one",
  last: "time of the newest one",
  detail: "what the sender was told the last time",
};

export const page: Meanings<ApiAnswer<"computers">> = {
  items: "the items",
  next_cursor:
    "`cursor` of the next page; `null` at the end. A page may have fewer items than `limit`, or none, before the end",
};

export const computerTimeline: Meanings<ComputerTimeline> = {
  computer: "name of the computer",
  diagnosis: "what is wrong: see below",
  items: "lines of time from both sides, the newest first, 150 at most: see below",
};

export const kmsHostTimeline: Meanings<KmsHostTimeline> = {
  kms_host: "full name of the KMS host",
  diagnosis: "what is wrong: see below",
  items:
    "its own events, its 40 newest requests, what the clients of the 10 newest logged, probes and changes of its license; the newest first, 150 at most",
};

export const diagnosisItem: Meanings<DiagnosisItem> = {
  state: "`ok`, `attention` (licensed, and something fails), `problem`, `unknown`",
  text: "one paragraph: what is wrong, since when, who has to act, what to do",
  since: "since when it is so, where that is known",
  fault: "who has to act: `client`, `network`, `dns`, `host`, `key`, `clock`, `microsoft`, `none`",
  hresult: "the code that decides",
  link: "where the code is documented",
};

export const timelineItem: Meanings<TimelineItem> = {
  at: "when it happened",
  until: "of several of a kind that follow one another, the last",
  count: "how many they are",
  source: "whose log or look it is: `computer`, `kms_host`, `prober`, `reading` (WMI)",
  observer: "name of that computer",
  event: "of an event its name, see events.md",
  event_id: "and its number",
  change: "of a change what changed: `status`, `channel`, or the result of a `probe`",
  outcome: "`success`, `failure`, `info`",
  hresult: "code of a failure",
  meaning: "what it means, in a sentence or two",
  peer: "the KMS host that was asked, the client that asked, or a DNS domain",
  product: "name of the product",
  kms_count: "count that the KMS host told",
  required_count: "count that the product needs",
  status: listed(STATUSES),
  deadline: "end of a grace or validity period, as event 8230 tells it",
  details: "result of a probe, or the ways of activation before and after",
};
