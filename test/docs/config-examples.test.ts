import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { parse } from "yaml";
import { readAgentConfig } from "../../agent/config.ts";
import { readCollectorConfig } from "../../collector/config.ts";
import { CONFIG_KINDS, configExample, configJsonSchema } from "../../docs/config-examples.ts";
import { ROOT } from "../support/cli.ts";

const READ = { collector: readCollectorConfig, agent: readAgentConfig };

test.each(CONFIG_KINDS)("%s.yaml and its schema are as npm run docs writes them", (kind) => {
  const written = (name: string) => readFileSync(join(ROOT, "deploy/config", name), "utf8");
  expect(written(`${kind}.yaml`)).toBe(configExample(kind));
  expect(written(`${kind}.schema.json`)).toBe(configJsonSchema(kind));
});

test.each(CONFIG_KINDS)("%s.yaml is valid as it is, and with every default written out is the same", (kind) => {
  const read = (text: string) => READ[kind]("/etc/example.yaml", text, {});
  const example = configExample(kind);
  const lines = example.split("\n").filter((it) => /^# *\w+:/.test(it) && !it.includes("<…>"));
  const all = lines.map((it) => it.slice(2)).join("\n");
  expect(Object.keys(parse(all)).length).toBeGreaterThan(5);
  expect(read(example)).toEqual(read(""));
  // The program's own files are relative to the configuration once they are written there.
  const bare = (value: unknown) => JSON.stringify(value).replaceAll("/etc/data", "./data");
  expect(bare(read(all))).toBe(bare(read("")));
});

test.each(CONFIG_KINDS)("the schema of %s knows no other keys, and says what each means", (kind) => {
  const schema = JSON.parse(configJsonSchema(kind));
  expect(schema).toMatchObject({ additionalProperties: false, type: "object" });
  expect(schema.$schema).toContain("2020-12");
});
