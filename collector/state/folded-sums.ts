import { DAY, type Instant } from "../../licensing/time.ts";
import type { Contribution, SumKey } from "../store/sums.ts";

/**
 * How many different sums the groups may have whose labels a sender, a host or a fleet can make. An honest fleet of 1,000,000
 * computers stays far below. What goes beyond is counted more coarsely: names as `other`, times by 30 days, so that the number of
 * sums is bounded whatever is sent, and no total is wrong. Which of it is counted so stands in the row that it comes from
 * (`folded`): what a row adds to the sums is a function of the row alone.
 */
export const SUMS_MAX = {
  licenses: 20_000,
  mak: 1_000,
  failing: 2_000,
  target: 20_000,
  deadline: 200_000,
  overdue: 100_000,
  method: 50_000,
  notices: 50_000,
  distinct: 250_000,
  asked: 100_000,
  kms_computers: 250_000,
  kms_licenses: 100_000,
  kms_due: 100_000,
} as const;
export type FoldedGroup = keyof typeof SUMS_MAX;

export const isFoldedGroup = (group: string): group is FoldedGroup => Object.hasOwn(SUMS_MAX, group);

/** Is this sum there already, or is its group below its bound? */
export type HasRoom = (key: SumKey) => boolean;

/** The groups in which one of these contributions would be one too many. */
export const groupsWithoutRoom = (contributions: readonly Contribution[], hasRoom: HasRoom): FoldedGroup[] => {
  let full: Set<FoldedGroup> | undefined;
  for (const [key] of contributions) {
    if (hasRoom(key)) continue;
    full ??= new Set();
    full.add(key.slice(0, key.indexOf("\u001f")) as FoldedGroup);
  }
  return full ? [...full].sort() : [];
};

const COARSE = 30 * DAY;
/** No license ends later, and no clock says so: the first of January 2100, UTC. */
const LAST = Date.UTC(2100, 0, 1);

/** A deadline as it is counted: exact, or, where its group is folded, at the end of 30 days. */
export const countedTime = (at: Instant, folded: boolean): Instant => {
  const bounded = Math.max(0, Math.min(at, LAST));
  return folded ? (Math.floor(bounded / COARSE) + 1) * COARSE - 1 : bounded;
};

/** Is it counted more coarsely in this group of sums? */
export const isFolded = ({ folded }: { readonly folded?: readonly FoldedGroup[] }, group: FoldedGroup): boolean =>
  folded?.includes(group) ?? false;
