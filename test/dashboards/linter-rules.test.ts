import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { dashboards } from "../../dashboards/build.ts";
import { METRICS, processMetrics } from "../../licensing/telemetry/metrics.ts";
import { allPanels, expressionsOf, variableQueries } from "./built.ts";

/**
 * The rules of grafana/dashboard-linter. Four of them do not apply: template-job-rule, template-instance-rule, target-job-rule
 * and target-instance-rule. Panels read recorded series, in which jobs and instances are one.
 */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "linter-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const built = Object.values(dashboards());

/** As Grafana fills them in. */
const filled = (expr: string): string =>
  expr
    .replaceAll(/\$(kms_host|zone|product_class)\b/g, ".*")
    .replaceAll("$__range_s", "3600")
    .replaceAll(/\$__(rate_interval|interval|range)\b/g, "5m");

describe.each(built.map((it) => [it.uid!, it] as const))("%s", (_, dashboard) => {
  test("uneditable-dashboard, template-datasource-rule", () => {
    expect(dashboard.editable).toBe(false);
    expect(dashboard.templating.list![0]).toMatchObject({
      type: "datasource",
      name: "datasource",
      label: "Data source",
      query: "prometheus",
    });
  });
  test("template-on-time-change-reload-rule, template-label-promql-rule", () => {
    for (const it of dashboard.templating.list!.filter(({ type }) => type === "query")) expect(it.refresh).toBe(2);
    for (const it of variableQueries(dashboard)) expect(it).toMatch(/^label_values\(.+, \w+\)$/);
  });
  test("panel-datasource-rule, panel-title-description-rule, panel-units-rule, panel-no-targets-rule", () => {
    for (const it of allPanels(dashboard)) {
      expect(it.datasource).toEqual({ type: "prometheus", uid: `\${datasource}` });
      expect([it.title, it.description, it.fieldConfig.defaults.unit].map((text) => (text ?? "").length > 0)).toEqual([
        true,
        true,
        true,
      ]);
      expect(it.targets.length).toBeGreaterThan(0);
    }
  });
  test("target-promql-rule: Prometheus reads every query", () => {
    const expressions = [
      ...expressionsOf(dashboard).map(({ expr }) => expr),
      ...dashboard.annotations.list!.map(({ expr }) => expr!),
      ...variableQueries(dashboard).map((it) => /^label_values\((.+), \w+\)$/.exec(it)![1]!),
    ];
    const file = join(folder, "rules.yaml");
    const rules = expressions.map((expr, i) => ({ record: `query_${i}`, expr: filled(expr) }));
    writeFileSync(file, stringify({ groups: [{ name: "queries", rules }] }, { lineWidth: 0 }));
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "rules", file], { encoding: "utf8" });
    expect([status, stdout.slice(-500) + stderr.slice(-500)]).toEqual([0, expect.stringContaining("SUCCESS")]);
  });
  test("target-rate-interval-rule, target-counter-agg-rule: raw counters are read as rates over Grafana's interval", () => {
    const counters = [...METRICS, ...Object.values(processMetrics)].filter((it) => it.type !== "gauge");
    for (const { expr } of expressionsOf(dashboard))
      for (const { name } of counters)
        for (const [all] of expr.matchAll(new RegExp(`(?<![\\w:])\\S*${name}(_bucket)?\\b[^)]*`, "g")))
          expect(all).toMatch(/rate\(.*\[\$__rate_interval\]$/);
  });
});
