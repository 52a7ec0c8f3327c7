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

/** The sums themselves, grouped by their first label so that a figure reads only its own. */
export class Tallies {
  readonly #groups = new Map<string, Map<TallyKey, number>>();

  apply(deltas: Iterable<readonly [TallyKey, number]>): void {
    for (const [key, by] of deltas) {
      const group = this.#groupOf(key);
      const sum = (group.get(key) ?? 0) + by;
      if (sum === 0) group.delete(key);
      else group.set(key, sum);
    }
  }

  get(key: TallyKey): number {
    return this.#groups.get(firstOf(key))?.get(key) ?? 0;
  }

  /** Every tally whose first label is `group`, as its other labels and its sum. */
  *of(group: string): Generator<{ labels: string[]; sum: number }> {
    for (const [key, sum] of this.#groups.get(group) ?? []) yield { labels: tallyParts(key).slice(1), sum };
  }

  /** All sums, for the audit that compares them with a fresh count. */
  entries(): [TallyKey, number][] {
    return [...this.#groups.values()].flatMap((group) => [...group]).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #groupOf(key: TallyKey): Map<TallyKey, number> {
    const name = firstOf(key);
    const known = this.#groups.get(name);
    if (known) return known;
    const group = new Map<TallyKey, number>();
    this.#groups.set(name, group);
    return group;
  }
}

const firstOf = (key: TallyKey): string => {
  const end = key.indexOf(SEPARATOR);
  return end < 0 ? key : key.slice(0, end);
};
