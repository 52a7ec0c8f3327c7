import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { ROOT } from "../support/cli.ts";

const PAGE = readFileSync(join(ROOT, "docs/security.md"), "utf8");
const NAMED = [...new Set([...PAGE.matchAll(/`(test\/[\w/-]+)`/g)].map(([, it]) => it!))];

test("the page names tests", () => expect(NAMED.length).toBeGreaterThan(10));

test.each(NAMED)("%s, which docs/security.md names, is there", (name) => {
  const beside = readdirSync(join(ROOT, dirname(name)));
  expect(beside.some((it) => it === basename(name) || it === `${basename(name)}.test.ts`)).toBe(true);
});
