import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { ZONE_AGENT_COMPUTERS, ZONE_COMPUTERS, ZONE_KIND } from "../../alerts/recording.ts";
import { METRICS, processMetrics, recordedIncrease, recordedName } from "../../licensing/telemetry/metrics.ts";
import { type Case, NOW, type Values } from "./cases/case.ts";

/** Rules evaluated by Prometheus' own promtool: a case is a set of series; the answer is what fires, with its texts. */
const recorded = new Map([
  ...[...METRICS, ...Object.values(processMetrics)].map(
    (it) =>
      [
        it.name.replace(/^activation_/, "").replace(/_total$/, ""),
        it.type === "counter" ? recordedIncrease(it) : recordedName(it),
      ] as const,
  ),
  ["zone_computers", ZONE_COMPUTERS] as const,
  ["zone_agents", ZONE_AGENT_COMPUTERS] as const,
  ["zone_kind", ZONE_KIND] as const,
]);
const seriesName = (short: string): string => {
  if (short.startsWith("raw ")) return short.slice(4);
  const [name = "", labels = ""] = short.split(/(?=\{)/);
  if (!recorded.has(name)) throw new Error(`${name} is no metric`);
  return recorded.get(name) + labels;
};
export const seriesOf = (values: Values) =>
  Object.entries(values)
    .filter((it): it is [string, number | string] => it[1] !== undefined)
    .map(([short, value]) => ({
      series: seriesName(short),
      values: typeof value === "string" ? value : `${value}x45`,
    }));

export interface Fired {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** @param folder where the rules are. @returns for each of the questions what fires of its alert on day 40. */
export const firing = (folder: string, questions: readonly { alert: string; series: Values }[]): Fired[][] => {
  const file = join(folder, "case.yaml");
  const tests = questions.map(({ alert, series }, i) => ({
    name: `question ${i}.`,
    interval: "1d",
    input_series: seriesOf(series),
    // Nothing is expected, so that promtool writes what it got.
    alert_rule_test: [{ eval_time: `${NOW}s`, alertname: alert, exp_alerts: [] }],
  }));
  writeFileSync(
    file,
    stringify({ rule_files: ["activation-alerts.rules.yaml"], evaluation_interval: "40d", tests }, { lineWidth: 0 }),
  );
  const { stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
  const text = stdout + stderr;
  const failed = text.split("\n").filter((it) => /\berr: /.test(it));
  if (failed.length > 0) throw new Error(failed.slice(0, 5).join("\n"));
  const found = new Map<number, Fired[]>();
  for (const part of text.split(/(?=name: question \d+\.)/).slice(1))
    found.set(
      Number(/\d+/.exec(part)![0]),
      [...part.slice(part.indexOf("got:")).matchAll(/Labels:\{(.*)\}\s+Annotations:\{(.*)\}/g)].map(
        ([, labels, annotations]) => ({ labels: pairs(labels!), annotations: pairs(annotations!) }),
      ),
    );
  if (found.size === 0 && !text.includes("SUCCESS")) throw new Error(text.slice(0, 2_000));
  return questions.map((_, i) => found.get(i) ?? []);
};

const pairs = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g)].map(([, name, value]) => [name, JSON.parse(value!)]),
  );

/** What fires in every case, in their order. */
export const firingOf = (folder: string, cases: readonly Case[]): Fired[][] =>
  firing(
    folder,
    cases.map(({ alert, fires }) => ({ alert, series: fires })),
  );
