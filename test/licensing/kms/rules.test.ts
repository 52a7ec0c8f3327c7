import { describe, expect, test } from "@jest/globals";
import { isComplete, knownUntil, NO_COVERAGE, withHeartbeat, withRecord } from "../../../licensing/kms/coverage.ts";
import { EMPTY_LEDGER } from "../../../licensing/kms/ledger.ts";
import { reportedCount } from "../../../licensing/kms/reading.ts";
import {
  clampTime,
  classOf,
  effectiveCount,
  isInUse,
  isPlausibleNeed,
  isValidRequest,
  type LossWatch,
  poolOf,
  renewalOverdueAt,
  watchForLoss,
} from "../../../licensing/kms/rules.ts";
import { productsFrom } from "../../../licensing/products.ts";
import { DAY, HOUR } from "../../../licensing/time.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");

test.each([
  ["0x00000000", true],
  ["0xC004F038", true],
  ["0xC004F041", false],
  ["0xC004F06C", false],
])("Valid requests count: a request with result %s counts: %s", (hresult, expected) => {
  expect(isValidRequest(hresult)).toBe(expected);
});
test("Valid requests count: a clock in the future is set to the receipt", () => {
  expect([clampTime(NOW + 1, NOW), clampTime(NOW - 1, NOW)]).toEqual([NOW, NOW - 1]);
});

describe("Pools", () => {
  const OWN = "11111111-1111-4111-8111-111111111111";
  const LEARNED = "22222222-2222-4222-8222-222222222222";
  const products = productsFrom([{ activationId: OWN, name: "Office of ours", application: "office" }]);
  products.learn(LEARNED, "Windows(R), ServerStandard edition", "windows");
  test.each([
    ["configured", OWN, 5, "office", "office"],
    ["learned from WMI", LEARNED, 5, "windows", "server"],
    ["seed: Windows 10 Enterprise", "73111121-5638-40f6-bc11-f1d7b0d64300", 25, "windows", "client"],
    ["unknown that needs 25", "33333333-3333-4333-8333-333333333333", 25, "windows", "client"],
    ["unknown that needs 5", "33333333-3333-4333-8333-333333333333", 5, "unknown", undefined],
  ] as const)("%s", (_, id, need, pool, productClass) => {
    expect(poolOf(id, need, products)).toBe(pool);
    expect(classOf(pool, need)).toBe(productClass);
  });
  test("configuration comes before what WMI says", () => {
    expect(products.learn(OWN, "x", "windows")).toBe(false);
    expect(products.find(OWN)?.application).toBe("office");
  });
  test("only catalogued names become labels", () => {
    expect([products.label(OWN), products.label(LEARNED)]).toEqual(["Office of ours", "other"]);
  });
});

test.each([
  [5, true],
  [25, true],
  [0, false],
  [50, false],
  [1, false],
])("The table is simulated: a need of %i is plausible: %s", (need, expected) => {
  expect(isPlausibleNeed(need)).toBe(expected);
});

test.each([
  [-1, true, 0],
  [4294967295, true, 0],
  ["4294967295", true, 0],
  [50, true, 50],
  [0, true, 0],
  [-1, false, undefined],
  [4294967295, false, undefined],
  [7, false, undefined],
  [null, true, undefined],
  [undefined, true, undefined],
  ["N/A", true, undefined],
])("Reported counts: reported %s, KMS host %s: %s", (value, isHost, expected) => {
  expect(reportedCount(value, isHost)).toBe(expected);
});

describe("Reported counts: a lost table", () => {
  const none = () => 0;
  const readings = (counts: number[], expiries: (() => number) | undefined = none) => {
    let watch: LossWatch | undefined;
    return counts.map((count, i) => {
      const step = watchForLoss(watch, { at: NOW + i * HOUR, count }, expiries);
      watch = step.watch;
      return step.lost
        ? `lost after ${(step.lost.bornAt - NOW) / HOUR} h, seen at ${(step.lost.seenAt - NOW) / HOUR} h`
        : "";
    });
  };
  test.each([
    ["a drop that a second reading confirms", [50, 2, 3], ["", "", "lost after 0 h, seen at 1 h"]],
    ["a drop that the second reading takes back", [50, 2, 50, 50], ["", "", "", ""]],
    ["a steady count", [50, 50, 50], ["", "", ""]],
    ["a count that rises again after the loss", [50, 0, 10, 20], ["", "", "lost after 0 h, seen at 1 h", ""]],
  ])("%s", (_, counts, expected) => {
    expect(readings(counts)).toEqual(expected);
  });
  test("what expired is no loss", () => {
    expect(readings([50, 45, 40], () => 5)).toEqual(["", "", ""]);
  });
  test("a drop from a reading that the log does not reach 30 days back from: an entry of before the log may have ended", () => {
    let { watch } = watchForLoss(undefined, { at: NOW, count: 30 }, undefined);
    for (const [i, count] of [29, 29, 29].entries()) {
      const step = watchForLoss(watch, { at: NOW + (i + 1) * HOUR, count }, none);
      expect(step.lost).toBeUndefined();
      watch = step.watch;
    }
  });
  test("without a complete table nothing is concluded", () => {
    let watch: LossWatch | undefined;
    for (const count of [50, 0, 0]) {
      const step = watchForLoss(watch, { at: (watch?.at ?? NOW) + HOUR, count }, undefined);
      expect(step.lost).toBeUndefined();
      watch = step.watch;
    }
  });
});

describe("The effective count", () => {
  const reported = { count: 30, at: NOW - HOUR, intervalSeconds: 1800 };
  test.each([
    ["reported while fresh", { reported, table: { size: 20, complete: true } }, { count: 30, source: "reported" }],
    [
      "the table once it is stale",
      { reported: { ...reported, at: NOW - HOUR - 1 }, table: { size: 20, complete: true } },
      { count: 20, source: "ledger" },
    ],
    [
      "nothing from an incomplete table",
      { reported: { ...reported, at: NOW - DAY }, table: { size: 20, complete: false } },
      undefined,
    ],
    ["zero is a count", { reported: { ...reported, count: 0 } }, { count: 0, source: "reported" }],
    ["nothing known", {}, undefined],
  ] as const)("%s", (_, count, expected) => {
    expect(effectiveCount({ ...count, now: NOW })).toEqual(expected);
  });
});

describe("Silence is not zero: complete", () => {
  const channel = { readUntil: NOW, oldest: NOW - 40 * DAY, gaps: 0 };
  test.each([
    ["a log of 40 days", [channel], true],
    [
      "a log of 20 days, read for 5",
      [
        { ...channel, oldest: NOW - 20 * DAY },
        { readUntil: NOW + 5 * DAY, gaps: 0 },
      ],
      false,
    ],
    [
      "a log of 20 days, read for 10",
      [
        { ...channel, oldest: NOW - 20 * DAY },
        { readUntil: NOW + 10 * DAY, gaps: 0 },
      ],
      true,
    ],
    ["a gap", [channel, { ...channel, readUntil: NOW + HOUR, gaps: 1 }], false],
    [
      "30 days after a gap",
      [channel, { ...channel, readUntil: NOW + HOUR, gaps: 1 }, { readUntil: NOW + HOUR + 30 * DAY, gaps: 1 }],
      true,
    ],
    ["gaps from before we knew the host", [{ ...channel, gaps: 3 }], true],
  ])("%s", (_, heartbeats, expected) => {
    expect(isComplete(heartbeats.reduce(withHeartbeat, NO_COVERAGE), EMPTY_LEDGER)).toBe(expected);
  });
  test("an older heartbeat that arrives late gives what the order of time gives", () => {
    const older = { ...channel, readUntil: NOW - 1, gaps: 9 };
    const now = withHeartbeat(NO_COVERAGE, channel);
    expect(withHeartbeat(now, older)).toEqual([older, channel].reduce(withHeartbeat, NO_COVERAGE));
    expect(isComplete(withHeartbeat(now, older), EMPTY_LEDGER)).toBe(false);
  });

  const records = (...seen: [number, number][]) =>
    seen.reduce((it, [id, day]) => withRecord(it, id, NOW + day * DAY), NO_COVERAGE);
  test.each([
    ["31 days of numbers without a hole", records([7, -31], [8, -10], [9, 0]), true],
    ["a hole", records([7, -31], [9, 0]), false],
    ["a hole that a late record fills", records([7, -31], [9, 0], [8, -10]), true],
    ["the log's first record", records([1, -3], [2, 0]), true],
    ["a log that was cleared", records([7, -31], [8, -1], [1, 0]), false],
    [
      "a log that was cleared and begins anew among the known numbers",
      records([1, -31], [2, -20], [3, -9], [2, 0]),
      false,
    ],
    ["the same record twice", records([7, -31], [7, -31], [8, 0]), true],
    ["any order", records([9, 0], [7, -31], [8, -10]), true],
  ])("by record numbers: %s", (_, coverage, expected) => {
    expect(isComplete(coverage, EMPTY_LEDGER)).toBe(expected);
    expect(knownUntil(coverage)).toBe(NOW);
  });
  test("a table that was lost and watched since is complete", () => {
    expect(isComplete(records([7, -2], [8, 0]), { ...EMPTY_LEDGER, bornAt: NOW - DAY })).toBe(true);
    expect(isComplete(records([7, -2], [8, 0]), { ...EMPTY_LEDGER, bornAt: NOW - 3 * DAY })).toBe(false);
  });
  test("ten thousand holes cost no more than five hundred", () => {
    let coverage = NO_COVERAGE;
    for (let id = 1; id < 20_000; id += 2) coverage = withRecord(coverage, id, NOW + id);
    expect(coverage.ranges).toHaveLength(500);
  });
});

test.each([
  [undefined, false],
  [NOW, true],
  [NOW - 180 * DAY + 1, true],
  [NOW - 180 * DAY, false],
])("Only what is used: last asked at %s, in use: %s", (asked, expected) => {
  expect(isInUse(asked, NOW)).toBe(expected);
});

test.each([
  [undefined, 15 * DAY],
  [10_080, 15 * DAY],
  [1_440, 3 * DAY],
])("Renewal overdue: overdue with an interval of %s minutes after %i ms", (interval, expected) => {
  expect(renewalOverdueAt(NOW, interval) - NOW).toBe(expected);
});
