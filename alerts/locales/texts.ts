import type { ThresholdName } from "../thresholds.ts";

/** The texts of an alert. `{{ … }}` are Prometheus' templates: `$labels` and `$value`. */
export interface AlertWords {
  readonly summary: string;
  readonly description: string;
  /** For the runbook: what the alert means … */
  readonly meaning: string;
  /** … who is affected and when … */
  readonly affected: string;
  /** … how to check it, with exact commands … */
  readonly check: string;
  /** … how to fix it … */
  readonly action: string;
  /** … and the section of the planning guide, where it has one. */
  readonly guide?: string;
}

export const ALERTS = [
  "KmsCountBelowThreshold",
  "KmsThresholdNotReached",
  "KmsCountNearThreshold",
  "KmsCountForecastBelowThreshold",
  "KmsHostUnknown",
  "KmsCountsDisagree",
  "KmsTableLost",
  "KmsUnknownProducts",
  "KmsHostKeyLost",
  "KmsHostNotLicensed",
  "KmsHostGraceEnding",
  "KmsRequestsFailing",
  "KmsNoRequests",
  "KmsHostDown",
  "KmsHostUnreachable",
  "KmsDnsPublishFailed",
  "KmsSrvRecordMissing",
  "KmsUnexpectedHost",
  "KmsSingleHost",
  "KmsKeyOverused",
  "KmsClientsUncovered",
  "KmsDuplicateMachineIds",
  "KmsRenewalIntervalTooLong",
  "LicenseDeadlineNear",
  "LicenseDeadlinePassed",
  "LicenseNotification",
  "LicenseNonGenuine",
  "LicenseRenewalsOverdue",
  "LicenseFleetAnomaly",
  "LicenseChannelDrift",
  "ClientClockSkew",
  "MakAllowanceLow",
  "MakExhaustionForecast",
  "AgentsStale",
  "AgentSpoolBacklog",
  "AgentEventGap",
  "CollectorRejectingRecords",
  "CollectorUninterpretedRecords",
  "CollectorClockSuspect",
  "CollectorLimitReached",
  "CollectorDown",
  "Watchdog",
] as const;
export type AlertName = (typeof ALERTS)[number];

/** A language that lacks a sentence does not compile. */
export interface Words extends Readonly<Record<AlertName, AlertWords>> {
  readonly runbook: RunbookWords;
  readonly notification: NotificationWords;
  /** The reason for each threshold, for the runbook. */
  readonly thresholds: Readonly<Record<ThresholdName, string>>;
}

/** What mail and chat say around an alert's own sentences. */
export type NotificationWords = Readonly<
  Record<"firing" | "resolved" | "all" | "since" | "runbook" | "dashboard" | "silence", string>
>;

export interface RunbookWords {
  readonly title: string;
  readonly intro: string;
  readonly meaning: string;
  readonly affected: string;
  readonly check: string;
  readonly action: string;
  readonly silence: string;
  readonly settings: string;
  readonly severity: Readonly<Record<"critical" | "warning" | "info", string>>;
  readonly atOnce: string;
  readonly holds: (duration: string) => string;
  readonly keeps: (duration: string) => string;
  readonly dashboard: (name: string) => string;
  readonly guide: string;
  readonly thresholds: string;
  readonly thresholdsIntro: string;
}
