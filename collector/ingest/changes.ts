import type { Application, Products } from "../../licensing/products.ts";
import type { Retirement } from "../../licensing/retirement.ts";
import type { Instant } from "../../licensing/time.ts";
import type { LogRecord } from "../../otlp/logs.ts";
import type { ComputerState } from "../state/computer.ts";
import type { KmsClientState } from "../state/kms-client.ts";
import type { KmsHostState } from "../state/kms-host-state.ts";
import type { ProberState } from "../state/probes.ts";
import type { Sums } from "../store/sums.ts";
import type { Kind, RecordOutcome } from "./accepted-record.ts";

/** What the collector holds in memory between transactions. All of it is in the store too, but for the counts. */
export interface Memory {
  readonly products: Products;
  readonly hosts: Map<string, KmsHostState>;
  /** By configuration: there is always room for them. */
  readonly expectedHosts: ReadonlySet<string>;
  readonly probers: Map<string, ProberState>;
  readonly sums: Sums;
  /** Of this process, since its start. */
  readonly counts: Counts;
  readonly retirement: Retirement;
  readonly zoneOf: (computer: string, reported?: string) => string;
}

export interface Counts {
  readonly records: Map<string, number>;
  timeCorrections: number;
  storeErrors: number;
}

/** A computer's state on its way from one row to the next; `before` is what the store has. */
export interface ComputerEntry {
  readonly state: ComputerState;
  seenAt: Instant;
  readonly before: { readonly state: ComputerState; readonly zone: string; readonly seenAt: Instant } | undefined;
}
export interface ClientEntry {
  readonly state: KmsClientState;
  lastAt: Instant;
  /** What the store has; 0: it does not know the client yet. */
  readonly lastAtBefore: Instant;
  readonly activationIdBefore: string | undefined;
}

/** What an effect may touch: working copies of states, sums, and what is kept of records that could not be interpreted. */
export interface Work {
  readonly memory: Memory;
  count(kind: Kind, outcome: RecordOutcome): void;
  /** Rule 1: no time lies after its receipt. */
  clamp(at: Instant, receivedAt: Instant): Instant;
  putUninterpreted(receivedAt: Instant, host: string, reason: string, record: LogRecord | string): void;
  addToSum(key: string, by?: number): void;
  /** To be looked at only; undefined where no facts of its own have made it a KMS host. */
  knownHost(name: string): Readonly<KmsHostState> | undefined;
  hostNames(): string[];
  /** The working copy of a KMS host; made, where it is not known yet. Undefined where there are too many already. */
  host(name: string): KmsHostState | undefined;
  /** The working copy of what a prober saw last; undefined where there are too many probers already. */
  prober(name: string): ProberState | undefined;
  computer(key: string): ComputerEntry;
  /** A computer that is only spoken of, where the store has it; looked up for clients whose clock is off. */
  knownComputer(key: string): Readonly<ComputerState> | undefined;
  client(kmsHost: string, pool: Application, key: string): ClientEntry;
  /** A client of a KMS host, where the store has it. */
  knownClient(kmsHost: string, pool: Application, key: string): ClientEntry | undefined;
  /** This host's tables must be computed again from its stored requests before the transaction ends. */
  mustRebuild(host: string): void;
  learn(activationId: string, name: string, application: Application): void;
}
