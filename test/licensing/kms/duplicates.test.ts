import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { duplicateUntil, mergeNames, type NameRun, namesInUse, withName } from "../../../licensing/kms/duplicates.ts";
import { CLIENT_LIFETIME } from "../../../licensing/kms/ledger.ts";
import { DAY, HOUR } from "../../../licensing/time.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
/** One request a day, under these names. */
const history = (...names: string[]): readonly NameRun[] =>
  names.reduce<readonly NameRun[]>((runs, name, i) => withName(runs, name, NOW + i * DAY), []);

describe("Duplicate machine IDs", () => {
  test.each<[string, readonly NameRun[], number | undefined]>([
    ["one name", history("a", "a", "a"), undefined],
    ["a rename", history("a", "a", "b", "b"), undefined],
    ["A, B, A", history("a", "b", "a"), NOW + CLIENT_LIFETIME],
    ["three names", history("a", "b", "c"), NOW + CLIENT_LIFETIME],
    ["in turn all the time", history("a", "b", "a", "b", "a"), NOW + 2 * DAY + CLIENT_LIFETIME],
    ["a short name and its full name in turn", history("pc1", "pc1.a.com", "PC1", "pc1.a.com"), undefined],
    ["a full name after the short one", history("pc1", "pc1.a.com"), undefined],
    ["a move to another domain", history("pc1.a.com", "pc1", "pc1.b.com"), undefined],
    ["two domains in turn", history("pc1.a.com", "pc1.b.com", "pc1.a.com"), NOW + CLIENT_LIFETIME],
    ["a short name that comes back", history("pc1.a.com", "pc2.a.com", "pc1"), NOW + CLIENT_LIFETIME],
    ["deployment, name, full name", history("MININT-4GH2K", "pc2", "pc2.a.com"), undefined],
    ["two deployment names", history("WIN-8A7B6C5D4E3", "DESKTOP-1A2B3C4", "pc2.a.com"), undefined],
    ["deployment, then a rename", history("DESKTOP-1A2B3C4", "pc2", "pc3"), undefined],
    ["deployment in a workgroup and in a domain", history("WIN-ABC", "WIN-ABC.a.com", "pc2.a.com", "pc3"), undefined],
    ["a deployment name that comes back", history("MININT-A1B", "pc2", "MININT-A1B"), NOW + CLIENT_LIFETIME],
    [
      "an image with a random name each time",
      history("DESKTOP-111", "DESKTOP-222", "DESKTOP-333"),
      NOW + CLIENT_LIFETIME,
    ],
    ["deployment between two clones", history("pc1", "MININT-A1B", "pc1"), NOW + CLIENT_LIFETIME],
  ])("%s", (_, runs, expected) => {
    expect(duplicateUntil(runs)).toBe(expected);
  });

  test.each<[string, readonly NameRun[], string[]]>([
    ["each once, by its full name", history("pc1", "pc2.a.com", "pc1.a.com", "pc2"), ["pc1.a.com", "pc2.a.com"]],
    ["not those of long ago", withName(history("a", "b"), "c", NOW + DAY + CLIENT_LIFETIME), ["c"]],
    ["none", [], []],
  ])("names in use: %s", (_, runs, expected) => {
    expect(namesInUse(runs)).toEqual(expected);
  });

  test("a late request is put where it belongs", () => {
    const runs = withName(history("a", "a", "a"), "b", NOW + DAY + HOUR);
    expect(runs.map(([name]) => name)).toEqual(["a", "b", "a"]);
    expect(duplicateUntil(runs)).toBe(NOW + DAY + CLIENT_LIFETIME);
    expect(withName(history("a", "b"), "a", NOW + HOUR).map(([name]) => name)).toEqual(["a", "b"]);
  });

  test("order, repetition and the split over several KMS hosts change nothing", () => {
    const names = fc.constantFrom("pc1", "pc1.a.com", "pc2.a.com", "MININT-A1B", "DESKTOP-222");
    const requests = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 60 }), names), {
      maxLength: 8,
      selector: ([day]) => day,
    });
    const runsOf = (all: readonly (readonly [number, string])[]) =>
      all.reduce<readonly NameRun[]>((runs, [day, name]) => withName(runs, name, NOW + day * DAY), []);
    fc.assert(
      fc.property(
        requests.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          const expected = duplicateUntil(runsOf(all.toSorted(([a], [b]) => a - b)));
          expect(duplicateUntil(runsOf([...shuffled, ...all]))).toBe(expected);
          const split = [0, 1, 2].map((host) => runsOf(shuffled.filter((_, i) => i % 3 === host)));
          expect(duplicateUntil(mergeNames(split))).toBe(expected);
        },
      ),
    );
  });
});
