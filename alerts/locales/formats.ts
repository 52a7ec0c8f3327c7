import { kmsMetrics, type Metric, recordedName } from "../../licensing/telemetry/metrics.ts";

/**
 * Templates by which Prometheus fills in numbers and names: the same in every language but for the words that are handed in.
 * Sentences never show a label's raw value, a decimal, or a duration finer than a person needs.
 */
export const COUNT = '{{ $value | printf "%.0f" }}';
/** An alert that judges by a share has percent as its value. */
export const PERCENT = '{{ $value | printf "%.0f" }} %';

/** `1 computer`, `12 computers`. */
export const plural = (one: string, many: string): string =>
  `{{ if eq (printf "%.0f" $value) "1" }}1 ${one}{{ else }}${COUNT} ${many}{{ end }}`;

/** A label's value as people read it; a value without a word stays as it is. */
export const word = (label: string, words: Readonly<Record<string, string>>): string =>
  `${Object.entries(words)
    .map(([value, text], i) => `{{ ${i ? "else if" : "if"} eq $labels.${label} "${value}" }}${text}`)
    .join("")}{{ else }}{{ $labels.${label} }}{{ end }}`;

/** One text where the alert carries the label, another one where it does not. */
export const where = (label: string, present: string, absent: string): string =>
  `{{ if $labels.${label} }}${present}{{ else }}${absent}{{ end }}`;

export interface DurationWords {
  readonly minutes: string;
  readonly hours: string;
  readonly day: string;
  readonly days: string;
}
/** The value in seconds: `40 minutes`, `5 hours`, `1 day`, `6 days`; whole units, rounded down. */
export const duration = ({ minutes, hours, day, days }: DurationWords): string =>
  `{{ if lt $value 7200.0 }}${units(60)} ${minutes}{{ else if lt $value 86400.0 }}${units(3_600)} ${hours}{{ else if lt $value 172800.0 }}1 ${day}{{ else }}${units(86_400)} ${days}{{ end }}`;
const units = (unitSeconds: number): string =>
  `{{ printf "floor(vector(%f / ${unitSeconds}))" $value | query | first | value | printf "%.0f" }}`;

/** An expected host without any data so far is "known until 1970". */
export const silentFor = (ever: string, text: string): string =>
  `{{ if gt $value 1000000000.0 }}${ever}{{ else }}${text}{{ end }}`;

/** The count (23 of 25), looked up when the alert is evaluated; the alert's value is the difference. */
export const counted = (otherwise: string): string =>
  `{{ with printf "${recordedName(kmsMetrics.headroom)}{kms_host='%s',zone='%s',product_class='%s'} + on (product_class) group_left () ${recordedName(kmsMetrics.requiredClients)}" $labels.kms_host $labels.zone $labels.product_class | query }}{{ . | first | value | printf "%.0f" }}{{ else }}${otherwise}{{ end }}`;
export const needed = (otherwise: string): string =>
  `{{ with printf "${recordedName(kmsMetrics.requiredClients)}{product_class='%s'}" $labels.product_class | query }}{{ . | first | value | printf "%.0f" }}{{ else }}${otherwise}{{ end }}`;

/** A limit as the collector is configured with it. */
export const allowed = (metric: Metric, otherwise: string): string =>
  `{{ with query "max(${recordedName(metric)})" }}{{ . | first | value | printf "%.0f" }}{{ else }}${otherwise}{{ end }}`;
