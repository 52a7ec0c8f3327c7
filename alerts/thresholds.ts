import { HEALTH } from "../licensing/kms/health.ts";
import { KEY_HOSTS_ALLOWED, KEY_REACTIVATIONS_ALLOWED } from "../licensing/kms/key-use.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../licensing/time.ts";

/**
 * What a threshold is measured in. Durations are written with a unit (`14d`) and kept in seconds, as PromQL compares them;
 * shares are written as `0.05` or `5%`.
 */
export type Unit =
  | "clients"
  | "computers"
  | "records"
  | "requests"
  | "hosts"
  | "times"
  | "share"
  | "duration"
  | "within";

const seconds = (ms: number): number => ms / SECOND;
const threshold = <V extends number | string>(unit: Unit, value: V): { readonly unit: Unit; readonly value: V } => ({
  unit,
  value,
});

/**
 * Every number that decides whether an alert fires. `alerts build --thresholds FILE` changes them by these names. The reason
 * for each number is in `locales/thresholds-en.ts`, from which the runbook takes it.
 */
export const THRESHOLD_TABLE = {
  near_clients: threshold("clients", HEALTH.nearClients),
  near_servers_and_office: threshold("clients", HEALTH.nearOthers),
  forecast: threshold("duration", seconds(HEALTH.forecast)),
  host_unknown_after: threshold("duration", seconds(HEALTH.unknownAfter)),
  no_requests_margin: threshold("duration", seconds(HEALTH.noRequestsMargin)),
  renewal_interval_assumed: threshold("duration", seconds(HEALTH.renewalAssumed)),
  renewal_interval_too_long: threshold("duration", seconds(HEALTH.renewalTooLong)),
  counts_disagree: threshold("clients", HEALTH.countsDisagree),
  table_lost_shown: threshold("duration", seconds(HEALTH.tableLostShown)),
  failing_requests: threshold("requests", HEALTH.failingRequests),
  host_grace_ending: threshold("duration", seconds(HEALTH.hostGraceEnding)),
  key_hosts: threshold("hosts", KEY_HOSTS_ALLOWED),
  key_reactivations: threshold("times", KEY_REACTIVATIONS_ALLOWED),
  unknown_product_clients: threshold("clients", 1),
  uncovered_clients: threshold("clients", 1),
  unexpected_host_clients: threshold("clients", 1),
  duplicate_ids_share: threshold("share", HEALTH.duplicateIdsShare),
  deadline_within: threshold("within", "45d"),
  grace_within: threshold("within", "7d"),
  affected_share: threshold("share", 0.01),
  affected_computers: threshold("computers", 3),
  small_zone_share: threshold("share", 0.25),
  overdue_share: threshold("share", HEALTH.overdueShare),
  anomaly_share: threshold("share", 0.05),
  anomaly_computers: threshold("computers", 5),
  mak_left_share: threshold("share", 0.1),
  mak_forecast: threshold("duration", seconds(30 * DAY)),
  stale_share: threshold("share", HEALTH.staleShare),
  backlog: threshold("duration", seconds(HEALTH.backlog)),
  refused_records: threshold("records", 1),
  refused_requests: threshold("requests", 10),
  counted_over: threshold("duration", seconds(HOUR)),
  holds_short: threshold("duration", seconds(5 * MINUTE)),
  holds_long: threshold("duration", seconds(HOUR)),
  holds_host_unknown: threshold("duration", seconds(10 * MINUTE)),
  holds_collector_down: threshold("duration", seconds(3 * MINUTE)),
  keeps_firing: threshold("duration", seconds(15 * MINUTE)),
  survives_missed_scrapes: threshold("duration", seconds(10 * MINUTE)),
} as const;
export type ThresholdName = keyof typeof THRESHOLD_TABLE;
export const THRESHOLD_NAMES = Object.keys(THRESHOLD_TABLE) as readonly ThresholdName[];

export type Thresholds = {
  readonly [K in ThresholdName]: (typeof THRESHOLD_TABLE)[K]["value"] extends number ? number : string;
};
export const THRESHOLDS = Object.fromEntries(
  THRESHOLD_NAMES.map((it) => [it, THRESHOLD_TABLE[it].value]),
) as unknown as Thresholds;

/** How long a condition must hold. `immediate` is for trying things out. */
export const PACES = {
  production: {},
  immediate: { holds_short: 0, holds_long: 0, holds_host_unknown: 0, holds_collector_down: 0, keeps_firing: 0 },
} as const satisfies Readonly<Record<string, Partial<Thresholds>>>;
export type Pace = keyof typeof PACES;

/** A duration as Prometheus writes it: whole seconds, or the largest unit that divides it. */
export const promDuration = (durationSeconds: number): string => {
  for (const [unit, length] of [
    ["d", DAY],
    ["h", HOUR],
    ["m", MINUTE],
  ] as const)
    if (durationSeconds > 0 && durationSeconds % seconds(length) === 0)
      return `${durationSeconds / seconds(length)}${unit}`;
  return `${durationSeconds}s`;
};
