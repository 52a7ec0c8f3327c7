import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { mergeRuns, type Run, withObservation } from "../../licensing/timeline.ts";

const observations = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom("a", "b", "c")), {
  maxLength: 12,
  selector: (it) => it.join(),
});
const runsOf = (all: readonly (readonly [number, string])[], most = 12): readonly Run[] =>
  all.reduce<readonly Run[]>((runs, [at, value]) => withObservation(runs, value, at, { ofRun: most, ofAll: most }), []);

test("runs are a function of the set of observations: order and repetition change nothing", () => {
  fc.assert(
    fc.property(
      observations.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => {
        const sorted = all.toSorted(([a, x], [b, y]) => a - b || (x < y ? -1 : 1));
        expect(runsOf(shuffled)).toEqual(runsOf(sorted));
        expect(runsOf([...shuffled, ...all])).toEqual(runsOf(sorted));
        const half = Math.floor(all.length / 2);
        const halves = [runsOf(shuffled.slice(0, half)), runsOf(shuffled.slice(half))];
        expect(mergeRuns(halves, { ofRun: 9, ofAll: 99 })).toEqual(runsOf(sorted));
      },
    ),
  );
});

test.each<[string, [number, string][], Run[]]>([
  [
    "what no change depends on goes first",
    [
      [1, "a"],
      [2, "a"],
      [3, "a"],
      [4, "b"],
      [5, "a"],
    ],
    [
      ["a", 1, 3],
      ["b", 4],
      ["a", 5],
    ],
  ],
  [
    "then the oldest of all",
    [
      [1, "a"],
      [2, "b"],
      [3, "a"],
      [4, "b"],
      [5, "a"],
    ],
    [
      ["b", 2],
      ["a", 3],
      ["b", 4],
      ["a", 5],
    ],
  ],
  [
    "full runs take nothing older than they are",
    [
      [2, "a"],
      [3, "b"],
      [4, "a"],
      [5, "b"],
      [1, "b"],
    ],
    [
      ["a", 2],
      ["b", 3],
      ["a", 4],
      ["b", 5],
    ],
  ],
])("at most four: %s", (_, all, expected) => {
  expect(runsOf(all, 4)).toEqual(expected);
});

test("what is delivered again after it was forgotten changes nothing", () => {
  const limits = { ofRun: 3, ofAll: 4 };
  const full = runsOf(
    [1, 2, 3, 4, 5, 6].map((at) => [at, at % 2 ? "a" : "b"] as const),
    4,
  );
  expect(withObservation(full, "a", 1, limits)).toBe(full);
});
