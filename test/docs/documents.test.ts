import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { checkConfig } from "../../cli/check-config.ts";
import { ROOT } from "../support/cli.ts";

/** What the documents show must work when it is copied. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "documents-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PAGES = ["README.md", ...readdirSync(join(ROOT, "docs")).filter((it) => it.endsWith(".md"))].map((it) =>
  it === "README.md" ? it : `docs/${it}`,
);
const SNIPPETS = PAGES.flatMap((page) =>
  [...readFileSync(join(ROOT, page), "utf8").matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text], i) => ({
    name: `${page}, ${i + 1}`,
    text: text!,
  })),
);

test("there are examples in the documents", () => expect(SNIPPETS.length).toBeGreaterThan(4));

test.each(SNIPPETS)("check-config takes the example of $name", async ({ text }) => {
  const file = join(folder, "example.yaml");
  writeFileSync(file, text);
  expect((await checkConfig(file, {})).summary).toContain("valid");
});

const README = readFileSync(join(ROOT, "README.md"), "utf8");
const SCRIPTS = (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> })
  .scripts;

test.each([
  ...new Set(
    PAGES.flatMap((it) => [...readFileSync(join(ROOT, it), "utf8").matchAll(/npm run (?:-s )?([a-z:]+)/g)]).map(
      ([, name]) => name!,
    ),
  ),
])("npm run %s is there, and works in a fresh clone with whatever Node", (name) => {
  expect(SCRIPTS[name]).toBeDefined();
  expect(SCRIPTS[`pre${name}`]).toBe("node cli/scripts/setup.mjs");
});

test("no command of the documents counts on the Node that happens to be installed", () => {
  expect(README).not.toMatch(/`node \S+\.ts/);
});
