import { instantOf } from "../../properties.ts";
import { isoOf } from "../../time.ts";

const DOT_NET = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/;
const WRITTEN = /^(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/i;

/** As WMI writes it: the offset from UTC in minutes. */
const CIM = /^\d{14}\.\d{6}[+-]\d{3}$/;

/** As Windows writes it: by far the most. */
const WINDOWS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7,9}Z$/;

/**
 * The time of an event as programs write it, as ISO 8601: Windows' own, with a blank before the zone (Fluent Bit), with
 * slashes (Fluentd), `/Date(…)/` (Windows PowerShell), WMI's own, a map around it (PowerShell's `{ value, DateTime }`), milliseconds
 * since 1970. A time without zone is taken for UTC.
 *
 * @returns undefined for what is no time.
 */
export const isoTime = (value: unknown): string | undefined => {
  if (typeof value === "string") return WINDOWS.test(value) ? value : fromText(value.trim());
  if (typeof value === "number" && Number.isFinite(value)) return fromMilliseconds(value);
  if (typeof value !== "object" || value === null) return undefined;
  for (const key of ["value", "DateTime", "$date"]) {
    const inner = (value as Record<string, unknown>)[key];
    const read = typeof inner === "string" || typeof inner === "number" ? isoTime(inner) : undefined;
    if (read) return read;
  }
  return undefined;
};

const fromText = (text: string): string | undefined => {
  if (text.length > 40) return undefined;
  if (CIM.test(text)) return isoOf(instantOf(text));
  const dotNet = DOT_NET.exec(text)?.[1];
  if (dotNet !== undefined) return fromMilliseconds(Number(dotNet));
  const [, year, month, day, time, fraction, zone] = WRITTEN.exec(text) ?? [];
  if (!year) return undefined;
  const written = zone === undefined || /^(z|utc)$/i.test(zone) ? "Z" : zone;
  return `${year}-${month}-${day}T${time}${fraction === undefined ? "" : `.${fraction}`}${written}`;
};

/** Milliseconds since 1970 from 1973 to 5138; a smaller number is no time of this kind. */
const fromMilliseconds = (milliseconds: number): string | undefined =>
  milliseconds >= 1e11 && milliseconds < 1e14 ? new Date(milliseconds).toISOString() : undefined;
