import { expect, test } from "@jest/globals";
import { type Collected, collect, firstDifference } from "./collect.ts";
import { differencesFromOracle } from "./compare-with-oracle.ts";
import { distinctFacts } from "./fact.ts";
import { generateWorld, ORDERS } from "./generate-facts.ts";
import { shrunk } from "./shrink.ts";

/**
 * docs/counting-rules.md, "Order changes nothing": the same facts in every order give the same
 * metrics and answers, and these are the oracle's.
 *
 * ORACLE_SEED=7 reruns one world, ORACLE_RUNS=200 runs more of them, ORACLE_ORDER=reversed delivers in one order only.
 * ORACLE_SHRINK=1 leaves out facts as long as a figure differs from the oracle's, and shows what is left; ORACLE_FIGURE says
 * which figure, by a part of its text. ORACLE_SHOWN=100 shows so many differences of each order.
 */
const RUNS = Number(process.env.ORACLE_RUNS ?? 10);
const SEED = process.env.ORACLE_SEED;
const ORDER = process.env.ORACLE_ORDER;
const seeds = SEED === undefined ? Array.from({ length: RUNS }, (_, i) => i + 1) : [Number(SEED)];

test.each(seeds)(
  "world %i: every order gives the same figures, and the oracle's",
  async (seed) => {
    const world = generateWorld(seed);
    const wrong: string[] = [];
    const collected = new Map<string, Collected>();
    for (const order of ORDER === undefined ? Object.keys(ORDERS) : [ORDER])
      collected.set(order, await collect(world, order));

    const [[firstOrder, first]] = [...collected] as [[string, Collected]];
    for (const [order, other] of collected) {
      const difference = firstDifference(first, other);
      if (difference) wrong.push(`${order}: differs from ${firstOrder}: ${difference}`);
    }
    const facts = distinctFacts([...world.facts, ...world.lastHeartbeats]);
    for (const [order, it] of collected) wrong.push(...summary(order, differencesFromOracle(it, facts, it.now)));
    if (wrong.length > 0 && process.env.ORACLE_SHRINK) wrong.push(await shrunk(world, ORDER ?? firstWrong(wrong)));
    if (wrong.length > 0)
      throw new Error(
        [
          `World ${seed} (ORACLE_SEED=${seed}): ${world.facts.length} facts; ${world.features.join(", ")}`,
          ...wrong.map((it) => `  ${it}`),
        ].join("\n"),
      );
    expect(wrong).toEqual([]);
  },
  120_000,
);

const firstWrong = (wrong: readonly string[]): string => wrong[0]!.slice(0, wrong[0]!.indexOf(":"));

const SHOWN = Number(process.env.ORACLE_SHOWN ?? 4);
const summary = (order: string, differences: readonly string[]): string[] => {
  const more = differences.length - SHOWN;
  const shown = differences.slice(0, SHOWN).map((it) => `${order}: ${it}`);
  return more > 0 ? [...shown, `${order}: and ${more} more differences from the oracle`] : shown;
};
