import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { cli } from "../support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "errors-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "wrong.yaml"), "otlp:\n  lissten: 1\nstale_after: x\n");
const out = join(folder, "out");
const NONE = "/none.yaml: there is no such file";
const MISSING = `${NONE}; write the path of an existing file`;

test.each([
  ["nonsense", 2, "unknown command 'nonsense'; 'activation-monitor --help' tells the usage"],
  ["collector bakup", 2, "collector: unknown command 'bakup'; did you mean backup?"],
  ["explain", 2, "explain: missing required argument 'code'; 'activation-monitor explain --help' tells the usage"],
  ["explain 1 2", 2, "explain: too many arguments for 'explain'; expected 1 argument but got 2: 1, 2"],
  [
    "collector backup",
    2,
    "collector backup: required option '--out <file>' not specified; 'activation-monitor collector backup --help' tells the usage",
  ],
  [
    "fleet simulate --hosts 0",
    2,
    "fleet simulate: option '--hosts <number>' argument '0' is invalid; write a whole number from 1 on",
  ],
  [
    "completion fish",
    2,
    "completion: command-argument value 'fish' is invalid for argument 'shell'; allowed choices are bash, zsh, powershell",
  ],
  [`collector backup --out ${out} --kep 3`, 2, "collector backup: unknown option '--kep'; did you mean --keep?"],
  [
    "explain 0xZZ",
    2,
    'explain: "0xZZ" is neither a result code nor an event ID; write for example 0xC004F038 or 12290',
  ],
  [
    "explain 99999",
    2,
    "explain: 99999 is no event ID, since event IDs end at 65535, and no known result code; write for example 12290 or 0xC004F038",
  ],
  ["explain 12345", 1, "12345 is not in the table; the nearest known: 12322, 12321, 12320."],
  ["check-config /none.yaml", 2, MISSING],
  ["collector run --config /none.yaml", 2, MISSING],
  ["agent run --config /none.yaml", 2, MISSING],
  ["agent once --config /none.yaml", 2, MISSING],
  [`agent export --out ${out} --config /none.yaml`, 2, MISSING],
  [`alerts build --out ${out} --thresholds /none.yaml`, 2, MISSING],
  ["fleet simulate --hosts 1 --token-file /none.yaml", 2, MISSING],
  ["collector worksheet --url https://127.0.0.1:1 --ca-file /none.yaml", 2, `--ca-file: ${MISSING}`],
  ["collector import /none.yaml --url http://127.0.0.1:1", 1, NONE],
  ["events parse /none.yaml", 1, NONE],
])("%s: one sentence, exit code %d", async (line, code, sentence) => {
  expect(await cli(line.split(" "))).toEqual({ code, out: "", err: `activation-monitor: ${sentence}\n` });
});

test("of several mistakes each is a line of the same form, with its place", async () => {
  const file = join(folder, "wrong.yaml");
  const { code, err } = await cli(["check-config", file]);
  expect(code).toBe(2);
  expect(err.split("\n")).toEqual([
    expect.stringMatching(`^activation-monitor: ${file}:2: otlp\\.lissten: .*; `),
    expect.stringMatching(`^activation-monitor: ${file}:3: stale_after: `),
    "",
  ]);
});
