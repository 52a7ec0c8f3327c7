import type { Application } from "../../licensing/products.ts";
import type { Instant } from "../../licensing/time.ts";
import type { SumKey } from "./sums.ts";

/** A value now (SQLite) or later (PostgreSQL). */
export type Eventually<T> = T | Promise<T>;

/** The store cannot be written to at present (locked, full, broken): later, or never, but whatever is written. */
export class StoreUnavailable extends Error {}

/** The database is not what was opened: removed, cut, replaced or damaged. Nothing can be relied on until a restart. */
export class StoreDamaged extends StoreUnavailable {}

/** The server that keeps the store cannot be reached at present: nothing can be read either. */
export class StoreUnreachable extends StoreUnavailable {}

/**
 * Another writer came between (serialization failure, deadlock, connection lost during the commit): the same work succeeds
 * when it is done again from the beginning. Its effects are idempotent, because events are known by their identity.
 */
export class StoreConflict extends Error {}

/** An event as it is kept: what was read, not what it means, so that a better reading applies to old events too. */
export interface EventRow {
  /** 16 bytes, see licensing/events/identity.ts. */
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

/** 0: it has an agent; 1: retired, in no figure but its own; 2: known by others only, so that its silence means nothing. */
export type Presence = 0 | 1 | 2;

export interface ComputerRow extends StateRow {
  readonly zone: string;
  readonly seenAt: Instant;
  readonly presence: Presence;
  /** The soonest deadline of the licenses that speak for it, null while none runs. */
  readonly deadline: Instant | null;
  /** The status of that license, which tells the end of validity from the end of grace. */
  readonly deadlineStatus: string | null;
  /** And its product as label. */
  readonly deadlineProduct: string | null;
  /** When its renewal counts as overdue, null while none is expected. */
  readonly overdueAt: Instant | null;
}

/** What changes of a computer's row when it was seen again, and nothing that is counted has changed. */
export type ComputerTouch = Pick<ComputerRow, "key" | "seenAt" | "state">;

/** The part of a computer's row from which the rest follows. */
export type ComputerStateRow = Pick<ComputerRow, "key" | "zone" | "seenAt" | "state">;

/** One client machine ID of one pool of one KMS host. */
export interface ClientKey {
  readonly kmsHost: string;
  readonly pool: string;
  readonly key: string;
}

export interface KmsClientRow extends ClientKey, StateRow {
  readonly lastAt: Instant;
  /** The name under which it asked last, in lower case; empty where that is no computer's name. */
  readonly computer: string;
}

/** What is known of one client machine ID beside its requests. */
export interface MachineIdRow extends StateRow {
  readonly lastAt: Instant;
  /** Several names use it. */
  readonly shared: boolean;
}

/** The counts of one reading of a KMS host's WMI, by pool: what a replay of its requests must meet again. */
export interface KmsReadingRow {
  readonly kmsHost: string;
  readonly at: Instant;
  readonly counts: Readonly<Partial<Record<Application, number>>>;
}

/** A record that could not be interpreted, kept whole. */
export interface UninterpretedRow {
  readonly receivedAt: Instant;
  readonly host: string;
  readonly reason: string;
  readonly record: string;
}

/** Rows that writers have changed since a revision, as they are now. A sum of 0 and an empty state are gone. */
export interface Changed {
  readonly revision: number;
  /** These are all rows there are: what is not among them is gone. */
  readonly complete: boolean;
  readonly kmsHosts: readonly StateRow[];
  readonly collectorState: readonly StateRow[];
  readonly sums: Iterable<readonly [SumKey, number]>;
  /** Those of `sums` whose keys begin so. */
  sumsFrom(prefix: string): Iterable<readonly [SumKey, number]>;
}

/**
 * Where facts and sums are kept. All that one batch of requests changes goes through one `transact`: when it resolves,
 * everything is on disk; when it throws, nothing happened. Several engines may use one database; each transaction that writes
 * raises the revision, so that the others see what has changed. Calls of one `Store` must not overlap: the engine queues them.
 */
export interface Store {
  /**
   * Runs one write transaction. No other one can begin before it has ended.
   *
   * @throws StoreUnavailable, StoreConflict, or whatever `work` throws.
   */
  transact<T>(work: (tx: Transaction) => Eventually<T>): Promise<T>;
  /** Runs reads that all see the same state of the database. */
  snapshot<T>(read: (view: Reader) => Eventually<T>): Promise<T>;
  /** Looks for damage in the background; tells the first that it finds. To be asked for once. */
  check?(onDamage: (damage: StoreDamaged) => void): void;
  /** What the operator should know about this store, in sentences. */
  readonly warnings?: readonly string[];
  /** Size on disk, bytes. */
  bytes(): Eventually<number>;
  close(): Eventually<void>;
}

export interface Transaction extends Reader {
  /** Inserts what is not there yet; tells for each row whether it was new. An event's effects belong to the transaction that inserted it. */
  insertEvents(rows: readonly EventRow[]): Eventually<boolean[]>;
  removeEvents(ids: readonly Uint8Array[]): Eventually<void>;
  /** Puts other texts in the place of the facts of stored events. */
  replaceFacts(rows: readonly Pick<EventRow, "id" | "fact">[]): Eventually<void>;
  putComputers(rows: readonly ComputerRow[]): Eventually<void>;
  /** The same of computers of which all else is as it is stored. */
  touchComputers(rows: readonly ComputerTouch[]): Eventually<void>;
  putKmsHosts(rows: readonly StateRow[]): Eventually<void>;
  putKmsClients(rows: readonly KmsClientRow[]): Eventually<void>;
  removeKmsClients(keys: readonly ClientKey[]): Eventually<void>;
  putMachineIds(rows: readonly MachineIdRow[]): Eventually<void>;
  putKmsReadings(rows: readonly KmsReadingRow[]): Eventually<void>;
  putState(rows: readonly StateRow[]): Eventually<void>;
  deleteState(keys: readonly string[]): Eventually<void>;
  /** Removes these sums for good; others see it when they read everything (`deleteTombstones`). */
  removeSums(keys: readonly SumKey[]): Eventually<void>;
  addSums(deltas: Iterable<readonly [SumKey, number]>): Eventually<void>;
  putUninterpreted(rows: readonly UninterpretedRow[]): Eventually<void>;
  /** Removes the oldest uninterpreted records beyond this many. */
  trimUninterpreted(kept: number): Eventually<void>;
  /** Each removes at most `limit` rows, the oldest first (but for machine IDs), and returns what it removed. */
  deleteEvents(before: Uint8Array, limit: number): Eventually<number>;
  deleteKmsReadings(before: Instant, limit: number): Eventually<number>;
  deleteComputers(before: Instant, limit: number): Eventually<readonly ComputerRow[]>;
  deleteKmsClients(before: Instant, limit: number): Eventually<readonly KmsClientRow[]>;
  deleteMachineIds(before: Instant, limit: number): Eventually<number>;
  /** Forgets sums and states that are gone since before this revision; an engine that is older than it must read everything. */
  deleteTombstones(before: number): Eventually<void>;
}

/** Computers by zone and status of their deadline, which ` kms` follows where they have no agent (presence 2), or by zone alone. */
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

/** A page of events, in the order of their identity, which begins with their own time (event-id.ts). */
export interface EventQuery {
  readonly computer?: string;
  /** Events with, or without, these numbers. */
  readonly eventIds?: { readonly only: readonly number[] } | { readonly without: readonly number[] };
  readonly from?: Uint8Array;
  readonly before?: Uint8Array;
  /** The last one of the page before. */
  readonly after?: Uint8Array;
  readonly limit: number;
}

/** Where an event lies among those of its computer and number. */
export type EventPosition = Pick<EventRow, "at" | "id">;

/** The events of one number of one computer within [from, until). */
export interface EventRange extends Pick<EventRow, "computer" | "eventId"> {
  readonly from: Instant;
  readonly until: Instant;
}

/** Reads of the engine, the API and /metrics; each reads a bounded number of rows through an index. */
export interface Reader {
  /** Of the newest transaction that wrote. */
  revision(): Eventually<number>;
  /** What others have written since this revision; everything, for a revision of 0. */
  changedSince(revision: number): Eventually<Changed>;
  /** A page of sums in the order of their keys, those that are 0 among them. */
  sums(query: { after: SumKey; limit: number }): Eventually<readonly (readonly [SumKey, number])[]>;
  /** One state of the collector itself. */
  state(key: string): Eventually<string | undefined>;
  computer(key: string): Eventually<ComputerRow | undefined>;
  /** Without what follows from the state: it is read for every report. */
  computersByKey(keys: readonly string[]): Eventually<Map<string, ComputerStateRow>>;
  /** At most `limit` rows, and no more than fit into `bytes`, but at least one. */
  computers(query: { after: string; limit: number; bytes?: number }): Eventually<readonly ComputerRow[]>;
  /** In the order of deadline and name, within [from, until); of those at `from` only names behind `after`. */
  computersByDeadline(query: {
    from: Instant;
    until: Instant;
    after?: string;
    limit: number;
  }): Eventually<readonly Deadline[]>;
  /** Computers that are not retired and were last seen within [from, until), in the order of that time and their keys. */
  computersBySeen(query: {
    from: Instant;
    until: Instant;
    after?: Pick<ComputerRow, "seenAt" | "key">;
    limit: number;
  }): Eventually<readonly ComputerRow[]>;
  /** Of those that are not retired, within [from, until): what the sums of whole hours cannot tell. `seen`: with an agent. */
  countComputers(by: "deadline" | "overdue" | "seen", from: Instant, until: Instant): Eventually<readonly Count[]>;
  countKmsClients(query: { kmsHost: string; pool: string; from: Instant; until: Instant }): Eventually<number>;
  /** In the order of their identity. */
  events(query: EventQuery): Eventually<readonly EventRow[]>;
  eventsById(ids: readonly Uint8Array[]): Eventually<readonly EventRow[]>;
  /** The numbers of one computer's events, ascending; each is found by one look into the index. */
  eventNumbers(computer: string, limit: number): Eventually<readonly number[]>;
  /** One computer's events of one number in the order of their time, after the last one of the page before. */
  eventsInOrder(
    computer: string,
    eventId: number,
    page: { readonly after: EventPosition; readonly limit: number },
  ): Eventually<readonly EventRow[]>;
  /** Of each of these ranges the earliest events, `limit` of them at most: many ranges in one round trip. */
  eventsWithin(ranges: readonly EventRange[], limit: number): Eventually<readonly (readonly EventRow[])[]>;
  kmsClientsByKey(keys: readonly ClientKey[]): Eventually<readonly KmsClientRow[]>;
  /** The rows of these client machine IDs at all KMS hosts, so many of each at most. */
  kmsClientsOfIds(ids: readonly string[], limit: number): Eventually<readonly KmsClientRow[]>;
  /** The rows of clients that asked last under these computers' names, so many of each at most, those that asked last first. */
  kmsClientsOfComputers(names: readonly string[], limit: number): Eventually<readonly KmsClientRow[]>;
  /** The names under which clients asked last, in their order, each once. */
  clientNames(query: { after: string; limit: number }): Eventually<readonly string[]>;
  /** Clients of one pool of one KMS host that asked last within [from, until), in the order of that time and their keys. */
  kmsClientsByTime(query: {
    kmsHost: string;
    pool: string;
    from: Instant;
    until: Instant;
    after?: Pick<KmsClientRow, "lastAt" | "key">;
    limit: number;
  }): Eventually<readonly KmsClientRow[]>;
  /** What is known of these client machine IDs beside their requests. */
  machineIds(ids: readonly string[]): Eventually<readonly MachineIdRow[]>;
  /** Client machine IDs that several names use, the newest first. */
  sharedMachineIds(limit: number): Eventually<readonly string[]>;
  /** The clients of one pool of one KMS host that asked before an instant, those that asked last first. */
  kmsClients(query: {
    kmsHost: string;
    pool: string;
    before?: Instant;
    limit: number;
  }): Eventually<readonly KmsClientRow[]>;
  /** Every client of every KMS host in the order of their keys, to count anew. */
  allKmsClients(query: { after?: ClientKey; limit: number; bytes?: number }): Eventually<readonly KmsClientRow[]>;
  /** Everything known of client machine IDs in the order of their keys, to be copied. */
  allMachineIds(query: { after: string; limit: number }): Eventually<readonly MachineIdRow[]>;
  /** All readings of all KMS hosts, in the order of host and time, to be copied. */
  allKmsReadings(query: {
    after: Pick<KmsReadingRow, "kmsHost" | "at">;
    limit: number;
  }): Eventually<readonly KmsReadingRow[]>;
  /** The first readings of one KMS host within (after, until], in the order of time. */
  kmsReadings(
    kmsHost: string,
    query: { readonly after: Instant; readonly until: Instant; readonly limit: number },
  ): Eventually<readonly KmsReadingRow[]>;
  /** Records that no handler could interpret, the newest first. */
  newestUninterpreted(limit: number): Eventually<readonly UninterpretedRow[]>;
}
