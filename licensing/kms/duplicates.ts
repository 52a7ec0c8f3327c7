import type { Instant } from "../time.ts";
import { mergeRuns, type Run, withObservation } from "../timeline.ts";
import { CLIENT_LIFETIME } from "./ledger.ts";

/** A name under which one client machine ID asked without another name in between, and when it asked. */
export type NameRun = Run;

/** So many requests are kept of a client, of those under one name in a row the first and last. */
const REQUESTS = { ofRun: 3, ofAll: 16 };
/** The same of an ID that several names use: computers that share it may take turns every few hours. */
const SHARED = { ...REQUESTS, ofAll: 100 };

/** A name under which a client machine ID was used, and when. */
export interface NameUse {
  readonly name: string;
  readonly at: Instant;
}

/** Puts one request into the history of names of its client machine ID, wherever its time belongs. Oldest first. */
export const withName = (runs: readonly NameRun[], name: string, at: Instant): readonly NameRun[] =>
  withObservation(runs, nameOf(name), at, REQUESTS);

/** The histories that several KMS hosts and the agents themselves have of one client machine ID, as one. */
export const mergeSharedNames = (
  histories: readonly (readonly NameRun[])[],
  uses: readonly NameUse[],
): readonly NameRun[] =>
  mergeRuns([...histories, ...uses.map(({ name, at }): NameRun[] => [[nameOf(name), at]])], SHARED);

/** A computer whose agent reported an ID at two instants: it used it all the time in between. */
export interface NameSpan {
  readonly name: string;
  readonly first: Instant;
  readonly last: Instant;
}

/** The history with what spans say of it: before and after each use by another name, the computer of the span used it. */
export const withSpans = (runs: readonly NameRun[], spans: readonly NameSpan[]): readonly NameRun[] => {
  const uses = spans.flatMap(({ name, first, last }) =>
    runs
      .filter(([other]) => other !== name)
      .flatMap(([, ...instants]) => instants as Instant[])
      .filter((at) => at > first && at < last)
      .flatMap((at) => [at - 1, at + 1].map((it) => ({ name, at: it }))),
  );
  return uses.length === 0 ? runs : mergeSharedNames([runs], uses);
};

const nameOf = (name: string): string => name.toLowerCase().replace(/\.$/, "");

/**
 * Where a use falls between two requests under another name, of which those in between were not kept: they have to be looked
 * for. Undefined where nothing is missing.
 */
export const missingAround = (
  runs: readonly NameRun[],
  { name, at }: NameUse,
): readonly [from: Instant, until: Instant] | undefined => {
  const run = runs.find(
    ([other, first, second, ...more]) =>
      other !== nameOf(name) && more.length > 0 && first! < at && at < (second as Instant),
  );
  return run && [run[1]!, run[2] as Instant];
};

/** Two histories of one client, as one. */
export const mergeNames = (histories: readonly (readonly NameRun[])[]): readonly NameRun[] =>
  mergeRuns(histories, REQUESTS);

/** The names that were used within 30 days before the newest request, a short name under its full name; sorted. */
export const namesInUse = (runs: readonly NameRun[]): string[] => {
  const since = (runs.at(-1)?.at(-1) as Instant) - CLIENT_LIFETIME;
  const names = fullNames(runs.map(([name]) => name));
  return [...new Set(names.filter((_, i) => (runs[i]!.at(-1) as Instant) > since))].sort();
};

/** Whether a history names several computers, in turn or after one another; a short name and its full name are one. */
export const hasSeveralNames = (runs: readonly NameRun[]): boolean =>
  runs.length > 1 && new Set(fullNames(runs.map(([name]) => name))).size > 1;

/**
 * Until when a client machine ID counts as used by several computers (docs/counting-rules.md, "Duplicate machine IDs"):
 * names A, B, A in turn, or three names, within 30 days. Both are three runs of different computers. One change of name, a
 * rename or a domain join, is two. Undefined where there never were three.
 */
export const duplicateUntil = (runs: readonly NameRun[]): Instant | undefined => {
  const third = computersIn(runs).at(-3);
  return third && third.last + CLIENT_LIFETIME;
};

interface ComputerRun {
  readonly name: string;
  readonly last: Instant;
}

/** The runs by computer instead of by name. */
const computersIn = (runs: readonly NameRun[]): readonly ComputerRun[] => {
  const computers: ComputerRun[] = [];
  const names = withoutDeployment(fullNames(runs.map(([name]) => name)));
  runs.forEach((run, i) => {
    const name = names[i]!;
    const last = run.at(-1) as Instant;
    if (computers.at(-1)?.name === name) computers[computers.length - 1] = { name, last };
    else computers.push({ name, last });
  });
  return computers;
};

/** A short name and the full name that begins with it are one: the nearest such full name, the earlier one first. */
const fullNames = (names: readonly string[]): string[] =>
  names.map((name, i) => {
    if (name.includes(".")) return name;
    const isFull = (it: string) => it.startsWith(`${name}.`);
    return names.slice(0, i).findLast(isFull) ?? names.slice(i).find(isFull) ?? name;
  });

/** What Windows Setup calls a computer before it gets its name. */
const DEPLOYMENT_NAME = /^(minint|win|desktop)-[a-z0-9]{3,}(\..+)?$/;

/** Whether Windows Setup or a deployment made this name, in lower case, until the computer had its own. */
export const isSetupName = (name: string): boolean => DEPLOYMENT_NAME.test(name);

/**
 * The random name of a deployment is the computer's that asks next under a name of its own, unless the random name comes
 * back or is followed by another random name: then several computers were made from one image.
 */
const withoutDeployment = (names: readonly string[]): string[] => {
  const own = [...names];
  for (let i = names.length - 2; i >= 0; i -= 1) {
    const [name, next] = [names[i]!, names[i + 1]!];
    if (!DEPLOYMENT_NAME.test(name)) continue;
    if (name === next) own[i] = own[i + 1]!;
    else if (!DEPLOYMENT_NAME.test(next) && names.indexOf(name, i + 1) < 0 && !names.slice(0, i).includes(next))
      own[i] = next;
  }
  return own;
};
