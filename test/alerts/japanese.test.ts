import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { buildAlerts } from "../../alerts/build.ts";
import { en } from "../../alerts/locales/en.ts";
import { ja } from "../../alerts/locales/ja.ts";
import { ALERTS } from "../../alerts/locales/texts.ts";
import { cli } from "../support/cli.ts";
import { isJapanese, numbersOf, textsOf, untidy } from "../support/translation.ts";
import { CASES } from "./cases.ts";
import { type Fired, firingOf } from "./promtool.ts";

let folder: string;
let english: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "alerts-ja-"));
  english = mkdtempSync(join(tmpdir(), "alerts-en-"));
  expect(await cli(["alerts", "build", "--lang", "ja", "--out", folder])).toMatchObject({ code: 0, err: "" });
  expect(await cli(["alerts", "build", "--out", english])).toMatchObject({ code: 0, err: "" });
});
afterAll(() => {
  for (const it of [folder, english]) rmSync(it, { recursive: true });
});

const japanese = textsOf(ja);
const setOf = (text: string, pattern: RegExp) => [...new Set(text.match(pattern) ?? [])].sort();
/** The labels that a text shows; words around numbers differ between languages. */
const labelsOf = (text: string) => setOf(text, /\$labels\.\w+/g);
const codeOf = (text: string) => setOf(text, /`[^`]+`/g);

test.each([...textsOf(en)])("%s is said in Japanese, with the same figures", (path, text) => {
  const translated = japanese.get(path)!;
  expect(isJapanese(translated)).toBe(true);
  expect(labelsOf(translated)).toEqual(labelsOf(text));
  expect(codeOf(translated)).toEqual(codeOf(text));
  // Texts with templates are judged as they are rendered, below.
  if (text.includes("{{")) return;
  expect(numbersOf(translated)).toEqual(expect.arrayContaining(numbersOf(text)));
  expect(untidy(translated)).toEqual([]);
});

test("descriptions are sentences, summaries are not", () => {
  for (const it of ALERTS) {
    expect(ja[it].description).toMatch(/(ます|です|ません|ました)( \(.+\))?。(\{\{ end \}\})?$/);
    expect(ja[it].summary).not.toMatch(/。|(です|ます)$/);
  }
});

test("promtool and amtool accept what is built", () => {
  for (const [command, ...args] of [
    ["promtool", "check", "rules", "activation-alerts.rules.yaml", "activation-recording.rules.yaml"],
    ["promtool", "check", "config", "prometheus.yaml"],
    ["amtool", "check-config", "alertmanager.yaml"],
  ] as const)
    expect(spawnSync(command, args, { cwd: folder }).status).toBe(0);
});

test("every alert fires with its Japanese text: no raw label value, no decimal, no fine duration", () => {
  const rules = join(folder, "immediate");
  buildAlerts(rules, { words: ja, pace: "immediate" });
  for (const [{ annotations, labels }] of firingOf(rules, CASES) as [Fired][])
    for (const text of [annotations.summary!, annotations.description!]) {
      expect(isJapanese(text)).toBe(true);
      expect(text).not.toMatch(/\d[dhms] \d|\d\.\d{2}|<no value>|error expanding|\{\{/);
      for (const it of ["status", "product_class", "application"])
        if (/^[a-z0-9_]+$/.test(labels[it] ?? "")) expect(text).not.toMatch(new RegExp(`\\b${labels[it]}\\b`));
      expect(untidy(text)).toEqual([]);
    }
});

const built = (root: string, file: string) => readFileSync(join(root, file), "utf8");
const withoutTexts = (root: string) =>
  JSON.parse(
    JSON.stringify(parse(built(root, "activation-alerts.rules.yaml")), (key, value) =>
      key === "summary" || key === "description" ? undefined : value,
    ),
  );

test("nothing but the texts depends on the language", () => {
  expect(withoutTexts(folder)).toEqual(withoutTexts(english));
  for (const it of ["activation-recording.rules.yaml", "alertmanager.yaml", "prometheus.yaml"])
    expect(built(folder, it)).toBe(built(english, it));
});

test("the runbook keeps the anchors that alerts link to", () => {
  const text = built(folder, "runbook.md");
  expect([...text.matchAll(/^## ([A-Z]\w+)$/gm)].map(([, it]) => it)).toEqual([...ALERTS]);
  expect(text).toContain(`**対処:** ${ja.KmsHostDown.action}`);
});

test("another language is refused", async () => {
  const { code, err } = await cli(["alerts", "build", "--out", folder, "--lang", "fr"]);
  expect(code).toBe(2);
  expect(err).toContain("allowed choices are en, ja");
});
