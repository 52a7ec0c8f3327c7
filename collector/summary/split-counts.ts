import { CLIENT_LIFETIME } from "../../licensing/kms/ledger.ts";
import { POOL_OF_CLASS, type ProductClass, REQUIRED } from "../../licensing/kms/rules.ts";
import type { HostView, PoolView } from "./kms-host.ts";

/** A KMS host with its zone; `reach` is the same for hosts whose clients can contact each of them. */
export interface ReachableHost extends HostView {
  readonly reach: string;
}

/** How the clients of a class are spread over KMS hosts that count on their own. */
export type SplitCount = readonly { readonly name: string; readonly count: number }[];

/**
 * The hosts over which a count is split: each of them has too few clients of the class, and together they have enough.
 * Undefined where they have not.
 */
export const splitCount = (
  host: ReachableHost,
  all: readonly ReachableHost[],
  productClass: ProductClass,
): SplitCount | undefined => {
  const application = POOL_OF_CLASS[productClass];
  const sharing = all
    .filter((it) => it.reach === host.reach)
    .flatMap((it) => {
      const pool = it.pools.find((view) => view.application === application);
      const used = pool?.classes.some((view) => view.productClass === productClass);
      return pool && used ? [{ name: it.name, judgedAt: it.judgedAt, pool }] : [];
    });
  if (sharing.length < 2 || !sharing.some((it) => it.name === host.name)) return undefined;
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
