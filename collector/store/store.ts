import type { EventName } from "../../licensing/events/names.ts";
import type { Instant } from "../../licensing/time.ts";
import type { SumKey } from "./sums.ts";

/** A value now (SQLite) or later (PostgreSQL). */
export type Eventually<T> = T | Promise<T>;

/** The store cannot be written to at present (locked, full, broken): later, or never, but whatever is written. */
export class StoreUnavailable extends Error {}

/** An event as it is kept: what was read, not what it means, so that a better reading applies to old events too. */
export interface EventRow {
  /** 16 bytes, see licensing/identity.ts. */
  readonly id: Uint8Array;
  readonly computer: string;
  readonly eventId: number;
  readonly at: Instant;
  /** The rest of the EventFact, see stored-event.ts. */
  readonly fact: string;
}

/** Any state that belongs to one name: a computer, a KMS host, one client of one KMS host. */
export interface StateRow {
  readonly key: string;
  /** JSON. */
  readonly state: string;
}

export interface ComputerRow extends StateRow {
  readonly zone: string;
  readonly seenAt: Instant;
  /** 1: retired, in no figure but its own. */
  readonly retired: 0 | 1;
  /** The soonest deadline of the licenses that speak for it, null while none runs. */
  readonly deadline: Instant | null;
  /** The status of that license, which tells the end of validity from the end of grace. */
  readonly deadlineStatus: string | null;
  /** And its product as label. */
  readonly deadlineProduct: string | null;
  /** When its renewal counts as overdue, null while none is expected. */
  readonly overdueAt: Instant | null;
}

/** One client machine ID of one pool of one KMS host. */
export interface ClientKey {
  readonly kmsHost: string;
  readonly pool: string;
  readonly key: string;
}

export interface KmsClientRow extends ClientKey, StateRow {
  readonly lastAt: Instant;
}

/** A record that could not be interpreted, kept whole. */
export interface UninterpretedRow {
  readonly receivedAt: Instant;
  readonly host: string;
  readonly reason: string;
  readonly record: string;
}

/**
 * Where facts and sums are kept. All that one batch of requests changes goes through one `transact`: when it resolves,
 * everything is on disk; when it throws, nothing happened. Reads take whole batches of keys, writes whole batches of rows,
 * because a round trip per row is what makes databases slow.
 */
export interface Store {
  transact<T>(work: (tx: Transaction) => Eventually<T>): Promise<T>;
  /** Every sum, to start from. */
  sums(): Eventually<Iterable<readonly [SumKey, number]>>;
  kmsHosts(): Eventually<readonly StateRow[]>;
  /** What the collector itself remembers: products it learned, the settings its sums were counted with. */
  collectorState(): Eventually<readonly StateRow[]>;
  readonly read: Reader;
  /** Size on disk. */
  bytes(): Eventually<number>;
  close(): Eventually<void>;
}

export interface Transaction {
  /** Inserts what is not there yet; tells for each row whether it was new. An event's effects belong to the transaction that inserted it. */
  insertEvents(rows: readonly EventRow[]): Eventually<boolean[]>;
  computers(keys: readonly string[]): Eventually<Map<string, ComputerRow>>;
  saveComputers(rows: readonly ComputerRow[]): Eventually<void>;
  saveKmsHosts(rows: readonly StateRow[]): Eventually<void>;
  kmsClients(keys: readonly ClientKey[]): Eventually<readonly KmsClientRow[]>;
  saveKmsClients(rows: readonly KmsClientRow[]): Eventually<void>;
  putState(rows: readonly StateRow[]): Eventually<void>;
  deleteState(keys: readonly string[]): Eventually<void>;
  /** Puts these in the place of all sums, after a recount. */
  replaceSums(sums: Iterable<readonly [SumKey, number]>): Eventually<void>;
  addSums(deltas: Iterable<readonly [SumKey, number]>): Eventually<void>;
  putUninterpreted(rows: readonly UninterpretedRow[]): Eventually<void>;
  /** The requests (12290) of one KMS host from `since` on, to rebuild its table when something arrives late. */
  eventsOf(computer: string, eventId: number, since: Instant): Eventually<readonly EventRow[]>;
  forget(before: { events: Instant; computers: Instant; kmsClients: Instant }): Eventually<Forgotten>;
}

/** What a sweep removed, so that its sums can be taken away too. */
export interface Forgotten {
  readonly computers: readonly ComputerRow[];
  readonly kmsClients: readonly KmsClientRow[];
  readonly events: number;
}

/** Computers by zone and status of their deadline, or by zone alone. */
export interface Count {
  readonly zone: string;
  readonly status: string | null;
  readonly count: number;
}

/** A computer whose deadline lies ahead. */
export interface Deadline {
  readonly key: string;
  readonly zone: string;
  readonly deadline: Instant;
  readonly status: string;
  readonly product: string;
}

/** Questions of the API and of /metrics; each reads a bounded number of rows through an index. */
export interface Reader {
  computer(key: string): Eventually<ComputerRow | undefined>;
  computers(query: { after: string; limit: number }): Eventually<readonly ComputerRow[]>;
  /** Computers that are not retired and were last seen within [from, until), in the order of that time and their keys. */
  computersBySeen(query: {
    from: Instant;
    until: Instant;
    after?: Pick<ComputerRow, "seenAt" | "key">;
    limit: number;
  }): Eventually<readonly ComputerRow[]>;
  computersByDeadline(query: { from: Instant; until: Instant; limit: number }): Eventually<readonly Deadline[]>;
  /** Of those that are not retired, within [from, until): what the sums of whole hours cannot tell. */
  countComputers(by: "deadline" | "overdue" | "seen", from: Instant, until: Instant): Eventually<readonly Count[]>;
  countKmsClients(query: { kmsHost: string; pool: string; from: Instant; until: Instant }): Eventually<number>;
  events(query: {
    computer?: string;
    event?: EventName;
    since: Instant;
    after?: Uint8Array;
    limit: number;
  }): Eventually<readonly EventRow[]>;
  /** The clients of one pool of one KMS host, those that asked last first. */
  kmsClients(query: { kmsHost: string; pool: string; limit: number }): Eventually<readonly KmsClientRow[]>;
  /** Every client of every KMS host in the order of their keys, to count anew. */
  allKmsClients(query: { after?: KmsClientRow; limit: number }): Eventually<readonly KmsClientRow[]>;
}
