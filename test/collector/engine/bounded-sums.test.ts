import { DatabaseSync } from "node:sqlite";
import { expect, test } from "@jest/globals";
import { SUMS_MAX } from "../../../collector/state/folded-sums.ts";
import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import { sumParts } from "../../../collector/store/sums.ts";
import type { Fact } from "../../../licensing/facts.ts";
import { DAY } from "../../../licensing/time.ts";
import { engineOn, ownEngine, submissionOf } from "../../support/engine.ts";
import { fromAgent, heartbeat, licensing, product, sent } from "../../support/facts.ts";

/** Names that a sender invents, and times that it makes up, make a bounded number of sums; totals stay exact. */
const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("bounded-sums", T);

const INVENTED = 4_000;
const take = async (factsOf: (i: number) => readonly Fact[], count = INVENTED) => {
  for (let first = 0; first < count; first += 500)
    await own.engine.ingest(
      Array.from({ length: 500 }, (_, i) =>
        submissionOf([fromAgent(`pc${first + i}.contoso.com`, factsOf(first + i), T)], T),
      ),
    );
};
const sums = async () => {
  const { sums: rows } = await openSqlite(own.file).snapshot(async (view) => {
    const changed = await view.changedSince(0);
    return { sums: [...changed.sums].filter(([, sum]) => sum !== 0) };
  });
  return rows.map(([key, sum]) => [sumParts(key), sum] as const);
};
const key = (i: number) => String(i).padStart(5, "0");

test.each<[keyof typeof SUMS_MAX, (i: number) => Fact[], (labels: readonly string[]) => string]>([
  ["failing", (i) => [heartbeat(T, { failingSources: { [`invented ${i}`]: 1 } })], (labels) => labels[2]!],
  [
    "mak",
    (i) => [licensing([product({ Description: "X, VOLUME_MAK channel", PartialProductKey: key(i) })])],
    (it) => it[1]!,
  ],
])("invented names of the group %s", async (group, factsOf, labelOf) => {
  await take(factsOf);
  const found = (await sums()).filter(([[name]]) => name === group);
  expect(found.length).toBeLessThanOrEqual(SUMS_MAX[group] + 1);
  expect(found.length).toBeGreaterThanOrEqual(SUMS_MAX[group]);
  expect(found.reduce((all, [, sum]) => all + sum, 0)).toBe(INVENTED);
  const other = found.filter(([labels]) => labelOf(labels) === "other");
  expect(other.map(([, sum]) => sum)).toEqual([INVENTED - SUMS_MAX[group]]);
  // What was counted as one of the rest leaves again as one of them.
  await take(() => [heartbeat(T + 1), licensing()]);
  own.now = T + 1;
  await take(() => [heartbeat(T + 2), licensing()]);
});

test("what leaves a full group makes room, and a recount finds the same sums", async () => {
  await take((i) => [heartbeat(T, { failingSources: { [`invented ${i}`]: 1 } })]);
  own.now = T + DAY;
  await own.engine.ingest(
    Array.from({ length: INVENTED }, (_, i) =>
      submissionOf([fromAgent(`pc${i}.contoso.com`, [heartbeat(T + DAY)], T + DAY)], T + DAY),
    ),
  );
  await own.take("new.contoso.com", [heartbeat(T + DAY, { failingSources: { wmi: 1 } })]);
  const failing = async () => (await sums()).filter(([[name]]) => name === "failing");
  expect(await failing()).toEqual([[["failing", "core", "wmi"], 1]]);
  const before = (await sums()).toSorted();
  await own.reopen("zones: [{ name: elsewhere }]");
  expect((await sums()).toSorted()).toEqual(before);
});

test("KMS hosts' names that clients invent", async () => {
  for (let first = 0; first < SUMS_MAX.target + 1_000; first += 1_000) {
    const now = T;
    await own.engine.ingest(
      Array.from({ length: 1_000 }, (_, i) => {
        const client = first + i;
        return submissionOf(
          [fromAgent(`pc${client}.contoso.com`, [sent({ at: now, client, target: `kms${client}.evil.com` })], now)],
          now,
        );
      }),
    );
  }
  const found = (await sums()).filter(([[name]]) => name === "target");
  expect(found.length).toBe(SUMS_MAX.target + 1);
  expect(found.reduce((all, [, sum]) => all + sum, 0)).toBe(SUMS_MAX.target + 1_000);
}, 120_000);

test("a database full of sums that an older version was made to keep is opened in pieces and counted anew", async () => {
  await own.take("pc1.contoso.com", [licensing(), heartbeat(T, { failingSources: { wmi: 1 } })]);
  const db = new DatabaseSync(own.file);
  const rows = (count: number, key: string) =>
    `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count}) insert into sums (key, sum) select ${key}, 1 from n`;
  db.exec("begin");
  db.exec(rows(100_000, "'failing' || char(31) || 'core' || char(31) || 'invented ' || i"));
  db.exec(rows(1_000, "'dropped' || char(31) || 'core' || char(31) || 'invented ' || i"));
  db.exec("update collector_state set state = 'older' where key = 'settings'");
  db.exec("commit");
  db.close();
  const engine = await engineOn(openSqlite(own.file), () => T);
  while (await engine.continueWork());
  expect((await sums()).filter(([[name]]) => name === "failing")).toEqual([[["failing", "core", "wmi"], 1]]);
  expect((await sums()).filter(([[name]]) => name === "dropped")).toEqual([[["dropped", "core", "other"], 1_000]]);
  expect(await engine.metrics("text")).toMatch(/^activation_computers\{.*state="reporting".*\} 1$/m);
  await engine.close();
}, 60_000);
