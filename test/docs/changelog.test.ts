import { expect, test } from "@jest/globals";
import { VERSION } from "../../config/version.ts";
import { textOf } from "./sources.ts";

const SECTIONS = [...textOf("CHANGELOG.md").matchAll(/^## (.+)$/gm)].map(([, it]) => it!);

test("changes that are not released come first, then the version of package.json with its date", () => {
  expect(SECTIONS[0]).toBe("Unreleased");
  expect(SECTIONS[1]).toMatch(/^\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d$/);
  expect(SECTIONS[1]!.split(" ")[0]).toBe(VERSION);
});

test("changes are grouped as Keep a Changelog asks", () => {
  const groups = [...textOf("CHANGELOG.md").matchAll(/^### (.+)$/gm)].map(([, it]) => it!);
  for (const it of groups) expect(["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]).toContain(it);
});
