import { expect, test } from "@jest/globals";
import { findComputers } from "../../../collector/api/computers.ts";
import { findEvents } from "../../../collector/api/events.ts";
import { firstIdAt } from "../../../collector/store/event-id.ts";
import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import type { ComputerRow, EventRow, Reader } from "../../../collector/store/store.ts";
import { storedFact } from "../../../collector/store/stored-event.ts";
import { SECOND } from "../../../licensing/time.ts";
import { KMS01, request } from "../../support/facts.ts";

/** Rows may be large: one page of the API reads and holds a bounded number of bytes, and the next goes on behind it. */
const T = Date.parse("2026-11-20T12:00:00Z");
const MIB = 1024 * 1024;
const PAGE_MAX = 10 * MIB;

/** A reader that tells how much text one call gives at most. */
const watched = (view: Reader) => {
  let most = 0;
  const reader = Object.fromEntries(
    Object.entries(view).map(([name, method]) => [
      name,
      async (...given: unknown[]) => {
        const found: unknown = await (method as (...given: unknown[]) => unknown)(...given);
        if (Array.isArray(found)) most = Math.max(most, JSON.stringify(found).length);
        return found;
      },
    ]),
  ) as unknown as Reader;
  return { reader, most: () => most };
};
const store = () => openSqlite(":memory:");

test("events of a megabyte each", async () => {
  const db = await store();
  const rows = Array.from({ length: 40 }, (_, i): EventRow => {
    const at = T + i * SECOND;
    const fact = {
      ...request({ at, client: 1, recordId: i }),
      eventId: 900,
      channel: "Application",
      data: Array.from({ length: 128 }, () => "x".repeat(8_000)),
    };
    const id = Buffer.concat([Buffer.from(firstIdAt(at)).subarray(0, 6), Buffer.alloc(10, i)]);
    return { id, computer: KMS01, eventId: 900, at, fact: storedFact(fact, KMS01, undefined) };
  });
  await db.transact((tx) => tx.insertEvents(rows));
  for (const query of [{}, { event: "other" as const }, { computer: KMS01 }]) {
    const found: (number | undefined)[] = [];
    await db.snapshot(async (view) => {
      for (let cursor: string | undefined, pages = 0; pages < 100; pages += 1) {
        const { items, next_cursor } = await findEvents(view, {
          ...query,
          since: 0,
          limit: 1_000,
          ...(cursor && { cursor }),
        });
        expect(JSON.stringify(items).length).toBeLessThan(PAGE_MAX);
        found.push(...items.map((it) => it.record_id));
        if (next_cursor === null) break;
        cursor = next_cursor;
      }
    });
    expect(found).toEqual(rows.map((_, i) => i));
  }
  await db.close();
});

test("computers whose states are large", async () => {
  const db = await store();
  const rows = Array.from(
    { length: 300 },
    (_, i): ComputerRow => ({
      key: `pc${String(i).padStart(3, "0")}`,
      zone: "core",
      seenAt: T,
      presence: 0,
      deadline: T + i,
      deadlineStatus: "licensed",
      deadlineProduct: "x",
      overdueAt: null,
      state: JSON.stringify({ licenses: [], os: "y".repeat(200_000) }),
    }),
  );
  await db.transact((tx) => tx.putComputers(rows));
  for (const query of [{}, { deadlineBefore: T + SECOND }]) {
    const found: string[] = [];
    await db.snapshot(async (view) => {
      const { reader, most } = watched(view);
      for (let cursor: string | undefined, pages = 0; pages < 100; pages += 1) {
        const { items, next_cursor } = await findComputers(reader, {
          ...query,
          limit: 1_000,
          ...(cursor && { cursor }),
        });
        expect(JSON.stringify(items).length).toBeLessThan(PAGE_MAX);
        found.push(...items.map((it) => it.computer));
        if (next_cursor === null) break;
        cursor = next_cursor;
      }
      expect(most()).toBeLessThan(5 * MIB);
    });
    expect(found).toEqual(rows.map((it) => it.key));
  }
  await db.close();
});
