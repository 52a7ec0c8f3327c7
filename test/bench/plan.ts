import type { Figure } from "./figures.ts";

/** How much is measured. */
export interface Plan {
  readonly runs: number;
  /** License reports of one run. */
  readonly reports: number;
  /** KMS events of one run. */
  readonly events: number;
  /** Fleets for memory, start and /metrics. */
  readonly fleets: readonly number[];
  readonly scrapes: number;
  /** How long prometheus-pushgateway with its consistency check is pushed to; it takes a few pushes a second. */
  readonly slowPeerMs: number;
}

export const WHOLE: Plan = {
  runs: 5,
  reports: 15_000,
  events: 60_000,
  fleets: [1_000, 10_000, 100_000],
  scrapes: 200,
  slowPeerMs: 4_000,
};
export const QUICK: Plan = {
  runs: 3,
  reports: 5_000,
  events: 20_000,
  fleets: [1_000, 10_000],
  scrapes: 60,
  slowPeerMs: 2_000,
};

/** What a piece works with. */
export interface Bench {
  readonly plan: Plan;
  readonly folder: string;
  /** The checkout whose collector is measured. */
  readonly checkout: string;
  readonly signal: AbortSignal;
  /** Pushgateway is installed. */
  readonly peers: boolean;
  progress(text: string): void;
}

export type Piece = (bench: Bench) => Promise<readonly Figure[]>;

/** Values by name, gathered over runs. */
export class Series {
  readonly #values = new Map<string, number[]>();
  add(name: string, value: number): void {
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }
  of(name: string): number[] {
    return this.#values.get(name) ?? [];
  }
}
