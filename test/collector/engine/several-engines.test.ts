import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Engine } from "../../../collector/engine/engine.ts";
import { openPostgres } from "../../../collector/store/postgres/store.ts";
import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import { type Store, StoreConflict, StoreUnavailable } from "../../../collector/store/store.ts";
import type { Fact } from "../../../licensing/facts.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../../licensing/time.ts";
import { engineOn, submissionOf } from "../../support/engine.ts";
import {
  answered,
  fromAgent,
  heartbeat,
  hostReading,
  licensing,
  OFFICE16,
  product,
  request,
  sent,
  seriesOf,
  WIN10,
} from "../../support/facts.ts";
import { ownFolder } from "../../support/keep.ts";
import { type Postgres, startPostgres } from "../../support/postgres.ts";

/** Several engines that use one database in turn give the figures of one: each sees what the others have written. */
const NOW = Date.parse("2026-11-20T12:00:00Z");
const folder = ownFolder("several-engines");
const SERVER16 = "8c1c5410-9f39-4805-8c9d-63a07706358f";
const TAUGHT = "99999999-5555-4444-8888-999999999999";

interface Report {
  readonly kind: "requests" | "licensing" | "attempt" | "heartbeat" | "host reading" | "host heartbeat" | "teaching";
  readonly host: string;
  readonly client: number;
  readonly count: number;
  readonly at: number;
  readonly zone: string;
  readonly status: number;
  readonly product: string;
}
const report = fc.record<Report>({
  kind: fc.constantFrom(
    "requests",
    "requests",
    "requests",
    "licensing",
    "attempt",
    "heartbeat",
    "host reading",
    "host heartbeat",
    "teaching",
  ),
  host: fc.constantFrom("kms01.contoso.com", "kms01.contoso.com", "kms02.contoso.com"),
  client: fc.integer({ min: 0, max: 9 }),
  count: fc.constantFrom(1, 1, 4, 30),
  at: fc.oneof(
    fc.integer({ min: 1, max: 45 * 24 * 60 }).map((it) => NOW - it * MINUTE),
    fc.integer({ min: 40, max: 3_600 }).map((it) => NOW - it * SECOND),
  ),
  zone: fc.constantFrom("core", "lab", "branch-1", "branch-2"),
  status: fc.constantFrom(1, 2, 5),
  product: fc.constantFrom(WIN10, WIN10, SERVER16, OFFICE16, TAUGHT),
});
const needOf = (id: string) => (id === WIN10 ? 25 : 5);

const factsOf = ({ kind, host, client, count, at, status, product: id }: Report): Fact[] => {
  if (kind === "requests")
    return Array.from({ length: count }, (_, i) =>
      request({ at: at + i, client: client + i, host, product: id, need: needOf(id), status, recordId: at + i }),
    );
  if (kind === "attempt") {
    const one = { client, recordId: at };
    return [
      sent({ ...one, at, target: `${host}:1688` }),
      answered({ ...one, at: at + SECOND, asked: at, recordId: at + 1, count: client + 20 }),
    ];
  }
  if (kind === "heartbeat") return [heartbeat(at, { spooledRecords: client })];
  if (kind === "host reading") return [hostReading(client * 5)];
  if (kind === "host heartbeat") return [heartbeat(at)];
  if (kind === "teaching") return [licensing([product({ ID: TAUGHT, LicenseStatus: status })])];
  return [licensing([product({ LicenseStatus: status, GracePeriodRemaining: client * 10_000 })])];
};
const hostOf = (it: Report) =>
  it.kind === "requests" || it.kind.startsWith("host") ? it.host : `pc${it.client}.contoso.com`;
const submissionsOf = (reports: readonly Report[]) =>
  reports.map((it) => submissionOf([fromAgent(hostOf(it), factsOf(it), it.at, { zone: it.zone })], NOW));

/** Every fleet figure; those of a collector's own process are its own. */
const figuresOf = async (engine: Engine) => {
  while (await engine.continueWork());
  const series = [...seriesOf(await engine.metrics("text"))].filter(
    ([key]) => !key.startsWith("activation_collector_"),
  );
  return { series: series.sort(([a], [b]) => (a < b ? -1 : 1)), hosts: await engine.answer({ ask: "kms-hosts" }) };
};
/** What the collectors' own records add up to. */
const recordsOf = async (engines: readonly Engine[]) => {
  const sums: Record<string, number> = {};
  for (const it of engines)
    for (const [key, value] of seriesOf(await it.metrics("text")))
      if (key.startsWith("activation_collector_records_total")) sums[key] = (sums[key] ?? 0) + value;
  return sums;
};

/** A store in which another writer comes between in every third transaction, after all of its work. */
const withConflicts = (store: Store): Store => {
  let transactions = 0;
  return {
    ...store,
    transact: (work) =>
      store.transact(async (tx) => {
        const result = await work(tx);
        transactions += 1;
        if (transactions % 3 === 0) throw new StoreConflict("another writer came between");
        return result;
      }),
  };
};

const batches = fc.array(
  fc.record({ turn: fc.nat({ max: 5 }), reports: fc.array(report, { minLength: 1, maxLength: 5 }) }),
  {
    minLength: 1,
    maxLength: 10,
  },
);
let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.remove());

/** A new database each time. @returns how to open it. */
type NewDatabase = () => Promise<() => Promise<Store>>;
let files = 0;
const newFile: NewDatabase = async () => {
  files += 1;
  const file = join(folder(), `${files}.db`);
  return async () => openSqlite(file);
};
const newPostgres: NewDatabase = async () => {
  const url = await server.database();
  return () => openPostgres({ url });
};
const unchanged = (store: Store): Store => store;

test.each<[name: string, count: number, through: (store: Store) => Store, newDatabase: NewDatabase]>([
  ["2 engines on SQLite", 2, unchanged, newFile],
  ["3 engines on SQLite", 3, unchanged, newFile],
  ["1 engine on SQLite with conflicts", 1, withConflicts, newFile],
  ["3 engines on SQLite with conflicts", 3, withConflicts, newFile],
  ["1 engine on PostgreSQL", 1, unchanged, newPostgres],
  ["2 engines on PostgreSQL", 2, unchanged, newPostgres],
  ["3 engines on PostgreSQL with conflicts", 3, withConflicts, newPostgres],
])("%s in turn give the figures of one", async (_, count, through, newDatabase) => {
  await fc.assert(
    fc.asyncProperty(batches, async (all) => {
      const open = await newDatabase();
      const alone = await engineOn(openSqlite(":memory:"), () => NOW);
      const engines: Engine[] = [];
      for (let i = 0; i < count; i += 1) engines.push(await engineOn(through(await open()), () => NOW));
      try {
        for (const { turn, reports } of all) {
          await alone.ingest(submissionsOf(reports));
          await engines[turn % count]!.ingest(submissionsOf(reports));
        }
        const expected = await figuresOf(alone);
        for (const it of engines) expect(await figuresOf(it)).toEqual(expected);
        expect(await recordsOf(engines)).toEqual(await recordsOf([alone]));
        // One that starts now reads the same.
        engines.push(await engineOn(await open(), () => NOW));
        expect(await figuresOf(engines.at(-1)!)).toEqual(expected);
      } finally {
        for (const it of [alone, ...engines]) await it.close();
      }
    }),
    { numRuns: Number(process.env.ENGINES_RUNS ?? 5) },
  );
});

test("3 engines on PostgreSQL that write at the same time give the figures of one", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.array(fc.record({ client: fc.nat({ max: 60 }), minutes: fc.nat({ max: 9_000 }) }), { maxLength: 8 }),
        {
          minLength: 3,
          maxLength: 30,
        },
      ),
      async (all) => {
        const open = await newPostgres();
        const alone = await engineOn(openSqlite(":memory:"), () => NOW);
        const engines = await Promise.all([1, 2, 3].map(async () => engineOn(await open(), () => NOW)));
        const requests = all.map((batch) => [
          submissionOf(
            [
              fromAgent(
                "kms01.contoso.com",
                batch.map(({ client, minutes }) =>
                  request({ at: NOW - minutes * MINUTE, client, product: WIN10, need: 25, recordId: minutes }),
                ),
                NOW,
              ),
            ],
            NOW,
          ),
        ]);
        try {
          for (const it of requests) await alone.ingest(it);
          await Promise.all(
            requests.map(async (it, i) => {
              await engines[i % 3]!.ingest(it);
              // A scrape in between reads one state of the database.
              if (i % 4 === 0) await engines[(i + 1) % 3]!.metrics("text");
            }),
          );
          const expected = await figuresOf(alone);
          for (const it of engines) expect(await figuresOf(it)).toEqual(expected);
        } finally {
          for (const it of [alone, ...engines]) await it.close();
        }
      },
    ),
    { numRuns: Number(process.env.ENGINES_RUNS ?? 5) },
  );
});

const STORES: [name: string, newDatabase: NewDatabase][] = [
  ["SQLite", newFile],
  ["PostgreSQL", newPostgres],
];
test.each(STORES)("%s: a sweep of one engine removes what the others count, too", async (_, newDatabase) => {
  let now = NOW;
  const open = await newDatabase();
  const engines = [await engineOn(await open(), () => now), await engineOn(await open(), () => now)];
  const [first, second] = engines as [Engine, Engine];
  await first.ingest([submissionOf([fromAgent("pc1.contoso.com", [licensing()], NOW)], NOW)]);
  await second.ingest([submissionOf([fromAgent("pc2.contoso.com", [licensing()], NOW)], NOW)]);
  now = NOW + 401 * DAY;
  await first.ingest([submissionOf([fromAgent("pc3.contoso.com", [licensing()], now)], now)]);
  await first.sweep();
  const expected = await figuresOf(first);
  expect(await figuresOf(second)).toEqual(expected);
  expect(
    new Map(expected.series).get(
      'activation_licenses{zone="core",product="Windows 10 Enterprise",channel="kms_client",status="licensed"}',
    ),
  ).toBe(1);
  for (const it of engines) await it.close();
});

describe("engines with different settings", () => {
  test.each([
    ["zones", "zones: [{ name: hq, computers: ['pc1*'] }]"],
    ["products", `kms: { products: [{ activation_id: ${TAUGHT}, name: Ours, application: windows }] }`],
  ])("%s: the one that opened first says so, and refuses to write", async (_, yaml) => {
    const file = join(folder(), "settings.db");
    const submission = (at: number) => submissionOf([fromAgent("pc1.contoso.com", [licensing()], at)], NOW);
    const first = await engineOn(openSqlite(file), () => NOW);
    await first.ingest([submission(NOW - HOUR)]);
    const second = await engineOn(openSqlite(file), () => NOW, yaml);
    const before = await figuresOf(second);
    const refused = first.ingest([submission(NOW)]);
    await expect(refused).rejects.toThrow(StoreUnavailable);
    await expect(refused).rejects.toThrow(/other zones or products.*same settings/);
    expect(await figuresOf(second)).toEqual(before);
    await second.ingest([submission(NOW)]);
    await first.close();
    // With the same settings again it goes on.
    const third = await engineOn(openSqlite(file), () => NOW, yaml);
    await third.ingest([submission(NOW)]);
    expect(await figuresOf(third)).toEqual(await figuresOf(second));
    await second.close();
    await third.close();
  });
});
