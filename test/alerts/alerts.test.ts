import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { buildAlerts, ruleFiles } from "../../alerts/build.ts";
import { ALERTS } from "../../alerts/locales/texts.ts";
import { ZONE_AGENT_COMPUTERS, ZONE_COMPUTERS, ZONE_KIND } from "../../alerts/recording.ts";
import { runbook } from "../../alerts/runbook.ts";
import { THRESHOLD_NAMES } from "../../alerts/thresholds.ts";
import { METRICS, processMetrics, recordedIncrease, recordedName } from "../../licensing/telemetry/metrics.ts";
import { NOW } from "./cases/case.ts";
import { falls, known } from "./cases/series.ts";
import { CASES } from "./cases.ts";
import { type Fired, firing, firingOf } from "./promtool.ts";

const forecast = CASES.find((it) => it.alert === "KmsCountForecastBelowThreshold")!.fires;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "alerts-"));
  // Conditions that must hold for a while are in missed-scrapes.test.ts, on a finer time.
  buildAlerts(folder, { pace: "immediate" });
});
afterAll(() => rmSync(folder, { recursive: true }));
const run = (command: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", cwd: folder });
  return { status, stdout, text: stdout + stderr };
};

test("promtool and amtool accept what is built", () => {
  expect(
    run("promtool", "check", "rules", "activation-alerts.rules.yaml", "activation-recording.rules.yaml").status,
  ).toBe(0);
  expect(run("promtool", "check", "config", "prometheus.yaml").status).toBe(0);
  expect(run("amtool", "check-config", "alertmanager.yaml").status).toBe(0);
});

describe("each alert fires with its text, and stays silent", () => {
  let fired: Fired[][];
  let silent: Fired[][];
  const changes = CASES.flatMap((it) => it.silent.map((change) => ({ it, change })));
  beforeAll(() => {
    fired = firingOf(folder, CASES);
    silent = firing(
      folder,
      changes.map(({ it, change }) => ({ alert: it.alert, series: { ...it.fires, ...change } })),
    );
  });
  test.each(CASES.map((it, i) => [`${it.alert} ${i}`, it, i] as const))("%s fires", (_, it, i) => {
    expect(fired[i]!.map(({ labels }) => labels)).toEqual([
      { alertname: it.alert, severity: it.severity, ...it.labels },
    ]);
    expect(fired[i]![0]!.annotations.summary).toBe(it.text);
    expect(fired[i]![0]!.annotations.runbook_url).toBe(`http://127.0.0.1:9688/runbook#${it.alert.toLowerCase()}`);
  });
  test.each(changes.map(({ it, change }, i) => [`${it.alert} with ${JSON.stringify(change)}`, it, i] as const))(
    "%s stays silent",
    (_, it, i) => {
      expect(silent[i]!.filter(({ labels }) => labels.severity === it.severity)).toEqual([]);
    },
  );
  test("texts hold no raw label value, no decimal, no fine duration", () => {
    for (const [{ annotations }] of fired.filter((it) => it.length > 0) as [Fired][])
      for (const text of [annotations.summary!, annotations.description!]) {
        expect(text).not.toMatch(/\d[dhms] \d|\d\.\d{2}|<no value>|error expanding|\b(client|server) products|\{\{/);
        expect(text.replace(/ \((clock_skew)\)/, "")).not.toMatch(/[a-z]_[a-z]+(?!.*`)/);
      }
  });
  test("all of them are here", () => {
    expect(new Set(CASES.map((it) => it.alert))).toEqual(new Set(ALERTS.filter((it) => it !== "Watchdog")));
  });
  test("the page, word by word; it carries the kind of its zone", () => {
    const [page] = firing(folder, [
      { alert: "KmsCountBelowThreshold", series: { ...CASES[0]!.fires, 'zone_kind{zone="core",kind="core"}': 1 } },
    ])[0]!;
    expect(page!.labels.kind).toBe("core");
    expect(page!.annotations.description).toBe(
      "kms01 (zone core) counts 23 of the 25 computers that it needs to activate Windows clients. New computers are refused. Activated computers lose their activation 180 days after their last renewal.",
    );
  });
  test("a duration of a few hours, and a host without any data so far", () => {
    const [[hours], [never]] = firing(folder, [
      { alert: "KmsCountForecastBelowThreshold", series: { ...forecast, [falls]: NOW + 5 * 3_600 + 900 } },
      { alert: "KmsHostUnknown", series: { [known]: -2e9 } },
    ]) as [[Fired], [Fired]];
    expect(hours.annotations.summary).toContain("in 5 hours if no client renews");
    expect(never.annotations.description).toContain("no client event of kms01 (zone core) so far.");
  });
  test("the watchdog always fires", () => {
    expect(firing(folder, [{ alert: "Watchdog", series: {} }])[0]).toHaveLength(1);
  });
});

describe("replicas are collapsed, whatever labels a second job, pod or site adds", () => {
  const value = (expr: string, labels: string, expected: number) => ({
    expr,
    eval_time: "10m",
    exp_samples: [{ labels, value: expected }],
  });
  const scraped = (name: string, ...series: [labels: string, values: string][]) =>
    series.map(([labels, values]) => ({ series: `${name}{${labels}}`, values }));
  test("gauges and counters of the fleet: the maximum; counters of processes: the sum over processes", () => {
    const file = join(folder, "recording.yaml");
    const both = (labels: string) => [`${labels}instance="a",job="x"`, `${labels}pod="b",job="y",cluster="2"`] as const;
    const [zoneA, zoneB] = both('zone="core",');
    const [codeA, codeB] = both('code="200",');
    const tests = [
      {
        interval: "1m",
        input_series: [
          ...scraped("activation_renewals_overdue", [zoneA, "3x10"], [zoneB, "5x10"]),
          ...scraped("activation_agent_event_gaps_total", [zoneA, "0+60x10"], [zoneB, "0+30x10"]),
          ...scraped(
            "activation_collector_requests_total",
            [codeA, "0+60x10"],
            [codeB, "0+30x10"],
            // The same process, scraped by another job.
            ['code="200",instance="a",job="z"', "0+60x10"],
          ),
          ...scraped(
            "activation_zone_info",
            ['zone="core",kind="lab"', "1x10"],
            ['zone="core",kind="isolated"', "1x10"],
          ),
        ],
        promql_expr_test: [
          value("fleet:activation_renewals_overdue:max", 'fleet:activation_renewals_overdue:max{zone="core"}', 5),
          value("fleet:activation_agent_event_gaps:rate5m", 'fleet:activation_agent_event_gaps:rate5m{zone="core"}', 1),
          value(
            "fleet:activation_collector_requests:rate5m",
            'fleet:activation_collector_requests:rate5m{code="200"}',
            1.5,
          ),
          value(ZONE_KIND, `${ZONE_KIND}{zone="core",kind="isolated"}`, 1),
        ],
      },
    ];
    writeFileSync(
      file,
      stringify(
        { rule_files: ["activation-recording.rules.yaml"], evaluation_interval: "1m", tests },
        { lineWidth: 0 },
      ),
    );
    expect(run("promtool", "test", "rules", file).text).toContain("SUCCESS");
  });
  test("a collector that still answers goes before the last value of one that does not", () => {
    const file = join(folder, "replica-dies.yaml");
    const tests = [
      {
        interval: "15s",
        input_series: [
          {
            series: 'activation_kms_headroom{kms_host="k",zone="z",product_class="client",instance="a"}',
            values: "3x20 stale _x40",
          },
          {
            series: 'activation_kms_headroom{kms_host="k",zone="z",product_class="client",instance="b"}',
            values: "3x20 -2x40",
          },
        ],
        promql_expr_test: [
          {
            expr: "fleet:activation_kms_headroom:max",
            eval_time: "6m",
            exp_samples: [
              { labels: 'fleet:activation_kms_headroom:max{kms_host="k",zone="z",product_class="client"}', value: -2 },
            ],
          },
        ],
      },
    ];
    writeFileSync(
      file,
      stringify(
        { rule_files: ["activation-recording.rules.yaml"], evaluation_interval: "15s", tests },
        { lineWidth: 0 },
      ),
    );
    expect(run("promtool", "test", "rules", file).text).toContain("SUCCESS");
  });
});

interface AnyRule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: Record<string, string>;
}
const rules = (ruleFiles({ dashboards: "https://grafana" }).alerts as { groups: { name: string; rules: AnyRule[] }[] })
  .groups;

test("rules read what is in the catalogue, and each says what it must", () => {
  expect(rules.map((it) => it.name)).toEqual(["activation-kms", "activation-licenses", "activation-pipeline"]);
  const all = [...METRICS, ...Object.values(processMetrics)];
  const known = new Set([
    ZONE_KIND,
    ZONE_COMPUTERS,
    ZONE_AGENT_COMPUTERS,
    ...all.map(recordedName),
    ...all.map(recordedIncrease),
    ...all.map((it) => it.name),
  ]);
  for (const rule of rules.flatMap((it) => it.rules)) {
    for (const name of rule.expr.match(/((fleet|zone):)?activation_[\w:]+/g) ?? []) expect(known).toContain(name);
    expect(["critical", "warning", "info"]).toContain(rule.labels.severity);
    expect(Object.keys(rule.annotations)).toEqual(expect.arrayContaining(["summary", "description", "runbook_url"]));
    if (rule.alert.startsWith("Kms"))
      expect(rule.annotations.dashboard_url).toMatch(/^https:\/\/grafana\/d\/activation-(kms|keys|failures|planning)$/);
  }
});

test.each([
  ["alertname=KmsCountBelowThreshold severity=critical kind=core", "page"],
  ["alertname=KmsCountBelowThreshold severity=critical", "page"],
  ["alertname=KmsCountBelowThreshold severity=critical kind=lab", "notify"],
  ["alertname=KmsHostUnknown severity=warning", "notify"],
  ["alertname=KmsUnknownProducts severity=info", "none"],
  ["alertname=Watchdog severity=info", "none"],
])("%s goes to %s", (labels, receiver) => {
  expect(
    run("amtool", "config", "routes", "test", "--config.file=alertmanager.yaml", ...labels.split(" ")).stdout.trim(),
  ).toBe(receiver);
});

test("the runbook in the repository is the one that is built, with a section for each alert", () => {
  const file = readFileSync(new URL("../../alerts/runbook.md", import.meta.url), "utf8");
  expect(file).toBe(runbook());
  for (const it of ALERTS) expect(file).toContain(`## ${it}\n`);
  for (const it of THRESHOLD_NAMES) expect(file).toContain(`- \`${it}\` `);
});
