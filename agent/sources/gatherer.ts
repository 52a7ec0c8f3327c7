import type { Log } from "../../config/log.ts";
import type { LicensingFact } from "../../licensing/facts.ts";
import type { Instant } from "../../licensing/time.ts";
import { type Gathered, type GatherParts, gather } from "./gather.ts";
import { type Source, watched } from "./source.ts";

export interface GathererParts extends Omit<GatherParts, "unspooled"> {
  readonly log: Log;
  readonly host: string;
  readonly signal: AbortSignal;
  /** What frees space in a full spool, for the log. */
  readonly hasCollector: boolean;
  /** Something may be new in the spool. */
  readonly onRead: () => void;
  /** License state of this computer was read. */
  readonly onLicensing: (fact: LicensingFact, observedAt: Instant) => void;
}

/** Reads one source to its end, or until the spool is full. */
export type Gatherer = (source: Source) => Promise<Gathered>;

/** A full spool is logged once for each source, and again after there was space in between. */
export const newGatherer = ({
  log,
  host,
  signal,
  hasCollector,
  onRead,
  onLicensing,
  ...rest
}: GathererParts): Gatherer => {
  const parts = { ...rest, unspooled: new Map() };
  const waiting = new Set<string>();
  return async (source) => {
    const observed = watched(source, host, onLicensing);
    let outcome: Gathered;
    do {
      outcome = await gather(observed, parts, signal);
      onRead();
    } while (outcome === "more" && !signal.aborted);
    if (outcome !== "full") waiting.delete(source.name);
    else if (!waiting.has(source.name)) {
      waiting.add(source.name);
      log.warn(`${source.name}: ${hasCollector ? FULL : FULL_OFFLINE}`);
    }
    return outcome;
  };
};

const FULL = "The spool is full: nothing is read until the collector has taken some of it. The event logs keep it.";
const FULL_OFFLINE =
  "The spool is full: nothing is read until `agent export --clear` has taken it out. The event logs keep what is to come.";
