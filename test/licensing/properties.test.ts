import { expect, test } from "@jest/globals";
import { booleanOf, instantOf, numberOf, textOf } from "../../licensing/properties.ts";

/** WMI, CIM cmdlets, ConvertTo-Json and shippers write the same property in different ways. */
test.each([
  [1, 1],
  [1.0, 1],
  ["1", 1],
  [" 43200 ", 43_200],
  ["43200.0", 43_200],
  ["0x1F", 31],
  [true, 1],
  ["True", 1],
  ["false", 0],
  [4294967295, undefined],
  ["4294967295", undefined],
  ["0xFFFFFFFF", undefined],
  [-1, undefined],
  ["-1", undefined],
  [1.5, undefined],
  [Number.NaN, undefined],
  ["N/A", undefined],
  ["", undefined],
  [null, undefined],
  [undefined, undefined],
] as const)("%j as a number is %j", (value, expected) => {
  expect(numberOf(value)).toBe(expected);
});

test.each([
  [true, true],
  ["True", true],
  ["TRUE", true],
  ["1", true],
  [1, true],
  [-1, true],
  ["-1", true],
  [false, false],
  ["False", false],
  ["0", false],
  [0, false],
  ["yes", undefined],
  ["", undefined],
  [null, undefined],
  [undefined, undefined],
] as const)("%j as yes or no is %j", (value, expected) => {
  expect(booleanOf(value)).toBe(expected);
});

test.each([
  [" a ", "a"],
  ["  ", undefined],
  [12345, "12345"],
  [-1073418124, "-1073418124"],
  [true, undefined],
  [null, undefined],
  [undefined, undefined],
] as const)("%j as text is %j", (value, expected) => {
  expect(textOf(value)).toBe(expected);
});

test.each([
  ["20261120123000.000000+060", "2026-11-20T11:30:00.000Z"],
  ["20261120123000.123456-300", "2026-11-20T17:30:00.123Z"],
  ["/Date(1795177800000)/", "2026-11-20T12:30:00.000Z"],
  ["/Date(1795177800000+0100)/", "2026-11-20T12:30:00.000Z"],
  ["2026-11-20T12:30:00Z", "2026-11-20T12:30:00.000Z"],
  ["16010101000000.000000-000", undefined],
  ["/Date(-11644473600000)/", undefined],
  ["0001-01-01T00:00:00Z", undefined],
  ["soon", undefined],
  ["", undefined],
  [null, undefined],
  [7, undefined],
] as const)("%j as a time is %j", (value, expected) => {
  const at = instantOf(value);
  expect(at === undefined ? undefined : new Date(at).toISOString()).toBe(expected);
});
