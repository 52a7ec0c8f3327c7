import type { AlertName } from "../../alerts/words/words.ts";

/** Day 40 of a time that begins at 0: "now" in every case. */
export const NOW = 40 * 86_400;
const DAY = 86_400;

export interface Case {
  readonly alert: AlertName;
  /** Recorded series (without `fleet:activation_` and `:max`) and their value, or daily values as promtool writes them, with which it fires … */
  readonly fires: Readonly<Record<string, number | string>>;
  /** … and one change after the other with which it does not. */
  readonly silent: readonly Readonly<Record<string, number | string | undefined>>[];
  readonly labels: Readonly<Record<string, string>>;
  readonly severity: string;
  /** How the value reads in the text. */
  readonly value: string;
  /** What the text looks up beside the value: the count, and what is needed. */
  readonly counted?: string;
  readonly needed?: string;
  /** What the collector is configured to allow. */
  readonly allowed?: string;
  /** The value is so large that it means never. */
  readonly never?: true;
}

const host = 'kms_host="kms01",zone="core"';
const client = `${host},product_class="client"`;
const windows = `${host},application="windows"`;
const mak = 'partial_product_key="ABCDE"';
const K = { kms_host: "kms01", zone: "core" };
const known = `kms_known_until_timestamp_seconds{${host},source="ledger"}`;
const heard = { [known]: NOW - 60 };
const reached = `kms_threshold_reached{${client}}`;
const headroom = `kms_headroom{${client}}`;
const required = 'kms_required_clients{product_class="client"}';
const falls = `kms_below_threshold_timestamp_seconds{${client}}`;
const complete = `kms_ledger_complete{${windows}}`;
const up = (probe: string, from: string) => `kms_host_up{${host},probe="${probe}",prober_zone="${from}"}`;
const record = (state: string) =>
  `kms_srv_record_info{domain="contoso.com",target="rogue.contoso.com",port="1688",priority="0",weight="0",state="${state}"}`;

export const CASES: readonly Case[] = [
  {
    alert: "KmsCountBelowThreshold",
    fires: { ...heard, [reached]: 1, [headroom]: -2, [required]: 25 },
    counted: "23",
    needed: "25",
    silent: [
      { [headroom]: 0 },
      { [reached]: 0 },
      { [headroom]: undefined },
      { [known]: NOW - 2 * DAY },
      { [known]: undefined },
    ],
    labels: { ...K, product_class: "client" },
    severity: "critical",
    value: "-2",
  },
  {
    alert: "KmsThresholdNotReached",
    fires: { ...heard, [reached]: 0, [headroom]: -20, [required]: 25 },
    counted: "5",
    needed: "25",
    silent: [{ [reached]: 1 }, { [headroom]: 3 }, { [known]: NOW - 2 * DAY }],
    labels: { ...K, product_class: "client" },
    severity: "warning",
    value: "-20",
  },
  {
    alert: "KmsCountNearThreshold",
    fires: { ...heard, [reached]: 1, [headroom]: 5, [required]: 25 },
    counted: "30",
    needed: "25",
    silent: [{ [headroom]: 6 }, { [headroom]: -1 }, { [reached]: 0 }, { [known]: NOW - 2 * DAY }],
    labels: { ...K, product_class: "client" },
    severity: "warning",
    value: "5",
  },
  {
    alert: "KmsCountNearThreshold",
    fires: {
      ...heard,
      [`kms_threshold_reached{${host},product_class="server"}`]: 1,
      [`kms_headroom{${host},product_class="server"}`]: 1,
    },
    silent: [{ [`kms_headroom{${host},product_class="server"}`]: 2 }],
    labels: { ...K, product_class: "server" },
    severity: "warning",
    value: "1",
  },
  {
    alert: "KmsCountForecastBelowThreshold",
    fires: { ...heard, [reached]: 1, [complete]: 1, [falls]: NOW + 2 * DAY },
    silent: [
      { [falls]: NOW + 23 * DAY },
      { [falls]: NOW - 5 },
      { [complete]: 0 },
      { [reached]: 0 },
      { [known]: NOW - 2 * DAY },
    ],
    labels: { ...K, product_class: "client" },
    severity: "warning",
    value: "2d 0h 0m 0s",
  },
  {
    alert: "KmsHostUnknown",
    fires: { [known]: NOW - 2 * DAY },
    silent: [{ [known]: NOW - 3_600 }, { [`kms_known_until_timestamp_seconds{${host},source="reported"}`]: NOW }],
    labels: K,
    severity: "warning",
    value: "2d 0h 0m 0s",
  },
  {
    alert: "KmsHostUnknown",
    fires: { [known]: -2e9 },
    silent: [],
    labels: K,
    severity: "warning",
    value: "",
    never: true,
  },
  {
    alert: "KmsCountsDisagree",
    fires: { ...heard, [`kms_reported_clients{${windows}}`]: 40, [`kms_table_clients{${windows}}`]: 30, [complete]: 1 },
    silent: [{ [`kms_reported_clients{${windows}}`]: 33 }, { [complete]: 0 }],
    labels: { ...K, application: "windows" },
    severity: "info",
    value: "10",
  },
  {
    alert: "KmsTableLost",
    fires: { [`kms_table_lost_timestamp_seconds{${windows}}`]: NOW - 3_600 },
    silent: [{ [`kms_table_lost_timestamp_seconds{${windows}}`]: NOW - 2 * DAY }],
    labels: { ...K, application: "windows" },
    severity: "warning",
    value: "1h 0m 0s",
  },
  {
    alert: "KmsUnknownProducts",
    fires: { [`kms_table_clients{${host},application="unknown"}`]: 3 },
    silent: [{ [`kms_table_clients{${host},application="unknown"}`]: 0 }],
    labels: { ...K, application: "unknown" },
    severity: "info",
    value: "3",
  },
  {
    alert: "KmsHostNotLicensed",
    fires: { [`kms_host_status{${host},status="notification"}`]: 1 },
    silent: [{ [`kms_host_status{${host},status="notification"}`]: 0 }],
    labels: { ...K, status: "notification" },
    severity: "critical",
    value: "",
  },
  {
    alert: "KmsHostGraceEnding",
    fires: {
      [`kms_host_deadline_timestamp_seconds{${host}}`]: NOW + DAY,
      [`kms_host_status{${host},status="licensed"}`]: 0,
    },
    silent: [
      { [`kms_host_deadline_timestamp_seconds{${host}}`]: NOW + 20 * DAY },
      { [`kms_host_status{${host},status="licensed"}`]: 1 },
    ],
    labels: K,
    severity: "warning",
    value: "1d 0h 0m 0s",
  },
  {
    alert: "KmsRequestsFailing",
    fires: { ...heard, [`kms_recent_failures{${windows},reason="clock_skew"}`]: 11 },
    silent: [{ [`kms_recent_failures{${windows},reason="clock_skew"}`]: 10 }, { [known]: NOW - 2 * DAY }],
    labels: { ...K, reason: "clock_skew" },
    severity: "warning",
    value: "11",
  },
  {
    alert: "KmsNoRequests",
    fires: { ...heard, [`kms_last_request_timestamp_seconds{${windows}}`]: NOW - 9 * DAY },
    silent: [{ [`kms_last_request_timestamp_seconds{${windows}}`]: NOW - 7 * DAY }, { [known]: NOW - 2 * DAY }],
    labels: K,
    severity: "warning",
    value: "9d 0h 0m 0s",
  },
  {
    alert: "KmsDnsPublishFailed",
    fires: { [`kms_dns_publish_failed{${host},domain="contoso.com"}`]: 1 },
    silent: [{ [`kms_dns_publish_failed{${host},domain="contoso.com"}`]: 0 }],
    labels: { ...K, domain: "contoso.com" },
    severity: "warning",
    value: "",
  },
  {
    alert: "KmsHostDown",
    fires: { [up("tcp", "core")]: 1, [up("rpc", "core")]: 0, [up("tcp", "lab-7")]: 0, [up("rpc", "lab-7")]: 0 },
    silent: [
      { [up("rpc", "core")]: 1 },
      { [up("rpc", "lab-7")]: 1 },
      {
        [up("tcp", "core")]: undefined,
        [up("rpc", "core")]: undefined,
        [up("tcp", "lab-7")]: undefined,
        [up("rpc", "lab-7")]: undefined,
      },
    ],
    labels: K,
    severity: "critical",
    value: "",
  },
  {
    alert: "KmsHostUnreachable",
    fires: { [up("tcp", "core")]: 1, [up("rpc", "core")]: 1, [up("tcp", "lab-7")]: 0, [up("rpc", "lab-7")]: 0 },
    silent: [
      { [up("tcp", "lab-7")]: 1, [up("rpc", "lab-7")]: 1 },
      { [up("tcp", "core")]: 0 },
      { [up("tcp", "lab-7")]: undefined, [up("rpc", "lab-7")]: undefined },
    ],
    labels: { ...K, prober_zone: "lab-7" },
    severity: "warning",
    value: "",
  },
  {
    alert: "KmsSrvRecordMissing",
    fires: { [`kms_srv_published{${host},domain="contoso.com"}`]: 0 },
    silent: [
      { [`kms_srv_published{${host},domain="contoso.com"}`]: 1 },
      { [`kms_srv_published{${host},domain="contoso.com"}`]: undefined },
    ],
    labels: { ...K, domain: "contoso.com" },
    severity: "warning",
    value: "",
  },
  {
    alert: "KmsUnexpectedHost",
    fires: { 'kms_unexpected_host_clients{target="rogue.contoso.com"}': 3 },
    silent: [
      { 'kms_unexpected_host_clients{target="rogue.contoso.com"}': undefined },
      { 'kms_unexpected_host_clients{target="rogue.contoso.com"}': 0 },
    ],
    labels: { target: "rogue.contoso.com" },
    severity: "warning",
    value: "",
  },
  {
    alert: "KmsUnexpectedHost",
    fires: { [record("unexpected")]: 1 },
    silent: [{ [record("unexpected")]: undefined, [record("unknown")]: 1, [record("unresolvable")]: 1 }],
    labels: { target: "rogue.contoso.com" },
    severity: "warning",
    value: "",
  },
  {
    alert: "KmsSingleHost",
    fires: { 'kms_recommended_hosts{zone="core"}': 2, [`kms_host_info{${host},os="",port="1688"}`]: 1 },
    silent: [
      { 'kms_recommended_hosts{zone="core"}': 1 },
      { 'kms_host_info{kms_host="kms02",zone="core",os="",port="1688"}': 1 },
      { [`kms_host_info{${host},os="",port="1688"}`]: undefined },
    ],
    labels: { zone: "core" },
    severity: "warning",
    value: "2",
  },
  {
    alert: "KmsKeyOverused",
    fires: { 'kms_key_hosts{partial_product_key="ABCDE"}': 7, kms_key_hosts_allowed: 6 },
    silent: [
      { 'kms_key_hosts{partial_product_key="ABCDE"}': 6 },
      { kms_key_hosts_allowed: 12 },
      { 'kms_key_hosts{partial_product_key="ABCDE"}': undefined },
    ],
    labels: { partial_product_key: "ABCDE" },
    severity: "warning",
    value: "7",
    allowed: "6",
  },
  {
    alert: "KmsKeyOverused",
    fires: {
      'kms_key_reactivations{partial_product_key="ABCDE",kms_host="kms01"}': 10,
      'kms_key_hosts{partial_product_key="ABCDE"}': 2,
    },
    silent: [
      { 'kms_key_reactivations{partial_product_key="ABCDE",kms_host="kms01"}': 9 },
      { kms_key_reactivations_allowed: 20 },
    ],
    labels: { partial_product_key: "ABCDE", kms_host: "kms01" },
    severity: "warning",
    value: "10",
  },
  {
    alert: "KmsClientsUncovered",
    fires: { [`kms_uncovered_clients{${host},product="Windows Server 2022 Datacenter"}`]: 3 },
    silent: [
      { [`kms_uncovered_clients{${host},product="Windows Server 2022 Datacenter"}`]: 0 },
      { [`kms_uncovered_clients{${host},product="Windows Server 2022 Datacenter"}`]: undefined },
    ],
    labels: { ...K, product: "Windows Server 2022 Datacenter" },
    severity: "warning",
    value: "3",
  },
  {
    alert: "KmsDuplicateMachineIds",
    fires: { [`kms_duplicate_machine_ids{${host}}`]: 4 },
    silent: [{ [`kms_duplicate_machine_ids{${host}}`]: 0 }],
    labels: K,
    severity: "warning",
    value: "4",
  },
  {
    alert: "KmsRenewalIntervalTooLong",
    fires: { [`kms_renewal_interval_seconds{${host}}`]: 20 * DAY },
    silent: [{ [`kms_renewal_interval_seconds{${host}}`]: 7 * DAY }],
    labels: K,
    severity: "info",
    value: "20d 0h 0m 0s",
  },
  {
    alert: "LicenseDeadlineNear",
    fires: { 'deadlines{zone="core",status="licensed",within="7d"}': 3 },
    silent: [
      {
        'deadlines{zone="core",status="licensed",within="7d"}': 0,
        'deadlines{zone="core",status="licensed",within="30d"}': 9,
      },
    ],
    labels: { zone: "core", status: "licensed" },
    severity: "warning",
    value: "3",
  },
  {
    alert: "LicenseDeadlinePassed",
    fires: { 'deadlines_passed{zone="core",status="oob_grace"}': 2 },
    silent: [{ 'deadlines_passed{zone="core",status="oob_grace"}': 0 }],
    labels: { zone: "core", status: "oob_grace" },
    severity: "info",
    value: "2",
  },
  {
    alert: "LicenseNotification",
    fires: {
      'licenses{zone="core",product="a",channel="mak",status="notification"}': 2,
      'licenses{zone="core",product="b",channel="mak",status="notification"}': 3,
    },
    silent: [
      {
        'licenses{zone="core",product="a",channel="mak",status="notification"}': undefined,
        'licenses{zone="core",product="b",channel="mak",status="notification"}': undefined,
        'licenses{zone="core",product="a",channel="mak",status="licensed"}': 4,
      },
    ],
    labels: { zone: "core" },
    severity: "warning",
    value: "5",
  },
  {
    alert: "LicenseNonGenuine",
    fires: { 'genuine_computers{zone="core",state="non_genuine"}': 1 },
    silent: [{ 'genuine_computers{zone="core",state="non_genuine"}': 0 }],
    labels: { zone: "core" },
    severity: "warning",
    value: "1",
  },
  {
    alert: "LicenseRenewalsOverdue",
    fires: { 'renewals_overdue{zone="core"}': 10, 'computers{zone="core",state="reporting"}': 100 },
    silent: [{ 'renewals_overdue{zone="core"}': 4 }, { 'computers{zone="core",state="reporting"}': 0 }],
    labels: { zone: "core" },
    severity: "warning",
    value: "10%",
  },
  {
    alert: "LicenseFleetAnomaly",
    fires: {
      // So many a second, for one minute: 30 and 30 of 1000 computers.
      'license_changes{zone="core",change="to_notification"}': 30 / 60,
      'license_changes{zone="core",change="rearmed"}': 30 / 60,
      'license_changes{zone="core",change="to_licensed"}': 900 / 60,
      'computers{zone="core",state="reporting"}': 900,
      'computers{zone="core",state="stale"}': 100,
      'computers{zone="core",state="retired"}': 5_000,
    },
    silent: [
      { 'license_changes{zone="core",change="rearmed"}': 10 / 60 },
      {
        'license_changes{zone="core",change="to_notification"}': 2 / 60,
        'license_changes{zone="core",change="rearmed"}': 2 / 60,
        'computers{zone="core",state="reporting"}': 10,
        'computers{zone="core",state="stale"}': 0,
      },
      { 'computers{zone="core",state="reporting"}': 0, 'computers{zone="core",state="stale"}': 0 },
    ],
    labels: { zone: "core" },
    severity: "critical",
    value: "6%",
  },
  {
    alert: "LicenseChannelDrift",
    fires: { 'license_changes{zone="core",change="channel_drift"}': 3 / 60 },
    silent: [
      { 'license_changes{zone="core",change="channel_drift"}': 0 },
      {
        'license_changes{zone="core",change="channel_drift"}': 0,
        'license_changes{zone="core",change="rearmed"}': 9 / 60,
      },
    ],
    labels: { zone: "core" },
    severity: "warning",
    value: "3",
  },
  {
    alert: "ClientClockSkew",
    fires: { 'clock_skewed_computers{zone="core"}': 2 },
    silent: [{ 'clock_skewed_computers{zone="core"}': 0 }],
    labels: { zone: "core" },
    severity: "warning",
    value: "2",
  },
  {
    alert: "MakAllowanceLow",
    fires: { [`mak_allowance{${mak}}`]: 500, [`mak_computers{${mak}}`]: 460 },
    silent: [
      { [`mak_computers{${mak}}`]: 440 },
      { [`mak_remaining{${mak}}`]: 100 },
      { [`mak_allowance{${mak}}`]: undefined },
    ],
    labels: { partial_product_key: "ABCDE" },
    severity: "warning",
    value: "8%",
  },
  {
    alert: "MakAllowanceLow",
    fires: { [`mak_allowance{${mak}}`]: 500, [`mak_computers{${mak}}`]: 100, [`mak_remaining{${mak}}`]: 25 },
    silent: [{ [`mak_remaining{${mak}}`]: 60 }],
    labels: { partial_product_key: "ABCDE" },
    severity: "warning",
    value: "5%",
  },
  {
    alert: "MakExhaustionForecast",
    fires: { [`mak_allowance{${mak}}`]: 600, [`mak_computers{${mak}}`]: "0+10x45" },
    silent: [
      { [`mak_computers{${mak}}`]: "0+5x45" },
      { [`mak_allowance{${mak}}`]: 1_000 },
      { [`mak_remaining{${mak}}`]: 400 },
      { [`mak_remaining{${mak}}`]: 0 },
    ],
    labels: { partial_product_key: "ABCDE" },
    severity: "warning",
    value: "300",
  },
  {
    alert: "AgentsStale",
    fires: {
      'computers{zone="core",state="stale"}': 30,
      'computers{zone="core",state="reporting"}': 70,
      'computers{zone="core",state="retired"}': 900,
    },
    silent: [{ 'computers{zone="core",state="stale"}': 10 }],
    labels: { zone: "core" },
    severity: "warning",
    value: "30%",
  },
  {
    alert: "AgentSpoolBacklog",
    fires: { 'agent_oldest_unsent_seconds{zone="core"}': 2 * DAY },
    silent: [{ 'agent_oldest_unsent_seconds{zone="core"}': 600 }],
    labels: { zone: "core" },
    severity: "warning",
    value: "2d 0h 0m 0s",
  },
  {
    alert: "AgentEventGap",
    fires: { 'agent_event_gaps{zone="core"}': 0.01 },
    silent: [{ 'agent_event_gaps{zone="core"}': 0 }],
    labels: { zone: "core" },
    severity: "warning",
    value: "",
  },
  {
    alert: "CollectorRejectingRecords",
    fires: { 'collector_records{kind="event",outcome="rejected"}': 0.1 },
    silent: [
      {
        'collector_records{kind="event",outcome="rejected"}': 0,
        'collector_records{kind="event",outcome="ignored"}': 5,
      },
    ],
    labels: { kind: "event" },
    severity: "warning",
    value: "",
  },
  {
    alert: "CollectorUninterpretedRecords",
    fires: { 'collector_records{kind="event",outcome="uninterpreted"}': 0.1 },
    silent: [{ 'collector_records{kind="event",outcome="uninterpreted"}': 0 }],
    labels: { kind: "event" },
    severity: "warning",
    value: "",
  },
  {
    alert: "CollectorDown",
    fires: {},
    silent: [{ 'raw activation_collector_build_info{version="1"}': 1 }],
    labels: {},
    severity: "critical",
    value: "",
  },
];
