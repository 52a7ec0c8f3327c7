import { ruleFiles } from "../alerts/build.ts";
import { dashboards } from "../dashboards/build.ts";
import { HEALTH_STATES } from "../licensing/kms/health.ts";
import { LABEL_VALUES, RECORD_KINDS } from "../licensing/telemetry/label-values.ts";
import {
  fleetMetrics,
  kmsMetrics,
  type Metric,
  pipelineMetrics,
  processMetrics,
  recordedName,
  WITHIN_DAYS,
} from "../licensing/telemetry/metrics.ts";
import { COMPUTER_METRICS } from "../licensing/telemetry/metrics-computers.ts";
import { LOCAL_METRICS } from "../licensing/telemetry/metrics-self.ts";
import { compactTable } from "./markdown-table.ts";

/** Every metric that the collector or an agent serves. */
export const ALL_METRICS: readonly Metric[] = [
  ...Object.values(kmsMetrics),
  ...Object.values(fleetMetrics),
  ...Object.values(pipelineMetrics),
  ...Object.values(processMetrics),
  ...COMPUTER_METRICS,
  ...LOCAL_METRICS,
];

const listed = (values: readonly (string | number)[]): string => values.map((it) => `\`${it}\``).join(", ");

/** What each label holds. */
export const LABELS: Readonly<Record<string, string>> = {
  activation_id: "activation ID of a license, lower case",
  application: `product family: ${listed(LABEL_VALUES.application)}`,
  cadence: `how often a user is notified: ${listed(LABEL_VALUES.cadence)}`,
  cause: "why a request was refused, from a fixed list",
  change: listed(LABEL_VALUES.change),
  channel: `how a license is activated: ${listed(LABEL_VALUES.channel)}`,
  code: "HTTP status code",
  computer: "full name of a computer, lower case",
  criterion: "row of the planning guide's Table 2",
  domain: "DNS domain",
  ends: "what ends at the deadline: `validity`, `grace`",
  kind: `of a zone: ${listed(LABEL_VALUES.zoneKind)}; of a record: ${listed(RECORD_KINDS)}; of dropped records also \`damaged\``,
  kms_host: "full name of a KMS host, lower case",
  limit: `what a collector holds only so much of: ${listed(LABEL_VALUES.limit)}`,
  method: "activation method of a row of Table 2: `kms`, `mak`, `none`",
  os: "name of the operating system",
  outcome: `of an attempt: ${listed(LABEL_VALUES.attempt)}; of a record: ${listed(LABEL_VALUES.recordOutcome)}`,
  partial_product_key: "the last five characters of a key",
  port: "TCP port",
  priority: "of an SRV record",
  probe: "`dns_srv`, `tcp`, `rpc`",
  prober_zone: "zone of the agent that probes",
  product: "product name from the configuration or the built-in table, else `other`",
  product_class: `what has a threshold of its own: ${listed(LABEL_VALUES.productClass)}`,
  product_group: "products that a KMS host key activates",
  reason: listed(LABEL_VALUES.reason),
  remaining: `rearms left: ${listed(LABEL_VALUES.rearms)}`,
  result: "`total`, `failed`, or the client's license status before the request",
  source: "of a count: `reported`, `clients`, `ledger`; of computers: `agent`, `kms`; of an agent: what it reads",
  state: `of health: ${listed(HEALTH_STATES)}; of computers: ${listed(LABEL_VALUES.computer)}; of an SRV record: ${listed(LABEL_VALUES.srv)}; genuine state: ${listed(LABEL_VALUES.genuine)}`,
  status: `license status: ${listed(LABEL_VALUES.status)}`,
  target: "name of a KMS host as clients or SRV records write it",
  version: "version of the program",
  weight: "of an SRV record",
  within: listed(WITHIN_DAYS.map((it) => `${it}d`)),
  zone: "zone of the computer or KMS host",
};

/** By the name, as Prometheus' conventions ask; flags say so in their help. */
const unitOf = ({ name, help }: Metric): string => {
  if (name.endsWith("_timestamp_seconds")) return "Unix time, s";
  if (/_seconds(_total)?$/.test(name)) return "s";
  if (/_bytes(_total)?$/.test(name)) return "bytes";
  if (name.endsWith("_info")) return "1";
  return /\b1 (when|while|once|for its state|for the license)/.test(help) ? "0 or 1" : "count";
};

/** Which alerts and dashboards read a metric, by its own or its recorded name. */
const readersOf = (): ((metric: Metric) => string) => {
  const { alerts } = ruleFiles() as { alerts: { groups: { rules: { alert: string; expr: string }[] }[] } };
  const rules = alerts.groups.flatMap((it) => it.rules);
  const boards = Object.entries(dashboards()).map(([name, it]) => ({ name, text: JSON.stringify(it) }));
  return (metric) => {
    const names = new RegExp(`(?<![\\w:])(${metric.name}|${recordedName(metric)})(?![\\w:])`);
    return [
      ...rules
        .filter((it) => names.test(it.expr))
        .map((it) => `[${it.alert}](../alerts/runbook.md#${it.alert.toLowerCase()})`),
      ...boards.filter((it) => names.test(it.text)).map((it) => `dashboard \`${it.name}\``),
    ].join(", ");
  };
};

const metricTable = (metrics: readonly Metric[], readers: (metric: Metric) => string): string =>
  compactTable(
    ["metric", "type", "unit", "labels", "meaning", "read by"],
    metrics.map((it) => [
      `\`${it.name}\``,
      it.type,
      unitOf(it),
      it.labels.map((label) => `\`${label}\``).join(", "),
      it.help,
      readers(it),
    ]),
  );

const noReader = (): string => "";

/** docs/metrics.md: every metric of the catalogue, with what reads it. */
export const metricsPage = (): string => {
  const readers = readersOf();
  return `# Metrics

Every metric of the catalogue (\`licensing/telemetry/\`), with the alerts and dashboards that read it. This page is written by
\`npm run docs\`.

- The collector serves the Prometheus text format 0.0.4 and OpenMetrics 1.0 at \`/metrics\` on port 9688.
- Gauges and counters of the fleet are the same in every collector on one database. Alerts and dashboards read recorded series that collapse
  collectors: \`fleet:NAME:max\` for gauges, \`fleet:NAME:rate5m\` for counters (\`alerts build\` writes the rules).
- A metric without a series has its HELP and TYPE lines. Until metrics are exact after a start, only \`activation_collector_…\` is served.
- Labels with a fixed set of values start at 0. No label holds a client machine ID.
- The meaning of counts and deadlines: [counting-rules.md](counting-rules.md).

## KMS hosts

${metricTable(Object.values(kmsMetrics), readers)}

## Computers and licenses

${metricTable(Object.values(fleetMetrics), readers)}

## Pipeline

${metricTable(Object.values(pipelineMetrics), readers)}

## The collector's process

They differ between collectors. Beside them \`/metrics\` has \`process_…\` and \`nodejs_…\` of prom-client.

${metricTable(Object.values(processMetrics), readers)}

## Every computer

At \`/metrics/computers\`, if \`metrics.computers\` is set.

${metricTable(COMPUTER_METRICS, noReader)}

## The agent's own computer

At the agent's \`metrics.listen\`, or in the file \`metrics.textfile\`; see [own-figures.md](own-figures.md).

${metricTable(LOCAL_METRICS, noReader)}

## Labels

${compactTable(
  ["label", "holds"],
  [...new Set(ALL_METRICS.flatMap((it) => it.labels))].sort().map((it) => [`\`${it}\``, LABELS[it] ?? ""]),
)}
`;
};
