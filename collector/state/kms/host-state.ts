import { type Coverage, knownUntil, NO_COVERAGE } from "../../../licensing/kms/coverage.ts";
import { CLIENT_LIFETIME, tableSize } from "../../../licensing/kms/ledger.ts";
import type { KmsReading } from "../../../licensing/kms/reading.ts";
import type { ProductClass } from "../../../licensing/kms/rules.ts";
import { NEW_SIMULATION, type PoolSimulation, type Repetition } from "../../../licensing/kms/simulation.ts";
import type { Application } from "../../../licensing/products.ts";
import type { Reason } from "../../../licensing/reasons.ts";
import type { Instant } from "../../../licensing/time.ts";
import { type ClientClocks, copyOfClocks, newClientClocks, SKEWED_MAX } from "../client-clocks.ts";
import { keepNewest } from "../keep-newest.ts";
import { type KeyedHost, REFUSED_MAX } from "./keys.ts";
import { REFUSED_REQUESTS_MAX, type RefusedRequests, type ToldCounts } from "./names.ts";

/** Everything known of one KMS host, as plain data: it is stored as one row and is small, whatever the number of clients. */
export interface KmsHostState extends KeyedHost {
  /** What its own agent says, and when it said so. */
  zone?: string;
  addresses?: string;
  os?: string;
  originAt?: Instant;
  port?: number;
  pools: Partial<Record<Application, PoolState>>;
  coverage: Coverage;
  /** The newest request that has been applied in the order of time. */
  appliedUntil?: Instant;
  /** Readings of its counts that are newer than what is known of its log; ascending. */
  pendingReadings: readonly CountReading[];
  /** The walk through its requests that must be repeated. */
  replay?: Replay;
  /** Names that have to be looked for among its requests. */
  nameSearch?: NameSearch;
  /** Clients of unknown products that asked before this instant have not been looked through again. */
  regroupBefore?: Instant;
  /** From WMI on the host. */
  reading?: {
    at: Instant;
    intervalSeconds?: number;
    keys: KmsReading["keys"];
    /** The computer says that it is no KMS host (any more). */
    isKmsHost?: false;
    dnsPublishing?: boolean;
  };
  /** What clients were told that called it by its own name … */
  told: ToldCounts;
  /** … and by others, as far as it is known whose names these are. */
  toldByAlias: readonly ToldCounts[];
  classes: Partial<Record<ProductClass, ClassState>>;
  duplicates: Record<string, { computers: string[]; until: Instant }>;
  domains: Record<string, { published: boolean; at: Instant }>;
  /** The newest start of its service that failed (12291). */
  startFailed?: StartFailed;
  clocks: ClientClocks;
  /** Other names and addresses by which clients call it, with the newest request that proves it. */
  aliases: Record<string, Instant>;
  /** The newest requests that it refused: a client's own record of one may arrive later, and tell another name. */
  refusedRequests: RefusedRequests;
  /** The newest fact of it when a set of it was halved, because its row had become too large. */
  halvedAt?: Instant;
}

export interface StartFailed {
  readonly at: Instant;
  /** `0x` and eight digits. */
  readonly code?: string | undefined;
}

/** The walk through a KMS host's requests that is being repeated, as far as it has come. Plain data. */
export interface Replay extends Repetition {
  /** The last event that was walked through: its time, and its identity in hexadecimal. */
  readonly position: readonly [at: Instant, id: string];
  readonly readingsUntil: Instant;
  readonly pools: Partial<Record<Application, PoolSimulation>>;
  /** When each pool was last asked, and each class, as far as the walk has come. */
  readonly lastRequest: Partial<Record<Application, Instant>>;
  readonly askedAt: Partial<Record<ProductClass, Instant>>;
  readonly clocks: ClientClocks;
  /** The time of the first event that was walked through. */
  readonly oldest?: Instant;
  /** Products became known: clients may be of another pool than before. */
  readonly regroups?: true;
}

/** A search through a KMS host's stored requests for the names under which some client machine IDs asked. Plain data. */
export interface NameSearch {
  readonly ids: readonly string[];
  /** The last event that was looked at: its time, and its identity in hexadecimal. */
  readonly position: readonly [at: Instant, id: string];
  readonly until: Instant;
}

export interface ClassState {
  /** When a request last asked for this need. */
  askedAt?: Instant;
  /** When the host last reported clients of this need. */
  reportedAt?: Instant;
  /** The host has reported a count that was enough. */
  reached?: true;
}

/** The counts that a KMS host reported in one reading. */
export interface CountReading {
  readonly at: Instant;
  readonly counts: Readonly<Partial<Record<Application, number>>>;
}

export interface PoolState {
  simulation: PoolSimulation;
  reported?: { count: number; at: Instant; intervalSeconds?: number };
  counters: Readonly<Record<string, number>>;
  lastRequest?: Instant;
  /** Failures by cause and minute, of the last hour of the host's log. */
  failures: Partial<Record<Reason, readonly (readonly [minute: Instant, count: number])[]>>;
}

/**
 * Each has some sixty series and a state in memory; the largest fleets have dozens. A sender that may report for others could
 * invent any number of them.
 */
export const KMS_HOSTS_MAX = 500;

export const newKmsHost = (): KmsHostState => ({
  pools: {},
  coverage: NO_COVERAGE,
  pendingReadings: [],
  classes: {},
  told: {},
  toldByAlias: [],
  duplicates: {},
  domains: {},
  keys: {},
  refused: {},
  clocks: newClientClocks(),
  aliases: {},
  refusedRequests: {},
});

/** A copy that the functions of this folder can change without a change of the original: they replace what lies deeper. */
export const copyOfHost = (host: KmsHostState): KmsHostState => {
  const pools: KmsHostState["pools"] = {};
  for (const [name, pool] of Object.entries(host.pools))
    pools[name as Application] = { ...pool, failures: { ...pool.failures } };
  return {
    ...host,
    pools,
    classes: { ...host.classes },
    duplicates: { ...host.duplicates },
    domains: { ...host.domains },
    refused: { ...host.refused },
    clocks: copyOfClocks(host.clocks),
    aliases: { ...host.aliases },
    refusedRequests: { ...host.refusedRequests },
  };
};

/** The state of one pool; made, where the host has none yet. */
export const poolState = (host: KmsHostState, pool: Application): PoolState => {
  host.pools[pool] ??= { simulation: NEW_SIMULATION, counters: {}, failures: {} };
  return host.pools[pool];
};

/** A pool of which nothing is known but what clients were told. */
export const EMPTY_POOL: PoolState = { simulation: NEW_SIMULATION, counters: {}, failures: {} };

/** All KMS hosts together may take so much memory as JSON; one of few hosts may take more than one of many. */
const HOSTS_BYTES = 32 * 1024 * 1024;
const HOST_BYTES_MIN = HOSTS_BYTES / KMS_HOSTS_MAX;

/** The sets whose members senders can name, and how each is halved: the newest stay. */
interface Cuttable {
  readonly get: (host: KmsHostState) => object;
  readonly halve: (host: KmsHostState) => void;
}
const byTime = <K extends "duplicates" | "refused" | "refusedRequests" | "aliases" | "domains">(
  name: K,
  atOf: (it: KmsHostState[K][string]) => Instant,
): Cuttable => ({
  get: (host) => host[name],
  halve: (host) => {
    const all = Object.entries(host[name]) as [string, KmsHostState[K][string]][];
    const kept = all.sort(([, a], [, b]) => atOf(b) - atOf(a)).slice(0, all.length >> 1);
    (host as { [name in K]: unknown })[name] = Object.fromEntries(kept);
  },
});
const CUTTABLE: readonly Cuttable[] = [
  byTime("duplicates", (it) => it.until),
  byTime("refused", (it) => it.at),
  byTime("refusedRequests", (it) => it.at),
  byTime("aliases", (it) => it),
  byTime("domains", (it) => it.at),
  {
    get: (host) => host.toldByAlias,
    halve: (host) => {
      host.toldByAlias = host.toldByAlias.slice(0, host.toldByAlias.length >> 1);
    },
  },
  {
    get: (host) => host.clocks.skewed,
    halve: (host) => {
      const { skewed } = host.clocks;
      host.clocks = { ...host.clocks, skewed: keepNewest(skewed, Object.keys(skewed).length >> 1) };
    },
  },
];
const EMPTY = "{}".length;

/** A KMS host as it is stored, in a row of bounded size: of what is too large the largest set is halved. */
export const hostRow = (key: string, host: KmsHostState, hosts: number): { key: string; state: string } => {
  const most = Math.max(HOST_BYTES_MIN, HOSTS_BYTES / Math.max(hosts, 1));
  for (let state = JSON.stringify(host); ; state = JSON.stringify(host)) {
    if (state.length <= most) return { key, state };
    const sized = CUTTABLE.map((set) => ({ set, size: JSON.stringify(set.get(host)).length }));
    const largest = sized.reduce((a, b) => (b.size > a.size ? b : a));
    if (largest.size <= EMPTY) return { key, state };
    largest.set.halve(host);
    host.halvedAt = Math.max(host.appliedUntil ?? 0, knownUntil(host.coverage) ?? 0, host.reading?.at ?? 0);
  }
};

/** Drops what 30 days have made meaningless, so that the row stays small. */
export const tidy = (host: KmsHostState): void => {
  host.refused = keepNewest(host.refused, REFUSED_MAX);
  host.refusedRequests = keepNewest(host.refusedRequests, REFUSED_REQUESTS_MAX);
  host.clocks.skewed = keepNewest(host.clocks.skewed, SKEWED_MAX);
  const until = knownUntil(host.coverage);
  if (until === undefined) return;
  for (const [cmid, it] of Object.entries(host.duplicates)) if (it.until <= until) delete host.duplicates[cmid];
  for (const clients of [host.refused, host.clocks.skewed])
    for (const [cmid, it] of Object.entries(clients)) if (it.at + CLIENT_LIFETIME <= until) delete clients[cmid];
};

/** Different clients that it is known to have: those in its largest table. */
export const clientsKnown = ({ pools }: KmsHostState, at: Instant): number => {
  let most = 0;
  for (const name in pools) most = Math.max(most, tableSize(pools[name as Application]!.simulation.ledger, at));
  return most;
};

/** The same of tables that are being walked through. */
export const clientsIn = (pools: Partial<Record<Application, PoolSimulation>>, at: Instant): number =>
  Math.max(0, ...Object.values(pools).map((it) => tableSize(it.ledger, at)));
