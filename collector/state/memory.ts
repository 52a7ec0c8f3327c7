import type { Application, Product, Products } from "../../licensing/products.ts";
import type { Retirement } from "../../licensing/retirement.ts";
import type { Instant } from "../../licensing/time.ts";
import type { ReportedPlace, ZoneFinder } from "../../licensing/zones.ts";
import type { Changed, StateRow } from "../store/store.ts";
import { groupOf, type SumKey, type Sums, sumKey } from "../store/sums.ts";
import type { KmsHostState } from "./kms/host-state.ts";
import type { CalledNames } from "./kms/names.ts";
import { storedCalledNames, storedHost } from "./kms/stored-host.ts";
import type { ProberState } from "./probes.ts";
import type { RecountPosition } from "./recount-position.ts";

/**
 * What the collector holds in memory between transactions: a cache of the store, changed only after a commit, or by reading
 * what another collector has written.
 */
export interface Memory {
  /** The state of the store that this is a copy of. */
  revision: number;
  readonly products: Products;
  readonly hosts: Map<string, KmsHostState>;
  /** At most so many computers are kept. */
  readonly computersMax: number;
  /** By configuration: they are always kept. */
  readonly expectedHosts: ReadonlySet<string>;
  readonly probers: Map<string, ProberState>;
  readonly sums: Sums;
  readonly configuredZones: ReadonlySet<string>;
  /** The zones that agents have named. */
  readonly reportedZones: Set<string>;
  readonly zoneFinder: ZoneFinder;
  /** A computer's zone, by its name and by what its own agent says. */
  readonly zoneOf: (computer: string, reported?: ReportedPlace) => string;
  calledNames: CalledNames;
  readonly retirement: Retirement;
  /** Computers of which events have come whose time a form had rounded. */
  readonly coarseComputers: Set<string>;
  /** The newest event that has come by an import. */
  importedUntil?: Instant;
  /** The newest time that a collector on this store was sure of. */
  sureOf?: Instant;
  /** How much was kept of uninterpreted records in the newest hour. */
  uninterpreted?: { readonly hour: number; readonly text: number };
  /** The hash of the settings by which the sums in the store were counted … */
  settings?: string;
  /** … and of this collector's own. */
  readonly ownSettings: string;
  /** The sums are being counted anew, as far as this. */
  recount?: RecountPosition;
}

/** Keys of the collector's own state. */
export const SETTINGS = "settings";
export const RECOUNT = "recount";
export const SURE_OF = "sure of the time";
export const IMPORTED_UNTIL = "imported until";
export const CALLED_NAMES = "called names";
const PRODUCT = "product ";
const PROBER = "prober ";
const ZONE = "zone ";
const COARSE = "coarse ";
/** Beyond this many it is assumed of every computer: its events cost a look more. */
export const COARSE_MAX = 10_000;

export const productRow = (activationId: string, { name, application }: Product): StateRow => ({
  key: PRODUCT + activationId,
  state: JSON.stringify({ name, application }),
});
export const coarseRow = (computer: string): StateRow => ({ key: COARSE + computer, state: "1" });
export const zoneRow = (zone: string): StateRow => ({ key: ZONE + zone, state: "1" });

/** Counters have no rows to be counted from: what was counted stays. */
const COUNTERS = [
  "requests",
  "request_failures",
  "attempts",
  "channel_attempts",
  "failures",
  "changes",
  "dropped",
  "gaps",
];
export const isCounter = (key: SumKey): boolean => COUNTERS.includes(groupOf(key));

/** Is a recount for the settings of this collector on its way? */
export const isRecounting = ({ recount, ownSettings }: Memory): boolean => recount?.settings === ownSettings;

/** Takes over what others have written, or at the start everything there is. */
export const refresh = (memory: Memory, changed: Changed): void => {
  if (changed.complete) {
    memory.hosts.clear();
    memory.probers.clear();
    memory.sums.clear();
    delete memory.recount;
  }
  for (const it of changed.kmsHosts) memory.hosts.set(it.key, storedHost(it.state));
  for (const it of changed.collectorState) refreshState(memory, it);
  // Sums that were counted by other settings, or by an older version, may be any number.
  const isOwn = memory.recount
    ? isRecounting(memory) && memory.recount.step !== "sums"
    : memory.settings === memory.ownSettings;
  if (isOwn) memory.sums.put(changed.sums);
  else for (const it of COUNTERS) memory.sums.put(changed.sumsFrom(sumKey(it, "")));
  memory.revision = changed.revision;
};

const refreshState = (memory: Memory, { key, state }: StateRow): void => {
  if (key.startsWith(PROBER)) {
    if (state === "") memory.probers.delete(key.slice(PROBER.length));
    else memory.probers.set(key.slice(PROBER.length), JSON.parse(state) as ProberState);
  } else if (key.startsWith(ZONE)) memory.reportedZones.add(key.slice(ZONE.length));
  else if (key.startsWith(COARSE)) memory.coarseComputers.add(key.slice(COARSE.length));
  else if (key === SETTINGS) memory.settings = state;
  else if (key === RECOUNT) {
    if (state === "") delete memory.recount;
    else memory.recount = JSON.parse(state) as RecountPosition;
  } else if (key === SURE_OF) memory.sureOf = Number(state);
  else if (key === IMPORTED_UNTIL) memory.importedUntil = Number(state);
  else if (key === CALLED_NAMES) memory.calledNames = storedCalledNames(state);
  else if (key.startsWith(PRODUCT)) {
    const { name, application } = JSON.parse(state) as { name: string; application: Application };
    memory.products.learn(key.slice(PRODUCT.length), name, application);
  }
};
