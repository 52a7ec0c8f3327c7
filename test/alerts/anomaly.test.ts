import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { buildAlerts } from "../../alerts/build.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "anomaly-"));
  buildAlerts(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the recorded rates make of `changed` computers out of 1,000 within the tenth minute: alerts by minute. */
const zone = (changed: number, firing: Readonly<Record<string, boolean>>) => ({
  interval: "15s",
  input_series: [
    { series: 'activation_license_changes_total{zone="core",change="to_notification"}', values: `0x39 ${changed}x400` },
    { series: 'activation_computers{zone="core",state="reporting",source="agent"}', values: "1000x440" },
  ],
  promql_expr_test: Object.entries(firing).map(([at, fires]) => ({
    expr: 'count(ALERTS{alertname="LicenseFleetAnomaly",alertstate="firing"}) or vector(0)',
    eval_time: at,
    exp_samples: [{ labels: "{}", value: fires ? 1 : 0 }],
  })),
});

/** Licenses of a zone of 1,000 that are in this state before and after minute 70, of so many in all. */
const fallen = (
  status: string,
  [before, after]: readonly number[],
  [all, later]: readonly number[],
  fires: boolean,
) => ({
  interval: "1m",
  input_series: [
    ...[
      [status, before!, after!],
      ["licensed", all! - before!, later! - after!],
    ].map(([it, first, then]) => ({
      series: `activation_licenses{zone="core",product="Windows 10",channel="kms_client",status="${it}"}`,
      values: `${first}x69 ${then}x120`,
    })),
    { series: 'activation_computers{zone="core",state="reporting"}', values: "1000x200" },
  ],
  promql_expr_test: [
    [60, false],
    [90, fires],
    [170, false],
  ].map(([at, is]) => ({
    expr: 'count(ALERTS{alertname="LicenseFleetAnomaly",alertstate="firing"}) or vector(0)',
    eval_time: `${at}m`,
    exp_samples: [{ labels: "{}", value: is ? 1 : 0 }],
  })),
});

test.each<[string, string, number[], number[], boolean]>([
  ["sixty fall into out-of-tolerance grace", "oot_grace", [5, 65], [1_000, 1_000], true],
  ["sixty fall into non-genuine grace", "non_genuine_grace", [0, 60], [1_000, 1_000], true],
  ["sixty become unlicensed", "unlicensed", [0, 60], [1_000, 1_000], true],
  ["forty are no anomaly", "oot_grace", [0, 40], [1_000, 1_000], false],
  ["sixty new computers that were like that before", "unlicensed", [0, 60], [940, 1_000], false],
  ["a new computer's first grace is none", "oob_grace", [0, 60], [1_000, 1_000], false],
])("by the licenses' states: %s", (_, status, bad, all, fires) => {
  const file = join(folder, "fallen.yaml");
  const rules = ["activation-recording.rules.yaml", "activation-alerts.rules.yaml"];
  const tests = [fallen(status, bad, all, fires)];
  writeFileSync(file, stringify({ rule_files: rules, evaluation_interval: "1m", tests }, { lineWidth: 0 }));
  const { stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
  expect(stdout + stderr).toContain("SUCCESS");
});

test.each([
  [
    "six in a hundred are an anomaly for an hour, and a while longer",
    60,
    { "9m": false, "20m": true, "60m": true, "100m": false },
  ],
  ["four in a hundred are none, however young Prometheus is", 40, { "12m": false, "20m": false, "60m": false }],
])("%s", (_, changed, firing) => {
  const file = join(folder, `${changed}.yaml`);
  const rules = ["activation-recording.rules.yaml", "activation-alerts.rules.yaml"];
  writeFileSync(
    file,
    stringify({ rule_files: rules, evaluation_interval: "15s", tests: [zone(changed, firing)] }, { lineWidth: 0 }),
  );
  const { stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
  expect(stdout + stderr).toContain("SUCCESS");
});
