import type { Application, Products } from "../../licensing/products.ts";
import type { Instant } from "../../licensing/time.ts";
import { isReportedZone, type ReportedPlace, type ReportedZones } from "../../licensing/zones.ts";
import type { LogRecord } from "../../otlp/logs.ts";
import type { HasRoom } from "../state/folded-sums.ts";
import { applyKnownReadings } from "../state/kms/host.ts";
import type { KmsHostState } from "../state/kms/host-state.ts";
import type { CalledNames } from "../state/kms/names.ts";
import { continueReplay } from "../state/kms/replay.ts";
import {
  CALLED_NAMES,
  COARSE_MAX,
  coarseRow,
  IMPORTED_UNTIL,
  type Memory,
  productRow,
  SURE_OF,
  zoneRow,
} from "../state/memory.ts";
import { PROBERS_MAX, type ProberState, proberRow } from "../state/probes.ts";
import type { KmsClientRow, KmsReadingRow, StateRow, Transaction } from "../store/store.ts";
import { addDelta, type Deltas } from "../store/sums.ts";
import type { AcceptedRecord, Kind, Origin, RecordOutcome } from "./accepted-record.ts";
import { ChangedIds } from "./changed-ids.ts";
import { ChangedComputers, type ComputerEntry } from "./changes/computers.ts";
import { ChangedClients, clientsNamed } from "./changes/kms-clients.ts";
import { ChangedHosts } from "./changes/kms-hosts.ts";
import { roomIn } from "./changes/sum-bounds.ts";
import { Counters } from "./counters.ts";
import { type ClientEntryOf, clientRow } from "./kms/client-entry.ts";
import type { AgentlessCounting } from "./kms/count-agentless.ts";
import { countChanged } from "./kms/count-changed.ts";
import { type ClientEntry, countClient } from "./kms/count-client.ts";
import { regroupClients } from "./kms/regroup-clients.ts";
import { type UninterpretedRecords, uninterpretedRecords } from "./uninterpreted.ts";

/** Uninterpreted records are kept to be looked at, not for ever: the newest of them suffice to see what is wrong. */
const UNINTERPRETED_MAX = 10_000;
/** One transaction walks through so many stored requests at most; a longer replay goes on in the next ones. */
const REPLAY_ROWS = 5_000;

/**
 * The changes that one transaction makes: working copies of what it touches, and the differences to the sums. Nothing reaches
 * the memory before `commit`, so that a transaction that failed leaves no trace there either.
 */
export class UnitOfWork {
  readonly memory: Memory;
  readonly products: Products;
  readonly counters = new Counters();
  readonly deltas: Deltas = new Map();
  calledNames: CalledNames;
  /** The newest event that has come by an import. */
  importedUntil: Instant;
  readonly #hosts: ChangedHosts;
  readonly #probers = new Map<string, ProberState>();
  readonly #computers = new ChangedComputers();
  readonly #clients = new ChangedClients();
  readonly #readings: KmsReadingRow[] = [];
  readonly #uninterpreted: UninterpretedRecords;
  readonly #zones = new Set<string>();
  readonly #coarse = new Set<string>();
  readonly #knownZones: ReportedZones;
  readonly #gone = new Set<string>();
  /** Client machine IDs whose names may have changed, with the computers whose own WMI told them. */
  readonly changedIds = new ChangedIds();
  readonly hasRoom: HasRoom;
  /** Machine IDs that this transaction has looked at: do they belong to one computer with an agent? */
  readonly ownIds = new Map<string, boolean>();
  readonly #namesMadeKnown = new Set<string>();
  #sureOf: Instant | undefined;

  constructor(memory: Memory) {
    this.memory = memory;
    this.#hosts = new ChangedHosts(memory);
    this.hasRoom = roomIn(memory.sums);
    this.#uninterpreted = uninterpretedRecords(memory.uninterpreted);
    this.products = memory.products.fork();
    this.calledNames = memory.calledNames;
    this.importedUntil = memory.importedUntil ?? 0;
    const { reportedZones } = memory;
    const fresh = this.#zones;
    this.#knownZones = {
      has: (name) => reportedZones.has(name) || fresh.has(name),
      get size() {
        return reportedZones.size + fresh.size;
      },
    };
  }

  /** Counts what became of a record. */
  count(kind: Kind, outcome: RecordOutcome, origin?: Pick<Origin, "outcomes">): void {
    this.counters.count(kind, outcome, origin?.outcomes);
  }

  /** Keeps a record to be looked at, within the bounds of this transaction and this hour. It is counted in any case. */
  putUninterpreted(receivedAt: Instant, host: string, reason: string, record: LogRecord | string): void {
    this.#uninterpreted.put({ receivedAt, host, reason }, record);
  }

  addToSum(key: string, by = 1): void {
    addDelta(this.deltas, key, by);
  }

  /** Have events of this computer come whose time a form had rounded? */
  hasCoarse(computer: string): boolean {
    const { coarseComputers } = this.memory;
    return coarseComputers.has(computer) || this.#coarse.has(computer) || coarseComputers.size >= COARSE_MAX;
  }

  addCoarse(computer: string): void {
    if (!this.hasCoarse(computer)) this.#coarse.add(computer);
  }

  zoneOf(computer: string, reported: ReportedPlace): string {
    const known = this.#knownZones;
    const zone = this.memory.zoneFinder(computer, reported, known);
    if (zone === reported.zone && isReportedZone(zone) && !this.memory.configuredZones.has(zone) && !known.has(zone))
      this.#zones.add(zone);
    return zone;
  }

  /** To be looked at only; undefined where no facts of its own have made it a KMS host. */
  knownHost(name: string): Readonly<KmsHostState> | undefined {
    return this.#hosts.known(name);
  }

  /** The working copy of a KMS host; made, where it is not known yet. Undefined where there are too many already. */
  host(name: string): KmsHostState | undefined {
    return this.#hosts.get(name);
  }

  /** Every KMS host as it is in this transaction. */
  hosts(): Iterable<readonly [name: string, Readonly<KmsHostState>]> {
    return this.#hosts.all();
  }

  /** KMS hosts that this transaction has made. */
  newHosts(): string[] {
    return this.#hosts.newNames();
  }

  /** Computers of this transaction, with their keys. */
  computers(): Iterable<readonly [key: string, ComputerEntry]> {
    return this.#computers.all();
  }

  /** The working copy of what a prober saw last; undefined where there are too many probers already. */
  prober(name: string): ProberState | undefined {
    const working = this.#probers.get(name);
    if (working) return working;
    const known = this.memory.probers.get(name);
    if (!known && new Set([...this.memory.probers.keys(), ...this.#probers.keys()]).size >= PROBERS_MAX)
      return undefined;
    const copy: ProberState = known ? structuredClone(known) : { results: {} };
    this.#probers.set(name, copy);
    return copy;
  }

  computer(key: string): ComputerEntry {
    return this.#computers.get(key);
  }

  client(kmsHost: string, pool: Application, key: string): ClientEntry {
    return this.#clients.get(kmsHost, pool, key);
  }

  /** A client of a KMS host, where the store has it. */
  knownClient(kmsHost: string, pool: Application, key: string): ClientEntry | undefined {
    return this.#clients.known(kmsHost, pool, key);
  }

  /** These computers may have become known by other facts: the clients of their names are counted anew. */
  addNames(names: Iterable<string>): void {
    for (const it of names) this.#namesMadeKnown.add(it);
  }

  /** What computers without an agent are counted by. */
  get agentless(): AgentlessCounting {
    const { recount, retirement } = this.memory;
    const { products, deltas, hasRoom } = this;
    return { recount, retirement, products, deltas, hasRoom, zoneOf: (name) => this.memory.zoneOf(name) };
  }

  /** The clients of these IDs at every KMS host: the stored rows, as this transaction has changed them, and new ones. */
  clientsOf(ids: readonly string[], rows: readonly KmsClientRow[]): Map<string, ClientEntryOf[]> {
    return this.#clients.ofIds(ids, rows);
  }

  /** Each further request of this client is compared with what other KMS hosts and agents see of its ID. */
  markSharedClient(client: ClientEntryOf): void {
    this.#clients.markShared(client);
  }

  /** Reads computers that this transaction did not know that it needs. */
  loadComputers(tx: Transaction, keys: readonly string[]): Promise<void> {
    return this.#computers.load(tx, keys);
  }

  /** To be looked at, or changed, where it is among those that were read. */
  knownComputer(key: string): ComputerEntry | undefined {
    return this.#computers.known(key);
  }

  putKmsReading(row: KmsReadingRow): void {
    this.#readings.push(row);
  }

  /** Reads, in two round trips, what these records will touch; and these computers besides. */
  async load(tx: Transaction, records: readonly AcceptedRecord[], hosts: readonly string[]): Promise<void> {
    await this.#computers.load(tx, [...hosts, ...records.map((it) => it.origin.host)]);
    await this.#clients.load(tx, clientsNamed(records, this));
  }

  /** Applies the readings whose requests are all known, and goes on with what had to be counted anew. */
  async countAnew(tx: Transaction, now: Instant): Promise<void> {
    await tx.putKmsReadings(this.#readings);
    for (const [, host] of this.#hosts.changed()) applyKnownReadings(host);
    await this.#replay(tx, now);
  }

  /** Writes everything. */
  async save(tx: Transaction): Promise<void> {
    await this.#computers.save(tx, { ...this.agentless, zoneOf: (key, state) => this.zoneOf(key, state) });
    const clients = this.#clients.served();
    for (const it of clients) countClient(this, it);
    const marked = await countChanged(tx, this.agentless, {
      computers: this.#computers,
      clients,
      namesMadeKnown: this.#namesMadeKnown,
      ownIds: this.ownIds,
    });
    await tx.putKmsClients([...clients, ...marked].map(clientRow));
    for (const [name, { regroupBefore }] of this.hosts()) {
      const host = regroupBefore !== undefined && this.host(name);
      if (host) await regroupClients(tx, this, { name, host });
    }
    await this.#hosts.save(tx);
    const states = this.#states();
    if (states.length > 0) await tx.putState(states);
    if (this.#uninterpreted.rows.length > 0) {
      await tx.putUninterpreted(this.#uninterpreted.rows);
      await tx.trimUninterpreted(UNINTERPRETED_MAX);
    }
    await tx.addSums(this.deltas);
  }

  /** Hosts of this transaction first, then those whose replay is not finished. */
  async #replay(tx: Transaction, now: Instant): Promise<void> {
    let left = REPLAY_ROWS;
    for (const [name, { replay }] of this.hosts()) {
      if (left <= 0) return;
      const host = replay && this.host(name);
      if (host) left -= await continueReplay(tx, { name, host, products: this.products, rows: left, now });
    }
  }

  /** The collector is sure that it is this time. */
  async putSureOf(tx: Transaction, now: Instant): Promise<void> {
    this.#sureOf = now;
    await tx.putState([{ key: SURE_OF, state: String(now) }]);
  }

  #states(): StateRow[] {
    return [
      ...[...this.#probers].map(([name, it]) => proberRow(name, it)),
      ...[...this.products.learned].map(([id, it]) => productRow(id, it)),
      ...[...this.#zones].map(zoneRow),
      ...[...this.#coarse].map(coarseRow),
      ...(this.importedUntil === (this.memory.importedUntil ?? 0)
        ? []
        : [{ key: IMPORTED_UNTIL, state: String(this.importedUntil) }]),
      ...(this.calledNames === this.memory.calledNames
        ? []
        : [{ key: CALLED_NAMES, state: JSON.stringify(this.calledNames) }]),
    ];
  }

  /** What a sweep has removed in this transaction. */
  forget({ deltas, probers }: { readonly deltas: Deltas; readonly probers: readonly string[] }): void {
    for (const [key, by] of deltas) addDelta(this.deltas, key, by);
    for (const it of probers) this.#gone.add(it);
  }

  /** To be called once the transaction is on disk. */
  commit(counters: Counters): void {
    const { memory } = this;
    for (const [name, host] of this.#hosts.changed()) memory.hosts.set(name, host);
    for (const [name, prober] of this.#probers) memory.probers.set(name, prober);
    for (const name of this.#gone) memory.probers.delete(name);
    for (const it of this.#coarse) memory.coarseComputers.add(it);
    for (const zone of this.#zones) memory.reportedZones.add(zone);
    memory.products.adopt(this.products);
    memory.calledNames = this.calledNames;
    memory.importedUntil = this.importedUntil;
    if (this.#sureOf !== undefined) memory.sureOf = this.#sureOf;
    memory.uninterpreted = this.#uninterpreted.used;
    memory.sums.apply(this.deltas);
    counters.add(this.counters);
  }
}
