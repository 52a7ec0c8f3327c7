import { expect, test } from "@jest/globals";
import { EVENTS_LOOKED_AT_MAX } from "../../../collector/api/events.ts";
import type { NormalisedEvent } from "../../../licensing/events/names.ts";
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
