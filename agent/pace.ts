import { MINUTE, SECOND } from "../licensing/time.ts";

const FIRST = SECOND;
const LONGEST = 5 * MINUTE;

/**
 * How long to wait before trying again, in milliseconds: twice as long after each failure, anywhere between half of it and
 * all of it, so that a fleet does not come back at once. What the collector asks for is the least.
 */
export const backOff = (failures: number, random: number, retryAfterMs = 0): number => {
  const longest = Math.min(LONGEST, FIRST * 2 ** Math.min(failures - 1, 20));
  return Math.max(retryAfterMs, Math.round(longest * (0.5 + random / 2)));
};

/** Seconds, or an HTTP date: milliseconds from now. */
export const retryAfterMs = (header: string | undefined, now: number): number | undefined => {
  if (header === undefined) return undefined;
  if (/^\d{1,6}$/.test(header.trim())) return Number(header) * SECOND;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
};
