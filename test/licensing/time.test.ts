import { expect, test } from "@jest/globals";
import { parseClientTime, parseWindowsTime } from "../../licensing/time.ts";

test.each([
  ["2026-11-20T08:15:30.1234567Z", "2026-11-20T08:15:30.1234567Z", "2026-11-20T08:15:30.123Z"],
  ["2026-11-20T08:15:30.123456700Z", "2026-11-20T08:15:30.1234567Z", "2026-11-20T08:15:30.123Z"],
  ["2026-11-20 08:15:30Z", "2026-11-20T08:15:30.0000000Z", "2026-11-20T08:15:30.000Z"],
  ["2026-11-20T09:15:30.5+01:00", "2026-11-20T08:15:30.5000000Z", "2026-11-20T08:15:30.500Z"],
])("Windows writes %s", (text, ticks, iso) => {
  const read = parseWindowsTime(text);
  expect(read?.ticks).toBe(ticks);
  expect(new Date(read!.ms).toISOString()).toBe(iso);
});

test.each(["", "yesterday", "2026-13-01T00:00:00Z", "2026-11-20T08:15", "2026-11-20T08:15:30.1234567890Z"])(
  "%p is no event time",
  (text) => {
    expect(parseWindowsTime(text)).toBeUndefined();
  },
);

test.each([
  ["2006/1/14 2:30", "2006-01-14T02:30:00.000Z"],
  ["2010/09/29 17:52", "2010-09-29T17:52:00.000Z"],
  ["1/14/2006 2:30", "2006-01-14T02:30:00.000Z"],
  ["14/1/2006 2:30", "2006-01-14T02:30:00.000Z"],
  ["4.1.2006 02:30", "2006-01-04T02:30:00.000Z"],
  ["2006-1-14 2:30 PM", "2006-01-14T14:30:00.000Z"],
  ["2006.1.14 12:05 am", "2006-01-14T00:05:00.000Z"],
])("a client writes %s", (text, iso) => {
  expect(new Date(parseClientTime(text)!).toISOString()).toBe(iso);
});

test.each(["", "2006/2/30 1:00", "2006/13/1 1:00", "2006/1/14 24:61", "14/1/06 2:30", "x".repeat(10_000)])(
  "%p is no client time",
  (text) => {
    expect(parseClientTime(text)).toBeUndefined();
  },
);
