import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { readThresholds } from "../../alerts/read-thresholds.ts";
import { ConfigurationError } from "../../config/load.ts";
import { cli } from "../support/cli.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "alerts-build-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
const build = (...more: string[]) => cli(["alerts", "build", "--out", folder, ...more]);
const text = (name: string) => readFileSync(join(folder, name), "utf8");

describe("thresholds", () => {
  test("are read with their units, and change the rules", async () => {
    const file = join(folder, "thresholds.yaml");
    writeFileSync(file, "forecast: 21d\nstale_share: 30%\nnear_clients: 7\ndeadline_within: 60d\n");
    expect(await build("--thresholds", file)).toMatchObject({ code: 0, err: "" });
    const rules = text("activation-alerts.rules.yaml");
    for (const it of ["< 1814400)", "(0.3 * ", "<= 7)", 'within="60d"']) expect(rules).toContain(it);
    expect(text("runbook.md")).toContain("- `forecast` 21d: ");
  });
  test("mistakes are listed together, with suggestions", async () => {
    const file = join(folder, "thresholds.yaml");
    writeFileSync(file, "forcast: 21d\nstale_share: 300\nbacklog: 5\ndeadline_within: 50d\nnear_clients: many\n");
    const { code, err } = await build("--thresholds", file);
    expect(code).toBe(2);
    expect(err.trim().split("\n")).toEqual([
      `activation-monitor: ${file}: forcast: unknown threshold; did you mean forecast?`,
      `activation-monitor: ${file}: stale_share: write a share, e.g. 5% or 0.05`,
      `activation-monitor: ${file}: backlog: write a number and a unit (s, m, h, d), e.g. 14d`,
      `activation-monitor: ${file}: deadline_within: write one of 1d, 3d, 7d, 14d, 30d, 45d, 60d, 90d`,
      `activation-monitor: ${file}: near_clients: write a number from 0 on, e.g. 5`,
    ]);
    expect(existsSync(join(folder, "activation-alerts.rules.yaml"))).toBe(false);
  });
  test("a file that is missing", async () => {
    const { code, err } = await build("--thresholds", join(folder, "none.yaml"));
    expect(code).toBe(2);
    expect(err).toContain("none.yaml: there is no such file; write the path of an existing file");
  });
  test.each([["- a"], ["a: [b"], ["__proto__: 5"]])("%s is no list of thresholds", (written) => {
    expect(() => readThresholds("t.yaml", written)).toThrow(ConfigurationError);
  });
});

test("the addresses of the collectors, Alertmanager and Grafana", async () => {
  const addresses = ["--collector", "c1:9688", "c2:9688", "--alertmanager", "am:9093", "--grafana", "https://grafana/"];
  expect(await build(...addresses)).toMatchObject({ code: 0, err: "" });
  expect(parse(text("prometheus.yaml"))).toMatchObject({
    alerting: { alertmanagers: [{ static_configs: [{ targets: ["am:9093"] }] }] },
    scrape_configs: [{ static_configs: [{ targets: ["c1:9688", "c2:9688"] }] }],
  });
  const rules = text("activation-alerts.rules.yaml");
  expect(rules).toContain("dashboard_url: https://grafana/d/activation-kms");
  expect(rules).toContain("runbook_url: http://c1:9688/runbook#kmscountbelowthreshold");
});

describe("a second build", () => {
  test("replaces what it wrote itself", async () => {
    await build();
    const before = text("alertmanager.yaml");
    expect(await build("--lang", "ja")).toMatchObject({ code: 0, err: "" });
    expect(text("alertmanager.yaml")).toBe(before);
    expect(text("activation-alerts.rules.yaml")).toContain("ゾーン");
  });
  test("never overwrites a file that a person has edited: the new one is beside it", async () => {
    await build();
    const file = join(folder, "alertmanager.yaml");
    appendFileSync(file, "# our receivers\n");
    const edited = text("alertmanager.yaml");
    const { code, out, err } = await build();
    expect(code).toBe(0);
    expect(text("alertmanager.yaml")).toBe(edited);
    expect(out).toContain(`${file}.new\n`);
    expect(err).toBe(`${file} was edited and stays as it is; compare it with ${file}.new\n`);
    expect(parse(text("alertmanager.yaml.new"))).toHaveProperty("receivers");
  });
  test("a file from elsewhere stays, too", async () => {
    writeFileSync(join(folder, "prometheus.yaml"), "global: {}\n");
    expect((await build()).err).toContain("prometheus.yaml was edited");
    expect(text("prometheus.yaml")).toBe("global: {}\n");
  });
});
