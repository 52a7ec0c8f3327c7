import type { Advice } from "./advice.ts";
import type { SourceName } from "./sources.ts";

/** Why an activation failed, as a bounded word list for labels; the order is the one in which metrics show them. */
export const REASONS = [
  "count_too_low",
  "host_unreachable",
  "dns",
  "clock_skew",
  "unsupported_product",
  "bios_marker_missing",
  "not_genuine",
  "key_blocked",
  "host_not_activated",
  "limit_exceeded",
  "hardware_changed",
  "grace_expired",
  "adba",
  "token",
  "avma",
  "access_denied",
  "other",
] as const;
export type Reason = (typeof REASONS)[number];

/** Who has to act. `none`: the code reports a state, not a fault. */
export type Fault = "client" | "network" | "dns" | "host" | "key" | "clock" | "microsoft" | "none";

/**
 * One result code (HRESULT). `code` is eight upper-case hexadecimal digits, `name` is the constant's in slerror.h or
 * winerror.h, `en` and `ja` are one sentence each.
 */
export type CodeRow = readonly [
  code: string,
  name: string,
  reason: Reason,
  fault: Fault,
  advice: Advice,
  source: SourceName,
  en: string,
  ja: string,
];

/** One event ID of the licensing providers. */
export type EventRow = readonly [id: number, fault: Fault, advice: Advice, source: SourceName, en: string, ja: string];
