/**
 * The fleet's figures as sums that are kept, never recomputed: an entry is a tuple of labels and a number, and a fact
 * changes it by the difference between what a computer contributed before and what it contributes now. Differences add up
 * in any order, so several collectors can share one database without a row that all of them write.
 */
export type SumKey = string;
export type Deltas = Map<SumKey, number>;

const SEPARATOR = "\u001f";

/** `["licenses", "core", "Windows 11", "kms_client", "licensed"]` as one string, and back. */
export const sumKey = (...parts: readonly (string | number)[]): SumKey => parts.join(SEPARATOR);
export const sumParts = (key: SumKey): string[] => key.split(SEPARATOR);

/** Labels come from outside: what would break a tuple apart is taken out before it gets in. */
export const cleanLabel = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f]/g, " ").slice(0, 200);

export const addDelta = (deltas: Deltas, key: SumKey, by: number): void => {
  const sum = (deltas.get(key) ?? 0) + by;
  if (sum === 0) deltas.delete(key);
  else deltas.set(key, sum);
};

/** What one thing adds to the figures: `[entry, amount]`. */
export type Contribution = readonly [key: SumKey, amount: number];

/** Adds what a thing contributes now and takes away what it contributed before. */
export const addDifference = (deltas: Deltas, before: readonly Contribution[], now: readonly Contribution[]): void => {
  for (const [key, amount] of before) addDelta(deltas, key, -amount);
  for (const [key, amount] of now) addDelta(deltas, key, amount);
};

/** One sum, its key taken apart once and not at each scrape. */
export interface SumEntry {
  readonly labels: readonly string[];
  sum: number;
  /** Where the last label is an hour: the labels before it, and the hour. */
  readonly series: string;
  readonly hour: number;
}

const entryOf = (key: SumKey): SumEntry => {
  const labels = sumParts(key).slice(1);
  return { labels, sum: 0, series: labels.slice(0, -1).join(" "), hour: Number(labels.at(-1)) };
};

/** The sums themselves, grouped by their first label so that a figure reads only its own. */
export class Sums {
  readonly #groups = new Map<string, Map<SumKey, SumEntry>>();

  apply(deltas: Iterable<readonly [SumKey, number]>): void {
    for (const [key, by] of deltas) {
      const group = this.#groupOf(key);
      const entry = group.get(key) ?? entryOf(key);
      entry.sum = Math.min(entry.sum + by, Number.MAX_SAFE_INTEGER);
      if (entry.sum === 0) group.delete(key);
      else group.set(key, entry);
    }
  }

  /** Takes over sums as they are in the store. */
  put(sums: Iterable<readonly [SumKey, number]>): void {
    for (const [key, sum] of sums) {
      const group = this.#groupOf(key);
      const entry = group.get(key) ?? entryOf(key);
      entry.sum = sum;
      if (sum === 0) group.delete(key);
      else group.set(key, entry);
    }
  }

  clear(): void {
    this.#groups.clear();
  }

  get(key: SumKey): number {
    return this.#groups.get(firstOf(key))?.get(key)?.sum ?? 0;
  }

  /** Every sum whose first label is `group`. */
  *of(group: string): Generator<{ labels: readonly string[]; sum: number }> {
    for (const { labels, sum } of this.#groups.get(group)?.values() ?? []) yield { labels, sum };
  }

  /** Those of a group whose last label is an hour, by the labels before it. */
  byHour(group: string): ReadonlyMap<string, readonly SumEntry[]> {
    const series = new Map<string, SumEntry[]>();
    for (const it of this.#groups.get(group)?.values() ?? []) {
      const hours = series.get(it.series);
      if (hours) hours.push(it);
      else series.set(it.series, [it]);
    }
    return series;
  }

  /** All sums, for the audit that compares them with a fresh count. */
  entries(): [SumKey, number][] {
    return [...this.#groups.values()]
      .flatMap((group) => [...group].map(([key, { sum }]): [SumKey, number] => [key, sum]))
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #groupOf(key: SumKey): Map<SumKey, SumEntry> {
    const name = firstOf(key);
    const known = this.#groups.get(name);
    if (known) return known;
    const group = new Map<SumKey, SumEntry>();
    this.#groups.set(name, group);
    return group;
  }
}

const firstOf = (key: SumKey): string => {
  const end = key.indexOf(SEPARATOR);
  return end < 0 ? key : key.slice(0, end);
};
