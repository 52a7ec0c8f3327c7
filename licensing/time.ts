/** Instants are milliseconds since the epoch, UTC. Every rule takes them as values; nothing in licensing/ asks for the time. */
export type Instant = number;
export type Clock = () => Instant;

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The hour an instant lies in, counted from 1970. */
export const hourOf = (at: Instant): number => Math.floor(at / HOUR);
/** The day it lies in, UTC, counted from 1970. */
export const dayOf = (at: Instant): number => Math.floor(at / DAY);

/** For people: `2026-12-02 12:02 UTC`. */
export const utcMinute = (at: Instant): string => `${iso(at).slice(0, 16).replace("T", " ")} UTC`;
/** As facts, answers and files carry it: UTC with milliseconds. */
export const iso = (at: Instant): string => new Date(at).toISOString();
/** As `iso`, where there is an instant. */
export const isoOf = (at: Instant | undefined): string | undefined => (at === undefined ? undefined : iso(at));

const WINDOWS_TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * Reads the time of an event (`System/TimeCreated@SystemTime`), which Windows writes in UTC with up to nine digits.
 * `ticks` is the same instant as ISO text with Windows' own 100 ns (seven digits), so that the same event reads the same
 * from every source.
 */
export const parseWindowsTime = (text: string): { ms: Instant; ticks: string } | undefined => {
  const [, date, time, fraction = "", zone = "Z"] = WINDOWS_TIME.exec(text.trim()) ?? [];
  if (!date || !time) return undefined;
  const digits = fraction.padEnd(7, "0").slice(0, 7);
  const seconds = Date.parse(`${date}T${time}${zone}`);
  if (Number.isNaN(seconds)) return undefined;
  const ms = seconds + Number(digits.slice(0, 3));
  // Every month has 28 days: such a time in UTC is written as it is read.
  const plain = zone === "Z" && date.slice(8) <= "28" && time < "24";
  return { ms, ticks: `${plain ? `${date}T${time}` : new Date(seconds).toISOString().slice(0, 19)}.${digits}Z` };
};

const CLIENT_TIME =
  /^(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(AM|PM)?Z?$/i;

/**
 * Reads the client's own clock as it stands in the data of 12288, 12289 and 12290: minutes, no zone, UTC.
 * Year first; month first is accepted because Table 11 prints one example so, and day first where it can be nothing else or has
 * dots between.
 */
export const parseClientTime = (text: string): Instant | undefined => {
  const [, a, b, c, hours, minutes, seconds = "0", half] = CLIENT_TIME.exec(text.trim()) ?? [];
  if (!a || !b || !c || !hours || !minutes) return undefined;
  const dayFirst = Number(a) > 12 || text.includes(".", 1);
  const [year, month, day] = a.length === 4 ? [a, b, c] : c.length === 4 ? (dayFirst ? [c, b, a] : [c, a, b]) : [];
  if (!year) return undefined;
  const hour = half ? (Number(hours) % 12) + (half.toUpperCase() === "PM" ? 12 : 0) : Number(hours);
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day), hour, Number(minutes), Number(seconds));
  const read = new Date(at);
  const real =
    read.getUTCMonth() === Number(month) - 1 && read.getUTCDate() === Number(day) && read.getUTCHours() === hour;
  return real ? at : undefined;
};
