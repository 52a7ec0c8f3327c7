import { isComplete, knownUntil } from "../../licensing/kms/coverage.ts";
import { CLIENT_LIFETIME, capacityOf, fallsBelowAt, tableSize } from "../../licensing/kms/ledger.ts";
import {
  effectiveCount,
  headroom,
  isInUse,
  POOL_OF_CLASS,
  PRODUCT_CLASSES,
  type ProductClass,
  REQUIRED,
} from "../../licensing/kms/rules.ts";
import { APPLICATIONS, type Application } from "../../licensing/products.ts";
import type { Instant } from "../../licensing/time.ts";
import { askedAt, hasBeenReached } from "../state/kms-host.ts";
import type { KmsHostState, PoolState } from "../state/kms-host-state.ts";

/** What can be said of one count of a KMS host now: the one place where the counting rules meet the stored state. */
export interface PoolView {
  readonly application: Application;
  readonly pool: PoolState;
  readonly tableClients: number;
  readonly capacity: number;
  readonly complete: boolean;
  readonly effective: { count: number; source: "reported" | "ledger" } | undefined;
  readonly classes: readonly ClassView[];
}

export interface ClassView {
  readonly productClass: ProductClass;
  readonly required: number;
  /** Undefined while the count is not known. */
  readonly headroom: number | undefined;
  readonly reached: boolean;
  readonly belowThresholdAt: Instant | undefined;
  readonly waiting: number;
}

export interface HostView {
  readonly name: string;
  readonly host: KmsHostState;
  /** The table is judged at this instant, never later (rule 6). */
  readonly judgedAt: Instant | undefined;
  readonly pools: readonly PoolView[];
  readonly duplicates: readonly { cmid: string; computers: readonly string[] }[];
}

export const hostView = (name: string, host: KmsHostState, now: Instant): HostView => {
  const known = knownUntil(host.coverage);
  const judgedAt = known === undefined ? undefined : Math.min(known, now);
  return {
    name,
    host,
    judgedAt,
    pools: APPLICATIONS.flatMap((application) => {
      const pool = host.pools[application];
      return pool ? [poolView(host, application, pool, judgedAt, now)] : [];
    }),
    duplicates: Object.entries(host.duplicates)
      .filter(([, it]) => it.until > (judgedAt ?? now))
      .map(([cmid, { computers }]) => ({ cmid, computers })),
  };
};

const poolView = (
  host: KmsHostState,
  application: Application,
  pool: PoolState,
  judgedAt: Instant | undefined,
  now: Instant,
): PoolView => {
  const tableClients = judgedAt === undefined ? 0 : tableSize(pool.simulation.ledger, judgedAt);
  const complete = application !== "unknown" && isComplete(host.coverage, pool.simulation.ledger);
  const effective = effectiveCount({
    ...(pool.reported && { reported: pool.reported }),
    table: { size: tableClients, complete },
    now,
  });
  return {
    application,
    pool,
    tableClients,
    capacity: capacityOf(pool.simulation.ledger),
    complete,
    effective,
    classes: PRODUCT_CLASSES.filter(
      (it) => POOL_OF_CLASS[it] === application && isInUse(askedAt(host, pool, it), now),
    ).map((productClass) => classView(host, pool, productClass, effective, judgedAt ?? now)),
  };
};

const classView = (
  host: KmsHostState,
  pool: PoolState,
  productClass: ProductClass,
  effective: PoolView["effective"],
  judgedAt: Instant,
): ClassView => {
  const required = REQUIRED[productClass];
  const reached = hasBeenReached(host, pool, productClass);
  // A client of an unknown product that needs 5 may belong to any of the classes that need 5 (rule 2).
  const blurred = required === 5 && effective?.source === "ledger" && effective.count < 5 && hasUnknown(host, judgedAt);
  return {
    productClass,
    required,
    headroom: effective && !blurred ? headroom(effective.count, productClass) : undefined,
    reached,
    belowThresholdAt: reached ? (fallsBelowAt(pool.simulation.ledger, required) ?? pool.simulation.lostAt) : undefined,
    waiting: Object.values(pool.simulation.waiting).filter(
      (it) => it.productClass === productClass && it.at + CLIENT_LIFETIME > judgedAt,
    ).length,
  };
};

const hasUnknown = (host: KmsHostState, at: Instant): boolean =>
  host.pools.unknown !== undefined && tableSize(host.pools.unknown.simulation.ledger, at) > 0;
