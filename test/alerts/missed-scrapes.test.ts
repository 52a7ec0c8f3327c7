import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { buildAlerts } from "../../alerts/build.ts";
import { METRICS, processMetrics } from "../../licensing/telemetry/metrics.ts";
import { type Case, NOW } from "./cases/case.ts";
import { CASES } from "./cases.ts";

/** Every alert fires when scrapes fail for a while. None may be resolved and fire anew because of that. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "scrapes-"));
  // Ten minutes stand for the hour that some conditions must hold; the rest is as delivered.
  buildAlerts(folder, { thresholds: { holds_long: 600 } });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Samples of 15 seconds: the failed scrapes begin after 40 minutes, when every alert has fired. */
const STEP = 15;
const FIRST_MISSED = (40 * 60) / STEP;
const END = (60 * 60) / STEP;
/** Counters rise once, ten minutes before. */
const BURST = FIRST_MISSED - 40;

const byName = new Map(
  [...METRICS, ...Object.values(processMetrics)].map((it) => [
    it.name.replace(/^activation_/, "").replace(/_total$/, ""),
    it,
  ]),
);

/** The case's recorded series as a collector serves them, in a zone, host and key of their own. */
const scraped = ({ fires }: Case, own: number): [series: string, sample: (step: number) => number | undefined][] =>
  Object.entries(fires).map(([short, value]) => {
    const named = short
      .replace('zone_computers{zone="core"}', 'computers{zone="core",state="reporting"}')
      .replaceAll('zone="core"', `zone="core-${own}"`)
      .replaceAll("kms01", `kms${own}`)
      .replaceAll("ABCDE", `KEY${own}`)
      .replaceAll("rogue", `rogue${own}`)
      .replace("raw activation_", "");
    const [name = "", labels = ""] = named.split(/(?=\{)/);
    const metric = byName.get(name)!;
    const series = `${metric.name}${labels ? `${labels.slice(0, -1)},` : "{"}instance="c1:9688",job="a"}`;
    if (metric.type === "counter") return [series, (step) => (step < BURST ? 0 : Number(value))];
    // Day 40 of the case is the end of this test.
    const shift = /timestamp_seconds$/.test(metric.name) ? END * STEP - NOW : 0;
    if (typeof value === "number") return [series, () => value + shift];
    const [start = 0, daily = 0] = value!.split(/[+x]/).map(Number);
    return [series, (step) => start + daily * (40 + ((step - END) * STEP) / 86_400)];
  });

const CHECKED = CASES.filter((it) => it.alert !== "CollectorDown");

const promtool = (missed: number): string => {
  const samples = new Map(CHECKED.flatMap((it, i) => scraped(it, i)));
  samples.set('activation_collector_build_info{version="1",instance="c1:9688",job="a"}', () => 1);
  const isMissed = (step: number) => step >= FIRST_MISSED && step < FIRST_MISSED + missed;
  const values = (sample: (step: number) => number | undefined) =>
    Array.from({ length: END + 1 }, (_, step) => {
      if (!isMissed(step)) return sample(step);
      return step === FIRST_MISSED ? "stale" : "_";
    }).join(" ");
  const alerts = [...new Set(CHECKED.map((it) => it.alert))];
  const count = (expr: string, value: number | undefined, minutes: number) => ({
    expr,
    eval_time: `${minutes}m`,
    exp_samples: value === undefined ? [] : [{ labels: "{}", value }],
  });
  const firing = `ALERTS{alertstate="firing",alertname=~"${alerts.join("|")}"}`;
  const file = join(folder, `missed-${missed}.yaml`);
  writeFileSync(
    file,
    stringify(
      {
        rule_files: ["activation-recording.rules.yaml", "activation-alerts.rules.yaml"],
        evaluation_interval: `${STEP}s`,
        tests: [
          {
            interval: `${STEP}s`,
            input_series: [...samples].map(([series, sample]) => ({ series, values: values(sample) })),
            promql_expr_test: [
              // Before the first failed scrape all of them fire …
              count(`count(count by (alertname) (${firing}))`, alerts.length, 39),
              // … and so they do during and after them; none was pending in between.
              ...[41, 44, 46, 50].map((at) => count(`count(count by (alertname) (${firing}))`, alerts.length, at)),
              count(`count(count_over_time(${firing}[20m]) < 81)`, undefined, 59),
              count('count(ALERTS{alertstate="pending",alertname!="CollectorDown"})', undefined, 46),
              count(
                'count(max_over_time(ALERTS{alertstate="firing",alertname="CollectorDown"}[20m]))',
                missed === 20 ? 1 : undefined,
                59,
              ),
              count('count(ALERTS{alertstate="firing",alertname="CollectorDown"})', undefined, 59),
            ],
          },
        ],
      },
      { lineWidth: 0 },
    ),
  );
  const { stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
  return (stdout + stderr).replaceAll(/\n\s*\n/g, "\n").slice(0, 4_000);
};

test.each([1, 4, 20])(
  "%s failed scrapes resolve no alert; five minutes are reported as such",
  (missed) => {
    expect(promtool(missed)).toContain("SUCCESS");
  },
  120_000,
);
