import { poolOf } from "../../licensing/kms/rules.ts";
import type { Application, Products } from "../../licensing/products.ts";
import { hourOf, type Instant } from "../../licensing/time.ts";
import { isReportedZone, type ReportedPlace, type ReportedZones } from "../../licensing/zones.ts";
import type { LogRecord } from "../../otlp/logs.ts";
import { type ComputerState, newComputer } from "../state/computer.ts";
import { computerRow, presenceOf } from "../state/computer-row.ts";
import { contributionsOf, counted, countsAlike, seenContribution } from "../state/contributions.ts";
import { isFoldedGroup, SUMS_MAX } from "../state/folded-sums.ts";
import { PerClient } from "../state/kms/client.ts";
import { applyKnownReadings } from "../state/kms/host.ts";
import { copyOfHost, hostRow, KMS_HOSTS_MAX, type KmsHostState, newKmsHost, tidy } from "../state/kms/host-state.ts";
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
import { isComputerCounted } from "../state/recount-position.ts";
import { computerOf, computerText } from "../state/stored-computer.ts";
import type {
  ClientKey,
  ComputerRow,
  ComputerStateRow,
  ComputerTouch,
  KmsClientRow,
  KmsReadingRow,
  StateRow,
  Transaction,
} from "../store/store.ts";
import { addDelta, addDifference, type Deltas, groupOf, type SumKey } from "../store/sums.ts";
import type { AcceptedRecord, Kind, Origin, RecordOutcome } from "./accepted-record.ts";
import { ChangedIds } from "./changed-ids.ts";
import { Counters } from "./counters.ts";
import { type ClientEntryOf, clientEntry, clientRow, newClientEntry } from "./kms/client-entry.ts";
import { type AgentlessCounting, countAlone, countNames } from "./kms/count-agentless.ts";
import { type ClientEntry, countClient } from "./kms/count-client.ts";
import { regroupClients } from "./kms/regroup-clients.ts";
import { type UninterpretedRecords, uninterpretedRecords } from "./uninterpreted.ts";

/** A computer's state on its way from one row to the next; `before` is what the store has. */
export interface ComputerEntry {
  readonly state: ComputerState;
  seenAt: Instant;
  readonly before: { readonly state: ComputerState; readonly zone: string; readonly seenAt: Instant } | undefined;
}
/** Uninterpreted records are kept to be looked at, not for ever: the newest of them suffice to see what is wrong. */
const UNINTERPRETED_MAX = 10_000;
/** A client may be known to so many KMS hosts when its name for one of them is to be learned. */
const HOSTS_ASKED = 20;
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
  readonly #hosts = new Map<string, KmsHostState>();
  readonly #probers = new Map<string, ProberState>();
  readonly #computers = new Map<string, ComputerEntry>();
  readonly #clients = new PerClient<ClientEntry & ClientKey>();
  readonly #readings: KmsReadingRow[] = [];
  readonly #uninterpreted: UninterpretedRecords;
  readonly #zones = new Set<string>();
  readonly #coarse = new Set<string>();
  readonly #knownZones: ReportedZones;
  readonly #gone = new Set<string>();
  /** Client machine IDs whose names may have changed, with the computers whose own WMI told them. */
  readonly changedIds = new ChangedIds();
  /** Sums that this transaction makes, of the groups whose number is bounded. */
  readonly #freshSums = new Map<string, Set<SumKey>>();
  /** Machine IDs that this transaction has looked at: do they belong to one computer with an agent? */
  readonly ownIds = new Map<string, boolean>();
  readonly #namesMadeKnown = new Set<string>();
  #newHosts = 0;
  #sureOf: Instant | undefined;

  constructor(memory: Memory) {
    this.memory = memory;
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

  /** Is this sum there, or is its group below its bound? What was asked for is taken for there from now on. */
  readonly hasRoom = (key: SumKey): boolean => {
    const group = groupOf(key);
    if (!isFoldedGroup(group)) return true;
    const { sums } = this.memory;
    const fresh = this.#freshSums.get(group);
    if (fresh?.has(key) || sums.get(key) !== 0) return true;
    if (sums.size(group) + (fresh?.size ?? 0) >= SUMS_MAX[group]) return false;
    if (fresh) fresh.add(key);
    else this.#freshSums.set(group, new Set([key]));
    return true;
  };

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
    return this.#hosts.get(name) ?? this.memory.hosts.get(name);
  }

  /** The working copy of a KMS host; made, where it is not known yet. Undefined where there are too many already. */
  host(name: string): KmsHostState | undefined {
    const working = this.#hosts.get(name);
    if (working) return working;
    const known = this.memory.hosts.get(name);
    if (!known && !this.#hasRoomFor(name)) return undefined;
    const copy = known ? copyOfHost(known) : newKmsHost();
    this.#hosts.set(name, copy);
    return copy;
  }

  #hasRoomFor(name: string): boolean {
    if (this.memory.expectedHosts.has(name)) return true;
    if (this.memory.hosts.size + this.#newHosts >= KMS_HOSTS_MAX) return false;
    this.#newHosts += 1;
    return true;
  }

  /** Every KMS host as it is in this transaction. */
  *hosts(): Generator<readonly [name: string, Readonly<KmsHostState>]> {
    for (const [name, it] of this.memory.hosts) yield [name, this.#hosts.get(name) ?? it];
    for (const [name, it] of this.#hosts) if (!this.memory.hosts.has(name)) yield [name, it];
  }

  /** KMS hosts that this transaction has made. */
  newHosts(): string[] {
    return [...this.#hosts.keys()].filter((it) => !this.memory.hosts.has(it));
  }

  /** Computers of this transaction, with their keys. */
  computers(): Iterable<readonly [key: string, ComputerEntry]> {
    return this.#computers;
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
    const known = this.#computers.get(key);
    if (known) return known;
    const fresh: ComputerEntry = { state: newComputer(), before: undefined, seenAt: 0 };
    this.#computers.set(key, fresh);
    return fresh;
  }

  client(kmsHost: string, pool: Application, key: string): ClientEntry {
    const known = this.#clients.get(kmsHost, pool, key);
    if (known) return known;
    const fresh = newClientEntry({ kmsHost, pool, key });
    this.#clients.set(kmsHost, pool, key, fresh);
    return fresh;
  }

  /** A client of a KMS host, where the store has it. */
  knownClient(kmsHost: string, pool: Application, key: string): ClientEntry | undefined {
    return this.#clients.get(kmsHost, pool, key);
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
  clientsOf(ids: readonly string[], rows: readonly KmsClientRow[]): Map<string, (ClientEntry & ClientKey)[]> {
    const wanted = new Set(ids);
    const stored = rows.filter((it) => !this.#clients.get(it.kmsHost, it.pool, it.key)).map(clientEntry);
    const working = this.#clients.values().filter((it) => it.lastAt > 0 && wanted.has(it.key));
    return Map.groupBy([...working, ...stored], (it) => it.key);
  }

  /** Each further request of this client is compared with what other KMS hosts and agents see of its ID. */
  markSharedClient(client: ClientEntry & ClientKey): void {
    client.state.shared = true;
    this.#clients.set(client.kmsHost, client.pool, client.key, client);
  }

  /** Reads computers that this transaction did not know that it needs. */
  async loadComputers(tx: Transaction, keys: readonly string[]): Promise<void> {
    const missing = [...new Set(keys)].filter((it) => !this.#computers.has(it));
    if (missing.length === 0) return;
    for (const row of (await tx.computersByKey(missing)).values()) this.#computers.set(row.key, computerEntry(row));
  }

  /** To be looked at, or changed, where it is among those that were read. */
  knownComputer(key: string): ComputerEntry | undefined {
    return this.#computers.get(key);
  }

  putKmsReading(row: KmsReadingRow): void {
    this.#readings.push(row);
  }

  /** Reads, in two round trips, what these records will touch; and these computers besides. */
  async load(tx: Transaction, records: readonly AcceptedRecord[], hosts: readonly string[]): Promise<void> {
    const computers = new Set<string>(hosts);
    const clients = new PerClient<ClientKey>();
    const want = (kmsHost: string, pool: string, key: string) =>
      clients.set(kmsHost, pool, key, { kmsHost, pool, key });
    for (const record of records) {
      computers.add(record.origin.host);
      if (record.kind !== "event") continue;
      const {
        event,
        client_machine_id: cmid,
        activation_id: id,
        required_count: need,
        kms_host: target,
      } = record.event;
      if (!cmid || !id || need === undefined) continue;
      const pool = poolOf(id, need, this.products);
      if (event === "kms_request_processed") {
        want(record.origin.host, pool, cmid);
      }
      // To learn which KMS host the client calls by another name.
      if (event === "kms_request_sent" && target && !this.memory.hosts.has(target.toLowerCase())) {
        let asked = 0;
        for (const [host] of this.hosts()) if (asked++ < HOSTS_ASKED) want(host, pool, cmid);
      }
    }
    for (const row of (await tx.computersByKey([...computers])).values())
      this.#computers.set(row.key, computerEntry(row));
    for (const row of await tx.kmsClientsByKey(clients.values()))
      this.#clients.set(row.kmsHost, row.pool, row.key, clientEntry(row));
  }

  /** Applies the readings whose requests are all known, and goes on with what had to be counted anew. */
  async countAnew(tx: Transaction, now: Instant): Promise<void> {
    await tx.putKmsReadings(this.#readings);
    for (const host of this.#hosts.values()) applyKnownReadings(host);
    await this.#replay(tx, now);
  }

  /** Writes everything. */
  async save(tx: Transaction): Promise<void> {
    await this.#saveComputers(tx);
    const clients = this.#clients.values().filter((it) => it.lastAt > 0);
    for (const it of clients) countClient(this, it);
    const marked = await this.#countAgentless(tx, clients);
    await tx.putKmsClients([...clients, ...marked].map(clientRow));
    for (const [name, { regroupBefore }] of this.hosts()) {
      const host = regroupBefore !== undefined && this.host(name);
      if (host) await regroupClients(tx, this, { name, host });
    }
    for (const host of this.#hosts.values()) tidy(host);
    const hosts = Math.max(this.memory.hosts.size, this.#hosts.size);
    for (const [key, host] of this.#hosts) await tx.putKmsHosts([hostRow(key, host, hosts)]);
    const states = this.#states();
    if (states.length > 0) await tx.putState(states);
    if (this.#uninterpreted.rows.length > 0) {
      await tx.putUninterpreted(this.#uninterpreted.rows);
      await tx.trimUninterpreted(UNINTERPRETED_MAX);
    }
    await tx.addSums(this.deltas);
  }

  /** @returns clients of others' names that are to be written, too. */
  async #countAgentless(tx: Transaction, clients: readonly (ClientEntry & ClientKey)[]): Promise<ClientEntryOf[]> {
    const counting = this.agentless;
    const names = new Set<string>(this.#namesMadeKnown);
    for (const [key, it] of this.#computers) if (!it.before) names.add(key);
    for (const { computer, partBefore: before } of clients)
      if (computer !== before.computer || (!before.alone && !before.own)) names.add(computer).add(before.computer);
    for (const it of clients) if (it.partBefore.alone && !names.has(it.computer)) countAlone(counting, it);
    names.delete("");
    if (names.size === 0) return [];
    return countNames(counting, [...names], {
      reader: tx,
      working: clients,
      entryOf: clientEntry,
      knownIds: this.ownIds,
      isNewComputer: (name) => this.#computers.has(name),
    });
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
    for (const [name, host] of this.#hosts) memory.hosts.set(name, host);
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

  /** Nearly always what a computer adds is as it was, or it was only seen in another hour: then no other column changes. */
  async #saveComputers(tx: Transaction): Promise<void> {
    const rows: ComputerRow[] = [];
    const touched: ComputerTouch[] = [];
    for (const [key, it] of this.#computers) {
      const { state, before, seenAt } = it;
      const zone = this.zoneOf(key, state);
      // The recount has not come here yet: it will count the row as it is then.
      if (!isComputerCounted(this.memory.recount, key)) rows.push(computerRow(key, state, seenAt, zone));
      else if (before && before.zone === zone && countsAlike(before.state, state)) {
        if (hourOf(before.seenAt) !== hourOf(seenAt) && presenceOf(state) === 0)
          addDifference(this.deltas, [seenContribution(zone, before.seenAt)], [seenContribution(zone, seenAt)]);
        touched.push({ key, seenAt, state: computerText(state) });
      } else rows.push(this.#countedRow(key, it, zone));
    }
    await tx.putComputers(rows);
    await tx.touchComputers(touched);
  }

  #countedRow(key: string, { state, before, seenAt }: ComputerEntry, zone: string): ComputerRow {
    const now = counted(state, { zone, seenAt, hasRoom: this.hasRoom });
    const known = before ? contributionsOf(before.state, before.zone, before.seenAt) : [];
    addDifference(this.deltas, known, now.contributions);
    return computerRow(key, now.state, seenAt, zone);
  }
}

const computerEntry = ({ zone, seenAt, state: json }: ComputerStateRow): ComputerEntry => {
  const state = computerOf(json);
  return { state, before: { state: { ...state }, zone, seenAt }, seenAt };
};
