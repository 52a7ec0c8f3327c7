import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { simulatedSource } from "../../../agent/simulation/drill.ts";
import { recordedSource } from "../../../agent/sources/recorded.ts";
import { factsIn } from "../../../agent/sources/recorded-text.ts";
import { normalise } from "../../../licensing/events/normalise.ts";
import { MINUTE, SECOND } from "../../../licensing/time.ts";
import { request } from "../../support/facts.ts";
import { ownFolder } from "../../support/keep.ts";

const folder = ownFolder("recorded");
const file = () => join(folder(), "log");
const NOW = Date.parse("2026-11-20T08:00:00Z");
const MiB = 1024 * 1024;
const line = (client: number) =>
  `${JSON.stringify(normalise(request({ at: NOW - 10_000 + client, client, recordId: client })))}\n`;
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => line(from + i)).join("");
const xml = (client: number, more = "") =>
  `<Event><System><Provider Name="Microsoft-Windows-Security-SPP"/><EventID>12290</EventID><TimeCreated SystemTime="2026-11-20T07:00:00Z"/><EventRecordID>${client}</EventRecordID><Channel>Key Management Service</Channel><Computer>kms01.contoso.com</Computer></System><EventData><Data>${more}</Data></EventData></Event>\n`;

const following = (live = true) => {
  let now = NOW;
  let bookmark: string | undefined;
  const source = recordedSource(file(), () => now, live);
  return {
    later: (ms: number) => {
      now += ms;
    },
    startedAgain: (from: string | undefined) => {
      bookmark = from;
    },
    bookmark: () => bookmark,
    read: async () => {
      const all = {
        clients: [] as (number | undefined)[],
        gaps: 0,
        warnings: [] as string[],
        until: undefined as number | undefined,
      };
      for (let more = true; more; ) {
        const it = await source.read(bookmark, AbortSignal.timeout(5_000));
        bookmark = it.bookmark;
        all.clients.push(...it.facts.map(({ fact }) => (fact.kind === "event" ? fact.recordId : undefined)));
        all.gaps += it.gaps ?? 0;
        all.warnings.push(...(it.warnings ?? []));
        all.until = it.readUntil?.[0]?.at;
        more = it.more ?? false;
      }
      return all;
    },
  };
};
/** The same inode, as an editor or `copytruncate` leaves it. */
const overwrite = (text: string) => {
  const fd = openSync(file(), "r+");
  writeSync(fd, text);
  closeSync(fd);
};
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe("written over in place", () => {
  test.each([
    ["longer", 101, 201],
    ["as long", 101, 151],
    ["shorter", 101, 120],
  ])("%s: everything is read, and what may be lost is a gap", async (_, from, to) => {
    writeFileSync(file(), lines(101, 151).replaceAll('"record_id":1', '"record_id":9'));
    const log = following();
    expect((await log.read()).clients).toHaveLength(50);
    overwrite(lines(from, to));
    const second = await log.read();
    expect(second.clients.slice(0, to - from)).toEqual(range(from, to));
    expect(second.gaps).toBe(1);
    expect(second.warnings[0]).toMatch(/written over/);
    expect(await log.read()).toMatchObject({ clients: [], gaps: 0 });
  });
  test("while the agent was not running", async () => {
    writeFileSync(file(), lines(1, 51));
    const log = following();
    await log.read();
    overwrite(lines(101, 201));
    const next = following();
    next.startedAgain(log.bookmark());
    expect(await next.read()).toMatchObject({ clients: range(101, 201), gaps: 1 });
  });
  test("appended to is not written over, also by a bookmark of an earlier version", async () => {
    writeFileSync(file(), lines(1, 51));
    const log = following();
    await log.read();
    const { inode, offset } = JSON.parse(log.bookmark()!);
    log.startedAgain(JSON.stringify({ inode, offset }));
    writeFileSync(file(), lines(1, 52), { flag: "r+" });
    expect(await log.read()).toMatchObject({ clients: [51], gaps: 0 });
  });
});

describe("what cannot be read is a gap, and the rest arrives", () => {
  test.each(["\n", "\r\n\n  \n", "\uFEFF", "\uFEFF\n"])("begins with %j before NDJSON", async (start) => {
    writeFileSync(file(), start + lines(1, 4));
    expect(await following().read()).toMatchObject({ clients: [1, 2, 3], gaps: 0, until: NOW });
  });
  test("blank lines in between, also where a reading begins", async () => {
    const log = following();
    writeFileSync(file(), `${line(1)}\n`);
    expect((await log.read()).clients).toEqual([1]);
    writeFileSync(file(), `${line(1)}\n\n${line(2)}`);
    expect((await log.read()).clients).toEqual([2]);
  });
  test("more than 4 MiB without an event's end, in XML", async () => {
    writeFileSync(file(), xml(1) + "x".repeat(9 * MiB) + xml(2) + xml(3));
    const read = await following().read();
    expect(read.clients).toEqual([1, 2, 3]);
    expect(read.gaps).toBeGreaterThan(0);
    expect(read.warnings[0]).toMatch(/No event ends within \d+ bytes/);
  });
  test("an event larger than 4 MiB is left out", async () => {
    writeFileSync(file(), xml(1) + xml(2, "y".repeat(6 * MiB)) + xml(3));
    const read = await following().read();
    expect(read.clients).toEqual([1, 3]);
    expect(read.gaps).toBeGreaterThan(0);
  });
  test("a line larger than 4 MiB", async () => {
    writeFileSync(file(), `${line(1)}{"x":"${"y".repeat(6 * MiB)}"}\n${line(2)}`);
    const read = await following().read();
    expect(read.clients).toEqual([1, 2]);
    expect(read.gaps).toBeGreaterThan(0);
  });
  test("a broken line between good ones is told with its place", async () => {
    writeFileSync(file(), `${line(1)}{"event_id":\n${line(2)}`);
    const read = await following().read();
    expect(read).toMatchObject({ clients: [1, 2], gaps: 1 });
    expect(read.warnings[0]).toMatch(/1 events .*cannot be read.*line 2/);
  });
});

describe("an end that is no event", () => {
  test("nothing is read until now while an event waits for its end; after a minute the source fails", async () => {
    writeFileSync(file(), xml(1) + xml(2).slice(0, 60));
    const log = following();
    expect(await log.read()).toMatchObject({ clients: [1], until: NOW });
    log.later(30 * SECOND);
    expect((await log.read()).until).toBe(NOW);
    log.later(2 * MINUTE);
    await expect(log.read()).rejects.toThrow(/has not become an event since 2026-11-20T08:00:00/);
    writeFileSync(file(), xml(1) + xml(2));
    expect(await log.read()).toMatchObject({ clients: [2], until: NOW + 150 * SECOND });
  });
  test("the end of the document around the events is none", async () => {
    writeFileSync(file(), `<?xml version="1.0"?>\n<Events>\n${xml(1)}</Events>\n`);
    const log = following();
    await log.read();
    log.later(10 * MINUTE);
    expect((await log.read()).until).toBe(NOW + 10 * MINUTE);
  });
  test("UTF-16 is told, and how to take it", async () => {
    writeFileSync(file(), Buffer.from(`\uFEFF${xml(1)}`, "utf16le"));
    await expect(following().read()).rejects.toThrow(/UTF-16/);
  });
});

describe("a bookmark that says nothing", () => {
  test.each(["", "{", "null", "7", '"x"', "[]", '{"inode":"a"}', '{"offset":-1,"inode":1}', "{}"])(
    "%j: the file is read from its start",
    async (bookmark) => {
      writeFileSync(file(), lines(1, 4));
      const log = following();
      log.startedAgain(bookmark);
      expect(await log.read()).toMatchObject({ clients: [1, 2, 3], gaps: 0 });
    },
  );
  test.each(["", "{", "null", '{"start":"a"}'])("%j: the drill begins anew", async (bookmark) => {
    const source = simulatedSource("kms01.contoso.com", { falls_in: MINUTE, recovers_after: MINUTE }, () => NOW);
    expect((await source.read(bookmark, AbortSignal.timeout(1_000))).facts.length).toBeGreaterThan(20);
  });
});

test.each([
  ["a list", { service: { Version: "10" }, products: [{ ID: "x" }] }],
  ["a list of one as a map", { service: [{ Version: "10" }], products: { ID: "x" } }],
  [
    "a list with its count",
    { service: { value: [{ Version: "10" }], Count: 1 }, products: { value: [{ ID: "x" }], Count: 1 } },
  ],
])("a reading as ConvertTo-Json writes it: %s", (_, body) => {
  const { facts, broken } = factsIn(`${JSON.stringify({ host: "PC1", ...body })}\n`, "lines", 5);
  expect(broken).toEqual([]);
  expect(facts).toMatchObject([
    { host: "pc1", fact: { kind: "licensing", service: { Version: "10" }, products: [{ ID: "x" }] } },
  ]);
});
