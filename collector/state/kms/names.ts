import { hash } from "node:crypto";
import { poolOf } from "../../../licensing/kms/rules.ts";
import type { Application, Products } from "../../../licensing/products.ts";
import type { Instant } from "../../../licensing/time.ts";
import { keepNewest } from "../keep-newest.ts";

/**
 * Names by which clients call KMS hosts (12288) and that are no host's own name: short names, aliases, addresses, and hosts
 * that have not reported themselves yet. The same request in a KMS host's log tells whose name it is, whichever of the two
 * arrives first. Plain data, kept among the collector's state.
 */
export interface CalledNames {
  readonly [name: string]: CalledName;
}

export interface CalledName {
  /** When the name was last used. */
  readonly at: Instant;
  /** The newest requests that were sent to it, each with its time, newest first: what to look for in the hosts' logs. */
  readonly requests: readonly string[];
  /** What clients were told under this name, for the host that it turns out to be. */
  readonly told: ToldCounts;
}

/** What clients were told, by product: to which pool it belongs may be known later. */
export type ToldCounts = Readonly<Record<string, ToldProduct>>;

export interface ToldProduct {
  /** The need that the client's request named: 5 or 25. */
  readonly need: number;
  /** The largest count that was certainly told. */
  readonly most?: number;
  /** The newest of those, newest first. */
  readonly newest: readonly ToldCount[];
  /** Counts that may turn out to be answers to other requests. */
  readonly open?: readonly OpenCount[];
}

export interface ToldCount {
  readonly count: number;
  readonly at: Instant;
  /** Who was told. */
  readonly cmid: string;
  readonly renewalMinutes?: number;
}

interface OpenCount extends ToldCount {
  /** A message that arrives later than this changes nothing any more. */
  readonly openUntil: Instant;
}

/** What one client was told for one product. */
export interface Told extends ToldCount {
  readonly activationId: string;
  readonly need: number;
  /** Absent where it is certain which request was answered. */
  readonly openUntil?: Instant;
  readonly receivedAt: Instant;
}

const NAMES_MAX = 200;
const REQUESTS_MAX = 8;
/** Also of the aliases of one KMS host. */
export const ALIASES_MAX = 50;

/** What one request has in common on both sides: machine ID, the client's own time, product. */
export const requestKey = (cmid: string, clientTime: string, activationId: string): string =>
  `${cmid} ${clientTime} ${activationId}`;

/** Requests that a KMS host logged and refused, by the digest of what both sides have in common, with their times. */
export type RefusedRequests = Record<string, { readonly at: Instant }>;

/** So many of them are kept of one host: the names in question are used again and again. */
export const REFUSED_REQUESTS_MAX = 200;
const DIGEST_LENGTH = 16;

/** A request's key in few bytes. */
export const digestOf = (key: string): string => hash("sha256", key, "base64url").slice(0, DIGEST_LENGTH);

/** What stands under a name that a client chose: `constructor` is a name like any other, and no member of every object. */
export const underName = <T>(names: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(names, name) ? names[name] : undefined;

const NEW_NAME: CalledName = { at: 0, requests: [], told: {} };

/** The names after a request was sent to one of them. */
export const withCalled = (names: CalledNames, name: string, request: { at: Instant; key: string }): CalledNames => {
  const known = underName(names, name) ?? NEW_NAME;
  const text = `${request.key} ${request.at}`;
  if (known.requests.includes(text)) return names;
  const requests = [...known.requests, text].sort(newestRequestFirst).slice(0, REQUESTS_MAX);
  return keepNewest({ ...names, [name]: { ...known, at: Math.max(known.at, request.at), requests } }, NAMES_MAX);
};

const newestRequestFirst = (a: string, b: string): number => sentAt(b) - sentAt(a) || (a < b ? -1 : 1);
const sentAt = (request: string): Instant => Number(request.split(" ")[3] ?? 0);

/** When this request was sent to a name; undefined where it is not among the newest. */
export const calledAt = ({ requests }: CalledName, key: string): Instant | undefined => {
  const request = requests.find((it) => it.startsWith(key));
  return request === undefined ? undefined : sentAt(request);
};

/** The names after a client was told a count by the host that it called so, or after that proved to be wrong. */
export const withToldUnder = (
  names: CalledNames,
  name: string,
  change: (told: ToldCounts) => ToldCounts,
): CalledNames => {
  const known = underName(names, name) ?? NEW_NAME;
  const told = change(known.told);
  if (told === known.told) return names;
  const at = Math.max(known.at, ...Object.values(told).flatMap((it) => countsOf(it).map((one) => one.at)));
  return keepNewest({ ...names, [name]: { ...known, at, told } }, NAMES_MAX);
};

const PRODUCTS_MAX = 50;
const NEWEST_MAX = 3;
/** Beyond so many the oldest are taken for certain: a sender delivers a backlog by many ways at once. */
const OPEN_MAX = 200;
/** Of the same instant the larger count, so that the order of arrival makes no difference. */
const newestFirst = (a: ToldCount, b: ToldCount): number =>
  b.at - a.at || b.count - a.count || (a.cmid < b.cmid ? -1 : 1);
const isSame = (a: ToldCount, b: ToldCount): boolean => a.at === b.at && a.cmid === b.cmid && a.count === b.count;

const NEW_PRODUCT = { newest: [] };

export const withTold = (
  told: ToldCounts,
  { activationId, need, openUntil, receivedAt, ...count }: Told,
): ToldCounts => {
  const known = told[activationId];
  if (!known && Object.keys(told).length >= PRODUCTS_MAX) return told;
  const before = closed({ ...(known ?? NEW_PRODUCT), need }, receivedAt);
  const product =
    openUntil === undefined
      ? withCertain(before, count)
      : { ...before, open: [...(before.open ?? []).filter((it) => !isSame(it, count)), { ...count, openUntil }] };
  return { ...told, [activationId]: product };
};

const withCertain = (product: ToldProduct, count: ToldCount): ToldProduct => ({
  ...product,
  most: Math.max(product.most ?? 0, count.count),
  newest: [...product.newest.filter((it) => !isSame(it, count)), count].sort(newestFirst).slice(0, NEWEST_MAX),
});

/** Those that nothing can change any more are certain. */
const closed = (product: ToldProduct, now: Instant): ToldProduct => {
  if (!product.open) return product;
  const excess = product.open.length - OPEN_MAX;
  const isClosed = (it: OpenCount, i: number) => i < excess || it.openUntil < now;
  const { open, ...others } = product;
  const left = open.filter((it, i) => !isClosed(it, i));
  const certain = open
    .filter(isClosed)
    .reduce<ToldProduct>((all, { openUntil: _, ...it }) => withCertain(all, it), others);
  return left.length > 0 ? { ...certain, open: left } : certain;
};

/** The answer belonged to another request. */
export const withoutTold = (told: ToldCounts, { activationId, ...count }: Told): ToldCounts => {
  const known = told[activationId];
  const left = known?.open?.filter((it) => !isSame(it, count));
  if (!known || !left || left.length === known.open!.length) return told;
  const { [activationId]: _, ...others } = told;
  if (left.length === 0 && known.newest.length === 0) return others;
  const { open: __, ...product } = known;
  return { ...told, [activationId]: left.length === 0 ? product : { ...product, open: left } };
};

/** Every count of a product that is kept. */
export const countsOf = ({ newest, open = [] }: ToldProduct): readonly ToldCount[] => [...newest, ...open];

/** The newest and the largest count that clients of one pool were told. */
export const toldOfPool = (
  all: readonly ToldCounts[],
  pool: Application,
  products: Products,
): (ToldCount & { readonly most: number }) | undefined => {
  const mine = all.flatMap((told) =>
    Object.entries(told).flatMap(([id, it]) => (poolOf(id, it.need, products) === pool ? [it] : [])),
  );
  const counts = mine.flatMap(countsOf);
  const newest = counts.toSorted(newestFirst)[0];
  return newest && { ...newest, most: Math.max(...mine.map((it) => it.most ?? 0), ...counts.map((it) => it.count)) };
};

interface Named {
  readonly aliases: Readonly<Record<string, Instant>>;
}

/** The KMS host that a name means: a host of this name, else the one whose log proved it last. */
export const hostCalled = (name: string, hosts: Iterable<readonly [fqdn: string, Named]>): string | undefined => {
  let found: string | undefined;
  let newest = Number.NEGATIVE_INFINITY;
  for (const [fqdn, { aliases }] of hosts) {
    if (fqdn === name) return fqdn;
    const at = underName(aliases, name);
    if (at === undefined || at < newest || (at === newest && fqdn > found!)) continue;
    [found, newest] = [fqdn, at];
  }
  return found;
};
