import type { ZoneKind } from "../licensing/planning.ts";
import {
  fleetMetrics as F,
  METRICS,
  type Metric,
  processMetrics,
  recordedIncrease,
  recordedName,
} from "../licensing/telemetry/metrics.ts";
import { promDuration, type Thresholds } from "./thresholds.ts";

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** Each zone's kind: one series for each zone, whatever several collectors say of it. */
export const ZONE_KIND = "zone:activation_zone_info:kind";
/** Each zone's computers, retired ones left out. */
export const ZONE_COMPUTERS = "zone:activation_computers:sum";
/** Those of them that have an agent: only they can be silent, or report what no KMS host logs. */
export const ZONE_AGENT_COMPUTERS = "zone:activation_computers:sum_agent";

/** Where collectors disagree about a zone, the strictest kind decides. */
const STRICTNESS: Readonly<Record<ZoneKind, number>> = { core: 0, isolated: 1, disconnected: 2, lab: 3 };
const STRICTEST_FIRST = (Object.keys(STRICTNESS) as ZoneKind[]).sort((a, b) => STRICTNESS[a] - STRICTNESS[b]);

/**
 * One recorded series for each metric and set of its declared labels, whatever a second job, cluster, pod or site adds.
 * Collectors that share a database expose the same fleet metrics: the maximum of gauges, and of counters the maximum of the
 * rates (never the rate of a maximum). Counters of a process differ between collectors: the sum of their rates.
 */
export const recordingRules = (thresholds: Thresholds): RecordingRule[] => [
  ...METRICS.flatMap((it) => recorded(it, thresholds, replicas)),
  ...Object.values(processMetrics).flatMap((it) => (it.type === "counter" ? recorded(it, thresholds, processes) : [])),
  { record: ZONE_KIND, expr: zoneKind() },
  { record: ZONE_COMPUTERS, expr: `sum by (zone) (${recordedName(F.computers)}{state!="retired"})` },
  {
    record: ZONE_AGENT_COMPUTERS,
    expr: `sum by (zone) (${recordedName(F.computers)}{state!="retired",source!="kms"})`,
  },
];

const recorded = (metric: Metric, thresholds: Thresholds, collapse: Collapse): RecordingRule[] => {
  const { name, labels } = metric;
  const last = promDuration(thresholds.survives_missed_scrapes);
  if (metric.type !== "counter")
    return [
      {
        record: recordedName(metric),
        // After a missed scrape the last value holds for a while: one restart of a collector must not resolve every alert.
        // A value that any collector serves now goes before an old one of another collector.
        expr: `${collapse(labels, name)} or ${collapse(labels, `last_over_time(${name}[${last}])`)}`,
      },
    ];
  return [
    { record: recordedName(metric), expr: collapse(labels, `rate(${name}[5m])`) },
    // Alerts read this: a burst stays visible for the whole window, and a counter that rises once an hour is not lost.
    {
      record: recordedIncrease(metric),
      expr: collapse(labels, `increase(${name}[${promDuration(thresholds.counted_over)}])`),
    },
  ];
};

type Collapse = (labels: readonly string[], expr: string) => string;
const by = (labels: readonly string[]): string => ` by (${labels.join(", ")})`;
const replicas: Collapse = (labels, expr) => `max${by(labels)} (${expr})`;
/** A process that two jobs scrape is one process. */
const processes: Collapse = (labels, expr) => `sum${by(labels)} (max${by([...labels, "instance"])} (${expr}))`;

const zoneKind = (): string => {
  const info = recordedName(F.zoneInfo);
  return STRICTEST_FIRST.map((kind, i) => {
    const stricter = STRICTEST_FIRST.slice(0, i);
    const zones = `${info}{kind="${kind}"}`;
    if (stricter.length === 0) return zones;
    return `(${zones} unless on (zone) ${info}{kind=~"${stricter.join("|")}"})`;
  }).join(" or ");
};
