import type { Application } from "../products.ts";
import { DAY, type Instant } from "../time.ts";
import { CLIENT_LIFETIME, capacityOf, fallsBelowAt, isFullSince, SMALL_TABLE, tableSize } from "./ledger.ts";
import { headroom, isInUse, type ProductClass, REQUIRED } from "./rules.ts";
import { afterRequest, type CountedRequest, NEW_SIMULATION, type PoolSimulation } from "./simulation.ts";

/** What one pool of a KMS host held at the end of a day (UTC). */
export interface PoolDay {
  readonly at: Instant;
  readonly application: Application;
  readonly tableClients: number;
  /** Known once the requests of 30 days are. */
  readonly distinctClients?: number;
  readonly classes: readonly {
    readonly productClass: ProductClass;
    readonly headroom: number;
    readonly belowThresholdAt?: Instant;
  }[];
}

/** Walks one KMS host's valid requests in the order of time, day by day. */
export interface KmsHistory {
  /** The next request. @returns the days that ended before it. */
  add(request: CountedRequest): PoolDay[];
  /** @returns the days that have ended by then. */
  until(at: Instant): PoolDay[];
}

interface Pool {
  simulation: PoolSimulation;
  readonly lastAt: Map<string, Instant>;
  readonly askedAt: Map<ProductClass, Instant>;
}

/**
 * The history of a KMS host whose requests are known since an instant. A day of a pool is left out while its table is not
 * known: until 30 days are over, or until a table of 50 is full of clients that have asked since
 * (docs/counting-rules.md, "The table is simulated").
 */
export const kmsHistory = (since: Instant): KmsHistory => {
  const pools = new Map<Application, Pool>();
  let nextDay = Math.ceil(since / DAY) * DAY;
  const until = (at: Instant): PoolDay[] => {
    const days: PoolDay[] = [];
    for (; nextDay <= at; nextDay += DAY)
      for (const [application, pool] of pools) {
        const day = dayOf(application, pool, { since, at: nextDay });
        if (day) days.push(day);
      }
    return days;
  };
  return {
    until,
    add: (request) => {
      // A request of midnight belongs to the day that begins.
      const days = until(request.at);
      const pool = pools.get(request.pool) ?? { simulation: NEW_SIMULATION, lastAt: new Map(), askedAt: new Map() };
      pools.set(request.pool, pool);
      pool.simulation = afterRequest(pool.simulation, request);
      pool.lastAt.set(request.cmid, request.at);
      if (request.productClass !== undefined) pool.askedAt.set(request.productClass, request.at);
      return days;
    },
  };
};

const dayOf = (
  application: Application,
  { simulation: { ledger }, lastAt, askedAt }: Pool,
  { since, at }: { readonly since: Instant; readonly at: Instant },
): PoolDay | undefined => {
  for (const [cmid, last] of lastAt) if (last + CLIENT_LIFETIME <= at) lastAt.delete(cmid);
  const isWhole = at >= since + CLIENT_LIFETIME;
  if (!isWhole && (capacityOf(ledger) <= SMALL_TABLE || !isFullSince(ledger, since))) return undefined;
  const tableClients = tableSize(ledger, at);
  const classes = [...askedAt]
    .filter(([, last]) => isInUse(last, at))
    .map(([productClass]) => {
      const belowThresholdAt = fallsBelowAt(ledger, REQUIRED[productClass]);
      return {
        productClass,
        headroom: headroom(tableClients, productClass),
        ...(belowThresholdAt !== undefined && { belowThresholdAt }),
      };
    });
  return { at, application, tableClients, ...(isWhole && { distinctClients: lastAt.size }), classes };
};
