import type { LabelWords } from "../../licensing/telemetry/label-values.ts";
import type { State } from "../queries.ts";

export interface PanelWords {
  readonly title: string;
  /** Says what the figure means and when to act. */
  readonly description: string;
  /** In place of "No data", where nothing to show is an answer. */
  readonly none?: string;
}

export const PANELS = [
  "verdict",
  "nextFall",
  "nextDeadline",
  "longestSilence",
  "firingCounts",
  "headroomTable",
  "firingAlerts",
  "hostTimeline",
  "deadlineTable",
  "licenseStatus",
  "deadlinesAhead",
  "overdue",
  "zones",
  "products",
  "attempts",
  "failures",
  "changes",
  "mak",
  "rearms",
  "classTimeline",
  "untilFall",
  "headroomLines",
  "windowsCount",
  "officeCount",
  "requests",
  "requestFailures",
  "waiting",
  "duplicates",
  "hostFacts",
  "keys",
  "uncovered",
  "dns",
  "knownAge",
  "outside",
  "srvRecords",
  "collector",
  "knownComputers",
  "storeSize",
  "agentsSilent",
  "backlogNow",
  "ready",
  "records",
  "unwelcome",
  "spooled",
  "oldestUnsent",
  "lost",
  "failingSources",
  "reporting",
  "trouble",
  "otlpRequests",
  "otlpDuration",
  "withinWeek",
  "withinMonth",
  "overdueNow",
  "inNotification",
  "soonestDeadlines",
  "deadlinesByStatus",
  "deadlineTrend",
  "passed",
  "notified",
  "genuine",
  "overdueByZone",
  "activatedShare",
  "failedLastHour",
  "skewedNow",
  "uncoveredNow",
  "causesByZone",
  "causesByHost",
  "skewedByZone",
  "unexpectedHosts",
  "toActivate",
  "byKms",
  "byMak",
  "unplanned",
  "missingHosts",
  "tableOne",
  "hostCounts",
  "tableTwo",
  "distinctByHost",
  "makBudgets",
  "makTrend",
  "makProducts",
  "keyHosts",
  "reactivations",
  "channels",
] as const;
export type PanelName = (typeof PANELS)[number];

export const COLUMNS = [
  "host",
  "zone",
  "class",
  "state",
  "headroom",
  "fallsBelow",
  "knownUntil",
  "alert",
  "severity",
  "since",
  "next",
  "computer",
  "product",
  "status",
  "deadline",
  "kind",
  "reporting",
  "silent",
  "overdue",
  "notification",
  "deadlines",
  "skewed",
  "channel",
  "licenses",
  "license",
  "port",
  "renewal",
  "lastRequest",
  "application",
  "group",
  "key",
  "hostsLeft",
  "reactivationsLeft",
  "domain",
  "published",
  "where",
  "computers",
  "rearmsLeft",
  "byReport",
  "byLog",
  "byClients",
  "source",
  "from",
  "tcp",
  "rpc",
  "target",
  "priority",
  "weight",
  "allowance",
  "left",
  "within7",
  "within30",
  "within60",
  "within90",
  "cause",
  "attempts",
  "recommended",
  "present",
  "distinct",
  "count",
  "tableLimit",
  "criterion",
  "method",
  "usedShare",
  "daysLeft",
  "asOf",
  "hosts",
  "allowed",
  "reactivated",
] as const;
export type ColumnName = (typeof COLUMNS)[number];

/** What stands beside a line or a bar. */
export const SERIES = [
  "critical",
  "warning",
  "effective",
  "reported",
  "table",
  "told",
  "clientsNeed",
  "serversNeed",
  "officeNeeds",
  "limit",
  "none",
  "corrections",
  "refusedTransactions",
  "dropped",
  "gaps",
  "requestP50",
  "requestP99",
  "commitP50",
  "commitP99",
] as const;
export type SeriesName = (typeof SERIES)[number];

type Of<Name extends string, Text = string> = Readonly<Record<Name, Text>>;

export type AnnotationName = "critical" | "keys" | "tables" | "dns" | "restarts";
export type DashboardName = "fleet" | "kms" | "deadlines" | "failures" | "planning" | "keys" | "pipeline";

/** A language that lacks a sentence does not compile. */
export interface Words {
  /** Grafana's folder that holds the dashboards. */
  readonly folder: string;
  readonly dashboards: Of<DashboardName, { readonly title: string; readonly description: string }>;
  readonly rows: Of<
    | "licenses"
    | "activations"
    | "counts"
    | "requests"
    | "hosts"
    | "agents"
    | "collector"
    | "users"
    | "conditions"
    | "mak"
    | "hostKeys"
  >;
  readonly panels: Of<PanelName, PanelWords>;
  readonly columns: Of<ColumnName>;
  readonly series: Of<SeriesName>;
  readonly values: LabelWords;
  readonly states: Of<State>;
  readonly variables: Of<"datasource" | "zone" | "kms_host" | "product_class">;
  readonly links: Of<"dashboards" | "runbook" | "openHost" | "openAlert" | "openComputer">;
  readonly annotations: Of<AnnotationName>;
  readonly never: string;
  readonly allCovered: string;
  readonly unknown: string;
  /** In place of a number that nothing was read for. */
  readonly notRead: string;
  readonly moreRearms: string;
  readonly day: (days: number) => string;
  /** Grafana's units with a suffix in this language. */
  readonly units: Of<"days" | "hours" | "daysAgo" | "hoursAgo">;
  readonly fallen: string;
  readonly answering: Of<"yes" | "no">;
  readonly publishing: Of<"yes" | "no">;
  readonly ready: Of<"yes" | "no">;
  /** The first thing to do when an alert fires; the runbook says the rest. */
  readonly nextSteps: Readonly<Record<string, string>>;
}
