import { expect, test } from "@jest/globals";
import type { Properties } from "../../../licensing/facts.ts";
import { DAY, HOUR, iso, MINUTE, SECOND } from "../../../licensing/time.ts";
import { ownEngine, submissionOf } from "../../support/engine.ts";
import { answered, fromAgent, licensing, product, sent } from "../../support/facts.ts";

/**
 * A reading of WMI and the events of an activation come by ways of their own: the newest fact wins in any order
 * (docs/counting-rules.md, "Deadlines").
 */
const T = Date.parse("2026-11-20T12:00:00Z");
const NOW = T + 2 * HOUR;
const PC = "pc1.contoso.com";
const own = ownEngine("order", NOW);

const asked = [sent({ at: T - 5 * SECOND, client: 1, recordId: 7 }), T] as const;
const activated = [answered({ at: T, asked: T - 5 * SECOND, client: 1, recordId: 8 }), T] as const;
const reading = (at: number, more: Properties) => [licensing([product(more)]), at] as const;
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

test.each([
  ["in grace an hour before", reading(T - HOUR, { LicenseStatus: 2, GracePeriodRemaining: 1_000 })],
  ["in grace at the same instant", reading(T, { LicenseStatus: 2, GracePeriodRemaining: 1_000 })],
  ["licensed, a week old, an hour before", reading(T - HOUR, { GracePeriodRemaining: 249_120 })],
  ["licensed, a minute after", reading(T + MINUTE, { GracePeriodRemaining: 259_199 })],
])("read %s: the same deadline in every order, and after a restart", async (_, read) => {
  const facts = [read, asked, activated];
  for (const [i, order] of ORDERS.entries()) {
    const host = `pc${i + 1}.contoso.com`;
    for (const it of order) {
      const [fact, at] = facts[it]!;
      const mine = fact.kind === "event" ? { ...fact, computer: host } : fact;
      await own.engine.ingest([submissionOf([fromAgent(host, [mine], at)], NOW)]);
      await own.reopen();
    }
    expect(await own.engine.answer({ ask: "computer", host })).toMatchObject({
      renewed_at: iso(T),
      licenses: [{ status: "licensed", deadline: iso(T + 180 * DAY), deadline_kind: "validity" }],
    });
  }
});

test("a reading from after an activation says what has become of it since", async () => {
  for (const [fact, at] of [asked, activated, reading(T + HOUR, { LicenseStatus: 5, GracePeriodRemaining: 0 })])
    await own.engine.ingest([submissionOf([fromAgent(PC, [fact], at)], NOW)]);
  expect(await own.engine.answer({ ask: "computer", host: PC })).toMatchObject({
    licenses: [{ status: "notification" }],
  });
});
