import { expect, test } from "@jest/globals";
import { retirementFrom } from "../../licensing/retirement.ts";
import { DAY } from "../../licensing/time.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const { isRetired, silences } = retirementFrom({
  after: 90 * DAY,
  names: ["old-pc.contoso.com", "scrap-*"],
  virtualDesktops: { names: ["vdi-????.contoso.com"], after: 7 * DAY },
});

test.each([
  ["silent for 90 days", "pc1.contoso.com", 90 * DAY, false],
  ["silent for longer", "pc1.contoso.com", 90 * DAY + 1, true],
  ["named, and still heard", "old-pc.contoso.com", 0, true],
  ["named by a pattern", "scrap-7.contoso.com", 0, true],
  ["a virtual desktop that is used", "vdi-0001.contoso.com", 7 * DAY, false],
  ["a virtual desktop that was thrown away", "vdi-0001.contoso.com", 7 * DAY + 1, true],
  ["no virtual desktop", "vdi-00001.contoso.com", 8 * DAY, false],
])("%s", (_, key, silence, expected) => {
  expect(isRetired({ key, seenAt: NOW - silence }, NOW)).toBe(expected);
});

test("the silences after which somebody may be retired", () => {
  expect(silences).toEqual([90 * DAY, 7 * DAY]);
  expect(retirementFrom({ after: DAY, names: [], virtualDesktops: { names: [], after: 7 * DAY } }).silences).toEqual([
    DAY,
  ]);
});
