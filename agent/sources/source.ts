import type { Fact, LicensingFact } from "../../licensing/facts.ts";
import type { Instant } from "../../licensing/time.ts";

/** A fact and the computer it is about: not always this one (a forwarded log, a recording). */
export interface Observed {
  readonly host: string;
  readonly observedAt: Instant;
  readonly fact: Fact;
  /** An event of `host`'s own log that carries a former name of it. */
  readonly ownChannel?: true;
}

export interface Read {
  readonly facts: readonly Observed[];
  /** Where to go on, to be kept once the facts are on disk. */
  readonly bookmark?: string;
  /** There is more to be read at once. */
  readonly more?: boolean;
  /** By computer and channel: everything up to this instant was read. */
  readonly readUntil?: readonly {
    readonly host: string;
    readonly channel: string;
    readonly at: Instant;
    readonly oldest?: Instant;
    /** Places where records were lost before they could be read, all that were ever found. */
    readonly gaps?: number;
  }[];
  /** The same, new ones, in all channels of this source. */
  readonly gaps?: number;
  /** What an administrator should know of this reading; it succeeded all the same. */
  readonly warnings?: readonly string[];
}

/** Where facts are observed: event logs, license state, probes; off Windows, recordings. */
export interface Source {
  /** Unique: bookmarks are kept under it. */
  readonly name: string;
  /** What the heartbeat calls it when it fails, the same for many computers; without it the name. */
  readonly label?: string;
  read(bookmark: string | undefined, signal: AbortSignal): Promise<Read>;
}

/** Shows what a source reads of one computer's license state. */
export const watched = (
  source: Source,
  host: string,
  see: (fact: LicensingFact, observedAt: Instant) => void,
): Source => ({
  ...source,
  read: async (bookmark, signal) => {
    const read = await source.read(bookmark, signal);
    for (const it of read.facts) if (it.host === host && it.fact.kind === "licensing") see(it.fact, it.observedAt);
    return read;
  },
});
