import { expect, test } from "@jest/globals";
import { afterReading, type KeyUse } from "../../../licensing/kms/key-use.ts";

/** `+` licensed, `-` not, then the machine ID where it is read. */
const count = (readings: string): number | undefined =>
  readings
    .split(" ")
    .reduce<KeyUse | undefined>(
      (use, it, at) => afterReading(use, { licensed: it[0] === "+", machineId: it.slice(1) || undefined, at }),
      undefined,
    )?.reactivations;

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
