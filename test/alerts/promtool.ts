import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Words } from "../../alerts/locales/texts.ts";
import { METRICS, recordedName } from "../../licensing/telemetry/metrics.ts";
import { type Case, NOW } from "./cases/case.ts";

/** Rules evaluated by Prometheus' own promtool: a case is a set of series, and the alert with its texts, or none. */
const recorded = new Map(
  METRICS.map((it) => [
    recordedName(it)
      .replace(/^fleet:activation_/, "")
      .replace(/:(max|rate5m)$/, ""),
    recordedName(it),
  ]),
);
const seriesName = (short: string): string => {
  if (short.startsWith("raw ")) return short.slice(4);
  const [name = "", labels = ""] = short.split(/(?=\{)/);
  if (!recorded.has(name)) throw new Error(`${name} is no metric`);
  return recorded.get(name) + labels;
};
const seriesOf = (values: Readonly<Record<string, number | string | undefined>>) =>
  Object.entries(values)
    .filter((it): it is [string, number | string] => it[1] !== undefined)
    .map(([short, value]) => ({
      series: seriesName(short),
      values: typeof value === "string" ? value : `${value}x45`,
    }));

/** The sentence as a person would fill it in. */
export const filled = (text: string, it: Case): string =>
  text
    .replaceAll(/\{\{ with printf "\S+headroom.*?\{\{ else \}\}(.*?)\{\{ end \}\}/g, it.counted ?? "$1")
    .replaceAll(/\{\{ with printf .*?\{\{ else \}\}(.*?)\{\{ end \}\}/g, it.needed ?? "$1")
    .replaceAll(/\{\{ with query .*?\{\{ else \}\}(.*?)\{\{ end \}\}/g, it.allowed ?? "$1")
    .replaceAll(
      /\{\{ if \$labels\.kms_host \}\}(.*?)\{\{ else \}\}(.*?)\{\{ end \}\}/g,
      it.labels.kms_host ? "$1" : "$2",
    )
    .replaceAll(/\{\{ if gt \$value 1e9 \}\}(.*?)\{\{ else \}\}(.*?)\{\{ end \}\}/g, it.never ? "$1" : "$2")
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, name) => it.labels[name] ?? "")
    .replaceAll(/\{\{ \$value[^}]*\}\}/g, it.value);

/** @param words with which it fires; without them it must stay silent. */
export const testOf = (
  it: Case,
  words: Words | undefined,
  series: Readonly<Record<string, number | string | undefined>>,
  extra: Record<string, string> = {},
) => ({
  interval: "1d",
  input_series: seriesOf(series),
  alert_rule_test: [
    {
      eval_time: `${NOW}s`,
      alertname: it.alert,
      exp_alerts: words
        ? [
            {
              exp_labels: { ...it.labels, ...extra, severity: it.severity },
              exp_annotations: {
                summary: filled(words[it.alert].summary, it),
                description: filled(words[it.alert].description, it),
                runbook_url: `https://activation-monitor.example/runbook#${it.alert.toLowerCase()}`,
              },
            },
          ]
        : [],
    },
  ],
});

/** @param folder where the rules are. */
export const promtool = (folder: string, tests: object[]): { status: number | null; text: string } => {
  const file = join(folder, "case.yaml");
  writeFileSync(
    file,
    stringify({ rule_files: ["activation-alerts.rules.yaml"], evaluation_interval: "1d", tests }, { lineWidth: 0 }),
  );
  const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
  return { status, text: stdout + stderr };
};
