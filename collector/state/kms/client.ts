import { mergeNames, type NameRun } from "../../../licensing/kms/duplicates.ts";
import { OTHER_PRODUCT, type Products } from "../../../licensing/products.ts";
import { DAY, dayOf, HOUR, hourOf, type Instant, MINUTE } from "../../../licensing/time.ts";
import type { KmsClientRow } from "../../store/store.ts";
import { type Contribution, sumKey } from "../../store/sums.ts";

/** What one client machine ID did at one KMS host. */
export interface KmsClientState {
  /** The names under which it asked. */
  runs: readonly NameRun[];
  /** The client's own clock in its last request, and the product: what joins it with the client's 12288. */
  clientTime?: string;
  activationId?: string;
  /** Its state before its last request, and the minutes that were left in it. */
  status?: number;
  minutes?: number;
  /** It asked as a server version of Windows, which needs five clients. */
  server?: true;
  /** Another fact makes its computer known: as one without an agent it adds nothing. */
  own?: true;
  /** Other clients asked under the same name: together they are one computer. */
  kin?: true;
  /** The client's own clock in the newest of its earlier requests, minutes since 1970, newest first. */
  earlier?: number[];
  /** Other products for which the host served it, each with the last time. */
  served?: Readonly<Record<string, Instant>>;
  /** Other names use its ID, here or elsewhere: each of its requests counts for the history of the ID. */
  shared?: true;
  /** It is counted by the day and without its product: the bound is reached. */
  folded?: true;
  /** The same for its computer. */
  coarse?: true;
}

const EARLIER_MAX = 4;
const SERVED_MAX = 4;
const minuteOf = (clientTime: string): number => Math.floor(Date.parse(clientTime) / MINUTE);

/** A client's state on its way from one row to the next. */
interface AskingClient {
  readonly state: KmsClientState;
  lastAt: Instant;
}

interface ValidRequest {
  readonly at: Instant;
  readonly clientTime: string | undefined;
  readonly activationId: string;
  readonly status: number | undefined;
  readonly minutes: number | undefined;
  readonly isServer: boolean;
}

/** Records what joins a request with the client's own record of it, and which product was served when. */
export const withRequest = (client: AskingClient, request: ValidRequest): void => {
  const { state, lastAt } = client;
  const { at, clientTime, activationId, status, minutes, isServer } = request;
  const known = state.activationId;
  const isNewest = at > lastAt || (at === lastAt && activationId >= (known ?? ""));
  const before = isNewest ? state.clientTime : clientTime;
  if (before !== undefined && before !== (isNewest ? clientTime : state.clientTime))
    recordEarlier(state, minuteOf(before));
  if (known !== undefined && known !== activationId)
    recordServed(state, isNewest ? { served: known, at: lastAt, newest: activationId } : { served: activationId, at });
  if (!isNewest) return;
  client.lastAt = at;
  if (clientTime !== undefined) state.clientTime = clientTime;
  state.activationId = activationId;
  if (status !== undefined) state.status = status;
  if (minutes === undefined) delete state.minutes;
  else state.minutes = minutes;
  if (isServer) state.server = true;
  else if (state.server) delete state.server;
};

const recordEarlier = (state: KmsClientState, minute: number): void => {
  const earlier = state.earlier ?? [];
  if (!earlier.includes(minute)) state.earlier = [...earlier, minute].sort((a, b) => b - a).slice(0, EARLIER_MAX);
};

const recordServed = (
  state: KmsClientState,
  { served, at, newest }: { served: string; at: Instant; newest?: string },
): void => {
  const all = { ...state.served, [served]: Math.max(at, state.served?.[served] ?? 0) };
  const others = Object.entries(all)
    .filter(([id]) => id !== newest)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  state.served = Object.fromEntries(others.slice(0, SERVED_MAX));
};

/** When the host served this client for this product last. */
export const servedAt = ({ state, lastAt }: Readonly<AskingClient>, activationId: string): Instant | undefined =>
  state.activationId === activationId ? lastAt : state.served?.[activationId];

/** Is this one of the client's last requests? */
export const hasAsked = (
  { clientTime, activationId, earlier, served }: KmsClientState,
  request: { readonly clientTime: string; readonly activationId: string },
): boolean =>
  (activationId === request.activationId || served?.[request.activationId] !== undefined) &&
  (clientTime === request.clientTime || (earlier?.includes(minuteOf(request.clientTime)) ?? false));

/** Two rows of one client, whose requests turned out to belong to the same pool. */
export const mergedClient = (row: KmsClientRow, other: KmsClientRow | undefined): KmsClientRow => {
  if (!other) return row;
  const [newer, older] = row.lastAt >= other.lastAt ? [row, other] : [other, row];
  const state = JSON.parse(newer.state) as KmsClientState;
  const { runs, activationId, served, clientTime, earlier = [] } = JSON.parse(older.state) as KmsClientState;
  state.runs = mergeNames([state.runs, runs]);
  for (const minute of [...(clientTime === undefined ? [] : [minuteOf(clientTime)]), ...earlier])
    recordEarlier(state, minute);
  for (const [id, at] of Object.entries({ ...served, ...(activationId && { [activationId]: older.lastAt }) }))
    if (id !== state.activationId) recordServed(state, { served: id, at });
  return { ...newer, pool: row.pool, state: JSON.stringify(state) };
};

/** One thing for each client of each pool of each KMS host: looked up for every request, so no text is made of the three. */
export class PerClient<T> {
  readonly #hosts = new Map<string, Map<string, Map<string, T>>>();

  get(kmsHost: string, pool: string, key: string): T | undefined {
    return this.#hosts.get(kmsHost)?.get(pool)?.get(key);
  }

  set(kmsHost: string, pool: string, key: string, it: T): void {
    const pools = this.#hosts.get(kmsHost) ?? new Map<string, Map<string, T>>();
    const clients = pools.get(pool) ?? new Map<string, T>();
    this.#hosts.set(kmsHost, pools.set(pool, clients.set(key, it)));
  }

  values(): T[] {
    return [...this.#hosts.values()].flatMap((pools) => [...pools.values()].flatMap((it) => [...it.values()]));
  }
}

/** What counts of a client: where and when it asked last, and for which product. */
export interface CountedClient {
  readonly kmsHost: string;
  readonly pool: string;
  readonly lastAt: Instant;
  readonly activationId: string | undefined;
  readonly folded: boolean;
}

/** Distinct clients by the hour of their last valid request, so that 30 days are a sum. */
const distinctContribution = ({ kmsHost, pool, lastAt, folded }: CountedClient): Contribution => [
  sumKey("distinct", kmsHost, pool, folded ? dayOf(lastAt) * (DAY / HOUR) : hourOf(lastAt)),
  1,
];

/** Clients by product and day, for those that the catalogue names: which key the others need is not known. */
const askedContribution = (
  { kmsHost, lastAt, activationId, folded }: CountedClient,
  products: Products,
): Contribution[] => {
  if (folded) return [];
  const product = activationId === undefined ? OTHER_PRODUCT : products.label(activationId);
  return product === OTHER_PRODUCT ? [] : [[sumKey("asked", kmsHost, product, dayOf(lastAt)), 1]];
};

/** What one client adds to the figures. Pure: an audit recomputes every sum from it. */
export const clientContributions = (it: CountedClient, products: Products): Contribution[] => [
  distinctContribution(it),
  ...askedContribution(it, products),
];

/** Do two states of one client add the same? Nearly every newer request is of another hour and day. */
export const countsAlike = (a: CountedClient, b: CountedClient): boolean =>
  hourOf(a.lastAt) === hourOf(b.lastAt) && a.activationId === b.activationId && a.folded === b.folded;

/** A stored client as it counts. */
export const countedClient = (row: KmsClientRow): CountedClient => {
  const { activationId, folded = false } = JSON.parse(row.state) as KmsClientState;
  return { ...row, activationId, folded };
};
