import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ComputersQuery, findComputers, ROWS_MAX } from "../../../collector/api/computers.ts";
import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import type { ComputerRow, Reader, Store } from "../../../collector/store/store.ts";
import { DAY } from "../../../licensing/time.ts";

/** A fleet of 5,000 computers; every thousandth is in notification, and every tenth has a deadline. */
const T = Date.parse("2026-11-20T12:00:00Z");
const FLEET = 5_000;
let store: Store;
beforeAll(async () => {
  store = openSqlite(":memory:");
  await store.transact((tx) => tx.putComputers(Array.from({ length: FLEET }, (_, i) => row(i))));
});
afterAll(() => store.close());

const name = (i: number) => `pc${String(i).padStart(4, "0")}.contoso.com`;
const row = (i: number): ComputerRow => ({
  key: name(i),
  zone: i % 2 === 0 ? "core" : "lab",
  seenAt: T,
  presence: 0,
  // Many share one, as computers that were installed together do.
  deadline: i % 10 === 0 ? T + (i % 50) * DAY : null,
  deadlineStatus: i % 10 === 0 ? "licensed" : null,
  deadlineProduct: i % 10 === 0 ? "Windows 11" : null,
  overdueAt: null,
  state: JSON.stringify({
    licenses: [
      { status: i % 1_000 === 999 ? "notification" : "licensed", channel: "kms_client", product: "Windows 11" },
    ],
  }),
});
/** A search in a snapshot of the store, and how many rows it read. */
const search = async (query: ComputersQuery) =>
  store.snapshot(async (view) => {
    let rows = 0;
    const reader: Reader = {
      ...view,
      computers: async (some) => {
        const found = await view.computers(some);
        rows += found.length;
        return found;
      },
      computer: (key) => {
        rows += 1;
        return view.computer(key);
      },
    };
    const page = await findComputers(reader, query);
    return { ...page, rows };
  });
const all = async (query: Omit<ComputersQuery, "limit">, limit = 1_000) => {
  const found: string[] = [];
  let requests = 0;
  for (let cursor: string | null | undefined; cursor !== null; requests += 1) {
    const page: Awaited<ReturnType<typeof search>> = await search({ ...query, limit, cursor });
    expect(page.rows).toBeLessThanOrEqual(ROWS_MAX);
    found.push(...page.items.map((it) => it.computer));
    cursor = page.next_cursor;
  }
  return { found, requests };
};

describe("a search looks at a bounded number of rows", () => {
  test("what nobody has: the cursor says how far it looked", async () => {
    const { items, next_cursor } = await search({ status: "unlicensed", limit: 100 });
    expect({ items, next_cursor }).toEqual({ items: [], next_cursor: name(ROWS_MAX - 1) });
    expect(await all({ status: "unlicensed" })).toEqual({ found: [], requests: Math.ceil((FLEET + 1) / ROWS_MAX) });
  });
  test("what few have is found, page by page", async () => {
    const wanted = [999, 1_999, 2_999, 3_999, 4_999].map(name);
    expect((await all({ status: "notification" })).found).toEqual(wanted);
    expect((await all({ status: "notification" }, 1)).found).toEqual(wanted);
    expect((await all({ status: "notification", channel: "mak" })).found).toEqual([]);
    expect((await all({ status: "notification", zone: "core" })).found).toEqual([]);
    expect((await all({ q: "PC0999" })).found).toEqual([name(999)]);
  });
  test("a word that only another member holds is no match", async () => {
    expect((await all({ status: "kms_client" })).found).toEqual([]);
  });
});

describe("deadlines are read by their index", () => {
  test("the soonest first, each once, though many share one", async () => {
    const expected = Array.from({ length: FLEET }, (_, i) => row(i))
      .filter((it) => it.deadline !== null && it.deadline < T + 25 * DAY)
      .sort((a, b) => a.deadline! - b.deadline! || (a.key < b.key ? -1 : 1))
      .map((it) => it.key);
    expect(expected).toHaveLength(300);
    expect((await all({ deadlineBefore: T + 25 * DAY }, 7)).found).toEqual(expected);
  });
  test("no other row is read", async () => {
    const { rows } = await search({ deadlineBefore: T + 5 * DAY, limit: 1_000 });
    expect(rows).toBe(100);
  });
});
