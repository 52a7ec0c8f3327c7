import { createHash } from "node:crypto";
import { type Application, productsFrom } from "../../licensing/products.ts";
import { expose, type Format } from "../../licensing/telemetry/exposition.ts";
import type { Clock } from "../../licensing/time.ts";
import { zonesFrom } from "../../licensing/zones.ts";
import { type Answer, ask, type Question } from "../api/queries.ts";
import type { CollectorConfig } from "../config.ts";
import type { Memory } from "../ingest/changes.ts";
import { type IngestRules, ingest, type Submission, type Taken } from "../ingest/ingest.ts";
import { PRODUCTS_KEY, rebuildAll } from "../ingest/rebuild.ts";
import { Batch } from "../ingest/unit-of-work.ts";
import { type MetricSettings, samplesOf } from "../metrics/metrics.ts";
import type { ComputerState } from "../state/computer.ts";
import { contributionsOf } from "../state/contributions.ts";
import { clientContributions, countedClient } from "../state/kms-client.ts";
import { kmsHostOf } from "../state/kms-host-state.ts";
import { probersIn, sweepProbers } from "../state/probes.ts";
import type { KmsClientRow, Store } from "../store/store.ts";
import { addDifference, type Contribution, type Deltas, Sums } from "../store/sums.ts";
import { inventoryIn } from "../summary/inventory.ts";

/** The part of a collector that owns the store: everything that is counted goes through it, one transaction at a time. */
export interface Engine {
  /** Takes many requests in one transaction; resolves once all of it is on disk. */
  take(submissions: readonly Submission[]): Promise<Taken[]>;
  /** The figures as exposition text. */
  metrics(format: Format): Promise<string>;
  answer(question: Question): Promise<Answer>;
  /** Forgets what is older than the retention. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Loads what the store remembers and goes on from there. The sums are counted anew when the settings they were counted
 * with have changed (a computer may be in another zone now, a product have another name).
 */
export const openEngine = async (
  store: Store,
  config: CollectorConfig,
  { clock, version }: { clock: Clock; version: string },
): Promise<Engine> => {
  const collectorState = new Map((await store.collectorState()).map((it) => [it.key, it.state]));
  const memory: Memory = {
    products: productsFrom(config.kms.products),
    hosts: new Map((await store.kmsHosts()).map((it) => [it.key, kmsHostOf(it.state)])),
    expectedHosts: new Set(config.kms.expectedHosts),
    probers: probersIn([...collectorState].map(([key, state]) => ({ key, state }))),
    sums: new Sums(),
    counts: { records: new Map(), timeCorrections: 0, storeErrors: 0 },
    zoneOf: zonesFrom(config.zones, zonesIn(await store.sums())),
  };
  for (const [key, state] of collectorState) if (key.startsWith("product ")) teach(memory, key.slice(8), state);
  const settingsHash = createHash("sha256")
    .update(JSON.stringify([COUNTED_AS, config.zones, config.kms.products]))
    .digest("hex");
  if (collectorState.get("settings") === settingsHash) memory.sums.apply(await store.sums());
  else await recount(store, memory, settingsHash);

  const products = JSON.stringify(config.kms.products);
  if (products !== (collectorState.get(PRODUCTS_KEY) ?? "[]")) await rebuildAll(store, memory, products);

  const rules: IngestRules = {
    isForwarder: forwarders(config),
    eventRetention: config.retention.events,
  };
  const settings: MetricSettings = {
    ...config.kms,
    hiddenHosts: [...config.kms.externalHosts, ...config.kms.retiredHosts],
    zones: config.zones,
    staleAfter: config.staleAfter,
    hostSeriesLimit: config.metrics.hostSeriesLimit,
    mak: config.mak,
    inventory: config.inventory.file === undefined ? undefined : inventoryIn(config.inventory.file, memory.zoneOf),
    version,
  };
  return {
    take: async (submissions) => {
      const batch = new Batch(memory);
      try {
        const taken = await store.transact((tx) => ingest(tx, batch, submissions, rules));
        batch.commit();
        return taken;
      } catch (cause) {
        memory.counts.storeErrors += 1;
        throw cause;
      }
    },
    metrics: async (format) => expose(await samplesOf(memory, store, settings, clock()), format),
    answer: (question) => ask(question, { memory, store, settings, now: clock() }),
    sweep: () => sweep(store, memory, config, clock()),
    close: async () => store.close(),
  };
};

/** To be raised when contributions change their meaning, so that the next start counts anew. */
const COUNTED_AS = 4;

const teach = (memory: Memory, activationId: string, state: string): void => {
  const { name, application } = JSON.parse(state) as { name: string; application: Application };
  memory.products.learn(activationId, name, application);
};

/** The zones in which computers were seen, so that a restart does not give their places to others. */
const zonesIn = (sums: Iterable<readonly [key: string, sum: number]>): string[] => [
  ...new Set([...sums].flatMap(([key]) => (key.startsWith("seen\u001f") ? [key.split("\u001f")[1]!] : []))),
];

/** Whoever reaches an open loopback listener may speak for others; with authentication only those who are listed. */
const forwarders = ({ otlp }: CollectorConfig): IngestRules["isForwarder"] => {
  if (!otlp.tokensFile && !otlp.tls.clientCaFile) return () => true;
  const listed = new Set(otlp.forwarders);
  return (host) => host !== undefined && listed.has(host);
};

const PAGE = 500;
/** Counters have no rows to be counted from: what was counted stays. */
const COUNTERS = new Set(["requests", "request_failures", "attempts", "failures", "changes", "dropped", "gaps"]);

/** Every tally from the rows it is made of: after a change of zones, and as the audit of the incremental sums. */
export const recount = async (store: Store, memory: Memory, settingsHash: string): Promise<void> => {
  const sums = new Sums();
  for (const [key, sum] of await store.sums()) if (COUNTERS.has(key.split("\u001f")[0]!)) sums.apply([[key, sum]]);
  const count = (now: readonly Contribution[]) => {
    const deltas: Deltas = new Map();
    addDifference(deltas, [], now);
    sums.apply(deltas);
  };
  await store.transact(async (tx) => {
    for (let after = "", more = true; more; ) {
      const rows = await store.read.computers({ after, limit: PAGE });
      const moved = rows.map((row) => {
        const state = JSON.parse(row.state) as ComputerState;
        const zone = memory.zoneOf(row.key, state.zone);
        count(contributionsOf(state, zone, row.seenAt));
        return { ...row, zone };
      });
      await tx.saveComputers(moved.filter((it, i) => it.zone !== rows[i]!.zone));
      after = rows.at(-1)?.key ?? "";
      more = rows.length === PAGE;
    }
    for (let after: KmsClientRow | undefined, more = true; more; ) {
      const rows = await store.read.allKmsClients({ ...(after && { after }), limit: PAGE });
      for (const row of rows) count(clientContributions(countedClient(row), memory.products));
      after = rows.at(-1);
      more = rows.length === PAGE;
    }
    await tx.replaceSums(sums.entries());
    await tx.putState([{ key: "settings", state: settingsHash }]);
  });
  memory.sums.apply(sums.entries());
};

/** A KMS host forgets clients after 30 days; what is kept longer explains the past. */
const sweep = async (store: Store, memory: Memory, { retention }: CollectorConfig, now: number): Promise<void> => {
  const deltas: Deltas = new Map();
  const probers = await store.transact(async (tx) => {
    const gone = await tx.forget({
      events: now - retention.events,
      computers: now - retention.computers,
      kmsClients: now - retention.events,
    });
    for (const it of gone.computers)
      addDifference(deltas, contributionsOf(JSON.parse(it.state) as ComputerState, it.zone, it.seenAt), []);
    for (const it of gone.kmsClients)
      addDifference(deltas, clientContributions(countedClient(it), memory.products), []);
    await tx.addSums(deltas);
    return sweepProbers(tx, memory.probers, now);
  });
  memory.sums.apply(deltas);
  for (const it of probers) memory.probers.delete(it);
};
