import type { NameRun } from "../licensing/duplicates.ts";
import type { Instant } from "../licensing/time.ts";
import { hourOf } from "../licensing/time.ts";
import { type Contribution, tallyKey } from "./tallies.ts";

/** What one client machine ID did at one KMS host. */
export interface KmsClientState {
  /** The names under which it asked. */
  runs: NameRun[];
  /** The client's own clock in its last request, and the product: what joins it with the client's 12288. */
  clientTime?: string;
  activationId?: string;
  /** Its state before its last request. */
  status?: number;
}

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

/** Distinct clients by the hour of their last valid request, so that 30 days are a sum. */
export const clientContributions = (it: { kmsHost: string; pool: string; lastAt: Instant }): Contribution[] => [
  [tallyKey("distinct", it.kmsHost, it.pool, hourOf(it.lastAt)), 1],
];
