import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test } from "@jest/globals";
import { readCollectorConfig } from "../../../collector/config.ts";
import { type Engine, openEngine } from "../../../collector/engine/engine.ts";
import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import type { Store } from "../../../collector/store/store.ts";
import type { Fact } from "../../../licensing/facts.ts";
import { DAY, MINUTE, SECOND } from "../../../licensing/time.ts";
import { engineOn, submissionOf } from "../../support/engine-on.ts";
import { fromAgent, KMS01, licensing, product, request } from "../../support/facts.ts";
import { ownFolder } from "../../support/keep.ts";

/** What walks through many rows does so in transactions of a bounded number, between which requests have their turn. */
const T = Date.parse("2026-11-20T12:00:00Z");
const folder = ownFolder("pieces");
const file = () => `${folder()}/a.db`;
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const UNKNOWN = "99999999-5555-4444-8888-999999999999";

const sql = (text: string) => {
  const db = new DatabaseSync(file());
  db.exec(text);
  db.close();
};
const older = "update collector_state set state = 'older' where key = 'settings'";
const times = (count: number) => `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})`;

let engine: Engine | undefined;
afterEach(async () => {
  await engine?.close();
  engine = undefined;
});
const opened = async (now = T, yaml = "") => {
  let transactions = 0;
  const store = await openSqlite(file());
  const counting: Store = {
    ...store,
    transact: (work) => {
      transactions += 1;
      return store.transact(work);
    },
  };
  engine = await openEngine(counting, readCollectorConfig("test.yaml", yaml, {}), {
    clock: () => now,
    version: "1",
    piecesAtStart: 0,
  });
  return {
    engine,
    /** How many transactions this takes. */
    of: async (work: () => Promise<unknown>) => {
      const before = transactions;
      await work();
      return transactions - before;
    },
  };
};
const seeded = async (facts: readonly Fact[], host = "pc0.contoso.com") => {
  const first = await engineOn(openSqlite(file()), () => T);
  for (let from = 0; from < facts.length; from += 1_000)
    await first.ingest([submissionOf([fromAgent(host, facts.slice(from, from + 1_000), T)], T)]);
  while (await first.continueWork());
  await first.close();
};
const columns = "zone, seen_at, presence, deadline, deadline_status, deadline_product, overdue_at";
const computers = (count: number, state = "state") =>
  sql(`${times(count)} insert into computers (key, ${columns}, state)
    select 'pc' || i || '.contoso.com', ${columns}, ${state} from n, computers where key = 'pc0.contoso.com'`);
const recounted = async () => {
  const { engine, of } = await opened();
  return of(async () => {
    while (await engine.continueWork());
  });
};

test("a recount takes so many old sums, computers and bytes at once", async () => {
  await seeded([licensing()]);
  sql(older);
  const empty = await recounted();
  await engine!.close();
  sql(
    `${times(25_000)} insert into sums (key, sum) select 'failing' || char(31) || 'core' || char(31) || i, 1 from n; ${older}`,
  );
  expect(await recounted()).toBeGreaterThanOrEqual(empty + 2);
  await engine!.close();
  computers(2_500);
  sql(older);
  expect(await recounted()).toBeGreaterThanOrEqual(empty + 2);
  await engine!.close();
  sql("delete from computers where key <> 'pc0.contoso.com'");
  computers(90, "json_set(state, '$.history', json('[]'), '$.pad', hex(zeroblob(50000)))");
  sql(older);
  expect(await recounted()).toBeGreaterThanOrEqual(empty + 2);
}, 60_000);

test("a sweep deletes so many events at once", async () => {
  await seeded(
    numbers(5_000).map((i) => request({ at: T - DAY + i * SECOND, client: i % 60, recordId: i + 1, need: 5 })),
    KMS01,
  );
  const { engine, of } = await opened(T + 100 * DAY);
  expect(await of(() => engine.sweep())).toBeGreaterThanOrEqual(3);
}, 60_000);

test("computers are retired so many at once", async () => {
  await seeded([licensing()]);
  computers(1_600);
  sql(older);
  const { engine, of } = await opened(T + 100 * DAY, "retire: { after: 90d }");
  while (await engine.continueWork());
  // The recount has retired them already: they come back, and fall silent again.
  sql("update computers set presence = 0");
  expect(await of(() => engine.sweep())).toBeGreaterThanOrEqual(4);
}, 60_000);

test("clients whose product becomes known move so many at once", async () => {
  await seeded(
    numbers(2_600).map((i) =>
      request({ at: T - DAY + i * SECOND, client: i, recordId: i + 1, need: 5, product: UNKNOWN }),
    ),
    KMS01,
  );
  const { engine } = await opened();
  while (await engine.continueWork());
  const inPool = (pool: string) => {
    const db = new DatabaseSync(file(), { readOnly: true });
    const { count } = db.prepare("select count(*) as count from kms_clients where pool = ?").get(pool) as {
      count: number;
    };
    db.close();
    return count;
  };
  expect(inPool("unknown")).toBe(2_600);
  const teach = (name: string) =>
    engine.ingest([submissionOf([fromAgent(name, [licensing([product({ ID: UNKNOWN, Name: "Windows" })])], T)], T)]);
  let before = inPool("unknown");
  for (let turn = 0; turn < 10 && before > 0; turn += 1) {
    await teach(`srv${turn}.contoso.com`);
    const now = inPool("unknown");
    expect(before - now).toBeLessThanOrEqual(1_000);
    before = now;
    while (await engine.continueWork()) {
      expect(before - inPool("unknown")).toBeLessThanOrEqual(1_000);
      before = inPool("unknown");
    }
    before = inPool("unknown");
  }
  expect([inPool("unknown"), inPool("windows")]).toEqual([0, 2_600]);
}, 60_000);

/** The revision tells that an older database was put in the place of the present one. */
test("a database that is older than it was a moment ago takes nothing and shows nothing", async () => {
  await seeded([licensing()]);
  for (const question of ["ingest", "metrics"] as const) {
    const { engine } = await opened();
    while (await engine.continueWork());
    const report = () => engine.ingest([submissionOf([fromAgent("pc1.contoso.com", [licensing()], T)], T)]);
    await report();
    sql("update revision set value = value - 1");
    if (question === "ingest") await expect(report()).rejects.toThrow("older than it was");
    else expect(await engine.metrics("text")).toContain("activation_collector_ready 0\n");
    expect(engine.trouble()).toContain("older than it was");
    await engine.close();
    sql("update revision set value = value + 1");
  }
  engine = undefined;
});

test("files that were cut, or taken away during a transaction, are noticed", async () => {
  await seeded([licensing()]);
  const { truncateSync, statSync, rmSync, writeFileSync } = await import("node:fs");
  const { fileWatch } = await import("../../../collector/store/sqlite/file-watch.ts");
  const plain = `${folder()}/plain`;
  writeFileSync(plain, Buffer.alloc(8_192));
  const watch = fileWatch(plain);
  watch.check();
  truncateSync(plain, 4_096);
  expect(() => watch.check()).toThrow("was cut from 8192 to 4096 bytes");
  const store = await openSqlite(file());
  await expect(
    store.transact(async (tx) => {
      await tx.putState([{ key: "x", state: String(MINUTE) }]);
      expect(statSync(file()).size).toBeGreaterThan(0);
      rmSync(file());
    }),
  ).rejects.toThrow("was moved or removed");
  await store.close();
});
