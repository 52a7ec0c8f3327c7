import { expect, test } from "@jest/globals";
import { cadenceOf, generationOf } from "../../licensing/notifications.ts";
import { DAY, HOUR } from "../../licensing/time.ts";

test.each([
  ["Windows(R) 7, Enterprise edition", "other", "legacy"],
  ["Windows(R), ServerStandard edition", "Windows Server 2008 R2 Standard", "legacy"],
  ["Windows(TM) Vista, Business edition", "other", "legacy"],
  ["Windows(R), Enterprise edition", "Windows 10 Enterprise", "current"],
  ["Windows(R), ServerStandard edition", "Windows Server 2016 Standard", "current"],
] as const)("%s (%s) is %s", (name, product, expected) => {
  expect(generationOf({ name, product })).toBe(expected);
});

test.each([
  [4 * DAY, "daily"],
  [3 * DAY + 1, "daily"],
  [3 * DAY, "four_hourly"],
  [DAY + 1, "four_hourly"],
  [DAY, "hourly"],
  [HOUR, "hourly"],
  [0, "persistent"],
  [undefined, "persistent"],
] as const)("Windows 7 with %s ms of grace left: %s", (left, expected) => {
  expect(cadenceOf("legacy", left === undefined ? undefined : 1_000 + left, 1_000)).toBe(expected);
  expect(cadenceOf("current", left === undefined ? undefined : 1_000 + left, 1_000)).toBe("toast");
});
