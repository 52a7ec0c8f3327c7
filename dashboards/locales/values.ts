import { CHANNELS, STATUSES } from "../../licensing/license.ts";
import { ZONE_KINDS } from "../../licensing/planning.ts";
import { REASONS } from "../../licensing/reasons.ts";

/** Labels whose values are a fixed set, and what people read in their place. Zones, hosts and product classes keep their names. */
export const VALUES = {
  status: STATUSES,
  channel: CHANNELS,
  reason: REASONS,
  zoneKind: ZONE_KINDS,
  change: ["to_notification", "to_licensed", "channel_drift", "rearmed"],
  attempt: ["activated", "refused", "no_answer"],
  computer: ["reporting", "stale", "retired"],
  record: ["event", "licensing", "probe", "heartbeat"],
  recordOutcome: ["duplicate", "ignored", "expired", "rejected", "uninterpreted"],
  srv: ["known", "unknown", "unexpected", "unresolvable"],
  application: ["windows", "office", "office2010"],
} as const;

export type ValueWords = {
  readonly [Label in keyof typeof VALUES]: Readonly<Record<(typeof VALUES)[Label][number], string>>;
};

/** In English the values speak for themselves. */
export const themselves = Object.fromEntries(
  Object.entries(VALUES).map(([label, values]) => [label, Object.fromEntries(values.map((it) => [it, it]))]),
) as ValueWords;
