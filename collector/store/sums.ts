/**
 * The fleet's figures as sums that are kept, never recomputed: an entry is a tuple of labels and a number, and a fact
 * changes it by the difference between what a computer contributed before and what it contributes now. Differences add up
 * in any order, so several collectors can share one database without a row that all of them write.
 */
export type SumKey = string;
export type Deltas = Map<SumKey, number>;

const SEPARATOR = "\u001f";

/** `["licenses", "core", "Windows 11", "kms_client", "licensed"]` as one string, and back. */
export const sumKey = (...parts: readonly (string | number)[]): SumKey => {
  let key = String(parts[0]);
  for (let i = 1; i < parts.length; i += 1) key += SEPARATOR + parts[i];
  return key;
};
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

/**
 * Groups whose last label is a number, an hour or a day. Most sums are of these: they are kept by the labels before it, each as
 * two numbers, so that a million of them fit into some 50 MB.
 */
const NUMBERED: ReadonlySet<string> = new Set([
  "seen",
  "deadline",
  "overdue",
  "distinct",
  "asked",
  "target",
  "kms_computers",
  "kms_licenses",
  "kms_due",
]);

/** The sums of one group. */
interface Group {
  readonly size: number;
  get(key: SumKey): number;
  add(key: SumKey, by: number): void;
  /** 0 takes it away. */
  set(key: SumKey, sum: number): void;
  of(): Iterable<{ readonly labels: readonly string[]; readonly sum: number }>;
  entries(): Iterable<[SumKey, number]>;
  /** By the labels before the last one, joined by blanks; the last one is a number. */
  byNumber(): ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** The same with the labels apart. */
  numbered(): Iterable<NumberedSums>;
}

/** Sums whose labels but for the last are the same, by that last one. */
export interface NumberedSums {
  readonly labels: readonly string[];
  readonly sums: ReadonlyMap<number, number>;
}

const bounded = (sum: number): number => Math.min(sum, Number.MAX_SAFE_INTEGER);

const plainGroup = (): Group => {
  const sums = new Map<SumKey, { readonly labels: readonly string[]; sum: number }>();
  const set = (key: SumKey, sum: number): void => {
    const known = sums.get(key);
    if (sum === 0) sums.delete(key);
    else if (known) known.sum = sum;
    else sums.set(key, { labels: sumParts(key).slice(1), sum });
  };
  return {
    get size() {
      return sums.size;
    },
    get: (key) => sums.get(key)?.sum ?? 0,
    add: (key, by) => set(key, bounded((sums.get(key)?.sum ?? 0) + by)),
    set,
    of: () => sums.values(),
    entries: function* () {
      for (const [key, { sum }] of sums) yield [key, sum];
    },
    byNumber: () => new Map(),
    numbered: () => [],
  };
};

const numberedGroup = (): Group => {
  const series = new Map<string, { readonly labels: readonly string[]; readonly sums: Map<number, number> }>();
  const byLabels = new Map<string, Map<number, number>>();
  let size = 0;
  const placeOf = (key: SumKey): [before: string, number: number] => {
    const end = key.lastIndexOf(SEPARATOR);
    return [key.slice(0, end), Number(key.slice(end + 1))];
  };
  const put = (before: string, number: number, change: (known: number) => number): void => {
    let known = series.get(before);
    const sum = change(known?.sums.get(number) ?? 0);
    if (!known) {
      if (sum === 0) return;
      known = { labels: sumParts(before).slice(1), sums: new Map() };
      series.set(before, known);
      byLabels.set(known.labels.join(" "), known.sums);
    }
    const { sums, labels } = known;
    size -= sums.size;
    if (sum === 0) sums.delete(number);
    else sums.set(number, sum);
    size += sums.size;
    if (sums.size > 0) return;
    series.delete(before);
    byLabels.delete(labels.join(" "));
  };
  return {
    get size() {
      return size;
    },
    get: (key) => {
      const [before, number] = placeOf(key);
      return series.get(before)?.sums.get(number) ?? 0;
    },
    add: (key, by) => {
      const [before, number] = placeOf(key);
      put(before, number, (known) => bounded(known + by));
    },
    set: (key, sum) => {
      const [before, number] = placeOf(key);
      put(before, number, () => sum);
    },
    of: function* () {
      for (const { labels, sums } of series.values())
        for (const [number, sum] of sums) yield { labels: [...labels, String(number)], sum };
    },
    entries: function* () {
      for (const [before, { sums }] of series)
        for (const [number, sum] of sums) yield [`${before}${SEPARATOR}${number}`, sum];
    },
    byNumber: () => byLabels,
    numbered: () => series.values(),
  };
};

/** The sums themselves, grouped by their first label so that a figure reads only its own. */
export class Sums {
  readonly #groups = new Map<string, Group>();

  apply(deltas: Iterable<readonly [SumKey, number]>): void {
    for (const [key, by] of deltas) {
      this.#groupOf(key).add(key, by);
    }
  }

  /** Takes over sums as they are in the store. */
  put(sums: Iterable<readonly [SumKey, number]>): void {
    for (const [key, sum] of sums) this.#groupOf(key).set(key, sum);
  }

  clear(): void {
    this.#groups.clear();
  }

  get(key: SumKey): number {
    return this.#groups.get(groupOf(key))?.get(key) ?? 0;
  }

  /** How many sums of a group are not 0. */
  size(group: string): number {
    return this.#groups.get(group)?.size ?? 0;
  }

  /** Every sum whose first label is `group`. */
  *of(group: string): Generator<{ labels: readonly string[]; sum: number }> {
    for (const { labels, sum } of this.#groups.get(group)?.of() ?? []) yield { labels, sum };
  }

  /** Those of a group whose last label is an hour, by the labels before it. */
  byHour(group: string): ReadonlyMap<string, ReadonlyMap<number, number>> {
    return this.#groups.get(group)?.byNumber() ?? new Map();
  }

  /** Those of a group whose last label is a number, by the labels before it. */
  numbered(group: string): Iterable<NumberedSums> {
    return this.#groups.get(group)?.numbered() ?? [];
  }

  /** All sums, for the audit that compares them with a fresh count. */
  entries(): [SumKey, number][] {
    return [...this.#groups.values()].flatMap((it) => [...it.entries()]).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #groupOf(key: SumKey): Group {
    const name = groupOf(key);
    const known = this.#groups.get(name);
    if (known) return known;
    const group = NUMBERED.has(name) ? numberedGroup() : plainGroup();
    this.#groups.set(name, group);
    return group;
  }
}

/** The first label: what is counted. */
export const groupOf = (key: SumKey): string => {
  const end = key.indexOf(SEPARATOR);
  return end < 0 ? key : key.slice(0, end);
};
