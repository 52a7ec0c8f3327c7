import { primaryLicense, primaryLicenses, soonestDeadline } from "../../licensing/primary-license.ts";
import { isServer } from "../../licensing/products.ts";
import { hourOf, type Instant } from "../../licensing/time.ts";
import { methodOf } from "../../licensing/worksheet.ts";
import { type Contribution, sumKey } from "../store/sums.ts";
import type { ComputerState } from "./computer.ts";
import { presenceOf } from "./computer-row.ts";
import { countedTime, type FoldedGroup, groupsWithoutRoom, type HasRoom, isFolded } from "./folded-sums.ts";
import { targetContributions } from "./kms/targets.ts";
import { notificationContribution } from "./notifications.ts";
import { decidesInterval, overdueAt } from "./renewals.ts";

/** To be raised when contributions change their meaning, so that the next start counts anew (a test compares their hash). */
export const COUNTED_AS = 8;

/** What stands for names that are not counted by themselves. */
const OTHER = "other";

/** Rounded up in steps of a tenth, so that the sums of a maximum have few entries. */
const coarse = (seconds: number): number =>
  seconds <= 0 ? 0 : Math.ceil(1.1 ** Math.ceil(Math.log(seconds) / Math.log(1.1)));

/** Which parts of a state add to the figures. Each is replaced, never changed in place, so that comparing them is enough. */
const COUNTS = {
  zone: true,
  // The zone that follows from them is compared where rows are written.
  addresses: false,
  os: false,
  agentVersion: true,
  licenses: true,
  // It decides between two renewal intervals, which is compared by itself.
  licensesAt: false,
  deadlinesRead: false,
  statesRead: false,
  rearmsLeft: true,
  rearmsAt: false,
  products: true,
  renewedAt: true,
  history: false,
  saidAt: false,
  attempts: false,
  failures: false,
  logUntil: false,
  kmsLog: false,
  machineIds: false,
  noKmsHost: false,
  target: true,
  heartbeat: true,
  counters: false,
  retired: true,
  folded: true,
} satisfies Record<keyof ComputerState, boolean>;
const COUNTED = (Object.keys(COUNTS) as (keyof ComputerState)[]).filter((it) => COUNTS[it]);

/** Does one state add the same to the figures as the other, but for the time it was seen? */
export const countsAlike = (a: ComputerState, b: ComputerState): boolean => {
  for (let i = 0; i < COUNTED.length; i += 1) if (a[COUNTED[i]!] !== b[COUNTED[i]!]) return false;
  return a.licensesAt === b.licensesAt || !decidesInterval(a, b);
};

/** The same state, retired or not. */
export const withRetirement = ({ retired: _, ...state }: ComputerState, retired: boolean): ComputerState =>
  retired ? { ...state, retired: true } : state;

/** The state in which it is counted, within the bounds, and what it adds to the sums then. */
export const counted = (
  { folded: _, ...state }: ComputerState,
  { zone, seenAt, hasRoom }: { zone: string; seenAt: Instant; hasRoom: HasRoom },
): { readonly state: ComputerState; readonly contributions: Contribution[] } => {
  const exact = contributionsOf(state, zone, seenAt);
  const folded = groupsWithoutRoom(exact, hasRoom);
  if (folded.length === 0) return { state, contributions: exact };
  const coarse: ComputerState = { ...state, folded };
  return { state: coarse, contributions: contributionsOf(coarse, zone, seenAt) };
};

/** The part of `contributionsOf` that moves with every report of an agent. */
export const seenContribution = (zone: string, seenAt: Instant): Contribution => [
  sumKey("seen", zone, hourOf(seenAt)),
  1,
];

/** Without an agent nothing says when the next report is due: such a computer is never stale. */
const presenceContribution = (computer: ComputerState, zone: string, seenAt: Instant): Contribution =>
  presenceOf(computer) === 2 ? [sumKey("agentless", zone), 1] : seenContribution(zone, seenAt);

/** Follows the status under which the deadlines of computers without an agent are counted. */
export const WITHOUT_AGENT = " kms";

/** What one computer adds to the fleet's figures. Pure: an audit recomputes every sum from it. */
export const contributionsOf = (computer: ComputerState, zone: string, seenAt: Instant): Contribution[] => {
  if (computer.retired)
    return [
      [sumKey("computers"), 1],
      [sumKey("retired", zone), 1],
    ];
  const all: Contribution[] = [[sumKey("computers"), 1], presenceContribution(computer, zone, seenAt)];
  const one = (...parts: (string | number)[]) => all.push([sumKey(...parts), 1]);
  /** A name as label, and an instant by its hour, as exact as their group's bound allows. */
  const named = (group: FoldedGroup, name: string) => (isFolded(computer, group) ? OTHER : name);
  const hour = (group: FoldedGroup, at: Instant) => hourOf(countedTime(at, isFolded(computer, group)));
  for (const it of primaryLicenses(computer.licenses))
    one("licenses", zone, named("licenses", it.product), it.channel, it.status);
  for (const key of makKeys(computer.licenses)) one("mak", named("mak", key));
  const soonest = soonestDeadline(computer.licenses);
  if (soonest) {
    const status = presenceOf(computer) === 2 ? `${soonest.status}${WITHOUT_AGENT}` : soonest.status;
    one("deadline", zone, status, hour("deadline", soonest.deadline!));
  }
  const overdue = overdueAt(computer);
  if (overdue !== undefined) one("overdue", zone, hour("overdue", overdue));
  const windows = primaryLicense(computer.licenses);
  if (windows?.genuine && !isServer(windows)) one("genuine", zone, windows.genuine);
  const notice = notificationContribution(computer.licenses, zone, isFolded(computer, "notices"));
  if (notice) all.push(notice);
  const activated = methodOf(computer.licenses);
  if (activated) {
    const { method, until, productClass } = activated;
    one("method", zone, method, until === undefined ? "" : hour("method", until), productClass);
  }
  if (windows && isServer(windows)) one("servers", zone);
  if (computer.rearmsLeft !== undefined) one("rearms", zone, computer.rearmsLeft > 3 ? "more" : computer.rearmsLeft);
  all.push(...targetContributions(computer, named("target", computer.target?.name ?? "")));
  const { heartbeat } = computer;
  if (heartbeat) {
    if (heartbeat.spooled > 0) all.push([sumKey("spooled", zone), heartbeat.spooled]);
    if (heartbeat.oldestUnsent > 0) one("unsent", zone, coarse(heartbeat.oldestUnsent));
    if (heartbeat.skewed) one("skewed", zone);
    for (const source of heartbeat.failing) one("failing", zone, named("failing", source));
  }
  return all;
};

/** Add-ons use up activations of a MAK as well. */
const makKeys = (licenses: ComputerState["licenses"]): ReadonlySet<string> =>
  new Set(licenses.flatMap((it) => (it.channel === "mak" && it.partialProductKey ? [it.partialProductKey] : [])));
