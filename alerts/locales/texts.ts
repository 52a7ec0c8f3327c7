/** What an alert says. `{{ … }}` are Alertmanager's templates: `$labels` and `$value`. */
export interface AlertWords {
  readonly summary: string;
  readonly description: string;
  /** For the runbook. */
  readonly meaning: string;
  readonly action: string;
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
  "CollectorDown",
  "Watchdog",
] as const;
export type AlertName = (typeof ALERTS)[number];

/** A language that lacks a sentence does not compile. */
export interface Words extends Readonly<Record<AlertName, AlertWords>> {
  readonly runbook: { readonly title: string; readonly origin: string; readonly action: string };
}
