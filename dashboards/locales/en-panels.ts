import type { Words } from "./texts.ts";

export const panels = {
  verdict: {
    title: "KMS hosts",
    description:
      "The worst state of all KMS hosts. At risk: a count has fallen below what a product class needs, or a host is not licensed itself; new computers are refused. Unknown: nothing is known of a host for a day, or its count cannot be judged; that is never taken for safe. Watch: close to a threshold, predicted to fall within 14 days, or never reached yet.",
  },
  nextFall: {
    title: "Next count to drop",
    description:
      "The KMS host and product class whose count falls first, and in what time. Healthy clients renew every seven days and keep this above 23 days; less means that clients cannot reach the host.",
    none: "None predicted",
  },
  nextDeadline: {
    title: "Next deadline",
    description:
      "The computer whose validity or grace ends first, of those within 30 days, and in what time. It has not renewed for months: bring it to the network or VPN, or activate it by MAK.",
    none: "None within 30 days",
  },
  longestSilence: {
    title: "Silent for",
    description:
      "The KMS host of which nothing has been heard for the longest time, by its log, its own count or its clients. After a day it counts as unknown. Figures of a silent host stop at what was known.",
    none: "No KMS host yet",
  },
  firingCounts: {
    title: "Alerts",
    description: "Alerts of this product that fire now. Critical ones page, except in labs.",
  },
  headroomTable: {
    title: "Headroom, lowest first",
    description:
      "For each KMS host and product class in use: how many clients more than needed it counts (25 for client Windows, 5 for servers and for Office), and when it falls below if nobody renews. A host counts at most twice what is needed, so 25 and 5 are the most there can be (45 for servers, which share the clients' table). A question mark means that the count is not known.",
    none: "No KMS host has reported yet",
  },
  firingAlerts: {
    title: "Firing alerts: what to do",
    description: "The alerts that fire, since when, and the first thing to do. The runbook says more.",
    none: "No alert fires",
  },
  hostTimeline: {
    title: "State of each KMS host over time",
    description:
      "The state of each KMS host in the time shown. A gap means that no collector answered Prometheus: not safe, but not known.",
    none: "No KMS host has reported yet",
  },
  deadlineTable: {
    title: "Next license deadlines",
    description:
      "Computers whose license runs out first, within 30 days. After the validity a grace of 30 days follows, then notification. A silent computer's deadline keeps running.",
    none: "No deadline within 30 days",
  },
  licenseStatus: {
    title: "Licenses by status",
    description: "Installed licenses of all computers, by their state. Everything but licensed needs a look.",
    none: "No computer has reported a license yet",
  },
  deadlinesAhead: {
    title: "Computers with a deadline within …",
    description:
      "Computers whose validity or grace ends within the time (each bar contains the ones above it). A client that renews weekly never comes under 173 days.",
    none: "No computer has reported yet",
  },
  overdue: {
    title: "Renewals overdue",
    description:
      "Share of each zone's computers that have not renewed for more than two of their intervals and a day. Laptops travel; above one in twenty it is the network or the KMS host.",
  },
  zones: {
    title: "Zones",
    description:
      "Each zone's computers: those that report, those silent for days, overdue renewals, licenses in notification, deadlines within a week, clocks more than an hour off.",
    none: "No computer has reported yet",
  },
  products: {
    title: "Licenses by product and channel",
    description: "What is installed and how it is activated.",
    none: "No computer has reported a license yet",
  },
  attempts: {
    title: "Activation attempts per hour",
    description:
      "Attempts of KMS clients by their outcome: a request (12288) and its answer (12289). No answer means that none came within ten minutes.",
  },
  failures: {
    title: "Failed attempts per hour, by cause",
    description: "Why activation attempts failed. `none` means that attempts are watched and none failed.",
  },
  changes: {
    title: "Changes of license state per hour",
    description:
      "What happened to licenses. Many changes to notification at once are an incident, not single computers.",
  },
  mak: {
    title: "Computers by MAK",
    description:
      "Computers that are licensed by each multiple activation key (its last five characters), and of its allowance what is left, where the allowance is configured.",
    none: "No MAK in use",
  },
  rearms: {
    title: "Rearms left",
    description:
      "Computers by how often they can still be rearmed. With 0 left a clone cannot get a machine ID of its own.",
    none: "No computer has reported its rearms yet",
  },
  classTimeline: {
    title: "State over time",
    description: "Each host and product class in the time shown: since when it is as it is.",
    none: "No KMS host has reported yet",
  },
  untilFall: {
    title: "Time until the count drops below, if no client renews",
    description:
      "The last request of the client that decides the threshold, plus 30 days. Above 23 days is healthy weekly renewal; a line that sinks for more than a week means that clients do not reach the host. Below 0 the count has fallen. Only shown where the log is complete.",
    none: "No complete log yet",
  },
  headroomLines: {
    title: "Headroom",
    description: "Clients more than needed, by host and product class. Below 0 the host activates none of that class.",
    none: "No count is known",
  },
  windowsCount: {
    title: "Windows count of $kms_host",
    description:
      "Effective is what is judged: the reported count while fresh, else the table as computed from the log. Told is what clients were answered. Dashed: what clients and servers need, and the limit.",
    none: "This host counts no Windows",
  },
  officeCount: {
    title: "Office count of $kms_host",
    description: "As for Windows: effective, reported and computed count of Office 2013 and later. Office needs 5.",
    none: "This host counts no Office",
  },
  requests: {
    title: "Requests per hour, by the client's status before",
    description: "Requests that the KMS hosts handled. Renewals come from licensed clients, new computers from grace.",
  },
  requestFailures: {
    title: "Failed requests per hour, by cause",
    description:
      "Requests that the KMS hosts answered with an error. They never count. `none`: watched, and none failed.",
  },
  waiting: {
    title: "Clients waiting for the count",
    description: "Clients refused because the count was too low and not activated since, by host.",
    none: "No product class in use yet",
  },
  duplicates: {
    title: "Machine IDs used by several computers",
    description: "Cloned without sysprep: they count as one client. The host's page lists the computers.",
    none: "No KMS host has reported yet",
  },
  hostFacts: {
    title: "Hosts",
    description:
      "The host's own license (in notification it refuses every client), what clients are told to renew by, its last request, and until when it is known.",
    none: "No KMS host has reported yet",
  },
  keys: {
    title: "Host keys",
    description:
      "Installed KMS host keys and the product group that each activates; how many more hosts may use the key, and how often this host may still be activated again with it, by what was seen.",
    none: "No KMS host has reported its keys yet",
  },
  uncovered: {
    title: "Clients without a matching host key",
    description:
      "Computers that asked within 30 days for a product which none of the host's keys covers: they are refused, or will be. Products that nobody placed are not judged.",
    none: "No KMS host has reported its keys and clients yet",
  },
  dns: {
    title: "Published in DNS",
    description:
      "Whether the host could publish its SRV record in the domain the last time it tried (12294, or 12293).",
    none: "No KMS host has tried to publish itself",
  },
  outside: {
    title: "Probes",
    description:
      "Whether the host answered the last probes, from each zone that probes: a TCP connection, and a bind to the KMS interface. A probe never asks for an activation.",
    none: "No agent is told to probe",
  },
  srvRecords: {
    title: "SRV records found",
    description:
      "What clients find as _vlmcs._tcp in each domain. Known: a KMS host of ours. Unexpected or unknown: somebody else's. Unresolvable: a name without an address, which costs every client a failed attempt.",
    none: "No agent is told to look for SRV records",
  },
  knownAge: {
    title: "Data age",
    description:
      "Time since anything was last heard of the host: its own count, its log, or what clients were told. After a day it is unknown.",
    none: "No KMS host has reported yet",
  },
  collector: {
    title: "Collector",
    description: "The versions of collectors that serve now.",
  },
  ready: {
    title: "Metrics ready",
    description: "Whether the collector has counted everything after its start. Until then it serves no fleet figures.",
  },
  knownComputers: {
    title: "Computers known",
    description: "All computers that the collector has heard of and not forgotten.",
  },
  storeSize: {
    title: "Database",
    description: "Size of the collector's database.",
  },
  agentsSilent: {
    title: "Silent agents",
    description: "Share of all computers, retired ones left out, that have not reported for days.",
    none: "No computer has reported yet",
  },
  backlogNow: {
    title: "Oldest undelivered record",
    description: "Age of the oldest record that an agent holds on its disk. After a day it is an alert.",
    none: "No computer has reported yet",
  },
  records: {
    title: "Records accepted per minute",
    description: "What the collector took, by kind.",
  },
  unwelcome: {
    title: "Other records per minute",
    description:
      "Duplicates are normal after a retry. Rejected: malformed or about another computer. Uninterpreted: kept, not understood. Ignored: of other providers. Expired: older than the retention.",
  },
  spooled: {
    title: "Records waiting on agents' disks",
    description: "By zone. A growing line means that agents cannot deliver.",
    none: "No computer has reported yet",
  },
  oldestUnsent: {
    title: "Oldest undelivered record",
    description: "By zone, the maximum. Events live 30 days at their source at best.",
    none: "No computer has reported yet",
  },
  lost: {
    title: "Records lost per hour",
    description:
      "Records dropped because a spool was full or the collector refuses them for good, and places where an event log was overwritten or cleared.",
  },
  failingSources: {
    title: "Sources that cannot be read",
    description: "Agents, by the source that fails at present.",
    none: "Every source can be read",
  },
  reporting: {
    title: "Computers that report",
    description: "Reporting, stale (silent for days) and retired (silent for longer, by default 90 days) computers.",
    none: "No computer has reported yet",
  },
  trouble: {
    title: "Trouble per hour",
    description: "Event times from the future that were corrected, and transactions that the database refused.",
  },
  otlpRequests: {
    title: "OTLP requests per minute, by status",
    description:
      "All collectors together. 429 and 503 ask agents to come again; 400 and 413 are the sender's mistakes.",
    none: "No request yet",
  },
  otlpDuration: {
    title: "Time to answer and to commit",
    description: "All collectors together: from a request's arrival to its answer, and to commit one transaction.",
    none: "No request yet",
  },
} satisfies Partial<Words["panels"]>;
