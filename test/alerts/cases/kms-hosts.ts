import { type Case, DAY, NOW } from "./case.ts";
import { host, K, maintenance, record, up, windows } from "./series.ts";

const lost = `kms_host_key_lost{${windows}}`;
const refusing = `kms_health{${windows},state="refusing"}`;

export const KMS_HOSTS: readonly Case[] = [
  {
    alert: "KmsHostKeyLost",
    fires: { [lost]: 1, [`kms_distinct_clients{${windows}}`]: 40 },
    silent: [{ [lost]: 0 }, maintenance],
    labels: { ...K, application: "windows" },
    severity: "critical",
    text: "kms01 (zone core) is no longer a KMS host: its KMS host key is gone",
  },
  {
    alert: "KmsHostKeyLost",
    fires: { [lost]: 1 },
    silent: [{ [lost]: 0 }],
    labels: { ...K, application: "windows" },
    severity: "warning",
    text: "kms01 (zone core) is no longer a KMS host: its KMS host key is gone",
  },
  {
    alert: "KmsHostNotLicensed",
    fires: { [refusing]: 1, [`kms_host_status{${host},status="notification"}`]: 1 },
    silent: [{ [refusing]: 0, [`kms_host_status{${host},status="notification"}`]: 0 }, { [lost]: 1 }, maintenance],
    labels: { ...K, application: "windows" },
    severity: "critical",
    text: "KMS host kms01 (zone core) refuses clients: its own license is not activated",
  },
  {
    alert: "KmsHostNotLicensed",
    fires: { [`kms_host_status{${host},status="notification"}`]: 1 },
    silent: [{ [`kms_host_status{${host},status="notification"}`]: 0 }],
    labels: { ...K, status: "notification" },
    severity: "critical",
    text: "KMS host kms01 (zone core) refuses clients: its own license is not activated",
  },
  {
    alert: "KmsHostGraceEnding",
    fires: {
      [`kms_host_deadline_timestamp_seconds{${host}}`]: NOW + DAY + 60,
      [`kms_host_status{${host},status="licensed"}`]: 0,
    },
    silent: [
      { [`kms_host_deadline_timestamp_seconds{${host}}`]: NOW + 20 * DAY },
      { [`kms_host_status{${host},status="licensed"}`]: 1 },
    ],
    labels: K,
    severity: "warning",
    text: "KMS host kms01 (zone core) must be activated within 1 day",
  },
  {
    alert: "KmsDnsPublishFailed",
    fires: { [`kms_dns_publish_failed{${host},domain="contoso.com"}`]: 1 },
    silent: [{ [`kms_dns_publish_failed{${host},domain="contoso.com"}`]: 0 }],
    labels: { ...K, domain: "contoso.com" },
    severity: "warning",
    text: "KMS host kms01 (zone core) cannot publish its SRV record in contoso.com",
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
    text: "KMS host kms01 (zone core) does not answer",
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
    text: "KMS host kms01 (zone core) cannot be reached from zone lab-7",
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
    text: "DNS does not offer KMS host kms01 (zone core) in contoso.com",
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
    text: "Unexpected KMS host in use: rogue.contoso.com",
  },
  {
    alert: "KmsUnexpectedHost",
    fires: { [record("unexpected")]: 1 },
    silent: [{ [record("unexpected")]: undefined, [record("unknown")]: 1, [record("unresolvable")]: 1 }],
    labels: { target: "rogue.contoso.com" },
    severity: "warning",
    text: "Unexpected KMS host in use: rogue.contoso.com",
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
    text: "Zone core depends on a single KMS host",
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
    text: "KMS host key ABCDE is used more often than Microsoft allows",
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
    text: "KMS host key ABCDE is used more often than Microsoft allows",
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
    text: "KMS host kms01 (zone core) cannot activate Windows Server 2022 Datacenter",
  },
  {
    alert: "KmsRenewalIntervalTooLong",
    fires: { [`kms_renewal_interval_seconds{${host}}`]: 20 * DAY },
    silent: [{ [`kms_renewal_interval_seconds{${host}}`]: 7 * DAY }],
    labels: K,
    severity: "info",
    text: "KMS host kms01 (zone core) lets its clients renew only every 20 days",
  },
];
