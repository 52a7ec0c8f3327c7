import { gauge } from "./metrics.ts";

const COMPUTER = "computer zone";

/** Of every single computer, at `/metrics/computers`: names of their own, so that no sum of `/metrics` counts one twice. */
export const computerMetrics = {
  lastSeen: gauge("computer_last_seen_timestamp_seconds", COMPUTER, "When this computer was last heard of."),
  lastRenewal: gauge(
    "computer_last_renewal_timestamp_seconds",
    COMPUTER,
    "When this computer was last activated or renewed by a KMS host, where that is known.",
  ),
  licenseInfo: gauge(
    "computer_license_info",
    `${COMPUTER} product channel status`,
    "1 for each installed license, with its status.",
  ),
  licenseDeadline: gauge(
    "computer_license_deadline_timestamp_seconds",
    `${COMPUTER} product channel`,
    "When a license's validity or grace ends, where one runs.",
  ),
} as const;

export const COMPUTER_METRICS = Object.values(computerMetrics);
