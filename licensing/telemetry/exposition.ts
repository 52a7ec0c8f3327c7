import { METRICS, type Metric } from "./metrics.ts";

/** One series: its label values in the order of the metric's labels, and its value. */
export interface Sample {
  readonly metric: Metric;
  readonly labels: readonly string[];
  readonly value: number;
}

export type Format = "text" | "openmetrics";

/**
 * Writes samples in the Prometheus text format 0.0.4 or in OpenMetrics 1.0, in the catalogue's order. A metric without a
 * series still has its HELP and TYPE, so that a reader can tell "none yet" from "no such thing". Strings are built
 * directly: at fleet size that is some thirty times cheaper than a metrics registry.
 */
export const expose = (samples: Iterable<Sample>, format: Format, metrics: readonly Metric[] = METRICS): string => {
  const lines = new Map<Metric, string[]>(metrics.map((it) => [it, []]));
  for (const sample of samples) lines.get(sample.metric)?.push(seriesText(sample));
  let text = "";
  for (const metric of metrics) text += familyHead(metric, format) + lines.get(metric)!.sort().join("");
  return text;
};

/** HELP and TYPE of one metric. */
export const familyHead = ({ name, type, help }: Metric, format: Format): string => {
  const family = format === "openmetrics" && type === "counter" ? name.replace(/_total$/, "") : name;
  return `# HELP ${family} ${help}\n# TYPE ${family} ${type}\n`;
};

/** The end of an exposition in OpenMetrics. */
export const OPENMETRICS_END = "# EOF\n";

/** One series as a line. */
export const seriesText = ({ metric, labels, value }: Sample): string => {
  if (metric.labels.length !== labels.length)
    throw new Error(`${metric.name} has labels ${metric.labels.join(", ")}, not ${labels.length} values`);
  const pairs = metric.labels.map((label, i) => `${label}="${escapeLabel(labels[i]!)}"`).join(",");
  return `${metric.name}${pairs && `{${pairs}}`} ${numberText(value)}\n`;
};

const UNSAFE = /["\\\n]/;
const escapeLabel = (text: string): string =>
  UNSAFE.test(text) ? text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n") : text;

const numberText = (value: number): string =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
