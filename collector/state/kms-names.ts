import type { Application } from "../../licensing/products.ts";
import type { Instant } from "../../licensing/time.ts";
import { keepNewest } from "./keep-newest.ts";

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
  /** Requests that were sent to it, newest first: what to look for in the hosts' logs. */
  readonly requests: readonly string[];
  /** What clients were told under this name, for the host that it turns out to be. */
  readonly told: ToldCounts;
}

/** The newest count that clients were told, by pool. */
export type ToldCounts = Readonly<Partial<Record<Application, ToldCount>>>;

export interface ToldCount {
  readonly count: number;
  readonly at: Instant;
  readonly renewalMinutes?: number;
  /** The largest count that was told. */
  readonly most: number;
}

const NAMES_MAX = 200;
const REQUESTS_MAX = 8;
/** Also of the aliases of one KMS host. */
export const ALIASES_MAX = 50;

/** What one request has in common on both sides: machine ID, the client's own time, product. */
export const requestKey = (cmid: string, clientTime: string, activationId: string): string =>
  `${cmid} ${clientTime} ${activationId}`;

const NEW_NAME: CalledName = { at: 0, requests: [], told: {} };

/** The names after a request was sent to one of them. */
export const withCalled = (names: CalledNames, name: string, request: { at: Instant; key: string }): CalledNames => {
  const known = names[name] ?? NEW_NAME;
  const requests = [request.key, ...known.requests.filter((it) => it !== request.key)].slice(0, REQUESTS_MAX);
  return keepNewest({ ...names, [name]: { ...known, at: Math.max(known.at, request.at), requests } }, NAMES_MAX);
};

/** The names after a client was told a count by the host that it called so. */
export const withToldUnder = (
  names: CalledNames,
  name: string,
  told: { pool: Application; count: number; at: Instant; renewalMinutes?: number | undefined },
): CalledNames => {
  const known = names[name] ?? { ...NEW_NAME, at: told.at };
  const counts = withTold(known.told, told);
  return counts === known.told ? names : keepNewest({ ...names, [name]: { ...known, told: counts } }, NAMES_MAX);
};

/** The counts with one more; of the same instant the larger one, so that the order of arrival makes no difference. */
export const withTold = (
  told: ToldCounts,
  {
    pool,
    count,
    at,
    renewalMinutes,
  }: { pool: Application; count: number; at: Instant; renewalMinutes?: number | undefined },
): ToldCounts => {
  const known = told[pool];
  const most = Math.max(known?.most ?? 0, count);
  const isNewer = !known || at > known.at || (at === known.at && count > known.count);
  if (!isNewer) return most === known.most ? told : { ...told, [pool]: { ...known, most } };
  return { ...told, [pool]: { count, at, most, ...(renewalMinutes && { renewalMinutes }) } };
};

/** The newest of several. */
export const mergedTold = (all: readonly ToldCounts[]): ToldCounts => {
  let merged: ToldCounts = {};
  for (const told of all)
    for (const [pool, it] of Object.entries(told)) {
      merged = withTold(merged, { pool: pool as Application, ...it });
      const most = Math.max(merged[pool as Application]!.most, it.most);
      merged = { ...merged, [pool]: { ...merged[pool as Application]!, most } };
    }
  return merged;
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
    const at = aliases[name];
    if (at === undefined || at < newest || (at === newest && fqdn > found!)) continue;
    [found, newest] = [fqdn, at];
  }
  return found;
};
