import { collect } from "./collect.ts";
import { differencesFromOracle } from "./compare-with-oracle.ts";
import { distinctFacts, type Fact } from "./fact.ts";
import type { World } from "./generate-facts.ts";

/** Does a world of these facts alone differ from the oracle? In which figure, or undefined. */
const differenceIn = async (world: World, order: string): Promise<string | undefined> => {
  const { now, ...collected } = await collect(world, order);
  const facts = distinctFacts([...world.facts, ...world.lastHeartbeats]);
  const wanted = process.env.ORACLE_FIGURE ?? "";
  return differencesFromOracle({ now, ...collected }, facts, now).find((it) => it.includes(wanted));
};

/** A figure's name without its numbers: while shrinking, the same one has to stay wrong. */
const figureOf = (difference: string): string => difference.split(": the engine says")[0]!;

/**
 * Leaves out more and more facts of a world while the same figure stays wrong: halves first, then single facts. What is left
 * is small enough to be read. Fewer facts can make a world that could not be (an answer without its request); the oracle
 * says what it means all the same.
 */
export const shrunk = async (world: World, order: string): Promise<string> => {
  const first = await differenceIn(world, order);
  if (first === undefined) return `nothing to shrink: ${order} agrees with the oracle`;
  const figure = figureOf(first);
  let { facts } = world;
  let difference = first;
  for (let size = Math.ceil(facts.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let at = 0; at < facts.length; ) {
      const fewer = [...facts.slice(0, at), ...facts.slice(at + size)];
      const left = await differenceIn({ ...world, facts: fewer }, order);
      if (left !== undefined && figureOf(left) === figure) {
        facts = fewer;
        difference = left;
      } else at += size;
    }
  return [`${order}: with only these facts, ${difference}`, ...facts.map((it) => `  ${factText(it)}`)].join("\n  ");
};

const factText = ({ kind, at, sender, uid: _, ...fact }: Fact): string =>
  `${new Date(at).toISOString()} ${kind} of ${sender.host}: ${JSON.stringify(fact)}`;
