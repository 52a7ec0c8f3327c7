import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { buildAlerts } from "../../alerts/build.ts";
import { CHECKED, END, STEP, scraped } from "./scraped-series.ts";

/** No rule may fail, fire twice or fall silent for what a second scrape job, replica or site adds. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "second-scrape-"));
  buildAlerts(folder, { thresholds: { holds_long: 600 } });
});
afterAll(() => rmSync(folder, { recursive: true }));

const NAMES = [...new Set(CHECKED.map((it) => it.alert))];
type Series = ReturnType<typeof scraped>;

/** Which alerts fire how often after 50 minutes, with these series besides those of the first collector. */
const firing = (more: Series): ReadonlyMap<string, number> => {
  const samples = new Map([...CHECKED.flatMap((it, i) => scraped(it, i)), ...more]);
  for (const [job, instance] of [
    ["a", "c1:9688"],
    ["b", "c1:9688"],
    ["a", "c2:9688"],
  ] as const)
    samples.set(`activation_collector_build_info{version="1",instance="${instance}",job="${job}"}`, () => 1);
  const file = join(folder, "second.yaml");
  const values = (sample: Series[number][1]) => Array.from({ length: END + 1 }, (_, step) => sample(step)).join(" ");
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
            // What fires is read from promtool's complaint.
            promql_expr_test: [
              {
                expr: 'count by (alertname) (ALERTS{alertstate="firing",alertname!="Watchdog"})',
                eval_time: "50m",
                exp_samples: [{ labels: "none", value: 0 }],
              },
            ],
          },
        ],
      },
      { lineWidth: 0 },
    ),
  );
  const { stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
  const got = [
    ...(stdout + stderr).matchAll(/Labels:\{alertname="(\w+)"\} Value:(\d+)|\{alertname="(\w+)"\} ([\d.E+]+)/g),
  ];
  if (got.length === 0) throw new Error((stdout + stderr).slice(0, 2_000));
  return new Map(got.map(([, a, b, c, d]) => [(a ?? c)!, Number(b ?? d)] as const));
};

const again = (target: string): Series => CHECKED.flatMap((it, i) => scraped(it, i, target));
let alone: ReadonlyMap<string, number>;
beforeAll(() => {
  alone = firing([]);
}, 120_000);

test("with one collector every alert fires", () => {
  expect([...alone.keys()].sort()).toEqual([...NAMES].sort());
});

test.each([
  [
    "a second scrape job of the same collector and a replica on the same database, in other clusters",
    () => [...again('instance="c1:9688",job="b",cluster="x"'), ...again('instance="c2:9688",job="a",cluster="y"')],
  ],
  [
    "another site that has zones of the same names, of other kinds",
    () =>
      CHECKED.flatMap(
        (_, i): Series =>
          ["isolated", "disconnected"].map((kind) => [
            `activation_zone_info{zone="core-${i}",kind="${kind}",instance="${kind}:9688",job="site"}`,
            () => 1,
          ]),
      ),
  ],
])(
  "%s changes nothing",
  (_, more) => {
    const found = firing(more());
    expect([...found.keys()].sort()).toEqual([...NAMES].sort());
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(alone));
  },
  120_000,
);
