import { fleetMetrics as F, kmsMetrics as K, type Metric, recordedName } from "../licensing/telemetry/metrics.ts";
import type { AlertName } from "./locales/texts.ts";
import type { PACES, Thresholds } from "./thresholds.ts";

export interface Rule {
  readonly alert: AlertName;
  readonly severity: "critical" | "warning" | "info";
  readonly expr: string;
  /** How long it must hold. */
  readonly holds?: "short" | "long";
  /** Goes on for a while after the condition has ended, against flapping. */
  readonly keep?: boolean;
  /** Which dashboard shows more. */
  readonly dashboard?: "activation-fleet" | "activation-kms" | "activation-pipeline";
}

export interface Settings {
  readonly thresholds: Thresholds;
  readonly pace: (typeof PACES)[keyof typeof PACES];
}

/** The recorded series of a metric, with an optional selector. */
export const series = (metric: Metric, selector = ""): string =>
  `${recordedName(metric)}${selector && `{${selector}}`}`;

/**
 * Adds the kind of the zone, by which Alertmanager routes (a lab warns, the core pages). A zone that nobody configured has
 * no kind, and its alerts must not get lost for it.
 */
export const withKind = (expr: string): string => {
  const zones = series(F.zoneInfo);
  return `(${expr}) + on (zone) group_left (kind) (0 * max by (zone, kind) (${zones})) or (${expr}) unless on (zone) ${zones}`;
};

/**
 * "Silence is not zero" (docs/counting-rules.md): where nothing is known, nothing is claimed. To be put behind `and on
 * (kms_host, zone)`.
 */
export const isKnown = ({ unknownAfterSeconds }: Thresholds): string =>
  `(time() - max by (kms_host, zone) (${series(K.knownUntil)}) < ${unknownAfterSeconds})`;
