import type { Instant } from "../time.ts";
import { CLIENT_LIFETIME } from "./ledger.ts";

/** A name under which one client machine ID asked without another name in between. */
export type NameRun = readonly [name: string, from: Instant, to: Instant];

/** Older runs say nothing about the last 30 days once there are this many. */
const RUNS_MAX = 8;

/** Puts one request into the history of names of its client machine ID, wherever its time belongs. Oldest first. */
export const withName = (runs: readonly NameRun[], name: string, at: Instant): NameRun[] => {
  const cut = runs.flatMap((run): NameRun[] =>
    run[0] !== name && run[1] < at && at < run[2]
      ? [
          [run[0], run[1], at],
          [run[0], at, run[2]],
        ]
      : [run],
  );
  const place = cut.findIndex((it) => it[1] >= at);
  const placed = cut.toSpliced(place < 0 ? cut.length : place, 0, [name, at, at]);
  const merged: NameRun[] = [];
  for (const run of placed) {
    const last = merged.at(-1);
    if (last && last[0] === run[0]) merged[merged.length - 1] = [run[0], last[1], Math.max(last[2], run[2])];
    else merged.push(run);
  }
  return merged.slice(-RUNS_MAX);
};

/**
 * Until when a client machine ID counts as used by several computers (contract, rule 8): names A, B, A in turn, or three
 * names, within 30 days. Both are three runs. One change of name, a rename or a domain join, is two.
 */
export const duplicateUntil = (runs: readonly NameRun[]): Instant | undefined => {
  const third = runs.at(-3);
  return third && third[2] + CLIENT_LIFETIME;
};
