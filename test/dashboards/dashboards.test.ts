import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { ruleFiles } from "../../alerts/build.ts";
import { ALERTS } from "../../alerts/locales/texts.ts";
import { buildDashboards, dashboards } from "../../dashboards/build.ts";
import { en } from "../../dashboards/locales/en.ts";
import { COLUMNS, PANELS, SERIES } from "../../dashboards/locales/texts.ts";
import { METRICS, processMetrics, recordedIncrease, recordedName } from "../../licensing/telemetry/metrics.ts";
import { cli } from "../support/cli.ts";
import { allPanels, type BuiltPanel, expressionsOf, variableQueries } from "./built.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dashboards-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const built = dashboards({ runbook: "https://runbook", collector: "https://collector" });
const panels = Object.values(built).flatMap((it) =>
  allPanels(it).map((panel) => [`${it.uid} ${panel.title}`, panel] as const),
);

describe("every panel", () => {
  test.each(panels)("%s says what it is, in which unit", (_, panel: BuiltPanel) => {
    expect(panel.title.length).toBeGreaterThan(3);
    expect(panel.description).toMatch(/^[A-Z].{20,}\.$/s);
    expect(panel.fieldConfig.defaults.unit).toMatch(/^([a-z]+|suffix: \S+)$/i);
    expect(panel.datasource).toEqual({ type: "prometheus", uid: `\${datasource}` });
    expect(panel.targets.length).toBeGreaterThan(0);
  });
  test.each(Object.values(built).map((it) => [it.uid, it] as const))("of %s has its own id and place", (_, it) => {
    const ids = it.panels!.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const taken = new Set<string>();
    for (const { gridPos } of it.panels!) {
      const { x, y, w, h } = gridPos!;
      expect(x + w).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column += 1)
        for (let line = y; line < y + h; line += 1) {
          expect(taken).not.toContain(`${column},${line}`);
          taken.add(`${column},${line}`);
        }
    }
  });
  test("has words that are used, and uses each once", () => {
    const titles = panels.map(([, it]) => it.title);
    const used = PANELS.map((it) => en.panels[it].title).filter((it) => titles.includes(it));
    expect(used).toHaveLength(PANELS.length);
    const text = JSON.stringify(built);
    for (const it of [...COLUMNS.map((name) => en.columns[name]), ...SERIES.map((name) => en.series[name])])
      expect(text).toContain(JSON.stringify(it).slice(1, -1));
  });
});

test("the first screen of 1080 lines holds what the fleet overview must answer", () => {
  const firstRow = built.fleet.panels!.find((it) => it.type === "row")!;
  expect(firstRow.gridPos!.y).toBeLessThanOrEqual(23);
});

describe("queries", () => {
  const known = new Map([
    ...METRICS.map((it) => [recordedName(it), it.labels] as const),
    ...METRICS.filter((it) => it.type === "counter").map((it) => [recordedIncrease(it), it.labels] as const),
    ...Object.values(processMetrics).map((it) => [it.name, it.labels] as const),
    ...Object.values(processMetrics).map((it) => [`${it.name}_bucket`, [...it.labels, "le"]] as const),
  ]);
  const all = Object.values(built).flatMap((it) => [
    ...expressionsOf(it).map(({ expr }) => expr),
    ...variableQueries(it),
    ...it.annotations.list!.map(({ expr }) => expr!),
  ]);
  test.each([...new Set(all)])("%s reads what is in the catalogue, by labels that it has", (expr) => {
    for (const [, name, selector = ""] of expr.matchAll(/((?:fleet:)?activation_[\w:]+)(?:\{([^}]*)\})?/g)) {
      expect([...known.keys()]).toContain(name);
      for (const [, label] of selector.matchAll(/(\w+)(?:=|!=)~?"/g)) expect(known.get(name!)).toContain(label);
    }
  });
  test("of fleet figures read recorded series, so that replicas are one", () => {
    const raw = new Set(METRICS.map((it) => it.name));
    for (const expr of all)
      for (const [name] of expr.matchAll(/(?<![\w:])activation_\w+/g)) expect(raw).not.toContain(name);
  });
});

describe("alerts", () => {
  const rules = (
    ruleFiles({ dashboards: "https://grafana" }).alerts as {
      groups: { rules: { annotations: Record<string, string> }[] }[];
    }
  ).groups.flatMap((it) => it.rules);
  test("link to dashboards that exist", () => {
    const uids = Object.values(built).map((it) => `https://grafana/d/${it.uid}`);
    const linked = rules.map((it) => it.annotations.dashboard_url).filter((it) => it !== undefined);
    expect(linked.length).toBeGreaterThan(20);
    for (const it of linked) expect(uids).toContain(it);
  });
  test("have a first thing to do, and are found by the name that dashboards look for", () => {
    const watched = ALERTS.filter((it) => it !== "Watchdog");
    expect(Object.keys(en.nextSteps).sort()).toEqual([...watched].sort());
    const pattern = /alertname=~"([^"]+)"/.exec(JSON.stringify(built).replaceAll('\\"', '"'))![1]!;
    for (const it of watched) expect(it).toMatch(new RegExp(`^(${pattern})$`));
    expect("Watchdog").not.toMatch(new RegExp(`^(${pattern})$`));
  });
});

test("no panel looks healthy without a collector: what it then shows is marked as such", () => {
  for (const [name, panel] of panels) {
    const text = JSON.stringify(panel);
    expect(`${name}: ${text}`).toContain(en.states.noCollector);
    for (const { expr } of panel.targets) expect(`${name}: ${expr}`).not.toMatch(/or vector\(0\)/);
    if (panel.type === "table") expect(panel.fieldConfig.defaults.noValue).toBe("–");
  }
});

test("variables, links, annotations and the classic schema, as Grafana 12 and 13 read them", () => {
  for (const it of Object.values(built)) {
    expect(it).toMatchObject({ schemaVersion: 41, refresh: "1m", time: { to: "now" } });
    expect(it.tags).toContain("activation-monitor");
    const [first, ...others] = it.templating.list!;
    expect(first).toMatchObject({ type: "datasource", name: "datasource", query: "prometheus" });
    for (const variable of others)
      expect(variable).toMatchObject({ type: "query", multi: true, includeAll: true, allValue: ".*" });
    const [menu, runbook] = it.links!;
    expect(menu).toMatchObject({ type: "dashboards", tags: ["activation-monitor"], asDropdown: true, keepTime: true });
    expect(runbook!.url).toBe("https://runbook");
  }
  expect(built.kms.templating.list!.map((it) => it.name)).toEqual(["datasource", "zone", "kms_host", "product_class"]);
});

const filesOf = (root: string): [name: string, text: string][] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile())
    .map((it): [string, string] => {
      const path = join(it.parentPath, it.name);
      return [path.slice(root.length + 1), readFileSync(path, "utf8")];
    })
    .sort();

test("the command writes what Grafana takes as it is, the same each time", async () => {
  const out = join(folder, "out");
  const ran = await cli(["dashboards", "build", "--out", out, "--prometheus", "https://prometheus:9090"]);
  // Grafana reports an error at each start for each of these that is missing.
  expect(readdirSync(join(out, "provisioning")).sort()).toEqual(["alerting", "dashboards", "datasources", "plugins"]);
  expect(ran).toMatchObject({ code: 0, err: "" });
  const files = new Map(filesOf(out));
  expect([...files.keys()]).toEqual([
    "dashboards/activation-deadlines.json",
    "dashboards/activation-failures.json",
    "dashboards/activation-fleet.json",
    "dashboards/activation-keys.json",
    "dashboards/activation-kms.json",
    "dashboards/activation-pipeline.json",
    "dashboards/activation-planning.json",
    "provisioning/dashboards/activation-monitor.yaml",
    "provisioning/datasources/activation-monitor.yaml",
  ]);
  expect(ran.out.trim().split("\n").sort()).toEqual([...files.keys()].map((it) => join(out, it)));
  expect(parse(files.get("provisioning/datasources/activation-monitor.yaml")!)).toMatchObject({
    apiVersion: 1,
    datasources: [{ type: "prometheus", access: "proxy", url: "https://prometheus:9090" }],
  });
  const { providers } = parse(files.get("provisioning/dashboards/activation-monitor.yaml")!) as {
    providers: { type: string; options: { path: string } }[];
  };
  expect(providers).toMatchObject([{ type: "file", options: { path: join(out, "dashboards") } }]);
  expect(readdirSync(providers[0]!.options.path)).toHaveLength(7);
  buildDashboards(out, {}, { prometheus: "https://prometheus:9090" });
  expect(new Map(filesOf(out))).toEqual(files);
});

test("with the collector's address names of computers lead to its pages, and the runbook is its own", () => {
  const { deadlines } = dashboards({ collector: "https://collector" });
  expect(JSON.stringify(deadlines)).toContain("https://collector/computers/$");
  expect(deadlines.links!.at(-1)!.url).toBe("https://collector/runbook");
  expect(JSON.stringify(dashboards())).not.toContain("/computers/");
});

test("in a container the folder is another one", async () => {
  const out = join(folder, "container");
  await cli(["dashboards", "build", "--out", out, "--folder", "/var/lib/grafana/activation"]);
  expect(readFileSync(join(out, "provisioning/dashboards/activation-monitor.yaml"), "utf8")).toContain(
    "path: /var/lib/grafana/activation",
  );
});

test("wrong usage is told", async () => {
  expect(await cli(["dashboards", "build"])).toMatchObject({ code: 2 });
  expect(await cli(["dashboards", "build", "--out", folder, "--lang", "xx"])).toMatchObject({ code: 2 });
});
