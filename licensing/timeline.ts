import type { Instant } from "./time.ts";

/** One value and the instants at which it was observed, oldest first, with no other value in between. */
export type Run = readonly [value: string, ...at: Instant[]];

/**
 * Puts one observation where its time belongs, so that the runs are a function of the set of observations and not of their
 * order. Two different values of one instant stand in the order of their texts. The same observation twice is one.
 *
 * So many instants stay of each run and of all runs. The oldest that lies between two observations of its own value goes
 * first, because no change of the value depends on it, unless two others arrive late on both sides of it; where there is
 * none, the oldest of all goes. Full runs take nothing that is older than they are, so that what is delivered again adds
 * nothing again.
 *
 * @returns the same runs where the observation adds nothing.
 */
export const withObservation = (
  runs: readonly Run[],
  value: string,
  at: Instant,
  limits: { readonly ofRun: number; readonly ofAll: number },
): readonly Run[] => {
  const last = runs.at(-1);
  if (last?.[0] === value && at > (last.at(-1) as Instant)) {
    // Nearly always so: one full run gives up its second instant for the new one.
    if (runs.length === 1 && last.length - 1 === limits.ofRun) {
      const run = [...last];
      run.copyWithin(2, 3)[run.length - 1] = at;
      return [run as unknown as Run];
    }
    return bounded(runs.with(-1, [...last, at]), limits);
  }
  const points = runs.flatMap(([known, ...instants]) => instants.map((it) => [it, known] as const));
  const found = points.findIndex(([it, known]) => it > at || (it === at && known >= value));
  const place = found < 0 ? points.length : found;
  const next = points[place];
  if (next?.[0] === at && next[1] === value) return runs;
  if (place === 0 && points.length >= limits.ofAll) return runs;
  return bounded(runsOf(points.toSpliced(place, 0, [at, value])), limits);
};

/** The runs of several observers as if one had observed it all. As many instants stay as `withObservation` keeps. */
export const mergeRuns = (
  all: readonly (readonly Run[])[],
  limits: { readonly ofRun: number; readonly ofAll: number },
): readonly Run[] =>
  bounded(
    runsOf(
      all
        .flatMap((runs) => runs.flatMap(([value, ...instants]) => instants.map((at) => [at, value] as const)))
        .sort(([a, x], [b, y]) => a - b || (x < y ? -1 : x > y ? 1 : 0))
        .filter(([at, value], i, sorted) => at !== sorted[i - 1]?.[0] || value !== sorted[i - 1]?.[1]),
    ),
    limits,
  );

const runsOf = (points: readonly (readonly [at: Instant, value: string])[]): Run[] => {
  const runs: [string, ...Instant[]][] = [];
  for (const [at, value] of points) {
    const last = runs.at(-1);
    if (last?.[0] === value) last.push(at);
    else runs.push([value, at]);
  }
  return runs;
};

const bounded = (runs: readonly Run[], { ofRun, ofAll }: { ofRun: number; ofAll: number }): readonly Run[] => {
  const limits = { ofRun, ofAll };
  const full = runs.findIndex((it) => it.length - 1 > ofRun);
  if (full >= 0) return bounded(runs.with(full, runs[full]!.toSpliced(2, 1) as unknown as Run), limits);
  const length = runs.reduce((sum, it) => sum + it.length - 1, 0);
  if (length <= ofAll) return runs;
  const long = runs.findIndex((it) => it.length > 3);
  if (long >= 0) return bounded(runs.with(long, runs[long]!.toSpliced(2, 1) as unknown as Run), limits);
  const [value, , ...rest] = runs[0]!;
  return bounded(rest.length > 0 ? runs.with(0, [value, ...rest]) : runs.slice(1), limits);
};
