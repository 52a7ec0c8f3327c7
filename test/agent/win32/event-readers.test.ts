import { describe, expect, test } from "@jest/globals";
import type { EventReader, LogQuery } from "../../../agent/win32/events/event-reader.ts";
import { queryReader } from "../../../agent/win32/events/query-reader.ts";
import { subscriptionReader } from "../../../agent/win32/events/subscription-reader.ts";
import { ERROR, type EventLogApi, type Handle, NONE, SUBSCRIBE } from "../../../agent/win32/wevtapi.ts";
import { WindowsError } from "../../../agent/win32/windows-error.ts";
import { DAY, HOUR, MINUTE } from "../../../licensing/time.ts";

const WHOLE: LogQuery = { channel: "Key Management Service", query: "*", firstQuery: "*" };
const FILTERED: LogQuery = { channel: "Application", query: "*[ours]", firstQuery: "*[ours]" };

/** A log of Windows as its documentation and reports of others describe it: records, of which some are ours. */
const windowsLog = (wanted: (record: number) => boolean = () => true) => {
  const log = { oldest: 1, newest: 0 };
  const calls: string[] = [];
  const errors: number[] = [];
  const sets = new Map<Handle, { at: number; live: boolean; delivered: boolean }>();
  const marks = new Map<Handle, number>();
  let [handles, set, now] = [100n, false, Date.parse("2026-11-20T08:00:00Z")];
  const handle = (): Handle => ++handles;
  const recordIn = (xml: string) => Number(/RecordId='(\d+)'/.exec(xml)?.[1]);
  const strictly = (mark: number, offset: number) => {
    if (mark + offset < log.oldest || mark + offset > log.newest) throw new WindowsError("EvtSeek", ERROR.notFound);
  };
  const api: EventLogApi = {
    openSession: handle,
    query: () => {
      calls.push("query");
      const it = handle();
      sets.set(it, { at: log.oldest - 1, live: false, delivered: true });
      return it;
    },
    seekBookmark: (it, bookmark, { offset, strict }) => {
      const mark = marks.get(bookmark)!;
      if (strict) strictly(mark, offset);
      sets.get(it)!.at = Math.max(mark + offset, log.oldest) - 1;
    },
    seekFirst: (it) => {
      sets.get(it)!.at = log.oldest - 1;
    },
    subscribe: ({ bookmark, flags }) => {
      calls.push("subscribe");
      const mark = marks.get(bookmark);
      if (mark !== undefined && flags & SUBSCRIBE.strict) strictly(mark, 0);
      const it = handle();
      sets.set(it, { at: mark ?? log.oldest - 1, live: true, delivered: false });
      return it;
    },
    next: (it, most) => {
      const cursor = sets.get(it)!;
      calls.push(cursor.live ? "next live" : "next");
      const error = most > 1 ? errors.shift() : undefined;
      if (error !== undefined) return { error };
      if (!cursor.delivered) return { error: ERROR.invalidOperation };
      const events: Handle[] = [];
      while (cursor.at < log.newest && events.length < most) {
        cursor.at += 1;
        if (wanted(cursor.at)) events.push(BigInt(cursor.at));
      }
      if (events.length > 0) return { events };
      cursor.delivered = !cursor.live;
      return { error: ERROR.noMoreItems };
    },
    xmlOf: (event) => `event ${event}`,
    openBookmark: (xml) => {
      const it = handle();
      if (xml !== undefined) marks.set(it, recordIn(xml));
      return it;
    },
    moveBookmark: (bookmark, event) => {
      marks.set(bookmark, Number(event));
      return `<Bookmark RecordId='${event}'/>`;
    },
    infoOf: () => ({ records: log.newest - log.oldest + 1, oldest: log.oldest, newest: log.newest }),
    oldestEvent: () => undefined,
    settingsOf: () => {
      throw new Error("not asked");
    },
    accessOf: () => "",
    close: (it) => void sets.delete(it),
  };
  return {
    api,
    calls,
    errors,
    open: sets,
    signal: {
      handle: NONE,
      taken: () => {
        const was = set;
        set = false;
        return was;
      },
    },
    clock: () => now,
    pass: (ms: number) => {
      now += ms;
    },
    /** Records are written; Windows sets the signal where one of them is wanted and nothing loses it. */
    write: (records: number, { lost }: { lost?: true } = {}) => {
      for (let i = 0; i < records; i++) {
        log.newest += 1;
        if (!wanted(log.newest) || lost) continue;
        set = true;
        for (const it of sets.values()) it.delivered = true;
      }
    },
    clear: () => {
      log.oldest = 1;
      log.newest = 0;
    },
    overwrite: (oldest: number) => {
      log.oldest = oldest;
    },
  };
};

/** Reads to the end, as the agent does, and goes on from the bookmark of each batch. */
const following = (reader: EventReader) => {
  let bookmark: string | undefined;
  let readTo: number | undefined;
  return (most = 20) => {
    const found: string[] = [];
    const gaps: string[] = [];
    for (let i = 0; i < most; i++) {
      const position = { ...(bookmark !== undefined && { bookmark }), ...(readTo !== undefined && { readTo }) };
      const batch = reader.read(position);
      found.push(...batch.events);
      if (batch.gap) gaps.push(batch.gap.reason);
      bookmark = batch.bookmark;
      readTo = batch.readTo ?? readTo;
      if (batch.drainedAt !== undefined) return { found, gaps, drained: true };
    }
    return { found, gaps, drained: false };
  };
};

describe("an event log of this computer", () => {
  test("a quiet day is one subscription and no call of EvtNext behind the first look", () => {
    const windows = windowsLog((it) => it % 1_000 === 1);
    windows.write(500);
    const read = following(subscriptionReader(windows.api, { signal: windows.signal, log: FILTERED }, windows.clock));
    expect(read()).toEqual({ found: ["event 1"], gaps: [], drained: true });
    read();
    windows.calls.length = 0;
    for (let look = 0; look < 23 * 60; look++) {
      windows.pass(MINUTE);
      expect(read()).toEqual({ found: [], gaps: [], drained: true });
    }
    expect(windows.calls).toEqual([]);
    windows.write(600);
    expect(read().found).toEqual(["event 1001"]);
  });

  test("1460: neither the query nor the subscription is closed, and the log does not count as read", () => {
    const windows = windowsLog();
    windows.write(3);
    windows.errors.push(...Array(6).fill(ERROR.timeout));
    const read = following(subscriptionReader(windows.api, { signal: windows.signal, log: WHOLE }, windows.clock));
    expect(read(6)).toEqual({ found: [], gaps: [], drained: false });
    expect(read().found).toHaveLength(3);
    expect(windows.calls.filter((it) => it === "query")).toHaveLength(1);
    windows.write(2);
    windows.errors.push(ERROR.timeout, ERROR.timeout);
    expect(read(2)).toMatchObject({ found: [], drained: false });
    expect(read().found).toHaveLength(2);
    expect(windows.calls.filter((it) => it === "subscribe")).toHaveLength(1);
  });

  test.each([
    ["a log that is read whole, at the next look", WHOLE, MINUTE],
    ["a filtered log, within a day", FILTERED, DAY],
  ])("a signal that was lost costs no event: %s", (_, log, after) => {
    const windows = windowsLog();
    const read = following(subscriptionReader(windows.api, { signal: windows.signal, log }, windows.clock));
    read();
    read();
    windows.write(2, { lost: true });
    windows.pass(after);
    expect(read().found).toHaveLength(2);
    windows.pass(after);
    expect(read()).toEqual({ found: [], gaps: [], drained: true });
  });

  test("a log that was cleared while nobody looked is read from its start, once, and is a gap", () => {
    const windows = windowsLog();
    windows.write(5);
    const read = following(subscriptionReader(windows.api, { signal: windows.signal, log: WHOLE }, windows.clock));
    read();
    read();
    windows.clear();
    windows.pass(MINUTE);
    expect(read().gaps).toEqual(["the log was cleared or made anew"]);
    for (let look = 0; look < 10; look++) {
      windows.pass(MINUTE);
      expect(read()).toEqual({ found: [], gaps: [], drained: true });
    }
    windows.write(2);
    expect(read()).toMatchObject({ found: ["event 1", "event 2"], gaps: [] });
  });

  test.each([
    [ERROR.queryStale],
    [ERROR.positionInvalid],
    [ERROR.invalidHandle],
    [ERROR.rpcInvalidBound],
    [ERROR.rpcFailed],
  ])("%d of a subscription: a query goes on from the bookmark, nothing is lost and nothing twice", (error) => {
    const windows = windowsLog();
    windows.write(3);
    const read = following(subscriptionReader(windows.api, { signal: windows.signal, log: WHOLE }, windows.clock));
    read();
    windows.write(100);
    windows.errors.push(error);
    expect(read().found).toHaveLength(100);
    expect(read().found).toEqual([]);
    expect(windows.open.size).toBe(1);
  });
});

describe("another computer's log", () => {
  test("is read by a query with an end; a bookmark on the last event is found; a gap is told", () => {
    const windows = windowsLog();
    windows.write(70);
    const read = following(queryReader(windows.api, { session: 7n, log: WHOLE }, windows.clock));
    expect(read().found).toHaveLength(70);
    expect(read()).toEqual({ found: [], gaps: [], drained: true });
    windows.write(30);
    windows.overwrite(81);
    expect(read()).toMatchObject({ gaps: ["the log overwrote them"], drained: true });
    expect(windows.calls).not.toContain("subscribe");
    expect(windows.open.size).toBe(0);
  });

  test("what came while it was read is not part of what was read", () => {
    const windows = windowsLog();
    windows.write(3);
    const opened = windows.clock();
    const reader = queryReader(windows.api, { session: 7n, log: WHOLE }, windows.clock);
    const first = reader.read({});
    windows.pass(HOUR);
    expect(reader.read({ bookmark: first.bookmark! })).toMatchObject({ drainedAt: opened, readTo: 3 });
  });

  test("an error that another opening does not remedy ends after some attempts", () => {
    const windows = windowsLog();
    windows.errors.push(...Array(100).fill(ERROR.rpcUnavailable));
    const reader = queryReader(windows.api, { session: 7n, log: WHOLE }, windows.clock);
    expect(() => reader.read({})).toThrow(/EvtNext: 1722/);
    windows.errors.splice(0, 100, ERROR.accessDenied);
    expect(() => reader.read({})).toThrow(/EvtNext: 5/);
    expect(windows.open.size).toBe(0);
  });
});
