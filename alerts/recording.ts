import { METRICS, recordedName } from "../licensing/telemetry/metrics.ts";

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/**
 * One recorded series for each metric: replicas of a collector show the same fleet, so the maximum of the gauges, and of
 * counters the maximum of the rates.
 */
export const recordingRules = (): RecordingRule[] =>
  METRICS.map((it) => ({
    record: recordedName(it),
    expr: `max without (instance, pod) (${it.type === "counter" ? `rate(${it.name}[5m])` : it.name})`,
  }));
