import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  applyRequest,
  CLIENT_LIFETIME,
  capacityOf,
  EMPTY_LEDGER,
  expiriesBetween,
  fallsBelowAt,
  type Ledger,
  type Request,
  tableSize,
} from "../../../licensing/kms/ledger.ts";
import { DAY, HOUR } from "../../../licensing/time.ts";

const NOON = Date.parse("2026-11-20T12:00:00Z");
const all = (requests: readonly Request[], from: Ledger = EMPTY_LEDGER) =>
  requests.reduce((ledger, it) => applyRequest(ledger, it)!, from);
const clients = (count: number, need: number, at = NOON, name = "c") =>
  Array.from({ length: count }, (_, i) => ({ cmid: `${name}${i}`, at: at + i, need }));

test.each([
  ["no request", [], 0, 0],
  ["four servers", clients(4, 5), 10, 4],
  ["twelve servers: twice the need, the oldest pushed out", clients(12, 5), 10, 10],
  ["sixty clients", clients(60, 25), 50, 50],
  ["the guide's example: three clients, then a server", [...clients(3, 25), ...clients(1, 5, NOON + HOUR, "s")], 50, 4],
  ["a renewal does not count twice", [...clients(3, 25), ...clients(3, 25, NOON + DAY)], 50, 3],
  [
    "what the small table pushed out does not come back",
    [...clients(12, 5), ...clients(1, 25, NOON + HOUR, "pc")],
    50,
    11,
  ],
])("%s", (_, requests, capacity, size) => {
  const ledger = all(requests);
  expect([capacityOf(ledger), tableSize(ledger, NOON + DAY)]).toEqual([capacity, size]);
});

describe("30 days", () => {
  const ledger = all(clients(30, 25));
  test("an entry is gone when they are over, not a moment before", () => {
    expect(tableSize(ledger, NOON + CLIENT_LIFETIME - 1)).toBe(30);
    expect(tableSize(ledger, NOON + CLIENT_LIFETIME)).toBe(29);
    expect(tableSize(ledger, NOON + CLIENT_LIFETIME + DAY)).toBe(0);
  });
  test("the 25th freshest decides when the count falls below 25", () => {
    const at = fallsBelowAt(ledger, 25)!;
    expect(at).toBe(NOON + 5 + CLIENT_LIFETIME);
    expect([tableSize(ledger, at - 1), tableSize(ledger, at)]).toEqual([25, 24]);
    expect(fallsBelowAt(all(clients(24, 25)), 25)).toBeUndefined();
  });
  test("an instant in the past stays known after it has fallen", () => {
    const later = applyRequest(ledger, { cmid: "late", at: NOON + CLIENT_LIFETIME + DAY, need: 25 })!;
    expect(fallsBelowAt(later, 25)).toBe(NOON + 6 + CLIENT_LIFETIME);
  });
  test("expiries within an interval", () => {
    expect(expiriesBetween(ledger, NOON + CLIENT_LIFETIME, NOON + CLIENT_LIFETIME + 3)).toBe(3);
  });
});

test("requests from before the birth of the table do not count", () => {
  const born: Ledger = { ...EMPTY_LEDGER, bornAt: NOON + 10 };
  expect(tableSize(all(clients(20, 25), born), NOON + DAY)).toBe(10);
});

/** What a KMS host does, written as plainly as can be: the oracle. */
const host = (requests: readonly Request[], at: number): string[] => {
  let table: { cmid: string; at: number }[] = [];
  let capacity = 0;
  for (const it of requests.toSorted((a, b) => a.at - b.at)) {
    capacity = Math.max(capacity, 2 * it.need);
    table = table.filter((entry) => entry.cmid !== it.cmid && entry.at + CLIENT_LIFETIME > it.at);
    table.push(it);
    if (table.length > capacity) table.shift();
  }
  return table
    .filter((entry) => entry.at + CLIENT_LIFETIME > at)
    .map((entry) => entry.cmid)
    .sort();
};
const live = (ledger: Ledger, at: number) =>
  ledger.entries
    .slice(0, tableSize(ledger, at))
    .map(([cmid]) => cmid)
    .sort();

const requests = fc.uniqueArray(fc.nat({ max: 60 * 24 * 60 }), { minLength: 1, maxLength: 120 }).chain((minutes) =>
  fc.tuple(
    ...minutes.map((minute) =>
      fc.record({
        cmid: fc.integer({ min: 0, max: 70 }).map((it) => `c${it}`),
        at: fc.constant(NOON + minute * 60_000),
        need: fc.constantFrom(5, 5, 5, 25),
      }),
    ),
  ),
);

test("the simulated table is the host's, whatever was asked", () => {
  fc.assert(
    fc.property(requests, (asked) => {
      const end = Math.max(...asked.map((it) => it.at));
      expect(live(all(asked.toSorted((a, b) => a.at - b.at)), end)).toEqual(host(asked, end));
    }),
  );
});

/** A walk from the beginning, with the capacity that is known already. */
const replayed = (requests: readonly Request[], { grown }: Pick<Ledger, "grown"> = EMPTY_LEDGER): Ledger =>
  all(
    requests.toSorted((a, b) => a.at - b.at),
    { ...EMPTY_LEDGER, grown },
  );

test("in any order the table is the same; where it cannot be, a replay is asked for and gives it", () => {
  fc.assert(
    fc.property(requests, (asked) => {
      const end = Math.max(...asked.map((it) => it.at));
      let ledger: Ledger = EMPTY_LEDGER;
      const seen: Request[] = [];
      for (const it of asked) {
        seen.push(it);
        ledger = applyRequest(ledger, it) ?? replayed(seen);
      }
      expect(live(ledger, end)).toEqual(host(asked, end));
    }),
  );
});

test("a replay of 30 days of requests equals one of all of them", () => {
  fc.assert(
    fc.property(requests, (asked) => {
      const end = Math.max(...asked.map((it) => it.at));
      const whole = all(asked.toSorted((a, b) => a.at - b.at));
      const month = asked.filter((it) => it.at > end - CLIENT_LIFETIME);
      const before = { grown: whole.grown.filter(([at]) => at <= end - CLIENT_LIFETIME) };
      expect(live(replayed(month, before), end)).toEqual(host(asked, end));
    }),
  );
});
