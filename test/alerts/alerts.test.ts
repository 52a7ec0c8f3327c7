import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { buildAlerts, ruleFiles } from "../../alerts/build.ts";
import { en } from "../../alerts/locales/en.ts";
import { ALERTS } from "../../alerts/locales/texts.ts";
import { runbook } from "../../alerts/runbook.ts";
import { METRICS, recordedName } from "../../licensing/telemetry/metrics.ts";
import type { Case } from "./cases/case.ts";
import { CASES } from "./cases.ts";
import { filled, promtool, testOf } from "./promtool.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "alerts-"));
  buildAlerts(folder);
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
  test.each(CASES.map((it, i) => [`${it.alert} ${i}`, it] as const))("%s", (_, it) => {
    const ran = promtool(folder, [
      testOf(it, en, it.fires),
      ...it.silent.map((change) => testOf(it, undefined, { ...it.fires, ...change })),
    ]);
    expect(ran.text).toContain("SUCCESS");
    expect(ran.status).toBe(0);
  });
  test("all of them are here", () => {
    expect(new Set(CASES.map((it) => it.alert))).toEqual(new Set(ALERTS.filter((it) => it !== "Watchdog")));
  });
  test("the page, word by word; it carries the kind of its zone", () => {
    const it = CASES[0]!;
    const text = filled(en.KmsCountBelowThreshold.description, it);
    expect(text).toBe(
      "kms01 (zone core) counts 23 of the 25 computers that client products need (headroom -2). New computers are refused, and activated ones lose their activation 180 days after their last renewal.",
    );
    expect(
      promtool(folder, [testOf(it, en, { ...it.fires, 'zone_info{zone="core",kind="core"}': 1 }, { kind: "core" })])
        .text,
    ).toContain("SUCCESS");
  });
  test("the watchdog always fires", () => {
    const it: Case = { alert: "Watchdog", fires: {}, silent: [], labels: {}, severity: "info", value: "" };
    expect(promtool(folder, [testOf(it, en, {})]).text).toContain("SUCCESS");
  });
});

test("replicas are collapsed: the maximum of gauges, the maximum of rates", () => {
  const file = join(folder, "recording.yaml");
  const input = (name: string, values: [string, string]) =>
    values.map((it, i) => ({ series: `${name}{instance="c${i}",zone="core"}`, values: it }));
  writeFileSync(
    file,
    stringify(
      {
        rule_files: ["activation-recording.rules.yaml"],
        evaluation_interval: "1m",
        tests: [
          {
            interval: "1m",
            input_series: [
              ...input("activation_renewals_overdue", ["3x10", "5x10"]),
              ...input("activation_agent_event_gaps_total", ["0+60x10", "100x10"]),
            ],
            promql_expr_test: [
              {
                expr: "fleet:activation_renewals_overdue:max",
                eval_time: "10m",
                exp_samples: [{ labels: 'fleet:activation_renewals_overdue:max{zone="core"}', value: 5 }],
              },
              {
                expr: "fleet:activation_agent_event_gaps:rate5m",
                eval_time: "10m",
                exp_samples: [{ labels: 'fleet:activation_agent_event_gaps:rate5m{zone="core"}', value: 1 }],
              },
            ],
          },
        ],
      },
      { lineWidth: 0 },
    ),
  );
  expect(run("promtool", "test", "rules", file).text).toContain("SUCCESS");
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
  const known = new Set([...METRICS.map(recordedName), ...METRICS.map((it) => it.name)]);
  for (const rule of rules.flatMap((it) => it.rules)) {
    for (const name of rule.expr.match(/(fleet:)?activation_[\w:]+/g) ?? []) expect(known).toContain(name);
    expect(["critical", "warning", "info"]).toContain(rule.labels.severity);
    expect(Object.keys(rule.annotations)).toEqual(expect.arrayContaining(["summary", "description", "runbook_url"]));
    if (rule.alert.startsWith("Kms")) expect(rule.annotations.dashboard_url).toBe("https://grafana/d/activation-kms");
  }
});

test.each([
  ["alertname=KmsCountBelowThreshold severity=critical kind=core", "page"],
  ["alertname=KmsCountBelowThreshold severity=critical", "page"],
  ["alertname=KmsCountBelowThreshold severity=critical kind=lab", "notify"],
  ["alertname=KmsHostUnknown severity=warning", "notify"],
  ["alertname=KmsUnknownProducts severity=info", "nobody"],
  ["alertname=Watchdog severity=info", "nobody"],
])("%s goes to %s", (labels, receiver) => {
  expect(
    run("amtool", "config", "routes", "test", "--config.file=alertmanager.yaml", ...labels.split(" ")).stdout.trim(),
  ).toBe(receiver);
});

test("the runbook in the repository is the one that is built, with a section for each alert", () => {
  const file = readFileSync(new URL("../../alerts/runbook.md", import.meta.url), "utf8");
  expect(file).toBe(runbook());
  for (const it of ALERTS) expect(file).toContain(`## ${it}\n`);
});
