import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { eventIdentity } from "../../licensing/events/identity.ts";
import { eventsIn } from "../../offline/event-text.ts";
import { parseEvents } from "../../offline/parse-events.ts";
import { cli } from "../support/cli.ts";

const CMID = "08c3bda0-c556-4b61-9e4e-7bf6d4df80be";
const LIST = `0x0,25,pc042.contoso.com,${CMID},2026/11/20 08:15,1,2,40123,ae2ee509-1b34-41c0-acb7-6d4650168915`;
const event = ({ id = 12290, provider = "Microsoft-Windows-Security-SPP", data = LIST.split(","), record = 1 } = {}) =>
  `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="${provider}"/><EventID Qualifiers="16384">${id}</EventID><TimeCreated SystemTime="2026-11-20T08:15:30.123456700Z"/><EventRecordID>${record}</EventRecordID><Channel>Key Management Service</Channel><Computer>kms01.contoso.com</Computer></System><EventData>${data.map((it) => `<Data>${it}</Data>`).join("")}</EventData></Event>`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "events-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const parse = async (...files: string[]) => {
  let out = "";
  let err = "";
  const code = await parseEvents(files, {
    in: process.stdin,
    out: { write: (it) => (out += it) },
    err: { write: (it) => (err += it) },
  });
  return {
    code,
    lines: out
      .split("\n")
      .filter(Boolean)
      .map((it) => JSON.parse(it)),
    err,
  };
};
const utf16 = (text: string, bigEndian = false) => {
  const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
  return bigEndian ? bytes.swap16() : bytes;
};

describe("every form in which events are exported", () => {
  test.each<[string, string | Uint8Array, number]>([
    ["one.xml", event(), 1],
    [
      "document.xml",
      `<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<Events>${event()}${event({ record: 2 })}</Events>`,
      2,
    ],
    ["concatenated.xml", `${event()}\r\n${event({ record: 2 })}\r\n`, 2],
    ["mark.xml", `\ufeff${event()}`, 1],
    ["utf16le.xml", utf16(`<?xml version="1.0" encoding="utf-16"?>${event()}`), 1],
    ["utf16be.xml", utf16(event(), true), 1],
    ["utf16-without-mark.xml", utf16(event()).subarray(2), 1],
    ["evtxexport.txt", `evtxexport 20181227\n\n${event()}\n\n${event({ record: 2 })}\n`, 2],
    ["empty.xml", "", 0],
    ["no-events.xml", '<?xml version="1.0"?><Events></Events>', 0],
  ])("%s", async (name, content, count) => {
    const read = await parse(file(name, content));
    expect(read.err).toBe("");
    expect(read.code).toBe(0);
    expect(read.lines).toHaveLength(count);
    for (const line of read.lines)
      expect(line).toMatchObject({ event: "kms_request_processed", client_machine_id: CMID, hresult: "0x00000000" });
  });
});

test("its own lines read back as the same events, with the same identity", async () => {
  const all = [
    event(),
    event({ id: 12293, data: ["0x80072338", "contoso.com"] }),
    event({ id: 8198, data: ["hr=0xC004F074", "RuleId=a;AppId=b"] }),
    event({ id: 1003, data: ["x", "y"] }),
    event({ data: [LIST, ...LIST.split(",")] }),
  ].map((it) => it.replace("Key Management Service", "Application"));
  const first = await parse(file("first.xml", all.join("\n")));
  const text = first.lines.map((it) => JSON.stringify(it)).join("\n");
  const again = await parse(file("again.ndjson", text));
  expect(again).toEqual(first);
  const identities = (content: string) =>
    [...eventsIn(Buffer.from(content))].map((it) =>
      "fact" in it ? Buffer.from(eventIdentity(it.fact)).toString("hex") : it.error,
    );
  expect(identities(text)).toEqual(identities(all.join("\n")));
});

test("a broken event is told with its position and takes no other with it", async () => {
  const name = file(
    "broken.xml",
    `${event()}\n${event().replace("</System>", "")}\n${event().slice(0, 200)}\n${event({ record: 9 })}`,
  );
  const { code, lines, err } = await parse(name);
  expect(code).toBe(1);
  expect(lines.map((it) => it.record_id)).toEqual([1, 9]);
  expect(err).toContain(`${name}, line 2: Not well-formed XML`);
  expect(err).toContain(`${name}, line 3: The event is not closed.`);
});

test("a broken line of NDJSON likewise", async () => {
  const { code, lines, err } = await parse(
    file(
      "broken.ndjson",
      `{"event_id":12294,"provider":"Security-SPP","computer":"a","time":"2026-11-20T08:15:30Z","info":"x.y"}\n{oops\n[]\n{"event_id":1}\n`,
    ),
  );
  expect(code).toBe(1);
  expect(lines).toEqual([expect.objectContaining({ dns_domain: "x.y", time: "2026-11-20T08:15:30.0000000Z" })]);
  expect(err.match(/, line \d/g)).toEqual([", line 2", ", line 3", ", line 4"]);
});

test("what is no event at all is told", async () => {
  expect(await parse(file("notes.txt", "hello"))).toMatchObject({
    code: 1,
    err: expect.stringContaining("no event in it"),
  });
});

test("other providers' events are left out, even with the same id", async () => {
  const ssis = event({ id: 12288, provider: "SQLISPackage110" }).replace("Key Management Service", "Application");
  expect(await parse(file("ssis.xml", ssis))).toEqual({
    code: 0,
    lines: [],
    err: "",
  });
});

test("in the Key Management Service log they are told, without their data", async () => {
  const { lines } = await parse(file("payload.xml", event({ provider: "SQLISPackage110" })));
  expect(lines).toEqual([
    expect.objectContaining({ event: "other", problems: [expect.stringContaining("another provider")] }),
  ]);
  expect(JSON.stringify(lines)).not.toContain(CMID);
});

test("events that are not closed take time in proportion to their number", async () => {
  const started = performance.now();
  for (const unclosed of ["<Event ", "<Event>", "<a:Event ", "</Event>", "<Event"])
    await parse(file("unclosed.xml", `${unclosed.repeat(200_000)}\n${event()}`));
  await parse(file("prefixes.xml", Array.from({ length: 50_000 }, (_, i) => `<p${i}:Event `).join("")));
  expect(performance.now() - started).toBeLessThan(20_000);
}, 60_000);

describe("the program", () => {
  test("standard input, several files, and one that is missing", async () => {
    const ran = await cli(
      ["events", "parse", "-", join(folder, "missing.xml"), file("good.xml", event({ record: 5 }))],
      { input: event() },
    );
    expect(
      ran.out
        .split("\n")
        .filter(Boolean)
        .map((it) => JSON.parse(it).record_id),
    ).toEqual([1, 5]);
    expect(ran.err).toContain("missing.xml: there is no such file");
    expect(ran.code).toBe(1);
  });
  test("no file is wrong usage", async () => {
    expect(await cli(["events", "parse"])).toMatchObject({ code: 2, out: "" });
  });
  test("an .evtx that evtxexport cannot read", async () => {
    const ran = await cli(["events", "parse", file("bad.evtx", "ElfFile\0garbage")]);
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining("evtxexport failed") });
  });
  test.each([
    ["the first of which is well", `echo 'evtxexport 1'; cat "${"$"}{0%/*}/one.xml"`, "record 2 of the file", 1],
    ["none of which can be read", "echo 'evtxexport 1'", "record 2 of the file", 0],
  ])("an .evtx with records, %s", async (name, prints, told, events) => {
    const bin = join(folder, name);
    mkdirSync(bin);
    writeFileSync(join(bin, "one.xml"), event());
    const said = "libevtx_file_get_record_by_index: unable to retrieve record values: 1.";
    writeFileSync(join(bin, "evtxexport"), `#!/bin/sh\n${prints}\necho '${said}' >&2\nexit 1\n`, { mode: 0o755 });
    const ran = await cli(["events", "parse", file("some.evtx", "ElfFile\0garbage")], {
      env: { PATH: `${bin}:${process.env.PATH}` },
    });
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining(told) });
    expect(ran.err.trim().split("\n")).toHaveLength(1);
    expect(ran.out.split("\n").filter(Boolean)).toHaveLength(events);
  });
  test("an .evtx without evtxexport tells where to get it", async () => {
    const ran = await cli(["events", "parse", file("some.evtx", "ElfFile\0garbage")], { env: { PATH: folder } });
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining("apt-get install libevtx-utils") });
  });
});
