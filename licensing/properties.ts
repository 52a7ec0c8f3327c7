import type { Properties } from "./facts.ts";
import { type Instant, parseWindowsTime } from "./time.ts";

type Value = Properties[string] | undefined;

/** "No value" of WMI's unsigned properties: −1 as 32 bits. None of them can be larger. */
const ABSENT = 0xffff_ffff;

/**
 * A property of WMI as a whole number from 0 on. Readers differ: WMI itself gives numbers, CIM cmdlets and shippers give
 * texts (`"1"`, `"0x1"`) or booleans (`true`, `"True"`).
 *
 * @returns undefined where it says nothing: absent, negative, or the sentinel 4294967295.
 */
export const numberOf = (value: Value): number | undefined => {
  const number = typeof value === "string" ? numberIn(value.trim()) : Number(value ?? Number.NaN);
  return Number.isInteger(number) && number >= 0 && number < ABSENT ? number : undefined;
};

const numberIn = (text: string): number => {
  if (/^(-?\d{1,15}(\.0+)?|0x[0-9a-f]{1,8})$/i.test(text)) return Number(text);
  const lower = text.toLowerCase();
  return lower === "true" ? 1 : lower === "false" ? 0 : Number.NaN;
};

/** A property of WMI as yes or no, in the same forms; any number but 0 is yes. Undefined where it says nothing. */
export const booleanOf = (value: Value): boolean | undefined => {
  const number = numberOf(value);
  // −1 is how COM writes TRUE.
  if (number === undefined) return value === -1 || (typeof value === "string" && value.trim() === "-1") || undefined;
  return number !== 0;
};

/** A property of WMI as text; blanks are nothing. A shipper may have made a number of a text that has digits only. */
export const textOf = (value: Value): string | undefined => {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : undefined;
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
};

const CIM_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.(\d{3})\d{3}([+-]\d{3})$/;
const JSON_DATE = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/;

/**
 * A datetime of WMI: CIM's own text (`20261120123000.000000+060`, the offset in minutes), PowerShell's JSON
 * (`/Date(1795177800000)/`), or ISO 8601. The year 1601 is how WMI writes "none".
 */
export const instantOf = (value: Value): Instant | undefined => {
  const at = typeof value === "string" ? instantIn(value.trim()) : undefined;
  return at === undefined || Number.isNaN(at) || at < Date.UTC(1602, 0) ? undefined : at;
};

const instantIn = (text: string): Instant | undefined => {
  const json = JSON_DATE.exec(text)?.[1];
  if (json !== undefined) return Number(json);
  const cim = CIM_TIME.exec(text);
  if (!cim) return parseWindowsTime(text)?.ms;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, ms = 0, offset = 0] = cim.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute - offset, second, ms);
};
