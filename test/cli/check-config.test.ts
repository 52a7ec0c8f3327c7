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

const check = async (content: string | Buffer, environment = {}): Promise<string> => {
  writeFileSync(file, content);
  const { summary, warnings } = await checkConfig(file, environment);
  return [summary, ...warnings].join("\n");
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

const said = (content: string, environment = {}): Promise<string> =>
  check(content, environment).catch((cause: Error) => cause.message);

test("a path of Windows in double quotes has control characters, and is refused with the remedy", async () => {
  const text = 'zone: core\ncollector: { token_file: "C:\\ProgramData\\activation-monitor\\token" }\n';
  // YAML has the escapes P, a and t.
  expect(await said(text)).toMatch(
    /some\.yaml:2: a text has the control character U\+0007, because \\ begins an escape in double quotes; .*single quotes/,
  );
  expect(await said(text.replace("ProgramData", "Service"))).toMatch(/not YAML: .*line 2.*single quotes/);
  expect(await said(text.replaceAll('"', "'"))).toContain("valid agent");
  expect(await said("zone: core\nhost: |\n  pc1.contoso.com\n")).toContain("valid");
});

test.each([
  ["otlp:\n  lisen: a", "some.yaml:2: otlp.lisen: this key is not known; did you mean otlp.listen?"],
  [
    "otlp: {}\nexpected_hosts: []",
    "some.yaml:2: expected_hosts: this key is not known; did you mean kms.expected_hosts?",
  ],
  ["otlp: {}\nkolour: 1", "some.yaml:2: kolour: this key is not known; remove it or fix its spelling"],
  ["otlp: {}\nzones:\n  - name: a\n  - name: b\n    kind: x", "some.yaml:5: zones.1.kind: write one of"],
  ["otlp: {}\nstale_after: 0s", "some.yaml:2: stale_after: write more than 0"],
  ["heartbeat: { interval: 0m }\nzone: a", "heartbeat.interval: write more than 0"],
  [
    "kms: { expected_hosts: ['http://kms01.contoso.com/'] }",
    "kms.expected_hosts.0: write the name alone, without http://",
  ],
  ["kms: { expected_hosts: ['kms01.contoso.com:1688'] }", "kms.expected_hosts.0: write the name alone, without a port"],
  [
    "kms: { expected_hosts: [KMS01.contoso.com], retired_hosts: [kms01.contoso.com.] }",
    "kms.retired_hosts: kms01.contoso.com is in kms.expected_hosts too",
  ],
  ["otlp: { listen: '127.0.0.1:9688' }", "http.listen: otlp.listen has port 9688 too"],
  [
    "stale_after: 30d\nretention: { computers: 20d }",
    "some.yaml:2: retention.computers: it is shorter than stale_after",
  ],
])("%j is refused: %s", async (text, words) => {
  expect(await said(text)).toContain(words);
});

test.each([
  ["kms: { expected_hosts: [kms01] }", "kms.expected_hosts: kms01 has no domain"],
  ["otlp: {}\nretire: { after: 1d }", "retire.after is shorter than stale_after"],
  ["otlp: {}\nretire: { after: 500d }", "retention.computers is shorter than retire.after"],
  ["otlp: { tokens_file: /none/tokens }", "otlp.tokens_file: /none/tokens cannot be read here: there is no such file"],
  ["zone: a\ncollector: { token_file: 'C:\\none\\token' }", "valid agent configuration."],
])("%j is valid, with a warning: %s", async (text, words) => {
  expect(await check(text)).toContain(words);
});

test("files are relative to the file that names them; weak, double and missing tokens are told without telling them", async () => {
  const tokens = join(file, "../tokens");
  const config = "otlp: { tokens_file: tokens }";
  writeFileSync(tokens, "# none yet\n");
  expect(await check(config)).toContain(`${tokens} has no token, so that every report is refused`);
  writeFileSync(tokens, "changechangechange *.a.com\n0123456789abcdef01\n0123456789abcdef01\n");
  const said = await check(config);
  expect(said).toContain("1 of the tokens in");
  expect(said).toContain("has the same token twice");
  expect(said).not.toContain("changechange");
  writeFileSync(tokens, "short\n");
  expect(await check(config)).toContain("line 1: a token has 16 characters or more");
});

test("variables that are no key's are told with the nearest one", async () => {
  const said = await check("otlp: {}", {
    ACTIVATION_HTTP_LISTN: "127.0.0.1:1",
    ACTIVATION_ZONE: "core",
    ACTIVATION_SIGN_KEY_FILE: "x",
    PATH: "/bin",
  });
  expect(said.split("\n").slice(1)).toEqual([
    "ACTIVATION_HTTP_LISTN: no key has this variable; did you mean ACTIVATION_HTTP_LISTEN?",
  ]);
});

test("--strict makes a warning an exit code, --json a form for programs", async () => {
  writeFileSync(file, "kms: { expected_hosts: [kms01] }\n");
  expect((await cli(["check-config", file])).code).toBe(0);
  const { code, out } = await cli(["check-config", file, "--strict", "--json"]);
  expect([code, JSON.parse(out)]).toEqual([
    1,
    { file, kind: "collector", valid: true, warnings: [expect.stringContaining("kms01 has no domain")] },
  ]);
});
