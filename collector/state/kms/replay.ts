import { normalise } from "../../../licensing/events/normalise.ts";
import { knownUntil } from "../../../licensing/kms/coverage.ts";
import type { ProductClass } from "../../../licensing/kms/rules.ts";
import {
  afterReading,
  afterRequest,
  filledBy,
  NEW_SIMULATION,
  type PoolSimulation,
  watchedAt,
} from "../../../licensing/kms/simulation.ts";
import type { Application, Products } from "../../../licensing/products.ts";
import type { Instant } from "../../../licensing/time.ts";
import type { EventPosition, Transaction } from "../../store/store.ts";
import { factOf } from "../../store/stored-event.ts";
import { type ClientClocks, clockOff, recordClock } from "../client-clocks.ts";
import { isFarAhead } from "./forget-future.ts";
import { clientsIn, type KmsHostState, poolState, type Replay } from "./host-state.ts";
import { replayFound, type Simulations } from "./replay-plan.ts";
import { requestOf } from "./request.ts";

const positionOf = ({ position: [at, id] }: Replay): EventPosition => ({ at, id: Buffer.from(id, "hex") });

const placeOf = ({ at, id }: EventPosition): Replay["position"] => [at, Buffer.from(id).toString("hex")];

const REQUEST = 12290;
/** So many events, and so many readings, are in memory at once. */
const PAGE = 1_000;

/**
 * Walks on through the stored requests and readings of a host, for at most about `rows` of them; at the end what was found takes
 * the place of what was known. Everything newer has been applied to the host's state as it arrived, and is walked through as well.
 *
 * @returns how many events and readings were read.
 */
export const continueReplay = async (
  tx: Transaction,
  {
    name,
    host,
    products,
    rows,
    now,
  }: { name: string; host: KmsHostState; products: Products; rows: number; now: Instant },
): Promise<number> => {
  let read = 0;
  while (host.replay && read < rows) {
    const { replay } = host;
    const page = await tx.eventsInOrder(name, REQUEST, { after: positionOf(replay), limit: PAGE });
    const until = page.length < PAGE ? (knownUntil(host.coverage) ?? 0) : page.at(-1)!.at;
    const readings = await tx.kmsReadings(name, { after: replay.readingsUntil, until, limit: PAGE });
    read += page.length + readings.length;
    // Further readings follow: the requests behind the last of these wait for them.
    const readingsUntil = readings.length < PAGE ? until : readings.at(-1)!.at;
    const due = readingsUntil < until ? page.filter((it) => it.at <= readingsUntil) : page;
    const isLast = page.length < PAGE && readingsUntil === until;
    const walk = new Walk(host, replay);
    let next = 0;
    for (const row of due) {
      // Stored by a clock that was wrong.
      if (isFarAhead(row.at, now)) continue;
      for (; walk.again === undefined && next < readings.length && readings[next]!.at <= row.at; next += 1)
        walk.reading(readings[next]!);
      if (walk.again !== undefined) break;
      const event = normalise(factOf(row));
      const request = requestOf(event, row.at, products);
      if (request) walk.request(request, clockOff(event));
    }
    for (; next < readings.length && walk.again === undefined; next += 1) walk.reading(readings[next]!);
    if (walk.again !== undefined) restart(host, walk, walk.again);
    else if (isLast) finish(host, walk);
    else
      host.replay = {
        ...replay,
        pools: walk.pools,
        lastRequest: walk.lastRequest,
        askedAt: walk.askedAt,
        clocks: walk.clocks,
        ...(due.length > 0 && { position: placeOf(due.at(-1)!) }),
        readingsUntil,
        ...(walk.oldest !== undefined && { oldest: walk.oldest }),
      };
  }
  return read;
};

type KmsRequest = NonNullable<ReturnType<typeof requestOf>>;

/** One page of a repeated walk. */
class Walk {
  readonly pools: Partial<Record<Application, PoolSimulation>>;
  readonly lastRequest: Partial<Record<Application, Instant>>;
  readonly askedAt: Partial<Record<ProductClass, Instant>>;
  readonly clocks: ClientClocks;
  /** The time of the first event that was walked through. */
  oldest: Instant | undefined;
  /** The table was lost or is larger than was thought: the walk must begin again here. */
  again: Instant | undefined;
  readonly #host: KmsHostState;
  readonly #from: Instant;

  constructor(host: KmsHostState, { pools, lastRequest, askedAt, clocks, from, oldest }: Replay) {
    this.oldest = oldest;
    this.#host = host;
    this.#from = from;
    this.pools = { ...pools };
    this.lastRequest = { ...lastRequest };
    this.askedAt = { ...askedAt };
    this.clocks = structuredClone(clocks);
  }

  request(request: KmsRequest, quarters: number): void {
    this.oldest ??= request.at;
    this.#count(request);
    recordClock(this.clocks, request, { quarters, clients: () => clientsIn(this.pools, request.at) });
  }

  #count(request: KmsRequest): void {
    const { at, pool, productClass } = request;
    this.lastRequest[pool] = Math.max(this.lastRequest[pool] ?? 0, at);
    if (!request.valid) return;
    if (productClass) this.askedAt[productClass] = Math.max(this.askedAt[productClass] ?? 0, at);
    const known = this.pools[request.pool] ?? NEW_SIMULATION;
    this.pools[request.pool] = request.at < this.#from ? filledBy(known, request) : afterRequest(known, request);
  }

  reading({ at, counts }: { at: Instant; counts: Readonly<Partial<Record<Application, number>>> }): void {
    for (const [name, count] of Object.entries(counts)) {
      const application = name as Application;
      const known = this.pools[application] ?? NEW_SIMULATION;
      if (at < this.#from) {
        this.pools[application] = watchedAt(known, { at, count }, this.#host.coverage);
        continue;
      }
      const { simulation, replayFrom } = afterReading(known, { at, count }, this.#host.coverage);
      this.pools[application] = simulation;
      if (replayFrom !== undefined) this.again = Math.min(this.again ?? replayFrom, replayFrom);
    }
  }
}

const takeOver = (host: KmsHostState, pools: Simulations): void => {
  for (const [name, simulation] of Object.entries(pools)) poolState(host, name as Application).simulation = simulation;
};

/** What the walk has found holds; the requests since are counted by it. */
const restart = (host: KmsHostState, { pools }: Walk, from: Instant): void => {
  takeOver(host, pools);
  replayFound(host, from);
};

const finish = (host: KmsHostState, { pools, clocks, lastRequest, askedAt, oldest }: Walk): void => {
  for (const [name, simulation] of Object.entries(pools)) {
    const known = host.pools[name as Application]?.simulation;
    // What was reached by events that the retention has removed stays reached.
    if (known) pools[name as Application] = { ...simulation, reached: withOlder(simulation, known, oldest) };
  }
  takeOver(host, pools);
  // The walk has met every request: a pool that it did not meet has been emptied by what is known now.
  if (host.replay!.regroups) {
    host.regroupBefore = Number.MAX_SAFE_INTEGER;
    for (const [name, pool] of Object.entries(host.pools))
      if (!lastRequest[name as Application] && !pool.reported) delete host.pools[name as Application];
  }
  for (const [name, at] of Object.entries(lastRequest)) {
    const pool = poolState(host, name as Application);
    pool.lastRequest = Math.max(pool.lastRequest ?? 0, at);
  }
  for (const [name, at] of Object.entries(askedAt)) {
    const known = host.classes[name as ProductClass];
    host.classes[name as ProductClass] = { ...known, askedAt: Math.max(known?.askedAt ?? 0, at) };
  }
  host.clocks = clocks;
  delete host.replay;
};

const withOlder = (
  { reached }: PoolSimulation,
  known: PoolSimulation,
  oldest: Instant | undefined,
): PoolSimulation["reached"] => ({
  ...reached,
  ...Object.fromEntries(Object.entries(known.reached).filter(([, at]) => oldest === undefined || at < oldest)),
});
