import type { Instant } from "../../licensing/time.ts";
import type { Spooled } from "./frames.ts";

export interface Batch {
  readonly records: readonly Spooled[];
  /** Takes the batch out of the spool, once the other side has it. */
  leave(): void;
  /** Takes it out because the other side refuses it for good: it counts as dropped. */
  drop(): void;
}

/** What was thrown away by kind, since the spool was made: it was full, the collector refused it for good, or it was `damaged`. */
export type Dropped = Readonly<Record<string, number>>;

export interface ReadLimits {
  readonly records: number;
  readonly bytes: number;
  /** Computers whose records are left where they are. */
  readonly without?: ReadonlySet<string>;
  /** Records of one computer only: that of the first one. */
  readonly oneComputer?: true;
}

/**
 * A queue on disk between reading and sending. `append` returns once the records are on disk; they stay until `leave`. It
 * survives a kill at any byte, a full disk and damaged files: each record is framed with its length and checksum, what is
 * damaged is skipped and counted, and all else arrives.
 */
export interface Spool {
  /**
   * @returns false when nothing was taken because it is full: stop reading then, and keep the bookmark. A record that is larger
   * than the whole spool is taken when nothing else is in it.
   */
  append(records: readonly Omit<Spooled, "uid">[]): boolean;
  read(limits: ReadLimits): Batch | undefined;
  /** Takes out what `agent export --clear` has put on a medium. @returns how many records. */
  leaveExported(): number;
  readonly depth: number;
  readonly oldestAt: Instant | undefined;
  readonly dropped: Dropped;
  close(): void;
}
