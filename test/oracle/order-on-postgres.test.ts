import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { collect, firstDifference } from "./collect.ts";
import { differencesFromOracle } from "./compare-with-oracle.ts";
import { distinctFacts } from "./fact.ts";
import { generateWorld } from "./generate-facts.ts";

/**
 * The same facts, in different orders, in one engine on SQLite and in one, two and three on PostgreSQL that take turns: the
 * same figures and answers, and the oracle's. ORACLE_SEED and ORACLE_RUNS as in order.test.ts.
 */
const RUNS = Number(process.env.ORACLE_RUNS ?? 2);
const SEED = process.env.ORACLE_SEED;
const seeds = SEED === undefined ? Array.from({ length: RUNS }, (_, i) => i + 1) : [Number(SEED)];
const ORDER_OF = { 1: "with repetitions", 2: "reversed", 3: "shuffled, with restarts" } as const;

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.remove());

test.each(seeds)(
  "world %i: engines on PostgreSQL give the figures of SQLite and of the oracle",
  async (seed) => {
    const world = generateWorld(seed);
    const facts = distinctFacts([...world.facts, ...world.lastHeartbeats]);
    const expected = await collect(world, "chronological");
    for (const engines of [1, 2, 3] as const) {
      const it = await collect(world, ORDER_OF[engines], { database: await server.database(), engines });
      expect([engines, firstDifference(expected, it)]).toEqual([engines, undefined]);
      expect(differencesFromOracle(it, facts, it.now)).toEqual([]);
    }
  },
  120_000,
);
