import { CLIENT_LIFETIME } from "../../../licensing/kms/ledger.ts";
import { POOL_OF_CLASS, type ProductClass, REQUIRED } from "../../../licensing/kms/rules.ts";
import type { HostView, PoolView } from "./kms-host.ts";

/** A KMS host with its zone; `reach` is the same for hosts whose clients can contact each of them. */
export interface ReachableHost extends HostView {
  readonly reach: string;
}

/** How the clients of a class are spread over KMS hosts that count on their own. */
export type SplitCount = readonly { readonly name: string; readonly count: number }[];

/** The hosts over which a count is split; undefined where they have too few clients together as well. */
export type SplitCounts = (reach: string, productClass: ProductClass) => SplitCount | undefined;

/** Which counts are split; each is found out once, however many hosts share it. */
export const splitCounts = (all: readonly ReachableHost[]): SplitCounts => {
  const found = new Map<string, SplitCount | undefined>();
  return (reach, productClass) => {
    const key = `${productClass} ${reach}`;
    if (!found.has(key)) found.set(key, splitCount(all, reach, productClass));
    return found.get(key);
  };
};

const splitCount = (
  all: readonly ReachableHost[],
  reach: string,
  productClass: ProductClass,
): SplitCount | undefined => {
  const sharing = all
    .filter((it) => it.reach === reach)
    .flatMap(({ name, judgedAt, pools }) => {
      const pool = pools.find((it) => it.application === POOL_OF_CLASS[productClass]);
      const isUsed = pool?.classes.some((it) => it.productClass === productClass);
      return pool && isUsed ? [{ name, judgedAt, pool }] : [];
    });
  if (sharing.length < 2) return undefined;
  // A client that contacted two of them counts once.
  const clients = new Set<string>();
  let unnamed = 0;
  for (const { pool, judgedAt } of sharing) {
    if (pool.pool.lastRequest === undefined) unnamed += countOf(pool);
    for (const [cmid, last] of pool.pool.simulation.ledger.entries)
      if (judgedAt !== undefined && last + CLIENT_LIFETIME > judgedAt) clients.add(cmid);
  }
  if (clients.size + unnamed < REQUIRED[productClass]) return undefined;
  return sharing.map(({ name, pool }) => ({ name, count: countOf(pool) }));
};

const countOf = (pool: PoolView): number => pool.effective?.count ?? pool.tableClients;
