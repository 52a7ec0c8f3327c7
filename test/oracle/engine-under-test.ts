import { readCollectorConfig } from "../../collector/config.ts";
import { openEngine } from "../../collector/engine/engine.ts";
import { openPostgres } from "../../collector/store/postgres/store.ts";
import { openSqlite } from "../../collector/store/sqlite/store.ts";
import { decodeLogsJson } from "../../otlp/json.ts";
import type { Fact, Instant } from "./fact.ts";
import { requestOf } from "./otlp-json.ts";

/**
 * The real collector engine as these tests see it: facts go in, metrics and answers come out. This is the only file here that
 * imports the product, so that it alone follows when the product's files move.
 */
export interface EngineUnderTest {
  /** Delivers the facts in this order: one request for each run of live or imported facts, all in one transaction. */
  deliver(facts: readonly Fact[]): Promise<void>;
  /** Closes the engine and opens it again on the same database. */
  restart(): Promise<void>;
  metrics(): Promise<string>;
  kmsHosts(): Promise<readonly Answer[]>;
  kmsHost(name: string): Promise<Answer>;
  computers(): Promise<readonly Answer[]>;
  close(): Promise<void>;
}

/** JSON of the API. */
// biome-ignore lint/suspicious/noExplicitAny: the tests look at parts of answers whose whole shape is not theirs to know.
export type Answer = any;

/** A database, and how many engines share it; each has its turn. */
export interface Place {
  /** A file of SQLite, or an address of PostgreSQL. */
  readonly database: string;
  readonly engines: number;
}

/** Engines on one database whose clock is asked with every fact. */
export const openEngineUnderTest = async (
  { database, engines: count }: Place,
  clock: () => Instant,
): Promise<EngineUnderTest> => {
  const store = () =>
    database.startsWith("postgres:") ? openPostgres({ url: database }) : Promise.resolve(openSqlite(database));
  const open = async () => {
    const config = readCollectorConfig("test.yaml", "", {});
    return Promise.all(
      Array.from({ length: count }, async () => openEngine(await store(), config, { clock, version: "1" })),
    );
  };
  const close = async () => {
    for (const it of engines) await it.close();
  };
  let engines = await open();
  let turn = 0;
  const next = () => engines[turn++ % count]!;
  return {
    deliver: async (facts) => {
      const submissions = runsOf(facts).map((run) => ({
        read: () => decodeLogsJson(requestOf(run)),
        receivedAt: clock(),
        imported: run[0]!.imported,
      }));
      for (const taken of await next().ingest(submissions))
        if (taken.outcome !== "stored" || taken.receipt.rejected > 0)
          throw new Error(`The engine refused facts: ${JSON.stringify(taken)}`);
    },
    restart: async () => {
      await close();
      engines = await open();
    },
    metrics: () => next().metrics("text"),
    kmsHosts: async () => (asJson(await next().answer({ ask: "kms-hosts" })) as { items: Answer[] }).items,
    kmsHost: async (host) => asJson(await next().answer({ ask: "kms-host", host })),
    computers: async () =>
      (asJson(await next().answer({ ask: "computers", limit: 1_000 })) as { items: Answer[] }).items,
    close,
  };
};

/** As a client of the API sees it: members without a value are absent. */
const asJson = (answer: unknown): unknown => (answer === undefined ? undefined : JSON.parse(JSON.stringify(answer)));

const runsOf = (facts: readonly Fact[]): Fact[][] => {
  const runs: Fact[][] = [];
  for (const it of facts) {
    const last = runs.at(-1);
    if (last && last[0]!.imported === it.imported) last.push(it);
    else runs.push([it]);
  }
  return runs;
};
