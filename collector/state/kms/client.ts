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
  /** Its state before its last request. */
  status?: number;
  /** The client's own clock in earlier requests, minutes since 1970. */
  earlier?: number[];
  /** Other names use its ID, here or elsewhere: each of its requests counts for the history of the ID. */
  shared?: true;
  /** It is counted by the day and without its product: the bound is reached. */
  folded?: true;
}

const EARLIER_MAX = 4;
const minuteOf = (clientTime: string): number => Math.floor(Date.parse(clientTime) / MINUTE);

/** Records what joins a request with the client's own record of it. */
export const withRequest = (
  state: KmsClientState,
  request: { clientTime: string | undefined; activationId: string; status: number | undefined; isNewest: boolean },
): void => {
  const { clientTime, activationId, status, isNewest } = request;
  const before = isNewest ? state.clientTime : clientTime;
  if (before !== undefined && (!isNewest || before !== clientTime))
    state.earlier = [minuteOf(before), ...(state.earlier ?? [])].slice(0, EARLIER_MAX);
  if (!isNewest) return;
  if (clientTime !== undefined) state.clientTime = clientTime;
  state.activationId = activationId;
  if (status !== undefined) state.status = status;
};

/** Is this one of the client's last requests? */
export const hasAsked = (
  { clientTime, activationId, earlier }: KmsClientState,
  request: { readonly clientTime: string; readonly activationId: string },
): boolean =>
  activationId === request.activationId &&
  (clientTime === request.clientTime || (earlier?.includes(minuteOf(request.clientTime)) ?? false));

/** Two rows of one client, whose requests turned out to belong to the same pool. */
export const mergedClient = (row: KmsClientRow, other: KmsClientRow | undefined): KmsClientRow => {
  if (!other) return row;
  const [newer, older] = row.lastAt >= other.lastAt ? [row, other] : [other, row];
  const state = JSON.parse(newer.state) as KmsClientState;
  const { runs } = JSON.parse(older.state) as KmsClientState;
  state.runs = mergeNames([state.runs, runs]);
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
