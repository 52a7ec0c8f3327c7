import { expect, test } from "@jest/globals";
import { type KeyUse, keyUseUntil, withKeyReading } from "../../../licensing/kms/key-use.ts";

/** `+` licensed, `-` not, then the machine ID where it is read. */
const inOrder = (readings: string): [reading: string, at: number][] => readings.split(" ").map((it, at) => [it, at]);
const useAfter = (readings: readonly [reading: string, at: number][]): KeyUse | undefined =>
  readings.reduce<KeyUse | undefined>(
    (use, [it, at]) => withKeyReading(use, { licensed: it[0] === "+", machineId: it.slice(1) || undefined, at }),
    undefined,
  );
const count = (readings: string): number | undefined => useAfter(inOrder(readings))?.reactivations;

test.each([
  ["the first activation is none", "- - +", 0],
  ["licensed all the time", "+a +a +a", 0],
  ["left licensed and came back", "+ - - +", 1],
  ["it is out, and has not come back", "+ - -", 0],
  ["installed anew: another machine", "+a +b", 1],
  ["installed anew, seen on its way: one, not two", "+a -b -b +b", 1],
  ["each time", "+a - +a +b - +c", 3],
  ["a reading without machine ID says nothing of the machine", "+a + +a", 0],
  ["a change while it has never been licensed", "-a -b +b", 0],
  ["rearmed while out, licensed again once", "+a -a -b +b +b", 1],
])("%s: %s", (_, readings, reactivations) => {
  expect(count(readings)).toBe(reactivations);
});

test.each([
  ["newest first", (all: [string, number][]) => all.toReversed()],
  [
    "every other one late",
    (all: [string, number][]) => [...all.filter((_, i) => i % 2), ...all.filter((_, i) => i % 2 === 0)],
  ],
  ["twice", (all: [string, number][]) => [...all, ...all.toReversed()]],
])("%s: the same reactivations", (_, order) => {
  for (const readings of ["+a - +a +b - +c", "- - +", "+ - - +", "+a +a -a -b +b +b", "-a +b +b -b -b -b +a"]) {
    const all = inOrder(readings);
    expect(useAfter(order(all))).toEqual(useAfter(all));
  }
});

test("of a key whose state changes again and again the oldest changes stay counted", () => {
  const use = useAfter(Array.from({ length: 100 }, (_, at) => [at % 2 === 0 ? "+a" : "-a", at]));
  expect(use?.reactivations).toBe(49);
  expect(JSON.stringify(use).length).toBeLessThan(1_000);
  // Delivered again, they add nothing again.
  expect(withKeyReading(use, { licensed: false, machineId: "a", at: 1 })).toEqual(use);
});

test("what an earlier version stored goes on from there", () => {
  const stored = { activated: true, lapsed: true, machineId: "a", reactivations: 3, at: 10 } as KeyUse;
  expect(withKeyReading(stored, { licensed: true, machineId: "a", at: 11 }).reactivations).toBe(4);
  expect(withKeyReading(stored, { licensed: true, machineId: "a", at: 9 }).reactivations).toBe(3);
});

test("readings of a clock that was wrong are forgotten", () => {
  const use = useAfter([
    ["+a", 1],
    ["-a", 50],
    ["+a", 60],
  ])!;
  expect(keyUseUntil(use, 40)).toEqual(useAfter([["+a", 1]]));
  expect(keyUseUntil(use, 0)).toBeUndefined();
});
