import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { en } from "../../alerts/locales/en.ts";
import { ja } from "../../alerts/locales/ja.ts";
import { ALERTS } from "../../alerts/locales/texts.ts";
import { cli } from "../support/cli.ts";
import { figuresOf, isJapanese, numbersOf, textsOf, untidy } from "../support/translation.ts";
import { CASES } from "./cases.ts";
import { promtool, testOf } from "./promtool.ts";

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

test.each([...textsOf(en)])("%s is said in Japanese, with the same figures", (path, text) => {
  const translated = japanese.get(path)!;
  expect(isJapanese(translated)).toBe(true);
  if (path !== "runbook.origin") expect(figuresOf(translated)).toEqual(figuresOf(text));
  expect(numbersOf(translated)).toEqual(expect.arrayContaining(numbersOf(text)));
  expect(untidy(translated)).toEqual([]);
});

test("descriptions are sentences, summaries are not", () => {
  for (const it of ALERTS) {
    expect(ja[it].description).toMatch(/(ます|です|ません|ました)( \(.+\))?。$/);
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

test("what pages, and what tells a count or never, fires with its Japanese text", () => {
  const cases = CASES.filter((it) => it.severity === "critical" || it.counted || it.never || it.allowed);
  expect(new Set(cases.filter((it) => it.severity === "critical").map((it) => it.alert)).size).toBeGreaterThan(2);
  const ran = promtool(
    folder,
    cases.map((it) => testOf(it, ja, it.fires)),
  );
  expect(ran.text).toContain("SUCCESS");
  expect(ran.status).toBe(0);
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
  expect([...text.matchAll(/^## (\w+)$/gm)].map(([, it]) => it)).toEqual([...ALERTS]);
  expect(text).toContain(`**対処:** ${ja.KmsHostDown.action}`);
});

test("another language is refused", async () => {
  const { code, err } = await cli(["alerts", "build", "--out", folder, "--lang", "fr"]);
  expect(code).toBe(2);
  expect(err).toContain("Allowed choices are en, ja");
});
