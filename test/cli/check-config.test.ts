import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { checkConfig } from "../../cli/check-config.ts";
import { cli } from "../support/cli.ts";

let file: string;
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), "check-config-")), "some.yaml");
});
afterEach(() => rmSync(join(file, ".."), { recursive: true, force: true }));

const check = (content: string | Buffer): Promise<string> => {
  writeFileSync(file, content);
  return checkConfig(file, {});
};

test.each([
  ["zone: core", "valid agent"],
  ["simulated: { kms_host: kms-drill.invalid }", "valid agent"],
  ["log: { level: warn }", "valid agent"],
  ["host: a.contoso.com", "valid agent"],
  ["metrics: { listen: '127.0.0.1:9689' }", "valid agent"],
  ["metrics: { host_series_limit: 5 }", "valid collector"],
  ["otlp: {}", "valid collector"],
  ["http:\n  # listen: 127.0.0.1:9688\n", "valid collector"],
  ["", "of an agent as of a collector. There is no key"],
  ["# nothing yet\n", "of an agent as of a collector. There is no key"],
  ["metrics:\n", "of an agent as of a collector. Both have its keys"],
])("%j is %s", async (text, words) => {
  expect(await check(text)).toContain(words);
});

test.each([
  ["colour: red", "neither a key of agent.yaml nor one of collector.yaml"],
  ["- a", "write keys with their values"],
  ["text", "write keys with their values"],
  ["a: b: c", "not YAML: Nested mappings are not allowed in compact mappings at line 1, column 4"],
  [Buffer.from("\ufeffzone: core\n", "utf16le"), "it is UTF-16, or no text at all; save it as UTF-8"],
  ["zone: core\nmetrics: { host_series_limit: 5 }", "metrics.host_series_limit: this key is not known"],
])("%j is refused", async (text, words) => {
  await expect(check(text)).rejects.toThrow(words);
});

test("a folder is no file, and the exit code says so", async () => {
  expect(await cli(["check-config", join(file, "..")])).toMatchObject({
    code: 2,
    err: expect.stringContaining("it is a directory; name the file in it"),
  });
});

test("what is accepted by `insecure: true` is repeated, and is no mistake", async () => {
  writeFileSync(file, "otlp: { listen: '0.0.0.0:0', insecure: true }\n");
  const { code, out } = await cli(["check-config", file]);
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(/valid collector configuration\.\nWarning: otlp\.insecure: 0\.0\.0\.0 /),
  ]);
});
