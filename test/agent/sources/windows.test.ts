import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { limited } from "../../../agent/sources/concurrency-limit.ts";
import { eventLogSource, queryOf } from "../../../agent/sources/event-log.ts";
import { gather } from "../../../agent/sources/gather.ts";
import { newProgress } from "../../../agent/sources/progress.ts";
import { debounced, every, secondsBetweenRuns } from "../../../agent/sources/schedule.ts";
import type { Read } from "../../../agent/sources/source.ts";
import { pauses } from "../../../agent/sources/targets.ts";
import type { Spool } from "../../../agent/spool/spool.ts";
import { gapAfter, type Position, recordIn } from "../../../agent/win32/events/event-position.ts";
import type { Batch } from "../../../agent/win32/events/event-reader.ts";
import { codeText, WindowsError } from "../../../agent/win32/windows-error.ts";
import type { EventFact } from "../../../licensing/facts.ts";
import { DAY, iso, MINUTE, SECOND } from "../../../licensing/time.ts";
import { licensing } from "../../support/facts.ts";
import { until } from "../../support/until.ts";
import { requests } from "../../win32/fixtures.ts";

const NOW = Date.parse("2026-11-20T08:00:00Z");

const LOG = { records: 10, oldest: 100, newest: 109 };
const ANEW = { records: 3, oldest: 1, newest: 3 };
test.each([
  ["the record before the oldest: nothing came between", 99, undefined, LOG, false, undefined],
  ["overwritten, but everything up to the oldest was seen", 50, 104, LOG, false, undefined],
  ["overwritten, and less was seen", 50, 60, LOG, false, 39],
  ["overwritten", 50, undefined, LOG, false, 49],
  ["cleared: numbers began anew", 500, undefined, ANEW, true, null],
  ["cleared and empty", 500, undefined, { records: 0, oldest: 0, newest: 0 }, true, null],
  ["cleared, as what was seen tells", 2, 500, ANEW, true, null],
  ["made anew and grown past the place", 105, undefined, LOG, true, null],
  ["a bookmark without a record", undefined, undefined, LOG, true, null],
])("where to go on behind a bookmark whose event is gone: %s", (_, record, readTo, info, startAtOldest, records) => {
  const found = gapAfter(record, readTo, info);
  expect(found.startAtOldest).toBe(startAtOldest);
  if (records === undefined) expect(found.gap).toBeUndefined();
  else expect(found.gap?.records ?? null).toBe(records);
});

test("the record in a bookmark, in either kind of quotes", () => {
  expect(recordIn("<BookmarkList><Bookmark Channel='a' RecordId='42' IsCurrent='true'/></BookmarkList>")).toBe(42);
  expect(recordIn('<Bookmark Channel="a" RecordId="7"/>')).toBe(7);
  expect(recordIn("<BookmarkList/>")).toBeUndefined();
});

test("queries: licensing providers only, but the Key Management Service whole; an age at the first start only", () => {
  const application = queryOf("Application", DAY, NOW);
  expect(application.query).toContain("@Name='Microsoft-Windows-Security-SPP'");
  expect(application.query).not.toContain("timediff");
  expect(application.firstQuery).toContain("TimeCreated[timediff(@SystemTime) <= 86400000]");
  // Windows takes twenty expressions at most.
  expect(application.firstQuery.match(/@Name|timediff/g)!.length).toBeLessThan(20);
  expect(queryOf("Key Management Service", DAY, NOW).query).toBe("*");
  // Beyond 32 bits of milliseconds, 49 days, as a date.
  expect(queryOf("Application", 60 * DAY, NOW).firstQuery).toContain("TimeCreated[@SystemTime >= '2026-09-21T08:00:00");
});

test.each([
  [15_011, "15011"],
  [0x8004_1017, "0x80041017"],
  [-2_147_217_385, "0x80041017"],
])("an error code as Windows' documentation prints it", (code, text) => {
  expect(codeText(code)).toBe(text);
  expect(new WindowsError("ExecQuery", code).message).toContain(text);
});

describe("an event log as a source", () => {
  const source = (batches: Batch[]) => {
    const asked: Position[] = [];
    const logs = {
      read: async (_: string, position: Position) => {
        asked.push(position);
        return batches.shift()!;
      },
    };
    const options = {
      channel: "Key Management Service",
      host: "kms01.contoso.com",
      maxAgeMs: 30 * DAY,
      clock: () => NOW,
    };
    return {
      asked,
      source: eventLogSource({ ...options, logs, name: "log", label: "log", onEvents: () => {} }),
    };
  };
  const signal = AbortSignal.timeout(1_000);
  const mark = (record: number) => `<Bookmark Channel='x' RecordId='${record}'/>`;
  const [first, second] = requests(1, 2, NOW - 3_600_000);

  test("known until shortly before it was looked at; since its oldest record; a gap is kept in the bookmark and begins it anew", async () => {
    const { source: log, asked } = source([
      { events: [first!.xml], bookmark: mark(1), opened: true, oldest: iso(NOW - 9 * DAY) },
      { events: [], bookmark: mark(1), opened: false, drainedAt: NOW, readTo: 4 },
      {
        events: [second!.xml],
        bookmark: mark(5),
        opened: true,
        oldest: iso(NOW - DAY),
        gap: { records: 3, reason: "the log overwrote them" },
      },
    ]);
    const one = await log.read(undefined, signal);
    expect(one).toMatchObject({ more: true, readUntil: [{ at: NOW - 3_600_000, oldest: NOW - 9 * DAY, gaps: 0 }] });
    const two = await log.read(one.bookmark, signal);
    expect(two).toMatchObject({ more: false, readUntil: [{ at: NOW - 2 * SECOND, oldest: NOW - 9 * DAY }] });
    const three = await log.read(two.bookmark, signal);
    expect(asked).toEqual([{}, { bookmark: mark(1) }, { bookmark: mark(1), readTo: 4 }]);
    expect(three).toMatchObject({
      readUntil: [{ gaps: 1, oldest: NOW - DAY }],
      warnings: ["Up to 3 records may be lost: the log overwrote them."],
    });
    expect(JSON.parse(three.bookmark!)).toMatchObject({ gaps: 1, since: NOW - DAY, xml: mark(5) });
  });

  test("what was seen in a busy log is kept with its bookmark, once an hour, and belongs to no other bookmark", async () => {
    let now = NOW;
    const drained = (readTo: number): Batch => ({
      events: [],
      bookmark: mark(1),
      opened: false,
      drainedAt: now,
      readTo,
    });
    const batches = [10, 20, 30].map(drained);
    const asked: Position[] = [];
    const log = eventLogSource({
      channel: "Application",
      host: "a",
      maxAgeMs: DAY,
      clock: () => now,
      logs: {
        read: async (_, position) => {
          asked.push(position);
          return batches.shift()!;
        },
      },
      name: "log",
      label: "log",
      onEvents: () => {},
    });
    const seen = (bookmark: string | undefined) => JSON.parse(bookmark!).seen.readTo;
    const one = (await log.read(JSON.stringify({ gaps: 0, xml: mark(1) }), signal)).bookmark;
    expect(seen(one)).toBe(10);
    now += MINUTE;
    const two = (await log.read(one, signal)).bookmark;
    expect(seen(two)).toBe(10);
    now += 60 * MINUTE;
    expect(seen((await log.read(two, signal)).bookmark)).toBe(30);
    // In memory it is as new as can be.
    expect(asked.map((it) => it.readTo)).toEqual([undefined, 10, 20]);
    batches.push(drained(40));
    await log.read(JSON.stringify({ gaps: 0, xml: mark(99) }), signal);
    expect(asked.at(-1)).toEqual({ bookmark: mark(99) });
  });

  test("a record of the computer's own log is about this computer, whatever name it carries; a forwarded one keeps its own", async () => {
    const named = (computer: string) => first!.xml.replace("KMS01.CONTOSO.COM", computer);
    const own = ["WIN-9QK3L0AB1CD", "KMS01", "Kms01.contoso.com"].map(named);
    const { source: log } = source([{ events: own, bookmark: mark(1), opened: true, drainedAt: NOW }]);
    const { facts } = await log.read(undefined, signal);
    expect(facts.map(({ host }) => host)).toEqual(Array(3).fill("kms01.contoso.com"));
    expect(facts.map(({ ownChannel }) => ownChannel)).toEqual([true, true, undefined]);
    // So that the identity is that of the same record in an archived copy of the log.
    expect(facts.map(({ fact }) => (fact as EventFact).computer)).toEqual([
      "WIN-9QK3L0AB1CD",
      "KMS01",
      "Kms01.contoso.com",
    ]);
    const forwarded = eventLogSource({
      channel: "ForwardedEvents",
      host: "collector.contoso.com",
      maxAgeMs: DAY,
      clock: () => NOW,
      logs: { read: async () => ({ events: own, opened: true, drainedAt: NOW }) },
      name: "log",
      label: "log",
      onEvents: () => {},
    });
    const read = await forwarded.read(undefined, signal);
    expect(read.facts.map(({ host }) => host)).toEqual(["win-9qk3l0ab1cd", "kms01", "kms01.contoso.com"]);
    expect(read.facts.some((it) => it.ownChannel)).toBe(false);
  });

  test.each(["", "{", "7", "null", '{"gaps":-1,"xml":7,"since":"x","seen":{"at":1}}'])(
    "a damaged bookmark says nothing, so the log is read from its start: %s",
    async (damaged) => {
      const { source: log, asked } = source([
        { events: [first!.xml], bookmark: mark(1), opened: true, oldest: iso(NOW - DAY), drainedAt: NOW },
      ]);
      const read = await log.read(damaged, signal);
      expect(asked).toEqual([{}]);
      expect(JSON.parse(read.bookmark!)).toEqual({ gaps: 0, since: NOW - DAY, xml: mark(1) });
    },
  );

  test("at the first start it is known no further back than it was read; hostile XML costs that event only", async () => {
    const hostile = "<!DOCTYPE x><Event/>";
    const { source: log } = source([
      { events: [hostile, first!.xml], bookmark: mark(1), opened: true, oldest: iso(NOW - 99 * DAY), drainedAt: NOW },
    ]);
    const read = await log.read(undefined, signal);
    expect(read.facts).toHaveLength(1);
    expect(read.readUntil![0]!.oldest).toBe(NOW - 30 * DAY);
    expect(read.warnings![0]).toContain("DOCTYPE");
  });
});

test("a stop does not wait for a call of Windows that takes its time, and what comes too late is not kept", async () => {
  const kept: unknown[] = [];
  const parts = {
    spool: { append: (records: unknown) => kept.push(records) } as unknown as Spool,
    bookmarks: { load: () => undefined, save: (_: string, it: string) => void kept.push(it) },
    progress: newProgress(() => {}),
  };
  const late = Promise.withResolvers<Read>();
  const stopping = new AbortController();
  const gathering = gather({ name: "slow", read: () => late.promise }, parts, stopping.signal);
  stopping.abort();
  expect(await gathering).toBe("read");
  late.resolve({ facts: [{ host: "a", observedAt: NOW, fact: licensing() }], bookmark: "x" });
  await late.promise;
  expect(kept).toEqual([]);
  expect(
    parts.progress.heartbeat("a", { depth: 0 } as Spool, { now: NOW, intervalMs: 1, own: true }).failingSources,
  ).toEqual({});
});

describe("progress", () => {
  const spool = { depth: 0, oldestAt: undefined, dropped: {} } as Spool;
  const heartbeat = (of: ReturnType<typeof newProgress>) =>
    of.heartbeat("a", spool, { now: NOW, intervalMs: MINUTE, own: true });

  test("a gap belongs to its own channel; after it the log is known from there on", () => {
    const it = newProgress(() => {});
    const until = (channel: string, oldest: number, gaps: number) =>
      it.succeeded(channel, { facts: [], readUntil: [{ host: "a", channel, at: NOW, oldest, gaps }] });
    until("KMS", NOW - 9 * DAY, 0);
    until("Application", NOW - 9 * DAY, 0);
    until("KMS", NOW - DAY, 1);
    expect(heartbeat(it).channels).toEqual({
      KMS: { readUntil: iso(NOW), oldest: iso(NOW - DAY), gaps: 1 },
      Application: { readUntil: iso(NOW), oldest: iso(NOW - 9 * DAY), gaps: 0 },
    });
  });

  test("what fails is told once, when it works again, and under a label that no computer's name is in", () => {
    const told: string[] = [];
    const it = newProgress((source, what) => told.push(`${source}: ${what}`));
    for (const host of ["b", "c", "c"]) it.failed(`log of ${host}`, new Error("no"), "log of a target");
    expect(told).toEqual(["log of b: no", "log of c: no"]);
    expect(heartbeat(it).failingSources).toEqual({ "log of a target": 3 });
    it.succeeded("log of c", { facts: [] });
    expect(told.at(-1)).toBe("log of c: works again");
  });
});

describe("when things are done", () => {
  afterEach(() => void jest.useRealTimers());

  test("asked while it is being done, it is done once more: what came too late for it must not wait for the next time", async () => {
    let runs = 0;
    let finish = () => {};
    const task = every(3_600_000, async () => {
      runs += 1;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    task.ask();
    task.ask();
    task.ask();
    expect(runs).toBe(1);
    finish();
    await until(async () => runs === 2);
    finish();
    await task.stop();
    expect(runs).toBe(2);
  });

  test("a burst of events asks for one reading, and one that does not end for one every now and then", () => {
    jest.useFakeTimers({ now: NOW });
    let readings = 0;
    const soon = debounced(1_000, Date.now, () => {
      readings += 1;
    });
    for (let i = 0; i < 25; i++) {
      soon.ask();
      jest.advanceTimersByTime(900);
    }
    expect(readings).toBe(2);
    jest.advanceTimersByTime(1_000);
    expect(readings).toBe(3);
    soon.stop();
  });

  test.each([
    ["0 */4 * * *", 4 * 3_600],
    ["*/15 * * * *", 900],
  ])("%s comes every %d seconds", (expression, seconds) => {
    expect(secondsBetweenRuns(expression)).toBe(seconds);
  });

  test("a target that does not answer is asked less and less, up to every half hour, and at once again when it did", () => {
    const it = pauses(() => 1);
    const waits = Array.from({ length: 8 }, () => {
      it.after(false, NOW);
      return (it.until - NOW) / MINUTE;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
    it.after(true, NOW);
    expect(it.until).toBe(0);
  });

  test("so many at once, everybody in turn, also after a failure", async () => {
    const turn = limited(2);
    let running = 0;
    let most = 0;
    const work = async (i: number) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (i === 1) throw new Error("no");
      return i;
    };
    const done = await Promise.allSettled([0, 1, 2, 3, 4].map((i) => turn(() => work(i))));
    expect(most).toBe(2);
    expect(done.filter((it) => it.status === "fulfilled")).toHaveLength(4);
  });
});
