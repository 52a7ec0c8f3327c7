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
import type { KmsHostState, PoolState } from "../state/kms-host-state.ts";

/** What can be said of one count of a KMS host now: the one place where the counting rules meet the stored state. */
export interface PoolView {
  readonly application: Application;
  readonly pool: PoolState;
  readonly tableClients: number;
  readonly capacity: number;
  readonly complete: boolean;
  /** The newest reading says that the host does not serve this product family any more: then it has no count. */
  readonly keyLost: boolean;
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
  const tableClients = judgedAt === undefined ? 0 : tableSize(pool.ledger, judgedAt);
  const complete = application !== "unknown" && isComplete(host.coverage, pool.ledger.bornAt);
  const keyLost = isKeyLost(host, application, pool);
  const effective = keyLost
    ? undefined
    : effectiveCount({
        ...(pool.reported && { reported: pool.reported }),
        table: { size: tableClients, complete },
        now,
      });
  return {
    application,
    pool,
    tableClients,
    capacity: capacityOf(pool.ledger),
    complete,
    keyLost,
    effective,
    classes: PRODUCT_CLASSES.filter(
      (it) => POOL_OF_CLASS[it] === application && isInUse(host.classes[it]?.askedAt, now),
    ).map((productClass) => classView(host, pool, productClass, { effective, keyLost }, judgedAt ?? now)),
  };
};

/**
 * The newest word of WMI is that the host does not serve this product family (rule 4), though it did: WMI counted its clients
 * once, or its log shows valid requests and none since.
 */
const isKeyLost = ({ reading }: KmsHostState, application: Application, { reported, ledger }: PoolState): boolean => {
  if (!reading || reported?.at === reading.at || application === "unknown") return false;
  if (reading.keys.some((it) => it.application === application && it.serves !== false)) return false;
  const servedAt = ledger.entries[0]?.[1];
  if (servedAt !== undefined && servedAt > reading.at) return false;
  return reported !== undefined || (reading.isKmsHost === false && servedAt !== undefined);
};

const classView = (
  host: KmsHostState,
  pool: PoolState,
  productClass: ProductClass,
  { effective, keyLost }: Pick<PoolView, "effective" | "keyLost">,
  judgedAt: Instant,
): ClassView => {
  const required = REQUIRED[productClass];
  const reached = host.classes[productClass]?.reachedAt !== undefined;
  // A client of an unknown product that needs 5 may belong to any of the classes that need 5 (rule 2).
  const blurred = required === 5 && effective?.source === "ledger" && effective.count < 5 && hasUnknown(host, judgedAt);
  return {
    productClass,
    required,
    headroom: effective && !blurred ? headroom(effective.count, productClass) : undefined,
    reached,
    belowThresholdAt: reached && !keyLost ? (fallsBelowAt(pool.ledger, required) ?? pool.lostAt) : undefined,
    waiting: Object.values(host.waiting).filter(
      (it) => it.productClass === productClass && it.at + CLIENT_LIFETIME > judgedAt,
    ).length,
  };
};

const hasUnknown = (host: KmsHostState, at: Instant): boolean =>
  host.pools.unknown !== undefined && tableSize(host.pools.unknown.ledger, at) > 0;
