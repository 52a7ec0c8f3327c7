import {
  applyKnownReadings,
  hasBeenReached,
  recordCounts,
  recordKmsHeartbeat,
  recordKmsReading,
  recordLogNumber,
  recordRequest,
} from "../../../collector/state/kms/host.ts";
import { copyOfHost, type KmsHostState, newKmsHost } from "../../../collector/state/kms/host-state.ts";
import { continueReplay } from "../../../collector/state/kms/replay.ts";
import { requestOf } from "../../../collector/state/kms/request.ts";
import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import { storedFact } from "../../../collector/store/stored-event.ts";
import { eventIdentity } from "../../../licensing/events/identity.ts";
import { normalise } from "../../../licensing/events/normalise.ts";
import { isComplete, knownUntil } from "../../../licensing/kms/coverage.ts";
import { CLIENT_LIFETIME, capacityOf, fallsBelowAt, tableSize } from "../../../licensing/kms/ledger.ts";
import type { KmsReading } from "../../../licensing/kms/reading.ts";
import { POOL_OF_CLASS, PRODUCT_CLASSES } from "../../../licensing/kms/rules.ts";
import { waitingClients } from "../../../licensing/kms/simulation.ts";
import { type Application, productsFrom } from "../../../licensing/products.ts";
import { type Instant, MINUTE } from "../../../licensing/time.ts";
import { KMS01, OFFICE16, request, WIN10 } from "../../support/facts.ts";

/** A Windows server: it needs 5 clients. */
const SERVER16 = "8c1c5410-9f39-4805-8c9d-63a07706358f";
export const PRODUCTS = { client: WIN10, server: SERVER16, office: OFFICE16 } as const;
const RESULTS = { served: "0x00000000", tooFew: "0xC004F038", failed: "0xC004F042" } as const;

export interface RequestFact {
  readonly kind: "request";
  readonly at: Instant;
  readonly client: number;
  readonly product: keyof typeof PRODUCTS;
  readonly result: keyof typeof RESULTS;
  /** LicenseStatus before the request. */
  readonly status: number;
  readonly recordId?: number;
}
export interface ReadingFact {
  readonly kind: "reading";
  readonly at: Instant;
  readonly counts: Readonly<Partial<Record<Application, number>>>;
}
export interface HeartbeatFact {
  readonly kind: "heartbeat";
  /** It says that the log was read until here. */
  readonly at: Instant;
  readonly oldest: Instant;
  readonly gaps: number;
}
export type HostFact = RequestFact | ReadingFact | HeartbeatFact;

/** What can be asked of one pool of a KMS host. */
export interface PoolFigures {
  readonly capacity: number;
  readonly size: number;
  /** Machine IDs and last requests of what is counted. */
  readonly clients: readonly string[];
  readonly fallsBelowAt: Readonly<Record<number, Instant | undefined>>;
  readonly reached: readonly string[];
  readonly waiting: readonly string[];
  readonly lostAt: Instant | undefined;
  readonly complete: boolean;
}
export type HostFigures = Readonly<Partial<Record<Application, PoolFigures>>>;

const products = productsFrom();
const needOf = { client: 25, server: 5, office: 5 } as const;

/** The facts of one KMS host, delivered in these transactions, as the engine takes them: on a real store. */
export const deliver = async (transactions: readonly (readonly HostFact[])[], rows = 5_000): Promise<HostFigures> => {
  const store = openSqlite(":memory:");
  let host = newKmsHost();
  const inOneTransaction = (facts: readonly HostFact[]) =>
    store.transact(async (tx) => {
      const working = copyOfHost(host);
      for (const it of facts.toSorted((a, b) => a.at - b.at || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind))) {
        if (it.kind === "request") {
          const fact = eventOf(it);
          const row = {
            id: eventIdentity(fact),
            computer: KMS01,
            eventId: 12290,
            at: it.at,
            fact: storedFact(fact, KMS01),
          };
          const [isNew] = await tx.insertEvents([row]);
          if (!isNew) continue;
          recordLogNumber(working, it.recordId, it.at);
          recordRequest(working, requestOf(normalise(fact), it.at, products)!);
        } else if (it.kind === "reading") {
          await tx.putKmsReadings([{ kmsHost: KMS01, at: it.at, counts: it.counts }]);
          if (it.at >= (working.reading?.at ?? 0)) recordKmsReading(working, readingOf(it), { at: it.at });
          recordCounts(working, it);
        } else recordKmsHeartbeat(working, { readUntil: it.at, oldest: it.oldest, gaps: it.gaps });
      }
      applyKnownReadings(working);
      if (working.replay)
        await continueReplay(tx, { name: KMS01, host: working, products, rows, now: Number.MAX_SAFE_INTEGER });
      host = structuredClone(working);
    });
  for (const it of transactions) await inOneTransaction(it);
  for (let left = 1_000; host.replay; left -= 1) {
    if (left === 0) throw new Error("the replay never ends");
    await inOneTransaction([]);
  }
  await store.close();
  return figuresOf(host);
};
const readingOf = ({ counts }: ReadingFact): KmsReading => ({
  isKmsHost: true,
  port: 1688,
  keys: [],
  pools: Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, { count, counters: {} }])),
});
const KINDS = ["request", "reading", "heartbeat"];

const eventOf = ({ at, client, product, result, status, recordId }: RequestFact) =>
  request({
    at,
    client,
    status,
    need: needOf[product],
    product: PRODUCTS[product],
    hresult: RESULTS[result],
    ...(recordId !== undefined && { recordId }),
  });

const figuresOf = (host: KmsHostState): HostFigures =>
  Object.fromEntries(
    Object.entries(host.pools).map(([name, pool]): [string, PoolFigures] => {
      const { simulation } = pool;
      const { ledger } = simulation;
      const until = knownUntil(host.coverage) ?? 0;
      const size = tableSize(ledger, until);
      return [
        name,
        {
          capacity: capacityOf(ledger),
          size,
          clients: ledger.entries.slice(0, size).map(([cmid, at]) => clientText(Number(cmid.slice(-12)), at)),
          fallsBelowAt: { 5: fallsBelowAt(ledger, 5), 25: fallsBelowAt(ledger, 25) },
          reached: PRODUCT_CLASSES.filter(
            (it) => POOL_OF_CLASS[it] === name && hasBeenReached(host, pool, { productClass: it, products }),
          ),
          waiting: waitingClients(simulation)
            .filter((it) => it.at + CLIENT_LIFETIME > until)
            .map((it) => clientText(Number(it.cmid.slice(-12)), it.at))
            .sort(),
          lostAt: simulation.lostAt,
          complete: isComplete(host.coverage, ledger),
        },
      ];
    }),
  );

export const clientText = (client: number, at: Instant): string => `${client} at minute ${at / MINUTE}`;
