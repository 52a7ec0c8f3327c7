import { kmsMetrics } from "../../licensing/telemetry/metrics.ts";
import { allowed, COUNT, counted, needed, silentFor } from "./formats.ts";
import type { Words } from "./texts.ts";

const HOST = "{{ $labels.kms_host }} (zone {{ $labels.zone }})";
const COUNTED = counted("an unknown number");
const NEEDED = needed("more");
const SILENT_FOR = silentFor("ever", (duration) => `for ${duration}`);

export const en: Words = {
  runbook: {
    title: "Runbook",
    origin: "Made by `npm run docs`; edit `alerts/words/`.",
    action: "What to do.",
  },
  KmsCountBelowThreshold: {
    summary: `KMS host ${HOST} does not activate {{ $labels.product_class }} products any more`,
    description: `${HOST} counts ${COUNTED} of the ${NEEDED} computers that {{ $labels.product_class }} products need (headroom ${COUNT}). New computers are refused, and activated ones lose their activation 180 days after their last renewal.`,
    meaning:
      "Fewer distinct computers asked this KMS host within 30 days than the product class needs (25 for client Windows, 5 for servers and for Office). It had reached the number before.",
    action:
      "Open the KMS host's page: it lists who left and who leaves next. Look for clients that moved to another KMS host (`slmgr /dlv`, SRV records), for a blocked TCP port 1688, and for cloned machine IDs. Until the count is back, let more computers ask (`slmgr /ato`) or activate urgent ones by MAK.",
  },
  KmsThresholdNotReached: {
    summary: `KMS host ${HOST} has not reached its threshold for {{ $labels.product_class }} products yet`,
    description: `${HOST} counts ${COUNTED} of the ${NEEDED} computers that {{ $labels.product_class }} products need, and never counted enough (headroom ${COUNT}). It activates none of them.`,
    meaning: "The host is new or serves too few computers.",
    action: "If the site will never have enough computers, use a MAK or another KMS host (planning guide, Table 1).",
  },
  KmsCountNearThreshold: {
    summary: `KMS host ${HOST} is close to its threshold for {{ $labels.product_class }} products`,
    description: `${HOST} counts ${COUNTED} computers; {{ $labels.product_class }} products need ${NEEDED} (headroom ${COUNT}). A few computers less, and it stops activating.`,
    meaning: "The count is still sufficient, with little to spare.",
    action: "Find out whether computers were retired, or whether they renew with another KMS host.",
  },
  KmsCountForecastBelowThreshold: {
    summary: `KMS host ${HOST} falls below its threshold for {{ $labels.product_class }} products in {{ $value | humanizeDuration }}`,
    description: `If no client renews, the count of ${HOST} for {{ $labels.product_class }} products falls below what they need in {{ $value | humanizeDuration }}. Healthy clients renew every seven days, so this is a sign that they cannot reach the host.`,
    meaning: "The client that decides the threshold was last heard almost 30 days ago.",
    action: "Check that clients reach the host: SRV records, TCP port 1688, events 12288 without 12289 on clients.",
  },
  KmsHostUnknown: {
    summary: `Nothing is known of KMS host ${HOST}`,
    description: `Neither its log nor its own count nor a client has told anything of ${HOST} ${SILENT_FOR}. Its alerts on counts are silent because they would be guesses.`,
    meaning: "Silence is not zero: the count may be well or not.",
    action:
      "See that the agent (or the OpenTelemetry Collector) runs on the KMS host and reaches the collector. If the host was retired, list it in `kms.retired_hosts`.",
  },
  KmsCountsDisagree: {
    summary: `Counts of KMS host ${HOST} disagree`,
    description: `What ${HOST} reports and what its log gives differ by ${COUNT} clients ({{ $labels.application }}).`,
    meaning: "Requests were lost from the log, or the host's table was rebuilt without our seeing it.",
    action:
      "Compare `slmgr /dlv` on the host with its page. Enlarge the Key Management Service log if it overwrites within 30 days.",
  },
  KmsTableLost: {
    summary: `KMS host ${HOST} lost its table of clients`,
    description: `The count that ${HOST} reports ({{ $labels.application }}) dropped by more than its clients' expiry explains, {{ $value | humanizeDuration }} ago. It counts anew.`,
    meaning: "The KMS host was re-installed, its licensing store was rebuilt, or its key was changed.",
    action:
      "Expect the count to rise as clients renew, within seven days. If it must be faster, run `slmgr /ato` on enough computers.",
  },
  KmsUnknownProducts: {
    summary: `KMS host ${HOST} serves products nobody named yet`,
    description: `${COUNT} clients of ${HOST} asked for products whose activation ID is not known, so their count cannot be told.`,
    meaning: "A product that needs 5 could be a server or Office; which count it belongs to is not known.",
    action: "Name the activation IDs in `kms.products`, or run an agent on one such client.",
  },
  KmsHostNotLicensed: {
    summary: `KMS host ${HOST} is not licensed itself`,
    description: `${HOST} is in state {{ $labels.status }} and refuses all clients.`,
    meaning: "A KMS host in notification answers every request with an error.",
    action:
      "Activate the host: `slmgr /ato`, or by telephone (`slui 4`). Moving a virtual KMS host to other hardware asks for it.",
  },
  KmsHostGraceEnding: {
    summary: `The grace of KMS host ${HOST} ends in {{ $value | humanizeDuration }}`,
    description: `${HOST} is not activated; in {{ $value | humanizeDuration }} it goes into notification and refuses all clients.`,
    meaning: "The host's own license runs out.",
    action: "Activate the host: `slmgr /ato`, or by telephone (`slui 4`).",
  },
  KmsRequestsFailing: {
    summary: `KMS host ${HOST} answers requests with errors: {{ $labels.reason }}`,
    description: `${COUNT} requests failed within the last hour of the log of ${HOST}, by cause {{ $labels.reason }}.`,
    meaning: "Clients ask, and the host cannot serve them.",
    action:
      "clock_skew: mend the time service (four hours are tolerated). unsupported_product: the host key is too old for these clients. host_not_activated: activate the host.",
  },
  KmsNoRequests: {
    summary: `No client asks KMS host ${HOST} any more`,
    description: `The last request reached ${HOST} {{ $value | humanizeDuration }} ago; clients renew every seven days.`,
    meaning: "The log is read, and there is nothing in it.",
    action:
      "Check the SRV records and the firewall. If the host is not needed, retire it and list it in `kms.retired_hosts`.",
  },
  KmsHostDown: {
    summary: `KMS host ${HOST} does not answer`,
    description: `No prober gets an answer of the KMS service on ${HOST}. New computers cannot activate with it; activated ones stay so for 180 days after their last renewal.`,
    meaning:
      "For an hour every TCP connection or every bind to the KMS interface has failed, from wherever it is probed. That is longer than a restart with updates takes.",
    action:
      "See `/api/v1/probes` for what failed: `unresolved` is DNS, `timeout` a firewall or a host that is off, `refused` a service that does not run (`sc query sppsvc`, `slmgr /dlv` on the host), `rejected` or `malformed` another program on the port. Where there is a second KMS host, clients find it by its SRV record.",
  },
  KmsHostUnreachable: {
    summary: `KMS host ${HOST} cannot be reached from zone {{ $labels.prober_zone }}`,
    description: `${HOST} answers elsewhere, but no prober in zone {{ $labels.prober_zone }} gets an answer. Computers there cannot activate with it.`,
    meaning: "The host is well; something between it and that zone is not, most often a firewall.",
    action:
      "Open TCP 1688 from that zone to the host, or, where that is not wanted, stop probing it from there (`probes` of the agent).",
  },
  KmsDnsPublishFailed: {
    summary: `KMS host ${HOST} cannot publish itself in {{ $labels.domain }}`,
    description: `${HOST} could not write its SRV record into the domain {{ $labels.domain }} (event 12293). Clients that look for it there do not find it.`,
    meaning: "The first KMS host owns the record; others need rights on it.",
    action: "Give the host's computer account the right to update _vlmcs._tcp in the domain, or publish it by hand.",
  },
  KmsSrvRecordMissing: {
    summary: `DNS does not offer KMS host ${HOST} in {{ $labels.domain }}`,
    description: `There is no SRV record _vlmcs._tcp.{{ $labels.domain }} for ${HOST}. Computers that look for a KMS host there do not find it.`,
    meaning:
      "The record was deleted, scavenged or never written: DNS answers, and the host is not among the answers. The host writes it when its service starts and once a day.",
    action:
      "Restart the service on the host (`net stop sppsvc`, `net start sppsvc`) and look for event 12294 or 12293. If the host does not publish itself, add the record by hand; the runbook's KmsDnsPublishFailed tells which rights it needs. If the domain is not used, take it out of `kms.srv_domains` and `probes.srv_domains`.",
  },
  KmsUnexpectedHost: {
    summary: "{{ $labels.target }} is used as a KMS host and is not expected",
    description:
      "Clients ask {{ $labels.target }} for activation, or DNS offers it to them, and it is not among `kms.expected_hosts`.",
    meaning:
      "A forgotten host that takes clients away from the others, a host of a test, or a program that pretends to be one.",
    action:
      "Find the clients by their events (`/api/v1/events?event=kms_request_sent`; `asked_kms_host` of a computer), and who wrote the SRV record. Clear a pinned host with `slmgr /ckms`. If it belongs to you, list it in `kms.expected_hosts`; if a cloud provider runs it, in `kms.external_hosts`.",
  },
  KmsSingleHost: {
    summary: "Zone {{ $labels.zone }} depends on a single KMS host",
    description: `The planning guide asks for ${COUNT} KMS hosts in a zone of this size; zone {{ $labels.zone }} has one. While it is down, nothing there is activated.`,
    meaning: "Table 1 asks large networks for two KMS hosts; each must count enough clients alone.",
    action: "Set up a second one with the same host key (six are allowed); `/api/v1/recommendations` tells the reason.",
  },
  KmsKeyOverused: {
    summary: `KMS host key {{ $labels.partial_product_key }} is used more than Microsoft allows`,
    description: `{{ if $labels.kms_host }}KMS host {{ $labels.kms_host }} was activated again ${COUNT} times with the key {{ $labels.partial_product_key }}; ${allowed(kmsMetrics.keyReactivationsAllowed, "fewer")} times are allowed.{{ else }}${COUNT} KMS hosts use the key {{ $labels.partial_product_key }}; ${allowed(kmsMetrics.keyHostsAllowed, "fewer")} are allowed.{{ end }} The next activation with it may be refused.`,
    meaning:
      "A host key activates six KMS hosts, and each of them nine times more after the first: when it is installed anew, or its hardware changes (a virtual machine that moves). What was used up in fact is known to Microsoft only; this counts the hosts that show the key, and the times that a host's own license was lost and came back, or came back with another machine ID. Hosts that are gone have used up an activation too.",
    action:
      "See which hosts show the key (`activation_kms_host_key_info`, `keys` of `/api/v1/kms-hosts/HOST`). Two KMS hosts suffice for most organisations: take the key off the others (`slmgr /upk`, the setup key in its place). If you need more, ask Microsoft's activation centre for an exception, then set `kms.key_hosts_allowed` or `kms.key_reactivations_allowed` to what was granted. If a host comes back again and again, pin its virtual machine to its hardware.",
  },
  KmsClientsUncovered: {
    summary: `KMS host ${HOST} cannot activate {{ $labels.product }}`,
    description: `${COUNT} computers with {{ $labels.product }} asked ${HOST} within 30 days. None of its keys activates that product: they are refused, or will be at their next renewal.`,
    meaning:
      "A host key activates its own product group and those below (client, then servers A, B, C) and earlier generations, nothing newer; a key of client Windows activates no servers; each version of Office needs a key of its own (planning guide, Tables 3 to 5).",
    action:
      "Install the key of the newest and highest group that your computers have (`slmgr /ipk`, `slmgr /ato`; the key of the newest Windows Server covers all the others), with the update that lets an older host take it. For Office install the Volume License Pack of that version. Or let those computers ask another KMS host. `refused` of `/api/v1/kms-hosts/HOST` lists who was refused.",
  },
  KmsDuplicateMachineIds: {
    summary: `Cloned computers ask KMS host ${HOST}`,
    description: `${COUNT} client machine IDs at ${HOST} are used by several computers, which count as one.`,
    meaning: "Images were cloned without generalizing.",
    action: "Run `slmgr /rearm` on the computers that the host's page lists, and `sysprep /generalize` on the image.",
  },
  KmsRenewalIntervalTooLong: {
    summary: `KMS host ${HOST} lets clients renew too rarely`,
    description: `${HOST} tells its clients to renew every {{ $value | humanizeDuration }}; it forgets them after 30 days.`,
    meaning: "With so long an interval a client that misses two renewals is not counted any more.",
    action: "Set the renewal interval back: `slmgr /sri 10080`.",
  },
  LicenseDeadlineNear: {
    summary: `${COUNT} computers in zone {{ $labels.zone }} reach a license deadline within a week`,
    description: `${COUNT} computers in zone {{ $labels.zone }}, now {{ $labels.status }}, reach the end of their validity or grace within seven days.`,
    meaning:
      "A client that renews weekly has 173 days left at least; these have not renewed for months, or were never activated.",
    action:
      "List them: `/api/v1/computers?zone=…&deadline_before=…`. Bring them to the network or VPN, or activate them by MAK.",
  },
  LicenseDeadlinePassed: {
    summary: `${COUNT} computers in zone {{ $labels.zone }} are past their last known deadline`,
    description: `${COUNT} computers in zone {{ $labels.zone }}, last seen {{ $labels.status }}, have reported nothing since their license ran out.`,
    meaning: "A deadline keeps running while a computer is silent.",
    action: "Find out whether they are in use. Retired ones leave after 180 days.",
  },
  LicenseNotification: {
    summary: `${COUNT} licenses in zone {{ $labels.zone }} are in notification`,
    description: `${COUNT} licenses in zone {{ $labels.zone }} have run out: their users see notices.`,
    meaning: "Validity and grace are over.",
    action: "Activate them: `slmgr /ato`, and see event 8198 or 12288 on one of them for the reason.",
  },
  LicenseNonGenuine: {
    summary: `${COUNT} computers in zone {{ $labels.zone }} are not genuine`,
    description: `Windows takes ${COUNT} computers in zone {{ $labels.zone }} for non-genuine.`,
    meaning: "A key is blocked, or licensing files were changed.",
    action: "Look at one of them with `slmgr /dlv` and re-install the setup key.",
  },
  LicenseRenewalsOverdue: {
    summary: `{{ $value | humanizePercentage }} of the computers in zone {{ $labels.zone }} are overdue with their renewal`,
    description: `{{ $value | humanizePercentage }} of the computers in zone {{ $labels.zone }} have not renewed for more than two intervals and a day.`,
    meaning: "So many cannot be travelling: they do not reach a KMS host.",
    action: "Check DNS and TCP port 1688 from that zone.",
  },
  LicenseFleetAnomaly: {
    summary: `{{ $value | humanizePercentage }} of the computers in zone {{ $labels.zone }} changed their license state within an hour`,
    description: `Within an hour {{ $value | humanizePercentage }} of the computers in zone {{ $labels.zone }} went into notification, changed their channel or were rearmed. Something acts on all of them at once.`,
    meaning: "Single computers change now and then; so many at once are an update, a policy, an image or an attack.",
    action:
      "Ask what was rolled out. Look at a few of them (`/api/v1/computers?zone=…&status=notification`) and at their events, and stop the roll-out.",
  },
  LicenseChannelDrift: {
    summary: `${COUNT} computers in zone {{ $labels.zone }} changed how they are activated`,
    description: `Within an hour ${COUNT} computers in zone {{ $labels.zone }} changed their channel, for example from KMS to MAK or retail.`,
    meaning: "Somebody installed another key. Computers that leave KMS are missing in its count.",
    action:
      "See the channel of those that reported last (`/api/v1/computers?zone=…&channel=…`). Put the setup key back with `slmgr /ipk`, if it was not meant.",
  },
  ClientClockSkew: {
    summary: `${COUNT} computers in zone {{ $labels.zone }} have a wrong clock`,
    description: `The clocks of ${COUNT} computers in zone {{ $labels.zone }} are more than an hour off; activation fails at four.`,
    meaning:
      "KMS compares times in UTC. An agent's clock is compared with the collector's when it sends, the clock of a client without agent with its KMS host's when it asks. Where all clients of a host differ by the same, it is the host's clock, and they are not counted.",
    action:
      "Mend the time service of the zone. `clock_skewed` of `/api/v1/kms-hosts/HOST` lists clients and how far they are off. If the KMS host itself is wrong, its agent tells.",
  },
  MakAllowanceLow: {
    summary: `{{ $value | humanizePercentage }} of the activations of MAK {{ $labels.partial_product_key }} are left`,
    description: `MAK …-{{ $labels.partial_product_key }} has {{ $value | humanizePercentage }} of its activations left. Once they are used up, new computers with it are refused (0xC004C020).`,
    meaning:
      "Of the configured allowance little is left: by the number that the licensing portal gave, or, without one, by the computers that carry the key.",
    action:
      "Ask Microsoft for a higher allowance, or let computers that reach a KMS host use it. Copy the portal's number into `mak[].remaining`: re-imaging uses up activations that no inventory shows.",
  },
  MakExhaustionForecast: {
    summary: `MAK {{ $labels.partial_product_key }} will be used up within 30 days`,
    description: `At last week's pace ${COUNT} more computers will take MAK …-{{ $labels.partial_product_key }} within 30 days. It has fewer activations left.`,
    meaning: "The number of computers with this key grows faster than its allowance permits.",
    action: "Ask Microsoft for a higher allowance in time, or stop the roll-out that uses the key.",
  },
  AgentsStale: {
    summary: `{{ $value | humanizePercentage }} of the agents in zone {{ $labels.zone }} have fallen silent`,
    description: `{{ $value | humanizePercentage }} of the computers in zone {{ $labels.zone }} have not reported for days.`,
    meaning: "What is shown of them is old.",
    action: "Check the way from that zone to the collector, and the agent's service.",
  },
  AgentSpoolBacklog: {
    summary: `Agents in zone {{ $labels.zone }} cannot deliver`,
    description: `An agent in zone {{ $labels.zone }} holds records that it could not deliver for {{ $value | humanizeDuration }}.`,
    meaning: "They wait on disk; nothing is lost until the spool is full.",
    action: "See the agent's log for the reason: name, certificate, token.",
  },
  AgentEventGap: {
    summary: `Events were lost in zone {{ $labels.zone }} before they could be read`,
    description: `Agents in zone {{ $labels.zone }} found their event log overwritten or cleared.`,
    meaning: "A KMS host's count cannot be computed from its log until 30 days are read again.",
    action: 'Enlarge the log (`wevtutil sl "Key Management Service" /ms:…`), and find out who cleared it.',
  },
  CollectorRejectingRecords: {
    summary: "The collector rejects {{ $labels.kind }} records",
    description: "Somebody sends {{ $labels.kind }} records that are malformed or speak of other computers.",
    meaning: "A sender is not listed as a forwarder, or something pretends.",
    action: "See the sender's log: the answer tells the reason.",
  },
  CollectorUninterpretedRecords: {
    summary: "The collector does not understand some {{ $labels.kind }} records",
    description: "Records of kind {{ $labels.kind }} arrive that are kept but count nothing.",
    meaning: "A payload in a KMS log, a forged request, or a form that is not known yet.",
    action: "Look at them in the table `unread` of the store; report a form that should be known.",
  },
  CollectorDown: {
    summary: "No activation-monitor collector is scraped",
    description: "Prometheus has had no figures from any collector. Nobody watches activation now.",
    meaning: "The collector is down, or Prometheus cannot reach it. Agents keep their records on disk.",
    action: "Start it; see its log. Check the scrape configuration.",
  },
  Watchdog: {
    summary: "Alerting works",
    description: "This alert always fires. When it stops arriving, the way from Prometheus to you is broken.",
    meaning: "A heartbeat of alerting itself.",
    action: "None, unless it is missing.",
  },
};
