import type { EventName } from "../../../licensing/events/names.ts";
import type { HealthState } from "../../../licensing/kms/health.ts";
import type { ZoneKind } from "../../../licensing/planning.ts";
import type { Reason } from "../../../licensing/reasons.ts";
import type { LabelWords } from "../../../licensing/telemetry/label-values.ts";
import type { Level } from "../levels.ts";
import type { PageTexts } from "./page-texts.ts";

type RefusalName =
  | "unauthenticated"
  | "forbidden"
  | "certificate"
  | "host_header"
  | "too_large"
  | "unsupported"
  | "malformed"
  | "overloaded";
type Count = (count: number) => string;

/** The texts of every page in one language. A language that lacks a text does not compile. */
export interface Texts extends PageTexts {
  /** The language's own name, for the switch. */
  readonly languageName: string;
  readonly labels: LabelWords & { readonly zoneKind: Readonly<Record<ZoneKind, string>> };
  readonly menuLabel: string;
  readonly menu: Readonly<
    Record<"overview" | "computers" | "deadlines" | "failures" | "worksheet" | "pipeline" | "runbook", string>
  >;
  readonly skipToContent: string;
  /** In which time zone times are shown, and the page to choose it. */
  readonly times: Readonly<
    Record<"shownIn" | "change" | "showUtc" | "title" | "intro" | "zone" | "save" | "current", string>
  >;
  readonly metrics: string;
  readonly notFound: string;
  readonly noComputer: (name: string) => string;
  readonly noKmsHost: (name: string) => string;
  readonly starting: string;
  readonly startingText: string;
  readonly wrongParameter: string;
  readonly yes: string;
  readonly no: string;
  readonly none: string;
  readonly more: Count;
  readonly sinceStart: string;
  readonly whatToDo: string;
  readonly computer: string;
  readonly zone: string;
  readonly inZone: (zone: string) => string;
  readonly product: string;
  readonly channel: string;
  readonly status: string;
  readonly in: (span: string) => string;
  readonly ago: (span: string) => string;
  readonly minutes: Count;
  readonly hours: Count;
  readonly days: Count;
  readonly verdict: Readonly<Record<Level, string>>;
  readonly verdictSentences: Readonly<Record<Level, string>>;
  readonly health: Readonly<Record<HealthState, string>>;
  readonly overview: {
    readonly title: string;
    readonly noHost: string;
    readonly hosts: Count;
    readonly waiting: string;
    readonly waitingText: string;
    readonly count: string;
    readonly required: string;
    readonly headroom: string;
    readonly falls: string;
    readonly missing: Count;
    readonly fell: string;
    readonly noData: string;
    readonly dataUntil: string;
    readonly details: (host: string) => string;
  };
  readonly refused: Readonly<Record<"title" | "cause" | "requests" | "sender" | "senders", string>>;
  readonly refusals: Readonly<Record<RefusalName, { readonly cause: string; readonly remedy: string }>>;
  readonly kmsHost: Readonly<
    Record<
      | "health"
      | "noFindings"
      | "aliases"
      | "forecast"
      | "reported"
      | "told"
      | "distinct"
      | "inTable"
      | "lastRequest"
      | "countUnknown"
      | "falls"
      | "fell"
      | "leaves"
      | "waiting"
      | "refused"
      | "duplicates"
      | "machineId"
      | "computers"
      | "skewed"
      | "off"
      | "keys"
      | "key"
      | "keyGroup"
      | "reactivations"
      | "probes"
      | "noProbes"
      | "probe"
      | "target"
      | "prober"
      | "result"
      | "since"
      | "today",
      string
    >
  > & {
    readonly tableSize: Count;
    readonly required: Count;
    readonly headroom: Count;
    readonly inDays: Count;
    readonly clients: (application: string) => string;
    readonly barLabel: (application: string, count: number, required: readonly number[]) => string;
    readonly forecastLabel: (count: number, required: readonly number[]) => string;
  };
  readonly computers: Readonly<
    Record<
      | "search"
      | "all"
      | "apply"
      | "csv"
      | "firstPage"
      | "nextPage"
      | "noMatch"
      | "noMatchSoFar"
      | "license"
      | "deadline"
      | "lastSeen"
      | "noReading",
      string
    >
  >;
  readonly computerPage: Readonly<
    Record<
      | "os"
      | "agent"
      | "noAgent"
      | "renewed"
      | "overdue"
      | "rearms"
      | "asked"
      | "licenses"
      | "noLicenses"
      | "reason"
      | "key"
      | "allEvents",
      string
    >
  >;
  readonly deadlineKinds: Readonly<Record<"validity" | "grace", string>>;
  readonly events: Readonly<Record<EventName, string>>;
  readonly deadlines: { readonly intro: string; readonly none: Count };
  readonly failures: Readonly<
    Record<
      "intro" | "byCause" | "cause" | "attempts" | "zones" | "none" | "byOutcome" | "noAttempts" | "inNotification",
      string
    >
  >;
  /** What to do about a failed activation, by its cause. */
  readonly remedies: Readonly<Record<Reason, string>>;
  readonly worksheet: Readonly<
    Record<
      "title" | "intro" | "none" | "row" | "criterion" | "method" | "computers" | "hosts" | "notConfigured",
      string
    >
  > & { readonly recommended: (recommended: number, there: number) => string };
  readonly pipeline: Readonly<
    Record<
      | "agents"
      | "noAgents"
      | "spooled"
      | "gaps"
      | "silent"
      | "noneSilent"
      | "failing"
      | "noneFailing"
      | "source"
      | "agentCount"
      | "records"
      | "kind"
      | "uninterpreted"
      | "noneUninterpreted"
      | "limits"
      | "limit"
      | "used"
      | "allowed"
      | "received"
      | "record",
      string
    >
  >;
  readonly runbook: { readonly defaults: string; readonly noAlert: string };
}
