import type { Fact } from "../../licensing/facts.ts";
import { type Instant, MINUTE, SECOND } from "../../licensing/time.ts";

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

/** Heartbeats further apart than this come from a computer of which nothing urgent is told. */
const SELDOM_SECONDS = 5 * (MINUTE / SECOND);
const COMPANY = 8;

/**
 * Whether there are only heartbeats, of a computer that sends them seldom, and fewer than eight: they travel
 * with what comes next, or together. Each connection costs nearly 4 KB for TLS alone, more than all that an ordinary computer
 * has to tell in an hour; a KMS host, whose log must be known until now, never waits.
 */
export const holdHeartbeats = (
  records: readonly { readonly observedAt: Instant; readonly fact: Fact }[],
  now: Instant,
): boolean =>
  records.length < COMPANY &&
  records.every(({ fact, observedAt }) => {
    const seconds = fact.kind === "heartbeat" ? (fact.intervalSeconds ?? 0) : 0;
    return seconds >= SELDOM_SECONDS && now - observedAt < (COMPANY - 1) * seconds * SECOND;
  });

/** What a server may ask for at most: one that asks for a day must not silence an agent. */
const ASKED_MAX = 10 * MINUTE;

/**
 * The wait in a Retry-After header (RFC 9110, 10.2.3): seconds or an HTTP date, ten minutes at most. A date is judged by the
 * server's own clock where the answer tells it, because the clock here may be wrong.
 *
 * @returns milliseconds; undefined when the header is missing or can't be read.
 */
export const retryAfterMs = (header: string | undefined, now: Instant, date?: string): number | undefined => {
  const text = header?.trim();
  if (text === undefined || text === "") return undefined;
  if (/^\d+$/.test(text)) return Math.min(Number(text) * SECOND, ASKED_MAX);
  const at = Date.parse(text);
  if (Number.isNaN(at)) return undefined;
  const answeredAt = Date.parse(date ?? "");
  return Math.min(Math.max(0, at - (Number.isNaN(answeredAt) ? now : answeredAt)), ASKED_MAX);
};
