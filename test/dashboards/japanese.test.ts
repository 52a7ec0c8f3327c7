import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dashboards } from "../../dashboards/build.ts";
import { en } from "../../dashboards/locales/en.ts";
import { ja } from "../../dashboards/locales/ja.ts";
import { cli } from "../support/cli.ts";
import { figuresOf, isJapanese, numbersOf, textsOf, untidy } from "../support/translation.ts";
import { allPanels, expressionsOf, variableQueries } from "./built.ts";

const options = { runbook: "https://runbook", collector: "https://collector" };
const english = Object.values(dashboards({ ...options, words: en }));
const japanese = Object.values(dashboards({ ...options, words: ja }));

/** Names of programs, protocols and products, and signs: the same in Japanese. */
const SAME = [
  "columns.tcp",
  "columns.rpc",
  "unknown",
  "values.channel.mak",
  "values.channel.oem",
  "values.channel.avma",
  "values.channel.adba",
  "values.reason.dns",
  "values.reason.avma",
  "values.reason.adba",
  "values.application.windows",
  "values.application.office",
  "values.application.office2010",
  "values.productClass.office",
  "values.productClass.office2010",
  "values.productClass.server",
  "values.rearms.0",
  "values.rearms.1",
  "values.rearms.2",
  "values.rearms.3",
  "values.method.kms",
  "values.method.mak",
  "values.method.",
];

describe("each text", () => {
  const texts = textsOf(ja);
  test.each([...textsOf(en)])("%s is said in Japanese, with the same figures", (path, text) => {
    const translated = texts.get(path)!;
    expect(isJapanese(translated)).toBe(!SAME.includes(path));
    // A panel that speaks of the line `none` calls it as its legend does.
    expect(figuresOf(translated)).toEqual(figuresOf(text.replace("`none`", `\`${ja.series.none}\``)));
    expect(numbersOf(translated)).toEqual(expect.arrayContaining(numbersOf(text)));
    expect(untidy(translated)).toEqual([]);
  });
  test("is there for the same things as in English, and used", () => {
    expect([...texts.keys()].sort()).toEqual([...textsOf(en).keys()].sort());
    const json = JSON.stringify(japanese) + ja.folder;
    for (const [path, it] of texts)
      if (path !== "day" && !isTableOfValues(path)) expect(json).toContain(JSON.stringify(it).slice(1, -1));
  });
});

/** Words for values that no panel shows yet. */
const isTableOfValues = (path: string) => path.startsWith("values.");

test("titles are short, descriptions are sentences", () => {
  for (const { title, description, none = "" } of Object.values(ja.panels)) {
    expect(title).not.toMatch(/。|(です|ます)$/);
    expect(title.length).toBeLessThanOrEqual(27);
    expect(description).toMatch(/。$/);
    expect(none).not.toMatch(/。/);
  }
});

test("the panels, their places, queries and units are the same", () => {
  const frame = (built: typeof english) =>
    built.map((it) => ({
      uid: it.uid,
      panels: it.panels!.map(({ id, type, gridPos }) => ({ id, type, gridPos })),
      units: allPanels(it).map((panel) => panel.fieldConfig.defaults.unit.replace(/^suffix: .*/, "suffix")),
      expressions: expressionsOf(it).map(({ expr, range }) => ({ expr, range })),
      variables: variableQueries(it),
      annotations: it.annotations.list!.map(({ expr }) => expr),
      links: it.links!.map(({ url }) => url),
    }));
  expect(frame(japanese)).toEqual(frame(english));
});

/** What a person reads: of every string in the JSON those under these names. */
const READ = new Set(["title", "description", "text", "displayName", "noValue", "label", "tooltip", "legendFormat"]);
const readIn = (value: unknown, found: string[] = []): string[] => {
  if (typeof value !== "object" || value === null) return found;
  for (const [key, it] of Object.entries(value)) {
    if (typeof it === "string" && READ.has(key)) found.push(it);
    else if (key === "renameByName") found.push(...Object.values(it as Record<string, string>));
    else readIn(it, found);
  }
  return found;
};

test("nothing that is read is left in English", () => {
  // Grafana says "All" and its units itself, in the language of its user.
  const same = new Set(["All", "–", "", ...SAME.map((it) => textsOf(ja).get(it)!)]);
  expect(readIn(japanese).filter((it) => !isJapanese(it) && !it.includes("{{") && !same.has(it))).toEqual([]);
});

describe("the command", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "dashboards-ja-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("writes them, into a folder with a Japanese name", async () => {
    const ran = await cli(["dashboards", "build", "--out", folder, "--lang", "ja"]);
    expect(ran).toMatchObject({ code: 0, err: "" });
    const text = (name: string) => readFileSync(join(folder, name), "utf8");
    expect(JSON.parse(text("dashboards/activation-kms.json"))).toMatchObject({ title: "ライセンス認証: KMS ホスト" });
    expect(text("provisioning/dashboards/activation-monitor.yaml")).toContain("folder: ライセンス認証");
  });
});
