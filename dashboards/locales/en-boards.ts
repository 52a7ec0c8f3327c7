import type { Words } from "./texts.ts";

/** Panels of the dashboards Deadlines, Failures, Planning, and MAK and keys. */
export const boardPanels = {
  withinWeek: {
    title: "In 7 days",
    description:
      "Computers whose validity or grace ends within 7 days. A client that renews weekly never comes under 173 days.",
    none: "No computer has reported yet",
  },
  withinMonth: {
    title: "In 30 days",
    description:
      "Computers whose validity or grace ends within 30 days: bring them to the network or VPN, or use a MAK.",
    none: "No computer has reported yet",
  },
  overdueNow: {
    title: "Overdue",
    description: "Computers that have not renewed for more than two of their renewal intervals and a day.",
    none: "No computer has reported yet",
  },
  inNotification: {
    title: "In notification",
    description: "Licenses in notification state: users see reminders until they are activated.",
    none: "No license was read yet",
  },
  soonestDeadlines: {
    title: "Computers with the soonest deadlines",
    description:
      "The 50 computers whose license runs out first, within 30 days. A silent computer's deadline keeps running.",
    none: "No deadline within 30 days",
  },
  deadlinesByStatus: {
    title: "Deadlines by status",
    description:
      "Computers with a deadline within the time, by the state in which it runs. After the validity a grace period follows, then notification.",
    none: "No computer has reported yet",
  },
  deadlineTrend: {
    title: "Deadlines within 30 days, by zone",
    description:
      "How many computers reach a deadline within 30 days. A rising line means that a zone has lost its way to a KMS host.",
    none: "No computer has reported yet",
  },
  passed: {
    title: "Past their deadline, by status",
    description: "Computers whose last known deadline has passed. Find out whether they are in use, or retire them.",
    none: "No deadline has passed",
  },
  notified: {
    title: "Computers that show notifications",
    description: "Computers whose users see activation notifications, by how often.",
    none: "No computer shows notifications",
  },
  genuine: {
    title: "Genuine validation",
    description: "Computers by the result of the genuine validation, where it was read.",
    none: "No genuine state was read yet",
  },
  overdueByZone: {
    title: "Overdue for renewal, by zone",
    description:
      "KMS clients that have not renewed for more than two intervals and a day. Many in one zone mean that the zone has no way to a KMS host.",
    none: "No computer has reported yet",
  },
  activatedShare: {
    title: "Success, last hour",
    description: "Share of the activation attempts of the last hour that ended with an activation.",
    none: "No attempt in the last hour",
  },
  failedLastHour: {
    title: "Failed attempts, last hour",
    description: "Activation attempts of the last hour that failed, of all causes.",
    none: "No computer has reported yet",
  },
  skewedNow: {
    title: "Clocks off",
    description: "Computers whose clock differs by more than an hour. At four hours their activation fails.",
    none: "No computer has reported yet",
  },
  uncoveredNow: {
    title: "Clients without a key",
    description: "Clients that asked within 30 days for a product which no host key covers.",
    none: "No KMS host has reported its keys and clients yet",
  },
  causesByZone: {
    title: "Causes by zone, in the time shown",
    description: "Failed activation attempts of clients in the time shown, the most frequent first.",
    none: "No failed attempt in this time",
  },
  causesByHost: {
    title: "Causes by KMS host, in the time shown",
    description: "Requests that KMS hosts answered with an error in the time shown, the most frequent first.",
    none: "No failed request in this time",
  },
  skewedByZone: {
    title: "Clocks off by more than an hour, by zone",
    description: "A whole zone at once means that its time source is wrong.",
    none: "No computer has reported yet",
  },
  unexpectedHosts: {
    title: "Unexpected KMS hosts",
    description: "Hosts that clients used and that are not listed in kms.expected_hosts, with their clients.",
    none: "No unexpected KMS host",
  },
  toActivate: {
    title: "To activate",
    description: "Row 1 of Table 2: computers with a volume license, by what agents read.",
    none: "No computer was classified yet",
  },
  byKms: {
    title: "By KMS",
    description: "Computers of the rows of Table 2 that KMS activates.",
    none: "No computer was classified yet",
  },
  byMak: {
    title: "By MAK",
    description: "Computers of the rows of Table 2 that need a MAK.",
    none: "No computer was classified yet",
  },
  unplanned: {
    title: "In no row",
    description:
      "Row 7 of Table 2, which must be 0. Otherwise a zone's kind is missing, or the inventory knows more computers than report.",
    none: "No computer was classified yet",
  },
  missingHosts: {
    title: "Hosts missing",
    description: "KMS hosts that Table 1 recommends for the configured zones and that are not there.",
    none: "No zone is configured",
  },
  tableOne: {
    title: "Table 1: KMS hosts by zone",
    description: "Computers of each configured zone, and how many KMS hosts the planning guide recommends for it.",
    none: "No zone is configured",
  },
  hostCounts: {
    title: "Clients and counts by KMS host",
    description:
      "Distinct clients of 30 days, the count that the host uses, and how many its table can hold. More clients than the limit are normal.",
    none: "No KMS host has reported yet",
  },
  tableTwo: {
    title: "Table 2: activation methods by zone",
    description: "The planning guide's worksheet from current data. Row 7, the remaining computers, must be 0.",
    none: "No computer was classified yet",
  },
  distinctByHost: {
    title: "Clients by KMS host, 30 days",
    description:
      "How the clients are distributed over the KMS hosts. One host that serves nearly all has no backup that works.",
    none: "No KMS host has reported yet",
  },
  makBudgets: {
    title: "MAK: what is left",
    description:
      "Computers on each MAK, its allowance and what is left; when it is used up at the pace of the last week; when the licensing portal was read. Re-imaging uses up activations that no inventory shows.",
    none: "No MAK in use",
  },
  makTrend: {
    title: "Computers by MAK over time",
    description: "A roll-out shows as a slope. A step means that an image carries the key.",
    none: "No MAK in use",
  },
  makProducts: {
    title: "What MAKs activate",
    description: "Licenses that a MAK activates, by product and status.",
    none: "No MAK in use",
  },
  keyHosts: {
    title: "KMS hosts by host key",
    description: "KMS hosts that use each host key, and how many may (6 unless Microsoft has granted more).",
    none: "No KMS host has reported its keys yet",
  },
  reactivations: {
    title: "Reactivations by host key",
    description:
      "How often each host was activated again with its key, by what was seen, and how often it may (9 unless Microsoft has granted more).",
    none: "No KMS host has reported its keys yet",
  },
  channels: {
    title: "Licenses by channel",
    description: "How all installed licenses are activated. A change at once is a changed image or a changed key.",
    none: "No computer has reported a license yet",
  },
} satisfies Partial<Words["panels"]>;
