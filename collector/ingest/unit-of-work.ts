import { clampTime, poolOf } from "../../licensing/kms/rules.ts";
import type { Application } from "../../licensing/products.ts";
import { hourOf, type Instant } from "../../licensing/time.ts";
import type { LogRecord } from "../../otlp/logs.ts";
import { nameOfClient } from "../state/client-clocks.ts";
import { type ComputerState, newComputer } from "../state/computer.ts";
import { computerRow } from "../state/computer-row.ts";
import { contributionsOf, countsAlike, seenContribution } from "../state/contributions.ts";
import { addClientDifference, clientContributions, type KmsClientState, PerClient } from "../state/kms-client.ts";
import { copyOfHost, KMS_HOSTS_MAX, type KmsHostState, newKmsHost, tidy } from "../state/kms-host-state.ts";
import { PROBERS_MAX, type ProberState, proberRow } from "../state/probes.ts";
import type { ClientKey, ComputerRow, KmsClientRow, Transaction, UninterpretedRow } from "../store/store.ts";
import { addDelta, addDifference, type Deltas } from "../store/sums.ts";
import type { AcceptedRecord, Kind, Outcomes, RecordOutcome } from "./accepted-record.ts";
import type { ClientEntry, ComputerEntry, Memory, Work } from "./changes.ts";
import { handleRecord } from "./handlers.ts";
import { rebuildTables } from "./rebuild.ts";
import { uninterpretedText } from "./uninterpreted.ts";

/** An event's time may lie this far ahead of its receipt before it counts as a correction: clocks differ a little. */
const CLOCK_TOLERANCE_MS = 1_000;
/** Of one transaction: the store keeps no more in all. */
const UNINTERPRETED_MAX = 10_000;

/**
 * The changes that one transaction makes: working copies of what it touches, and the differences to the sums. Nothing
 * reaches the memory before `commit`, so that a transaction that failed leaves no trace there either.
 */
export class Batch implements Work {
  readonly memory: Memory;
  readonly deltas: Deltas = new Map();
  readonly #hosts = new Map<string, KmsHostState>();
  readonly #probers = new Map<string, ProberState>();
  readonly #computers = new Map<string, ComputerEntry>();
  /** To be looked at only: computers that others spoke of. */
  readonly #spokenOf = new Map<string, ComputerState>();
  readonly #clients = new PerClient<ClientEntry & ClientKey>();
  readonly #uninterpreted: UninterpretedRow[] = [];
  readonly #counts = new Map<string, number>();
  readonly #late = new Set<string>();
  readonly #learned = new Map<string, string>();
  #newHosts = 0;
  #timeCorrections = 0;
  #outcomes: Outcomes | undefined;

  constructor(memory: Memory) {
    this.memory = memory;
  }

  count(kind: Kind, outcome: RecordOutcome): void {
    const key = `${kind} ${outcome}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    if (this.#outcomes) this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
  }

  /** What is counted from here on is told to this sender too. */
  countFor(outcomes: Outcomes | undefined): void {
    this.#outcomes = outcomes;
  }

  /** Counts what rule 1 corrected, beyond what clocks differ by anyway. */
  clamp(at: Instant, receivedAt: Instant): Instant {
    if (at > receivedAt + CLOCK_TOLERANCE_MS) this.#timeCorrections += 1;
    return clampTime(at, receivedAt);
  }

  putUninterpreted(receivedAt: Instant, host: string, reason: string, record: LogRecord | string): void {
    if (this.#uninterpreted.length < UNINTERPRETED_MAX)
      this.#uninterpreted.push({ receivedAt, host, reason, record: uninterpretedText(record) });
  }

  addToSum(key: string, by = 1): void {
    addDelta(this.deltas, key, by);
  }

  knownHost(name: string): KmsHostState | undefined {
    return this.#hosts.get(name) ?? this.memory.hosts.get(name);
  }

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

  hostNames(): string[] {
    return [...new Set([...this.memory.hosts.keys(), ...this.#hosts.keys()])];
  }

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

  knownComputer(key: string): Readonly<ComputerState> | undefined {
    return this.#computers.get(key)?.state ?? this.#spokenOf.get(key);
  }

  client(kmsHost: string, pool: Application, key: string): ClientEntry {
    const known = this.#clients.get(kmsHost, pool, key);
    if (known) return known;
    const fresh = {
      state: { runs: [] },
      lastAt: 0,
      lastAtBefore: 0,
      activationIdBefore: undefined,
      kmsHost,
      pool,
      key,
    };
    this.#clients.set(kmsHost, pool, key, fresh);
    return fresh;
  }

  knownClient(kmsHost: string, pool: Application, key: string): ClientEntry | undefined {
    return this.#clients.get(kmsHost, pool, key);
  }

  /** This host's tables must be computed again from its stored requests before the transaction ends. */
  mustRebuild(host: string): void {
    this.#late.add(host);
  }

  learn(activationId: string, name: string, application: Application): void {
    if (!this.memory.products.learn(activationId, name, application)) return;
    this.#learned.set(`product ${activationId}`, JSON.stringify({ name, application }));
    // Requests for it may have been of no pool until now.
    for (const host of this.hostNames())
      if (this.knownHost(host)?.pools.unknown?.ledger.entries.length) this.mustRebuild(host);
  }

  /** Reads, in two round trips, what these items will touch. */
  async load(tx: Transaction, items: readonly AcceptedRecord[]): Promise<void> {
    const computers = new Set<string>();
    const spokenOf = new Set<string>();
    const clients = new PerClient<ClientKey>();
    const want = (kmsHost: string, pool: string, key: string) =>
      clients.set(kmsHost, pool, key, { kmsHost, pool, key });
    for (const item of items) {
      computers.add(item.origin.host);
      if (item.kind !== "event") continue;
      const { event, client_machine_id: cmid, activation_id: id, required_count: need, kms_host: target } = item.event;
      if (!cmid || !id || need === undefined) continue;
      const pool = poolOf(id, need, this.memory.products);
      if (event === "kms_request_processed") {
        want(item.origin.host, pool, cmid);
        // Whose clock it is, and in which zone.
        if (item.clockOff !== 0) spokenOf.add(nameOfClient(item.event));
      }
      // To learn by which name the client calls its KMS host (rule 12).
      if (event === "kms_request_sent" && target)
        for (const host of this.hostNames().slice(0, HOSTS_ASKED)) want(host, pool, cmid);
    }
    for (const row of (await tx.computers([...computers])).values()) this.#computers.set(row.key, computerEntry(row));
    const others = [...spokenOf].filter((it) => !this.#computers.has(it));
    for (const row of (await tx.computers(others)).values()) this.#spokenOf.set(row.key, JSON.parse(row.state));
    for (const row of await tx.kmsClients(clients.values()))
      this.#clients.set(row.kmsHost, row.pool, row.key, clientEntry(row));
  }

  apply(item: AcceptedRecord): void {
    handleRecord(this, item);
  }

  async save(tx: Transaction): Promise<void> {
    for (const name of this.#late) {
      const host = this.host(name);
      if (host) await rebuildTables(tx, name, host, this.memory.products);
    }
    await tx.saveComputers([...this.#computers].map(([key, it]) => this.#computerRow(key, it)));
    const clients = this.#clients.values().filter((it) => it.lastAt > 0);
    for (const it of clients) this.#countClient(it);
    await tx.saveKmsClients(
      clients.map(({ kmsHost, pool, key, lastAt, state }) => ({
        kmsHost,
        pool,
        key,
        lastAt,
        state: JSON.stringify(state),
      })),
    );
    for (const host of this.#hosts.values()) tidy(host);
    await tx.saveKmsHosts([...this.#hosts].map(([key, host]) => ({ key, state: JSON.stringify(host) })));
    if (this.#probers.size > 0) await tx.putState([...this.#probers].map(([name, it]) => proberRow(name, it)));
    if (this.#learned.size > 0) await tx.putState([...this.#learned].map(([key, state]) => ({ key, state })));
    await tx.putUninterpreted(this.#uninterpreted);
    await tx.addSums(this.deltas);
  }

  /** To be called once the transaction is on disk. */
  commit(): void {
    const { memory } = this;
    for (const [name, host] of this.#hosts) memory.hosts.set(name, host);
    for (const [name, prober] of this.#probers) memory.probers.set(name, prober);
    memory.sums.apply(this.deltas);
    for (const [key, by] of this.#counts) memory.counts.records.set(key, (memory.counts.records.get(key) ?? 0) + by);
    memory.counts.timeCorrections += this.#timeCorrections;
  }

  /** The differences that a computer makes: nearly always none, or only that it was seen in another hour. */
  #computerRow(key: string, { state, before, seenAt }: ComputerEntry): ComputerRow {
    const zone = this.memory.zoneOf(key, state.zone);
    const row = computerRow(key, state, seenAt, zone);
    if (!before) addDifference(this.deltas, [], contributionsOf(state, zone, seenAt));
    else if (before.zone !== zone || !countsAlike(before.state, state))
      addDifference(
        this.deltas,
        contributionsOf(before.state, before.zone, before.seenAt),
        contributionsOf(state, zone, seenAt),
      );
    else if (!state.retired && hourOf(before.seenAt) !== hourOf(seenAt))
      addDifference(this.deltas, [seenContribution(zone, before.seenAt)], [seenContribution(zone, seenAt)]);
    return row;
  }

  #countClient(it: ClientEntry & { kmsHost: string; pool: string }): void {
    const { kmsHost, pool, lastAt, lastAtBefore, activationIdBefore } = it;
    const { products } = this.memory;
    const now = { kmsHost, pool, lastAt, activationId: it.state.activationId };
    if (lastAtBefore === 0) addDifference(this.deltas, [], clientContributions(now, products));
    else {
      const before = { kmsHost, pool, lastAt: lastAtBefore, activationId: activationIdBefore };
      addClientDifference(this.deltas, before, now, products);
    }
  }
}

/** A client may be known to so many KMS hosts when its name for one of them is to be learned. */
const HOSTS_ASKED = 20;

const computerEntry = ({ zone, seenAt, state: json }: ComputerRow): ComputerEntry => {
  const state = JSON.parse(json) as ComputerState;
  return { state, before: { state: { ...state }, zone, seenAt }, seenAt };
};

const clientEntry = (row: KmsClientRow) => {
  const { kmsHost, pool, key, lastAt } = row;
  const state = JSON.parse(row.state) as KmsClientState;
  return { state, lastAt, lastAtBefore: lastAt, activationIdBefore: state.activationId, kmsHost, pool, key };
};
