import { HOUR, type Instant, MINUTE, parseWindowsTime } from "../time.ts";

/** A clock further off than this is told of: activation fails at four hours (KB 974998). */
export const CLOCK_LIMIT = HOUR;

const QUARTER = 15 * MINUTE;
/** Further off than a week is a week off: a battery is empty, and the figure need not be exact. */
const QUARTERS_MAX = (7 * 24 * HOUR) / QUARTER;
const TO_THE_HOUR = "2026-11-20T08".length;

/**
 * How far a client's clock is off its KMS host's own, in quarters of an hour, ahead or behind; 0 within an hour.
 *
 * @param hostTime when the host logged the request, ISO, UTC.
 * @param clientTime what the client's clock said, in whole minutes, ISO, UTC. On average it lacks half a minute.
 */
export const quartersOff = (hostTime: string, clientTime: string): number => {
  if (isSameHour(hostTime, clientTime)) return 0;
  const host = parseWindowsTime(hostTime)?.ms;
  const client = parseWindowsTime(clientTime)?.ms;
  if (host === undefined || client === undefined) return 0;
  const off = client + MINUTE / 2 - host;
  if (Math.abs(off) <= CLOCK_LIMIT) return 0;
  return Math.max(-QUARTERS_MAX, Math.min(QUARTERS_MAX, Math.round(off / QUARTER)));
};

/** Without making a text to compare with: nearly every request ends here. */
const isSameHour = (a: string, b: string): boolean => {
  for (let i = TO_THE_HOUR - 1; i >= 0; i -= 1) if (a.charCodeAt(i) !== b.charCodeAt(i)) return false;
  return true;
};

/** So many different clients in a row, all off alike, are no coincidence. */
const IN_A_ROW = 20;
/** One of them may have a wrong clock of its own. */
const ALIKE = 0.95;

/**
 * Is it the KMS host's clock that is wrong? It is when all of its clients are off by the same: all it has, or the last
 * twenty that asked. One client alone cannot tell whose clock it is, and is not blamed.
 *
 * @param fineAt when a client last asked whose clock agreed with the host's.
 * @param clients how many different clients the host knows.
 */
export const isHostOff = (
  skewed: readonly { readonly quarters: number; readonly at: Instant }[],
  { fineAt, clients }: { readonly fineAt: Instant | undefined; readonly clients: number },
): boolean => {
  const since = skewed.filter((it) => fineAt === undefined || it.at > fineAt).map((it) => it.quarters);
  const middle = since.toSorted((a, b) => a - b)[Math.floor(since.length / 2)];
  if (middle === undefined) return false;
  const alike = since.filter((it) => Math.abs(it - middle) <= 1).length;
  return alike >= ALIKE * since.length && alike >= Math.min(IN_A_ROW * ALIKE, Math.max(1, clients));
};
