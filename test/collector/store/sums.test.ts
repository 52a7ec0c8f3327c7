import { expect, test } from "@jest/globals";
import {
  addDifference,
  type Contribution,
  cleanLabel,
  type Deltas,
  Sums,
  sumKey,
} from "../../../collector/store/sums.ts";

const ones = (keys: string[]) => keys.map((it): Contribution => [it, 1]);

test("a change of state moves a computer from one sum to another, and empty sums vanish", () => {
  const sums = new Sums();
  const licensed = sumKey("licenses", "core", "licensed");
  const grace = sumKey("licenses", "core", "oot_grace");
  const step = (before: string[], now: string[]) => {
    const deltas: Deltas = new Map();
    addDifference(deltas, ones(before), ones(now));
    sums.apply(deltas);
  };
  step([], [licensed, licensed]);
  step([licensed], [grace]);
  expect([...sums.of("licenses")]).toEqual([
    { labels: ["core", "licensed"], sum: 1 },
    { labels: ["core", "oot_grace"], sum: 1 },
  ]);
  step([licensed], [grace]);
  expect(sums.entries()).toEqual([[grace, 2]]);
  expect(sums.get(licensed)).toBe(0);
});

test("what does not change makes no delta", () => {
  const deltas: Deltas = new Map();
  addDifference(deltas, ones(["a", "b"]), ones(["b", "a"]));
  expect(deltas.size).toBe(0);
});

test("a label from outside cannot break a tuple apart", () => {
  expect(sumKey("licenses", cleanLabel("core\u001foffice\n"), "x")).toBe("licenses\u001fcore office \u001fx");
});
