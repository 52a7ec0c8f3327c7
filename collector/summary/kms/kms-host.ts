import { isComplete, knownUntil } from "../../../licensing/kms/coverage.ts";
import { CLIENT_LIFETIME, capacityOf } from "../../../licensing/kms/ledger.ts";
import {
  effectiveCount,
  isInUse,
  POOL_OF_CLASS,
  PRODUCT_CLASSES,
  type ProductClass,
  REQUIRED,
} from "../../../licensing/kms/rules.ts";
import { waitingClients } from "../../../licensing/kms/simulation.ts";
import { APPLICATIONS, type Application, type Products } from "../../../licensing/products.ts";
import type { Instant } from "../../../licensing/time.ts";
import { askedAt, hasBeenReached, toldCount } from "../../state/kms/host.ts";
import { EMPTY_POOL, type KmsHostState, type PoolState } from "../../state/kms/host-state.ts";
import type { ToldCount } from "../../state/kms/names.ts";
import { fallsBelow, headroomOf, type Table, tableOf, tableWith } from "./table-interval.ts";

/** What can be said of one count of a KMS host now: the one place where the counting rules meet the stored state. */
export interface PoolView {
  readonly application: Application;
  readonly pool: PoolState;
  /** What a client was told last. */
  readonly told: ToldCount | undefined;
  readonly tableClients: number;
  /** With all clients of unknown products that may belong to it. */
  readonly mostClients: number;
  readonly capacity: number;
  readonly complete: boolean;
  /** The newest reading says that the host does not serve this product family any more: then it has no count. */
  readonly keyLost: boolean;
  readonly effective: { count: number; source: "reported" | "ledger" } | undefined;
  /**
   * Where clients of unknown products may belong to this count: its ends without and with all of them
   * (docs/counting-rules.md, "Pools").
   */
  readonly between: readonly [atLeast: number, atMost: number] | undefined;
  readonly classes: readonly ClassView[];
}

export interface ClassView {
  readonly productClass: ProductClass;
  readonly required: number;
  /** Undefined while the count is not known, or may be on both sides of the threshold. */
  readonly headroom: number | undefined;
  readonly between: PoolView["between"];
  readonly reached: boolean;
  readonly belowThresholdAt: Instant | undefined;
  readonly waiting: number;
}

export interface HostView {
  readonly name: string;
  readonly host: KmsHostState;
  /** The table is judged at this instant, never later (docs/counting-rules.md, "Silence is not zero"). */
  readonly judgedAt: Instant | undefined;
  readonly pools: readonly PoolView[];
  readonly duplicates: readonly { cmid: string; computers: readonly string[] }[];
}

export const hostView = (name: string, host: KmsHostState, now: Instant, products: Products): HostView => {
  const known = knownUntil(host.coverage);
  const judgedAt = known === undefined ? undefined : Math.min(known, now);
  return {
    name,
    host,
    judgedAt,
    pools: APPLICATIONS.flatMap((application) => {
      const told = toldCount(host, application, products);
      const pool = host.pools[application] ?? (told && EMPTY_POOL);
      return pool ? [poolView(host, application, pool, { told, judgedAt, now, products })] : [];
    }),
    duplicates: Object.entries(host.duplicates)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .filter(([, it]) => it.until > (judgedAt ?? now))
      .map(([cmid, { computers }]) => ({ cmid, computers })),
  };
};

interface ViewContext {
  readonly told: ToldCount | undefined;
  readonly judgedAt: Instant | undefined;
  readonly now: Instant;
  readonly products: Products;
}

const poolView = (
  host: KmsHostState,
  application: Application,
  pool: PoolState,
  { told, judgedAt, now, products }: ViewContext,
): PoolView => {
  const least = tableOf(pool.simulation.ledger, judgedAt);
  const most =
    application === "unknown"
      ? least
      : tableWith(pool.simulation.ledger, host.pools.unknown?.simulation.ledger, judgedAt);
  const capacity = capacityOf(pool.simulation.ledger);
  const complete =
    application !== "unknown" && isComplete(host.coverage, pool.simulation.ledger) && !isTooSmall(capacity, pool);
  const keyLost = isKeyLost(host, application, pool);
  const count = keyLost
    ? undefined
    : effectiveCount({
        ...(pool.reported && { reported: pool.reported }),
        table: { size: least.size, complete },
        now,
      });
  const isInterval = count?.source === "ledger" && most.size > least.size;
  const tables = count && { least, most: isInterval ? most : least, count: isInterval ? undefined : count.count };
  return {
    application,
    pool,
    told,
    tableClients: least.size,
    mostClients: most.size,
    capacity,
    complete,
    keyLost,
    effective: isInterval ? undefined : count,
    between: isInterval ? [least.size, most.size] : undefined,
    classes: PRODUCT_CLASSES.filter(
      (it) => POOL_OF_CLASS[it] === application && isInUse(askedAt(host, pool, it), now),
    ).map((productClass) =>
      classView(pool, productClass, {
        least,
        ...tables,
        keyLost,
        reached: hasBeenReached(host, pool, { productClass, products }),
        judgedAt: judgedAt ?? now,
      }),
    ),
  };
};

/** The host reports more clients than its simulated table can hold: the table grew before the log begins. */
const isTooSmall = (capacity: number, { reported }: PoolState): boolean =>
  reported !== undefined && capacity > 0 && reported.count > capacity;

/**
 * The newest word of WMI is that the computer is no KMS host any more, or that no key serves this product family whose
 * clients WMI counted once (docs/counting-rules.md, "Reported counts"); and its log shows no valid request since.
 */
const isKeyLost = (
  { reading }: KmsHostState,
  application: Application,
  { reported, simulation }: PoolState,
): boolean => {
  if (!reading || reported?.at === reading.at || application === "unknown") return false;
  if (reading.keys.some((it) => it.application === application && it.serves !== false)) return false;
  const servedAt = simulation.ledger.entries[0]?.[1];
  if (servedAt !== undefined && servedAt > reading.at) return false;
  return reported !== undefined || reading.isKmsHost === false;
};

const classView = (
  pool: PoolState,
  productClass: ProductClass,
  it: {
    readonly least: Table;
    /** Absent while the count is not known. */
    readonly most?: Table;
    readonly count?: number | undefined;
    readonly keyLost: boolean;
    readonly reached: boolean;
    readonly judgedAt: Instant;
  },
): ClassView => {
  const required = REQUIRED[productClass];
  const { least, most, count, reached } = it;
  const isInterval = most !== undefined && count === undefined;
  const headroom = most && (count === undefined ? headroomOf(least.size, most.size, required) : count - required);
  // The threshold lies within the interval: nothing is known of a fall, also not since a table was lost.
  const isUndecided = isInterval && headroom === undefined;
  return {
    productClass,
    required,
    headroom,
    between: isInterval ? [least.size, most.size] : undefined,
    reached,
    belowThresholdAt:
      reached && !it.keyLost && !isUndecided
        ? (fallsBelow(least, most ?? least, required) ?? pool.simulation.lostAt)
        : undefined,
    waiting: waitingClients(pool.simulation).filter(
      (client) => client.productClass === productClass && client.at + CLIENT_LIFETIME > it.judgedAt,
    ).length,
  };
};
