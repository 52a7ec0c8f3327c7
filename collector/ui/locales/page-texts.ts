import type { EntrySource } from "../../../licensing/diagnosis/timeline-entry.ts";

/** What can be connected, in the order in which most people do it. */
export const CONNECT_WAYS = ["agent", "otelcol", "prometheus", "files", "simulation"] as const;
export type ConnectWay = (typeof CONNECT_WAYS)[number];
/** What Alertmanager does with an alert. */
export type AlertState = "firing" | "silenced" | "inhibited";

type Count = (count: number) => string;

/** Texts of the first start, the fleet's summary, alerts and privacy, in one language. */
export interface PageTexts {
  /** Link to the dashboards, where Grafana's address is configured. */
  readonly openDashboard: string;
  readonly summary: Readonly<
    Record<"overdue" | "licenses" | "passed" | "agents" | "oldestUnsent" | "noComputer" | "noLicense", string>
  > & { readonly within: Count };
  readonly steps: {
    readonly title: string;
    readonly none: string;
    readonly runbook: (alert: string) => string;
    readonly notification: Count;
    readonly nonGenuine: Count;
    readonly deadlines: Count;
    readonly overdue: Count;
    readonly refused: Count;
    readonly silent: Count;
    readonly failing: Count;
  };
  readonly alerts: Readonly<
    Record<"title" | "alert" | "since" | "summary" | "none" | "noneFiring" | "byConditions" | "notAnswering", string>
  > & { readonly states: Readonly<Record<AlertState, string>> };
  readonly connect: Readonly<
    Record<"title" | "addresses" | "otlp" | "web" | "metrics" | "otlpOnlyHere" | "webOnlyHere", string>
  > & {
    readonly needs: Readonly<Record<"nothing" | "token" | "certificate", string>>;
    readonly ways: Readonly<Record<ConnectWay, { readonly title: string; readonly text: string }>>;
  };
  /** The line of time of a computer or a KMS host, and what follows from it. */
  readonly timeline: Readonly<
    Record<"diagnosis" | "title" | "time" | "side" | "what" | "meaning" | "none" | "json", string>
  > & {
    readonly times: Count;
    readonly kmsCount: Count;
    readonly sources: Readonly<Record<EntrySource, string>>;
    readonly changes: Readonly<Record<"status" | "channel" | "probe", string>>;
  };
  readonly privacy: {
    readonly title: string;
    readonly sections: readonly {
      readonly title: string;
      readonly paragraphs: readonly string[];
      readonly list?: readonly string[];
    }[];
  };
}
