import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import { sumParts } from "../../../collector/store/sums.ts";
import type { Fact } from "../../../licensing/facts.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../../licensing/time.ts";
import { engineOn, submissionOf } from "../../support/engine.ts";
import {
  answered,
  fromAgent,
  heartbeat,
  KMS01,
  licensing,
  product,
  request,
  sent,
  WIN10,
} from "../../support/facts.ts";

/** One report, and everything that is random about it. */
interface Report {
  readonly client: number;
  readonly kind: "licensing" | "attempt" | "request" | "heartbeat";
  readonly at: number;
  readonly zone: string;
  readonly status: number;
  readonly minutes: number;
  readonly spooled: number;
  readonly product: string;
}

const SERVER16 = "8c1c5410-9f39-4805-8c9d-63a07706358f";
const NOW = Date.parse("2026-11-20T12:00:00Z");
const report = fc.record<Report>({
  client: fc.integer({ min: 0, max: 4 }),
  kind: fc.constantFrom("licensing", "licensing", "attempt", "request", "heartbeat"),
  at: fc.oneof(
    fc.integer({ min: 0, max: 40 * 24 * 60 }).map((it) => NOW - it * MINUTE),
    // Close to one another, so that some readings find nothing changed and others come late.
    fc.integer({ min: 0, max: 240 }).map((it) => NOW - HOUR - it * SECOND),
  ),
  zone: fc.constantFrom("core", "lab"),
  status: fc.constantFrom(1, 1, 2, 3, 5),
  minutes: fc.constantFrom(0, 100, 43_200, 250_000, 250_001),
  spooled: fc.constantFrom(0, 0, 7),
  product: fc.constantFrom(WIN10, WIN10, SERVER16, "99999999-5555-4444-8888-999999999999"),
});

const factsOf = ({ client, kind, at, status, minutes, spooled, product: id }: Report): Fact[] => {
  if (kind === "request") return [request({ at, client, recordId: client + 1, product: id })];
  if (kind === "attempt") return [sent({ at, client }), answered({ at: at + SECOND, client, asked: at })];
  if (kind === "heartbeat") return [heartbeat(at, { spooledRecords: spooled })];
  return [licensing([product({ LicenseStatus: status, GracePeriodRemaining: minutes })])];
};
const groupOf = (it: Report) =>
  fromAgent(it.kind === "request" ? KMS01 : `pc${it.client}.contoso.com`, factsOf(it), it.at, { zone: it.zone });

/** Counters of things that happened, which no state remembers. */
const COUNTERS = /^(requests|request_failures|attempts|failures|changes|dropped|gaps)$/;
const states = (sums: Iterable<readonly [string, number]>) =>
  [...sums].filter(([key]) => !COUNTERS.test(sumParts(key)[0]!)).sort(([a], [b]) => (a < b ? -1 : 1));

test("kept sums equal a recount of the rows, in any order, with duplicates, cut into any transactions", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(report, { maxLength: 6 }), { maxLength: 8 }), async (transactions) => {
      const folder = mkdtempSync(join(tmpdir(), "recount-"));
      const file = join(folder, "a.db");
      const open = (yaml = "") => engineOn(openSqlite(file), () => NOW, `retire: { after: 20d }\n${yaml}`);
      const stored = async () => {
        const store = openSqlite(file);
        const { sums: rows } = await store.snapshot((view) => view.changedSince(0));
        const sums = states(rows).filter(([, sum]) => sum !== 0);
        await store.close();
        return sums;
      };
      try {
        const engine = await open();
        for (const reports of [...transactions, transactions[0] ?? []])
          await engine.ingest(reports.map((it) => submissionOf([groupOf(it)], NOW)));
        await engine.close();
        const kept = await stored();
        // A zone without computers: the settings have changed, so everything is counted anew.
        await (await open("zones: [{ name: elsewhere }]")).close();
        expect(kept).toEqual(await stored());
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: 60 },
  );
});

test("of deadlines that only waver the latest stands, and is never a minute off what was read last", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: NOW + MINUTE, max: NOW + 180 * DAY }),
      fc.uniqueArray(fc.integer({ min: 1, max: 20_000_000 }), { minLength: 1, maxLength: 12 }),
      async (end, moments) => {
        const folder = mkdtempSync(join(tmpdir(), "deadline-"));
        const store = openSqlite(join(folder, "a.db"));
        const engine = await engineOn(store, () => NOW);
        let latest = 0;
        try {
          for (const moment of moments.toSorted((a, b) => b - a)) {
            const at = NOW - moment;
            const minutes = Math.floor((end - at) / MINUTE);
            const facts = [licensing([product({ GracePeriodRemaining: minutes })])];
            await engine.ingest([submissionOf([fromAgent("pc1", facts, at)], NOW)]);
            const deadline = (await store.snapshot((view) => view.computer("pc1")))!.deadline!;
            expect(Math.abs(deadline - (at + minutes * MINUTE))).toBeLessThan(MINUTE);
            latest = Math.max(latest, at + minutes * MINUTE);
            expect(deadline).toBe(latest);
          }
        } finally {
          await engine.close();
          rmSync(folder, { recursive: true });
        }
      },
    ),
    { numRuns: 40 },
  );
});
