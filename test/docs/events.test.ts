import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { eventsPage } from "../../docs/events.ts";

test("docs/events.md is what the program itself says (npm run docs)", () => {
  expect(readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8")).toBe(eventsPage());
});
