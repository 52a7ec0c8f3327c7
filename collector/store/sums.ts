/**
 * The fleet's figures as sums that are kept, never recomputed: a tally is a tuple of labels and a number, and a fact
 * changes it by the difference between what a computer contributed before and what it contributes now. Differences add up
 * in any order, so several collectors can share one database without a row that all of them write.
 */
export type TallyKey = string;
export type Deltas = Map<TallyKey, number>;

const SEPARATOR = "\u001f";

/** `["licenses", "core", "Windows 11", "kms_client", "licensed"]` as one string, and back. */
export const tallyKey = (...parts: readonly (string | number)[]): TallyKey => parts.join(SEPARATOR);
export const tallyParts = (key: TallyKey): string[] => key.split(SEPARATOR);

/** Labels come from outside: what would break a tuple apart is taken out before it gets in. */
export const cleanLabel = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f]/g, " ").slice(0, 200);

export const addDelta = (deltas: Deltas, key: TallyKey, by: number): void => {
  const sum = (deltas.get(key) ?? 0) + by;
  if (sum === 0) deltas.delete(key);
  else deltas.set(key, sum);
};

/** What one thing adds to the figures: `[tally, amount]`. */
export type Contribution = readonly [key: TallyKey, amount: number];

/** Adds what a thing contributes now and takes away what it contributed before. */
export const addDifference = (deltas: Deltas, before: readonly Contribution[], now: readonly Contribution[]): void => {
  for (const [key, amount] of before) addDelta(deltas, key, -amount);
  for (const [key, amount] of now) addDelta(deltas, key, amount);
};

/** One sum, its key taken apart once and not at each scrape. */
export interface Tally {
  readonly labels: readonly string[];
  sum: number;
  /** Where the last label is an hour: the labels before it, and the hour. */
  readonly series: string;
  readonly hour: number;
}

const tallyOf = (key: TallyKey): Tally => {
  const labels = tallyParts(key).slice(1);
  return { labels, sum: 0, series: labels.slice(0, -1).join(" "), hour: Number(labels.at(-1)) };
};

/** The sums themselves, grouped by their first label so that a figure reads only its own. */
export class Tallies {
  readonly #groups = new Map<string, Map<TallyKey, Tally>>();

  apply(deltas: Iterable<readonly [TallyKey, number]>): void {
    for (const [key, by] of deltas) {
      const group = this.#groupOf(key);
      const tally = group.get(key) ?? tallyOf(key);
      tally.sum = Math.min(tally.sum + by, Number.MAX_SAFE_INTEGER);
      if (tally.sum === 0) group.delete(key);
      else group.set(key, tally);
    }
  }

  get(key: TallyKey): number {
    return this.#groups.get(firstOf(key))?.get(key)?.sum ?? 0;
  }

  /** Every tally whose first label is `group`. */
  *of(group: string): Generator<{ labels: readonly string[]; sum: number }> {
    for (const { labels, sum } of this.#groups.get(group)?.values() ?? []) yield { labels, sum };
  }

  /** Those of a group whose last label is an hour, by the labels before it. */
  byHour(group: string): ReadonlyMap<string, readonly Tally[]> {
    const series = new Map<string, Tally[]>();
    for (const it of this.#groups.get(group)?.values() ?? []) {
      const hours = series.get(it.series);
      if (hours) hours.push(it);
      else series.set(it.series, [it]);
    }
    return series;
  }

  /** All sums, for the audit that compares them with a fresh count. */
  entries(): [TallyKey, number][] {
    return [...this.#groups.values()]
      .flatMap((group) => [...group].map(([key, { sum }]): [TallyKey, number] => [key, sum]))
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #groupOf(key: TallyKey): Map<TallyKey, Tally> {
    const name = firstOf(key);
    const known = this.#groups.get(name);
    if (known) return known;
    const group = new Map<TallyKey, Tally>();
    this.#groups.set(name, group);
    return group;
  }
}

const firstOf = (key: TallyKey): string => {
  const end = key.indexOf(SEPARATOR);
  return end < 0 ? key : key.slice(0, end);
};
