import type { Channel, License, Status } from "../../licensing/license.ts";
import { CHANGES } from "../../licensing/telemetry/label-values.ts";
import type { Instant } from "../../licensing/time.ts";
import { type Run, withObservation } from "../../licensing/timeline.ts";

export type Change = (typeof CHANGES)[number];
export { CHANGES };

/** What one reading says of the computer as a whole. */
export interface Verdict {
  readonly license: Pick<License, "status" | "channel"> | undefined;
  readonly rearmsLeft: number | undefined;
}

/** So many readings of a computer are kept to place a late one among them; of those that say the same, the first and last. */
const READINGS = { ofRun: 3, ofAll: 16 };

/**
 * Puts the verdict of a live reading into the history of its computer.
 *
 * @returns the history, and the changes between consecutive readings that are new. A reading between two others can only add
 *   changes, because a change from one to the other shows on one side of it at least. So the counters never fall, and every
 *   order of arrival gives the same totals, as long as the readings do not say something else again and again.
 */
export const recordVerdict = (
  history: readonly Run[],
  verdict: Verdict,
  at: Instant,
): { history: readonly Run[]; changes: Change[] } => {
  const text = textOf(verdict);
  const last = history.at(-1);
  const after = text === UNTOLD ? history : withObservation(history, text, at, READINGS);
  // Nothing changes from nothing, nor from what it was.
  if (after === history || !last || (last[0] === text && at > (last.at(-1) as Instant)))
    return { history: after, changes: [] };
  const before = countChanges(history);
  const counted = countChanges(withObservation(history, text, at, { ...READINGS, ofAll: READINGS.ofAll + 1 }));
  const changes = CHANGES.flatMap((it) => new Array<Change>(Math.max(0, counted[it] - before[it])).fill(it));
  return { history: after, changes };
};

/**
 * Puts a rearm that an event told (12306) into the history of its computer. Readings tell the same rearm by the rearms left:
 * counted are all that events tell, or all that readings tell, whichever are more.
 *
 * @returns as `recordVerdict`.
 */
export const recordRearm = (history: readonly Run[], at: Instant): { history: readonly Run[]; changes: Change[] } => {
  const rearm = REARM + at;
  const after = withObservation(history, rearm, at, READINGS);
  if (after === history) return { history, changes: [] };
  const counted = withObservation(history, rearm, at, { ...READINGS, ofAll: READINGS.ofAll + 1 });
  const rises = countChanges(counted).rearmed > countChanges(history).rearmed;
  return { history: after, changes: rises ? ["rearmed"] : [] };
};

/** Each rearm is a run of its own. */
const REARM = "rearm ";

/** As short text, because each computer has some. Empty parts are what the reading did not tell. */
const textOf = ({ license, rearmsLeft }: Verdict): string =>
  `${license?.status ?? ""} ${license?.channel ?? ""} ${rearmsLeft ?? ""}`;

const UNTOLD = textOf({ license: undefined, rearmsLeft: undefined });

const countChanges = (history: readonly Run[]): Record<Change, number> => {
  const counts: Record<Change, number> = {
    to_notification: 0,
    to_licensed: 0,
    channel_drift: 0,
    rearmed: 0,
    rearm_failed: 0,
  };
  let rearmEvents = 0;
  let license: { readonly status: string; readonly channel: string } | undefined;
  let rearms: number | undefined;
  for (const [text] of history) {
    if (text.startsWith(REARM)) {
      rearmEvents += 1;
      continue;
    }
    const [status = "", channel = "", left = ""] = text.split(" ");
    if (status !== "") {
      if (license) countLicenseChanges(counts, license, { status, channel });
      license = { status, channel };
    }
    if (left !== "") {
      if (rearms !== undefined && Number(left) < rearms) counts.rearmed += 1;
      rearms = Number(left);
    }
  }
  counts.rearmed = Math.max(counts.rearmed, rearmEvents);
  return counts;
};

const countLicenseChanges = (
  counts: Record<Change, number>,
  before: { readonly status: string; readonly channel: string },
  now: { readonly status: string; readonly channel: string },
): void => {
  if (now.status !== before.status && now.status === ("notification" satisfies Status)) counts.to_notification += 1;
  if (now.status !== before.status && now.status === ("licensed" satisfies Status)) counts.to_licensed += 1;
  if (isDrift(before.channel, now.channel)) counts.channel_drift += 1;
};

/** Channels of volume activation inside the organisation: a client falls back from one to the other by itself. */
const RENEWING: ReadonlySet<string> = new Set<Channel>(["kms_client", "adba", "token"]);

/**
 * Another channel, except for a fallback between Active Directory and KMS, and a migration from MAK to them, which is
 * planned. What is no drift from A to B and from B to C is none from A to C: see `recordVerdict`.
 */
const isDrift = (before: string, now: string): boolean =>
  before !== now && !(RENEWING.has(now) && (RENEWING.has(before) || before === ("mak" satisfies Channel)));
