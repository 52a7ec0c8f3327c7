import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { buildAlerts } from "../../alerts/build.ts";
import { CHECKED, END, FIRST_MISSED, STEP, scraped } from "./scraped-series.ts";

/** Every alert fires when scrapes fail for a while. None may be resolved and fire anew because of that. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "scrapes-"));
  // Ten minutes stand for the hour that some conditions must hold; the rest is as delivered.
  buildAlerts(folder, { thresholds: { holds_long: 600 } });
});
afterAll(() => rmSync(folder, { recursive: true }));

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
