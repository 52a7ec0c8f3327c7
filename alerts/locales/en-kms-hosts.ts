import { kmsMetrics } from "../../licensing/telemetry/metrics.ts";
import { DURATION, HOST } from "./en-terms.ts";
import { allowed, COUNT, plural } from "./formats.ts";
import type { Words } from "./texts.ts";

const KEY = "{{ $labels.partial_product_key }}";

export const kmsHosts: Pick<
  Words,
  | "KmsHostKeyLost"
  | "KmsHostNotLicensed"
  | "KmsHostGraceEnding"
  | "KmsHostDown"
  | "KmsHostUnreachable"
  | "KmsDnsPublishFailed"
  | "KmsSrvRecordMissing"
  | "KmsUnexpectedHost"
  | "KmsSingleHost"
  | "KmsKeyOverused"
  | "KmsClientsUncovered"
  | "KmsRenewalIntervalTooLong"
> = {
  KmsHostKeyLost: {
    summary: `${HOST} is no longer a KMS host: its KMS host key is gone`,
    description: `The newest license state of ${HOST} shows no KMS host key, although it was a KMS host before. It answers no client.`,
    meaning: "The KMS host key was uninstalled or replaced by another key, or Windows was upgraded or re-installed.",
    affected:
      "All clients that use this host: new ones are not activated, activated ones expire 180 days after their last renewal.",
    check: "On the host: `slmgr /dlv` (no section about the Key Management Service), `slmgr /dli all`.",
    action:
      "Install the KMS host key again and activate it: `slmgr /ipk KEY`, `slmgr /ato`. If the host was retired on purpose, list it in `kms.retired_hosts` and remove its SRV record.",
    guide: "Activating the first KMS host",
  },
  KmsHostNotLicensed: {
    summary: `KMS host ${HOST} refuses clients: its own license is not activated`,
    description: `${HOST} is not activated itself, or answers requests with the error that says so, and refuses all clients.`,
    meaning: "A KMS host in notification mode, or with an unlicensed host key, answers every request with an error.",
    affected: "All clients of this host: new ones at once, activated ones 180 days after their last renewal.",
    check: "On the host: `slmgr /dlv` shows the license status; event 12290 shows 0xC004F041.",
    action:
      "Activate the host: `slmgr /ato`, or by telephone (`slui 4`). A virtual KMS host that moves to other hardware must be activated again.",
    guide: "Activating the first KMS host",
  },
  KmsHostGraceEnding: {
    summary: `KMS host ${HOST} must be activated within ${DURATION}`,
    description: `${HOST} is not activated. In ${DURATION} it enters notification mode and refuses all clients.`,
    meaning: "The grace period of the host's own license ends.",
    affected: "No user yet; all clients of this host once the grace period has ended.",
    check: "On the host: `slmgr /dlv`, `slmgr /xpr`.",
    action: "Activate the host: `slmgr /ato`, or by telephone (`slui 4`).",
    guide: "Activating the first KMS host",
  },
  KmsHostDown: {
    summary: `KMS host ${HOST} does not answer`,
    description: `No prober gets an answer from the KMS service on ${HOST}. New computers cannot activate with it; activated computers keep working for 180 days after their last renewal.`,
    meaning:
      "Every TCP connection, or every bind to the KMS interface, has failed from every prober for longer than a restart with updates takes.",
    affected: "New computers, unless a second KMS host serves them. Activated computers later.",
    check:
      "`curl -s http://COLLECTOR:9688/api/v1/probes` shows the outcome: `unresolved` is DNS, `timeout` is a firewall or a stopped host, `refused` is a stopped service, `rejected` or `malformed` is another program on the port. On the host: `sc query sppsvc`, `netstat -ano | findstr 1688`.",
    action:
      "Start the host or the service `sppsvc`, and open TCP port 1688. Clients find a second KMS host by its SRV record.",
    guide: "Planning a KMS deployment",
  },
  KmsHostUnreachable: {
    summary: `KMS host ${HOST} cannot be reached from zone {{ $labels.prober_zone }}`,
    description: `${HOST} answers elsewhere, but no prober in zone {{ $labels.prober_zone }} gets an answer. Computers there cannot activate with it.`,
    meaning: "The host works. Something between it and that zone does not, usually a firewall.",
    affected: "Computers in that zone.",
    check: "From that zone: `Test-NetConnection HOST -Port 1688`.",
    action:
      "Open TCP port 1688 from that zone to the host. If the connection is not wanted, stop probing the host from there (`probes.kms_hosts` of the agent).",
    guide: "Isolated networks",
  },
  KmsDnsPublishFailed: {
    summary: `KMS host ${HOST} cannot publish its SRV record in {{ $labels.domain }}`,
    description: `${HOST} could not write its SRV record into the domain {{ $labels.domain }} (event 12293). Clients that look for a KMS host there do not find it.`,
    meaning: "The first KMS host owns the record; other hosts need permissions on it.",
    affected: "Clients in that domain that find their KMS host through DNS.",
    check: "`nslookup -type=srv _vlmcs._tcp.DOMAIN`; event 12293 in the host's Application log holds the error code.",
    action:
      "Grant the host's computer account permission to update _vlmcs._tcp in the domain, or add the record manually.",
    guide: "Publishing the KMS service",
  },
  KmsSrvRecordMissing: {
    summary: `DNS does not offer KMS host ${HOST} in {{ $labels.domain }}`,
    description: `The domain {{ $labels.domain }} has no SRV record _vlmcs._tcp for ${HOST}. Computers that look for a KMS host there do not find it.`,
    meaning:
      "The record was deleted, scavenged or never written: DNS answers, but without this host. The host writes the record when its service starts, and once a day.",
    affected: "Clients in that domain that find their KMS host through DNS.",
    check: "`nslookup -type=srv _vlmcs._tcp.DOMAIN`; events 12294 (published) and 12293 (failed) on the host.",
    action:
      "Restart the service on the host: `net stop sppsvc`, `net start sppsvc`. If the host does not publish itself, add the record manually (permissions: see KmsDnsPublishFailed). If the domain is not used, remove it from `kms.srv_domains` and `probes.srv_domains`.",
    guide: "Publishing the KMS service",
  },
  KmsUnexpectedHost: {
    summary: "Unexpected KMS host in use: {{ $labels.target }}",
    description:
      "Clients use {{ $labels.target }} for activation, or DNS offers it to them, but it is not listed in `kms.expected_hosts`.",
    meaning:
      "A forgotten KMS host that takes clients away from the others, a test host, or a program that imitates one.",
    affected:
      "Clients that use it: their activation may not be a valid one, and they are missing in the count of the other hosts.",
    check:
      "`curl -s 'http://COLLECTOR:9688/api/v1/events?event=kms_request_sent'` shows which clients use it; `nslookup -type=srv _vlmcs._tcp.DOMAIN` shows its record.",
    action:
      "Clear a pinned host on the clients with `slmgr /ckms` and remove the SRV record. If the host is yours, list it in `kms.expected_hosts`; if a cloud provider runs it, in `kms.external_hosts`.",
    guide: "How clients find the KMS service",
  },
  KmsSingleHost: {
    summary: "Zone {{ $labels.zone }} depends on a single KMS host",
    description: `The planning guide recommends ${COUNT} KMS hosts for a zone of this size; zone {{ $labels.zone }} has one. While it is down, no computer there is activated.`,
    meaning: "Table 1 recommends two KMS hosts for large networks. Each of them must reach its threshold on its own.",
    affected: "No user while the host runs.",
    check: "`curl -s http://COLLECTOR:9688/api/v1/recommendations` explains the recommendation.",
    action: "Set up a second KMS host with the same host key (one key activates six hosts).",
    guide: "Table 1",
  },
  KmsKeyOverused: {
    summary: `KMS host key ${KEY} is used more often than Microsoft allows`,
    description: `{{ if $labels.kms_host }}KMS host {{ $labels.kms_host }} was activated again ${plural("time", "times")} with key ${KEY}; ${allowed(kmsMetrics.keyReactivationsAllowed, "fewer")} are allowed.{{ else }}${plural("KMS host uses", "KMS hosts use")} key ${KEY}; ${allowed(kmsMetrics.keyHostsAllowed, "fewer")} are allowed.{{ end }} The next activation with it may be refused.`,
    meaning:
      "A host key activates six KMS hosts, and each of them nine times more: after a re-installation or a hardware change, such as a virtual machine that moves. Only Microsoft knows the true number; this counts what the license states show.",
    affected: "No user yet. A KMS host that must be activated again may be refused, and then refuses its clients.",
    check:
      "`curl -s http://COLLECTOR:9688/api/v1/kms-hosts/HOST` shows the keys of a host; the metric `activation_kms_host_key_info` shows all of them.",
    action:
      "Two KMS hosts are enough for most organizations: remove the key from the others (`slmgr /upk`, then install the client setup key). If you need more, ask Microsoft's activation call center for an exception and set `kms.key_hosts_allowed` or `kms.key_reactivations_allowed` to the granted number. Pin a virtual KMS host to its hardware.",
    guide: "Activating subsequent KMS hosts",
  },
  KmsClientsUncovered: {
    summary: `KMS host ${HOST} cannot activate {{ $labels.product }}`,
    description: `${plural("computer", "computers")} with {{ $labels.product }} contacted ${HOST} within 30 days. None of its keys activates that product: the host refuses them, now or at their next renewal.`,
    meaning:
      "A host key activates its own product group, lower groups and earlier versions, nothing newer. A key for Windows clients activates no servers; each version of Office needs a key of its own.",
    affected: "The computers with this product.",
    check:
      "`curl -s http://COLLECTOR:9688/api/v1/kms-hosts/HOST` lists them (`refused`); `slmgr /dlv` on the host shows its key.",
    action:
      "Install the key of the newest and highest group that your computers have (`slmgr /ipk KEY`, `slmgr /ato`), with the update that lets an older host accept it. For Office, install the Volume License Pack of that version.",
    guide: "Tables 3 to 5",
  },
  KmsRenewalIntervalTooLong: {
    summary: `KMS host ${HOST} lets its clients renew only every ${DURATION}`,
    description: `${HOST} tells its clients to renew every ${DURATION}, but forgets them after 30 days.`,
    meaning: "With such an interval, a client that misses two renewals is no longer counted.",
    affected: "No user yet. The count drops easily.",
    check: "On the host: `slmgr /dlv` shows the renewal interval.",
    action: "Set the renewal interval back to seven days: `slmgr /sri 10080`.",
    guide: "KMS activation renewal",
  },
};
