import type { Fact, LicensingFact } from "../licensing/fact.ts";
import type { Instant } from "../licensing/time.ts";

/** A fact and the computer it is about: not always this one (a forwarded log, a recording). */
export interface Observed {
  readonly host: string;
  readonly observedAt: Instant;
  readonly fact: Fact;
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
  }[];
  /** Places where records were lost before they could be read. */
  readonly gaps?: number;
}

/** Where facts are observed: event logs, license state, probes; off Windows, recordings. */
export interface Source {
  readonly name: string;
  read(bookmark: string | undefined, signal: AbortSignal): Promise<Read>;
}

/** Lets somebody see what a source reads of one computer's license state. */
export const watched = (
  source: Source,
  host: string,
  see: (fact: LicensingFact, observedAt: Instant) => void,
): Source => ({
  name: source.name,
  read: async (bookmark, signal) => {
    const read = await source.read(bookmark, signal);
    for (const it of read.facts) if (it.host === host && it.fact.kind === "licensing") see(it.fact, it.observedAt);
    return read;
  },
});
