import { type Coverage, knownUntil, NO_COVERAGE } from "../../licensing/kms/coverage.ts";
import { CLIENT_LIFETIME, EMPTY_LEDGER, type Ledger, tableSize } from "../../licensing/kms/ledger.ts";
import type { KmsReading } from "../../licensing/kms/reading.ts";
import type { LossWatch, ProductClass } from "../../licensing/kms/rules.ts";
import type { Application } from "../../licensing/products.ts";
import type { Reason } from "../../licensing/reasons.ts";
import type { Instant } from "../../licensing/time.ts";
import { type ClientClocks, copyOfClocks, noClocks, SKEWED_MAX } from "./client-clocks.ts";
import { keepNewest } from "./keep-newest.ts";
import { type KeyedHost, REFUSED_MAX } from "./kms-keys.ts";

/** Everything known of one KMS host, as plain data: it is stored as one row and is small, whatever the number of clients. */
export interface KmsHostState extends KeyedHost {
  zone?: string;
  os?: string;
  port?: number;
  pools: Partial<Record<Application, PoolState>>;
  coverage: Coverage;
  /** From WMI on the host. */
  reading?: {
    at: Instant;
    intervalSeconds?: number;
    keys: KmsReading["keys"];
    /** The computer says that it is no KMS host (any more). */
    isKmsHost?: false;
    dnsPublishing?: boolean;
  };
  renewalMinutes?: number;
  classes: Partial<Record<ProductClass, { askedAt?: Instant; reachedAt?: Instant }>>;
  waiting: Record<string, { productClass: ProductClass; name: string; at: Instant }>;
  duplicates: Record<string, { computers: string[]; until: Instant }>;
  domains: Record<string, { published: boolean; at: Instant }>;
  clocks: ClientClocks;
  /** Other names and addresses by which clients call it. */
  aliases: string[];
}

export interface PoolState {
  ledger: Ledger;
  reported?: { count: number; at: Instant; intervalSeconds?: number };
  counters: Readonly<Record<string, number>>;
  told?: { count: number; at: Instant };
  watch?: LossWatch;
  lostAt?: Instant;
  lastRequest?: Instant;
  /** Failures by cause and minute, of the last hour of the host's log. */
  failures: Partial<Record<Reason, readonly (readonly [minute: Instant, count: number])[]>>;
}

/**
 * Each has some sixty series and a state in memory; the largest fleets have dozens. Whoever may report for others could make
 * any number of them.
 */
export const KMS_HOSTS_MAX = 500;

export const newKmsHost = (): KmsHostState => ({
  pools: {},
  coverage: NO_COVERAGE,
  classes: {},
  waiting: {},
  duplicates: {},
  domains: {},
  keys: {},
  refused: {},
  clocks: noClocks(),
  aliases: [],
});

/** As it was stored, maybe before there were some of these. */
export const kmsHostOf = (json: string): KmsHostState => ({ ...newKmsHost(), ...(JSON.parse(json) as KmsHostState) });

/** A copy that can be changed by the functions below without a change of the original: they replace what lies deeper. */
export const copyOfHost = (host: KmsHostState): KmsHostState => {
  const pools: KmsHostState["pools"] = {};
  for (const [name, pool] of Object.entries(host.pools))
    pools[name as Application] = { ...pool, failures: { ...pool.failures } };
  return {
    ...host,
    pools,
    classes: { ...host.classes },
    waiting: { ...host.waiting },
    duplicates: { ...host.duplicates },
    domains: { ...host.domains },
    refused: { ...host.refused },
    clocks: copyOfClocks(host.clocks),
    aliases: [...host.aliases],
  };
};

/** The state of one pool; made, where the host has none yet. */
export const poolState = (host: KmsHostState, pool: Application): PoolState => {
  host.pools[pool] ??= { ledger: EMPTY_LEDGER, counters: {}, failures: {} };
  return host.pools[pool];
};

const WAITING_MAX = 200;

/** Drops what 30 days have made meaningless, so that the row stays small. */
export const tidy = (host: KmsHostState): void => {
  host.waiting = keepNewest(host.waiting, WAITING_MAX);
  host.refused = keepNewest(host.refused, REFUSED_MAX);
  host.clocks.skewed = keepNewest(host.clocks.skewed, SKEWED_MAX);
  const until = knownUntil(host.coverage);
  if (until === undefined) return;
  for (const [cmid, it] of Object.entries(host.duplicates)) if (it.until <= until) delete host.duplicates[cmid];
  for (const [cmid, it] of Object.entries(host.waiting))
    if (it.at + CLIENT_LIFETIME <= until) delete host.waiting[cmid];
  for (const clients of [host.refused, host.clocks.skewed])
    for (const [cmid, it] of Object.entries(clients)) if (it.at + CLIENT_LIFETIME <= until) delete clients[cmid];
};

/** Different clients that it is known to have: those in its largest table. */
export const clientsKnown = (host: KmsHostState, at: Instant): number => {
  let most = 0;
  for (const name in host.pools) most = Math.max(most, tableSize(host.pools[name as Application]!.ledger, at));
  return most;
};
