import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { recordOf, SCOPE } from "../../licensing/telemetry/otlp-mapping.ts";
import { eventsIn } from "../../offline/event-text.ts";
import { jsonTexts } from "../../offline/json-texts.ts";
import { encodeLogsJson } from "../../otlp/json-writer.ts";
import { cli } from "../support/cli.ts";
import { PUBLISH_FAILED, REQUEST, REQUEST_SENT, SAMPLES, xmlOf } from "../support/event-forms.ts";

const EVENTS = [REQUEST, REQUEST_SENT, PUBLISH_FAILED];
const found = (text: string | Uint8Array) => [...eventsIn(Buffer.from(text))];
const ids = (text: string | Uint8Array) => found(text).map((it) => ("fact" in it ? it.fact.eventId : it.error));
const IDS = EVENTS.map((it) => it.eventId);

describe.each(SAMPLES)("a file of $name", ({ write }) => {
  const values = EVENTS.map(write);
  // Event XML is a text of its own; in JSON it comes wrapped.
  const maps = values.map((it) => (typeof it === "string" ? { message: it } : it));
  test.each([
    ["one a line", maps.map((it) => JSON.stringify(it)).join("\n")],
    ["one a line, with CRLF and empty lines", `\r\n${maps.map((it) => JSON.stringify(it)).join("\r\n\r\n")}\r\n`],
    ["an array", JSON.stringify(maps)],
    ["an array over many lines", JSON.stringify(maps, null, 4)],
    ["one after the other over many lines", maps.map((it) => JSON.stringify(it, null, 2)).join("\n")],
    [
      "what a search answers",
      JSON.stringify({ took: 1, hits: { total: 3, hits: maps.map((_source) => ({ _source })) } }),
    ],
  ])("%s", (_, text) => {
    expect(ids(text)).toEqual(IDS);
    expect(ids(Buffer.from(`\ufeff${text}`, "utf16le"))).toEqual(IDS);
  });
  test("one alone over many lines", () => {
    expect(ids(JSON.stringify(maps[0], null, 2))).toEqual([12290]);
  });
});

test("a broken line takes no other with it; the same fault is told three times and then how often", () => {
  const line = JSON.stringify(SAMPLES[4]!.write(REQUEST));
  expect(ids(`${line}\n${line.slice(0, -5)}\n${line}`)).toEqual([12290, expect.stringContaining("Not JSON"), 12290]);
  const read = found(`${line}\n${'{"a":1}\n'.repeat(10)}${line}`);
  expect(read.filter((it) => "fact" in it)).toHaveLength(2);
  expect(read.flatMap((it) => ("error" in it ? [it.position] : []))).toEqual([
    "line 2",
    "line 3",
    "line 4",
    "and 7 more places",
  ]);
});
test("what is no JSON between the values is told, in lines and over many lines", () => {
  const value = SAMPLES[4]!.write(REQUEST);
  expect(ids(`${JSON.stringify(value)}\noops\n${JSON.stringify(value)}`)).toEqual([
    12290,
    expect.stringContaining("Not JSON"),
    12290,
  ]);
  expect(ids(`${JSON.stringify(value, null, 2)}\noops\n${JSON.stringify(value, null, 2)}\noops`)).toEqual([
    12290,
    expect.stringContaining("Not JSON"),
    12290,
    expect.stringContaining("Not JSON"),
  ]);
});
test("an array that is cut off gives what is whole, and tells", () => {
  const text = JSON.stringify(EVENTS.map(SAMPLES[4]!.write), null, 2);
  expect(ids(text.slice(0, -200))).toEqual([12290, 12288, expect.stringContaining("cut off")]);
});
test("OTLP/JSON", () => {
  const records = EVENTS.map((it) => recordOf(it, "1", 0));
  const text = encodeLogsJson([{ resource: { attributes: {} }, scope: { name: SCOPE, version: "" }, records }]);
  expect(ids(text)).toEqual(IDS);
});

test("JSON is cut in time that grows with its length alone", () => {
  const started = performance.now();
  for (const text of [
    '[{"',
    "[".repeat(2_000_000),
    "{".repeat(2_000_000),
    `[${'{"a":"\\"'.repeat(300_000)}`,
    '{\n"'.repeat(500_000),
    `[{"a":"${"\\".repeat(2_000_000)}`,
  ])
    expect([...jsonTexts(text)].length).toBeLessThan(1_000_000);
  expect(performance.now() - started).toBeLessThan(5_000);
});

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "forms-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const LIST = REQUEST.data[0]!;
test.each<[string, string, RegExp]>([
  [
    "Event Viewer's text",
    `Level\tDate and Time\tSource\tEvent ID\tTask Category\r\nInformation\t26/11/2026 10:00:00\tMicrosoft-Windows-Security-SPP\t12290\tNone\t"An activation request has been processed.\nInfo:\n${LIST}"\n`,
    /Event Viewer saved as text/,
  ],
  [
    "Event Viewer's text in Japanese",
    `レベル\t日付と時刻\tソース\tイベント ID\tタスクのカテゴリ\r\n情報\t2026/11/26 10:00:00\tSecurity-SPP\t12290\tなし\n`,
    /Event Viewer saved as text/,
  ],
  [
    "Event Viewer's CSV",
    "Level,Date and Time,Source,Event ID,Task Category\nInformation,26/11/2026 10:00:00,Microsoft-Windows-Security-SPP,12290,None\n",
    /CSV/,
  ],
  ["Export-Csv", '#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\n"Message","Id"\n', /Export-Csv/],
  ["Export-Csv of PowerShell 7", '"Message","Id","Version","Qualifiers"\n', /Export-Csv/],
  [
    "Export-Clixml",
    '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">\n  <Obj RefId="0"/></Objs>',
    /Export-Clixml/,
  ],
  [
    "wevtutil's text",
    "Event[0]:\n  Log Name: Key Management Service\n  Source: Microsoft-Windows-Security-SPP\n",
    /wevtutil/,
  ],
  [
    "Get-WinEvent's table",
    "\n\n   ProviderName: Microsoft-Windows-Security-SPP\n\nTimeCreated                     Id LevelDisplayName Message\n",
    /Get-WinEvent/,
  ],
  [
    "Get-WinEvent's list",
    "\n\nTimeCreated  : 11/26/2026 10:00:00 AM\nProviderName : Microsoft-Windows-Security-SPP\nId           : 12290\n",
    /Get-WinEvent/,
  ],
  ["an .evt of Windows XP", "0\u0000\u0000\u0000LfLe\u0001\u0000\u0000\u0000", /\.evt of Windows XP/],
  ["a web page", "<!DOCTYPE html><html></html>", /web page/],
  ["notes", "hello", /no event in it/],
])("%s: the form is named, and how to export", async (name, text, form) => {
  const file = join(folder, `${name}.txt`);
  writeFileSync(file, text);
  const ran = await cli(["events", "parse", file]);
  expect(ran).toMatchObject({ code: 1, out: "" });
  expect(ran.err).toMatch(form);
  expect(ran.err).toContain("wevtutil epl");
});

test("events parse reads what shippers write, whatever it holds of other providers", async () => {
  const other = { ...REQUEST, provider: "SQLISPackage110", channel: "Application" };
  const file = join(folder, "winlogbeat.ndjson");
  writeFileSync(file, [other, REQUEST].map((it) => JSON.stringify(SAMPLES[4]!.write(it))).join("\n"));
  const ran = await cli(["events", "parse", file, "-"], { input: xmlOf(REQUEST_SENT) });
  expect(ran).toMatchObject({ code: 0, err: "" });
  expect(
    ran.out
      .trim()
      .split("\n")
      .map((it) => JSON.parse(it).event),
  ).toEqual(["kms_request_processed", "kms_request_sent"]);
});
