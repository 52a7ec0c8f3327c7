import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { agentSchema, readAgentConfig } from "../../agent/config.ts";
import { collectorSchema, readCollectorConfig } from "../../collector/config.ts";
import { keysOf } from "../../config/document.ts";
import { configurationPage } from "../../docs/configuration.ts";

test.each([
  ["collector.yaml", collectorSchema],
  ["agent.yaml", agentSchema],
])("every key of %s has a meaning", (_, schema) => {
  expect(keysOf(schema).filter((it) => !it.meaning)).toEqual([]);
});

test("docs/configuration.md is what `npm run docs` writes", () => {
  expect(readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8")).toBe(configurationPage());
});

test.each([
  ["collector.yaml", collectorSchema, readCollectorConfig],
  ["agent.yaml", agentSchema, readAgentConfig],
] as const)("the defaults of %s, written out, change nothing", (_, schema, read) => {
  const written = Object.fromEntries(
    keysOf(schema).flatMap(({ variable, standard }) => (standard === undefined ? [] : [[variable, standard]])),
  );
  const plain = Object.fromEntries(Object.entries(written).map(([key, it]) => [key, it === '""' ? "" : it]));
  expect(read("f", "", plain)).toEqual(read("f", "", {}));
});
