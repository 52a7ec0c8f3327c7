import { describe, expect, test } from "@jest/globals";
import { EVENTS_LOOKED_AT_MAX, findEvents } from "../../../collector/api/events.ts";
import { openDatabase } from "../../../collector/store/sqlite/open.ts";
import { readerOn } from "../../../collector/store/sqlite/reader.ts";
import type { Reader } from "../../../collector/store/store.ts";
import type { EventName, NormalisedEvent } from "../../../licensing/events/names.ts";
import { SECOND } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { KMS01, request, sent } from "../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("events", T);

test("one event name among many: each found once, a bounded number of rows for each page", async () => {
  const requests = Array.from({ length: 2 * EVENTS_LOOKED_AT_MAX }, (_, i) =>
    request({ at: T - 10_000 * SECOND + i * SECOND, client: i, recordId: i }),
  );
  for (let i = 0; i < requests.length; i += 1_000) await own.take(KMS01, requests.slice(i, i + 1_000));
  for (const client of [1, 2, 3])
    await own.take(`pc${client}.contoso.com`, [sent({ at: T - client * SECOND, client, recordId: 1 })]);
  const first = await own.engine.answer({ ask: "events", event: "kms_request_sent", since: 0, limit: 2 });
  expect(first.items).toEqual([]);
  expect(first.next_cursor).toMatch(/^[0-9a-f]{32}$/);
  const found: NormalisedEvent[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: typeof first = await own.engine.answer({
      ask: "events",
      event: "kms_request_sent",
      since: 0,
      limit: 2,
      cursor,
    });
    found.push(...page.items);
    cursor = page.next_cursor;
  }
  expect(found.map((it) => it.computer)).toEqual(["pc3.contoso.com", "pc2.contoso.com", "pc1.contoso.com"]);
});

describe("the events of one computer", () => {
  /** A reader of the test's database that keeps the text of its statements and counts the rows they give. */
  const watchedReader = () => {
    const db = openDatabase(own.file);
    const statements = new Set<string>();
    let rows = 0;
    const reader = readerOn((text) => {
      statements.add(text);
      return db.prepare(text);
    });
    const counted = Object.fromEntries(
      Object.entries(reader).map(([name, method]) => [
        name,
        (...given: unknown[]) => {
          const found: unknown = (method as (...given: unknown[]) => unknown)(...given);
          if (Array.isArray(found)) rows += found.length;
          return found;
        },
      ]),
    ) as unknown as Reader;
    return {
      reader: counted,
      rows: () => rows,
      plans: () =>
        [...statements].flatMap((it) =>
          (
            db.prepare(`explain query plan ${it}`).all(...(it.match(/\?/g) ?? []).map(() => 1)) as { detail: string }[]
          ).map(({ detail }) => detail),
        ),
      close: () => db.close(),
    };
  };
  const KINDS = 2_000;
  const fill = async () => {
    const facts = Array.from({ length: KINDS }, (_, i) => [
      request({ at: T - i * SECOND, client: i, recordId: 3 * i }),
      { ...request({ at: T - i * SECOND - 400, client: i, recordId: 3 * i + 1 }), eventId: 1003, data: [String(i)] },
      { ...request({ at: T - i * SECOND - 700, client: i, recordId: 3 * i + 2 }), eventId: 900, data: [String(i)] },
    ]).flat();
    for (let i = 0; i < facts.length; i += 3_000) await own.take(KMS01, facts.slice(i, i + 3_000));
  };

  test("are found in the order of their time, whatever their number, in pages that leave none out", async () => {
    await fill();
    const all: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await own.engine.answer({ ask: "events", computer: KMS01, since: 0, limit: 777, cursor });
      all.push(...page.items.map((it) => it.time!));
      cursor = page.next_cursor;
    }
    expect(all).toHaveLength(3 * KINDS);
    expect(all).toEqual(all.toSorted());
    expect(new Set(all).size).toBe(all.length);
  });

  test.each<[EventName | undefined, number]>([
    [undefined, 0],
    ["other", 0],
    ["kms_request_processed", 0],
    ["kms_request_sent", 0],
    [undefined, T - 100 * SECOND],
    ["other", T - 100 * SECOND],
  ])("are read through an index, a bounded number of rows: %s since %d", async (event, since) => {
    await fill();
    const { reader, rows, plans, close } = watchedReader();
    const page = await findEvents(reader, { computer: KMS01, event, since, limit: 100 });
    expect(page.items).toHaveLength(event === "kms_request_sent" ? 0 : 100);
    expect(rows()).toBeLessThan(400);
    expect(plans().filter((it) => /TEMP B-TREE|SCAN events|SCAN$/.test(it))).toEqual([]);
    close();
  });
});
