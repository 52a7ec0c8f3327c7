import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { Engine } from "../../../collector/engine/engine.ts";
import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import type { Fact } from "../../../licensing/facts.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../../licensing/time.ts";
import { countedRows } from "../../support/counted-rows.ts";
import { engineOn, submissionOf } from "../../support/engine-on.ts";
import { fromAgent, heartbeat, hostReading, KMS01, request, WIN10 } from "../../support/facts.ts";
import { ownFolder } from "../../support/keep.ts";

/** Whatever makes a KMS host's table be counted anew: one transaction reads a bounded number of rows, however many are stored. */
const T = Date.parse("2026-11-20T12:00:00Z");
const COUNT = 15_000;
/** A replay's 5,000 requests, and what one request touches besides. */
const ROWS_MAX = 6_500;
const UNKNOWN = "99999999-5555-4444-8888-999999999999";
const EVERY = Math.floor((29 * DAY) / COUNT);
const at = (i: number) => T - 29 * DAY + i * EVERY;
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const folder = ownFolder("rows-per-transaction");
const file = () => join(folder(), "a.db");

const take = async (engine: Engine, facts: readonly Fact[], imported = false) => {
  for (let from = 0; from < facts.length; from += 2_500)
    await engine.ingest([submissionOf([fromAgent(KMS01, facts.slice(from, from + 2_500), T)], T, imported)]);
};

/** What the host reported so many hours ago. */
const reading = (count: number, hours: number) => fromAgent(KMS01, [hostReading(count)], T - hours * HOUR);

let engine: Engine | undefined;
afterEach(async () => {
  await engine?.close();
  engine = undefined;
});
const opened = async (yaml = "") => {
  const { store, mostRows } = countedRows(openSqlite(file()));
  engine = await engineOn(store, () => T, yaml, { piecesAtStart: 0 });
  return { engine, mostRows };
};
/** Counts until nothing is left. @returns how many pieces that took. */
const finished = async (it: Engine): Promise<number> => {
  let pieces = 1;
  while (await it.continueWork()) pieces += 1;
  return pieces;
};

/** A database of so many requests, which each test copies. */
const filled = mkdtempSync(join(tmpdir(), "many-requests-"));
afterAll(() => rmSync(filled, { recursive: true, force: true }));
beforeAll(async () => {
  const first = await engineOn(openSqlite(join(filled, "a.db")), () => T);
  await take(
    first,
    numbers(COUNT).map((i) =>
      request({
        at: at(i),
        client: i,
        recordId: i + 10,
        need: i % 3 === 0 ? 25 : 5,
        product: i % 3 === 0 ? WIN10 : UNKNOWN,
      }),
    ),
  );
  await first.close();
}, 60_000);

test.each<[string, string, (engine: Engine) => Promise<unknown>]>([
  ["a request that comes late", "", (it) => take(it, [request({ at: at(0) - MINUTE, client: 99_999, recordId: 9 })])],
  [
    "an import of older requests",
    "",
    (it) =>
      take(
        it,
        numbers(1_200).map((i) => request({ at: at(0) - DAY + i * SECOND, client: 50_000 + i })),
        true,
      ),
  ],
  [
    "a table that was lost",
    "",
    (it) =>
      it.ingest([submissionOf([reading(50, 3), reading(3, 2), reading(4, 1), fromAgent(KMS01, [heartbeat(T)], T)], T)]),
  ],
  [
    "a product that the configuration names",
    `kms: { products: [{ activation_id: ${UNKNOWN}, name: X, application: windows }] }`,
    async () => {},
  ],
])(
  "%s",
  async (_, yaml, happens) => {
    copyFileSync(join(filled, "a.db"), file());
    const { engine, mostRows } = await opened(yaml);
    await happens(engine);
    expect(await finished(engine)).toBeGreaterThanOrEqual(COUNT / 5_000);
    expect(mostRows()).toBeLessThanOrEqual(ROWS_MAX);
  },
  60_000,
);

test("a late request among very many readings", async () => {
  const { engine, mostRows } = await opened();
  await take(
    engine,
    numbers(60).map((i) => request({ at: T - DAY + i * MINUTE, client: i, recordId: i + 10 })),
  );
  // Each is one row: a host that reports without end must not make a replay read all of them at once.
  for (let from = 0; from < COUNT; from += 2_500)
    await engine.ingest([
      submissionOf(
        numbers(2_500).map((i) => fromAgent(KMS01, [hostReading(50)], T - 10 * HOUR + from + i)),
        T,
      ),
    ]);
  await take(engine, [heartbeat(T)]);
  await finished(engine);
  mostRows();
  await take(engine, [request({ at: T - DAY - MINUTE, client: 999, recordId: 9 })]);
  await finished(engine);
  expect(mostRows()).toBeLessThanOrEqual(ROWS_MAX);
}, 60_000);
