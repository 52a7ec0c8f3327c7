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
    { series: 'activation_computers{zone="core",state="reporting"}', values: "1000x440" },
  ],
  promql_expr_test: Object.entries(firing).map(([at, fires]) => ({
    expr: 'count(ALERTS{alertname="LicenseFleetAnomaly",alertstate="firing"}) or vector(0)',
    eval_time: at,
    exp_samples: [{ labels: "{}", value: fires ? 1 : 0 }],
  })),
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
