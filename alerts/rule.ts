import { kmsMetrics as K, type Metric, recordedName } from "../licensing/telemetry/metrics.ts";
import type { AlertName } from "./locales/texts.ts";
import { ZONE_COMPUTERS, ZONE_KIND } from "./recording.ts";
import type { ThresholdName, Thresholds } from "./thresholds.ts";

export interface Rule {
  readonly alert: AlertName;
  readonly severity: "critical" | "warning" | "info";
  readonly expr: string;
  /** The threshold that says how long the condition must hold. */
  readonly holds?: "holds_short" | "holds_long" | "holds_host_unknown" | "holds_collector_down";
  /** The alert goes on for a while after the condition has ended, against flapping. */
  readonly keep?: boolean;
  /** The thresholds that the runbook lists for this alert. */
  readonly uses?: readonly ThresholdName[];
  /** The dashboard that shows more. */
  readonly dashboard?: `activation-${"fleet" | "kms" | "deadlines" | "failures" | "planning" | "keys" | "pipeline"}`;
}

/** The recorded series of a metric, with an optional selector. */
export const series = (metric: Metric, selector = ""): string =>
  `${recordedName(metric)}${selector && `{${selector}}`}`;

/**
 * Adds the zone's kind, by which Alertmanager routes (a lab warns, the core pages). A zone without configuration has no
 * kind; its alerts fire without the label. The recording rules give each zone one kind, so the join is many-to-one.
 */
export const withKind = (expr: string): string =>
  `(${expr}) + on (zone) group_left (kind) (0 * ${ZONE_KIND}) or (${expr}) unless on (zone) ${ZONE_KIND}`;

/**
 * Hosts whose state is known now (docs/counting-rules.md, "Silence is not zero"). For use behind `and on (kms_host, zone)`.
 */
export const isKnown = ({ host_unknown_after }: Thresholds): string =>
  `(time() - max by (kms_host, zone) (${series(K.knownUntil)}) < ${host_unknown_after})`;

export interface Settings {
  readonly thresholds: Thresholds;
}

export interface Affected {
  /** The share of all, above which it is no accident … */
  readonly share: number;
  /** … and the fewest that a warning is worth. */
  readonly atLeast: number;
  /** In a small zone this share is enough, whatever the number. */
  readonly smallZone?: number;
}

/**
 * Counts by zone that concern a share of the zone and a minimum number, so that one computer of 50,000 does not fire for
 * ever and three of four computers of a branch office do. Where the zone's total is missing the minimum number alone
 * decides.
 *
 * @param count by zone, and by other labels if wanted. @param total by zone. @returns the count.
 */
export const affected = (count: string, { share, atLeast, smallZone }: Affected, total = ZONE_COMPUTERS): string =>
  [
    `(${count} >= on (zone) group_left () clamp_min(${share} * ${total}, ${atLeast}))`,
    ...(smallZone === undefined ? [] : [`(${count} >= on (zone) group_left () (${smallZone} * (${total} > 0)))`]),
    `(${count} >= ${atLeast} unless on (zone) ${total})`,
  ].join(" or ");

/** As `affected`, as percentage of the zone's computers; nothing where their number is missing. */
export const affectedPercent = (count: string, limits: Affected, total = ZONE_COMPUTERS): string =>
  `100 * (${affected(count, limits, total)}) / on (zone) group_left () (${total} > 0)`;
