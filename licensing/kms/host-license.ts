import type { Status } from "../license.ts";
import { keyGroupOf } from "./key-groups.ts";
import type { InstalledKey } from "./reading.ts";

/** From the state that serves clients without end to the one that serves no client. */
const BEST_FIRST: readonly Status[] = [
  "licensed",
  "extended_grace",
  "oob_grace",
  "oot_grace",
  "non_genuine_grace",
  "unlicensed",
  "notification",
];
const rankOf = (status: Status | undefined): number => (status === undefined ? -1 : BEST_FIRST.indexOf(status));

/** A host with a key in one of these states answers every client of that key with an error. */
export const refusesClients = (status: Status | undefined): boolean =>
  status === "unlicensed" || status === "notification";

/**
 * The keys by which a host serves: one for Windows, one for each version of Office. Of several keys for the same products (an
 * old one beside its successor) the one with the best license counts, whatever the order of WMI's rows. Where WMI says that
 * no key of a product family serves, the best of those that are installed.
 */
export const servingKeys = (keys: readonly InstalledKey[]): InstalledKey[] => {
  const best = new Map<string, InstalledKey>();
  for (const key of keys) {
    if (key.serves === false && keys.some((it) => it.application === key.application && it.serves !== false)) continue;
    const products = `${key.application} ${key.application === "windows" ? "" : officeOf(key)}`;
    const other = best.get(products);
    if (!other || isBetter(key, other)) best.set(products, key);
  }
  return [...best.values()].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
};
const officeOf = (key: InstalledKey): string => keyGroupOf({ ...key, listedAs: undefined })?.office ?? key.activationId;
const textOf = (it: InstalledKey): string => `${it.application} ${it.partialProductKey} ${it.activationId}`;

const isBetter = (a: InstalledKey, b: InstalledKey): boolean => {
  const [first, second] = [rankOf(a.status), rankOf(b.status)];
  if (first !== second) return second === -1 || (first !== -1 && first < second);
  const [left, right] = [a.minutesLeft || Number.POSITIVE_INFINITY, b.minutesLeft || Number.POSITIVE_INFINITY];
  return left === right ? textOf(a) < textOf(b) : left > right;
};

/** The worst license among the keys by which a host serves; undefined where none has a status. */
export const worstStatus = (keys: readonly InstalledKey[]): Status | undefined =>
  servingKeys(keys)
    .map((it) => it.status)
    .filter((it) => it !== undefined)
    .reduce<Status | undefined>((a, b) => (a === undefined || rankOf(b) > rankOf(a) ? b : a), undefined);
