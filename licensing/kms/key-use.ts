import type { Instant } from "../time.ts";
import { type Run, withObservation } from "../timeline.ts";

/** So many KMS hosts may use one host key, and each may be activated again so often, unless Microsoft grants more (planning guide). */
export const KEY_HOSTS_ALLOWED = 6;
export const KEY_REACTIVATIONS_ALLOWED = 9;

/** How one KMS host has used one host key, as far as its license state showed it. */
export interface KeyUse {
  readonly reactivations: number;
  /** The newest reading that shows the key. */
  readonly at: Instant;
  /** What the readings showed, in the order of their times: licensed or not, and under which machine ID. */
  readonly runs?: readonly Run[];
  /** What became of the key in readings before those, up to an instant. */
  readonly folded?: KeyState & { readonly at: Instant };
}

interface KeyState {
  /** It was seen licensed with this key … */
  readonly activated: boolean;
  /** … and since then not licensed: to be licensed again it must be activated with Microsoft again. */
  readonly lapsed: boolean;
  /** The machine ID under which it was last seen licensed. */
  readonly machineId?: string;
  readonly reactivations: number;
}

const NEVER_SEEN: KeyState = { activated: false, lapsed: false, reactivations: 0 };
/** Of readings that show the same, the first and the last tell where a late one belongs. */
const READINGS = { ofRun: 2, ofAll: Number.POSITIVE_INFINITY };
/** So many changes of a key's state are kept to place a late reading among them. */
const RUNS_MAX = 16;

/**
 * Takes one reading of a host key's license. A KMS host activates with Microsoft once, and again when its hardware changed or
 * it was installed anew: nine times more on the same key (planning guide, "Activating the KMS host"). Windows does not report that
 * as such. What can be seen is a key that was licensed, was not, and is again; or that is licensed under another client
 * machine ID, which a new installation or a rearm makes. Both at once are one reactivation. A key that is absent from a
 * reading says nothing: the class that lists it may have failed. Readings may arrive in any order.
 */
export const withKeyReading = (
  before: KeyUse | undefined,
  {
    licensed,
    machineId = "",
    at,
  }: { readonly licensed: boolean; readonly machineId?: string | undefined; readonly at: Instant },
): KeyUse => {
  const known = before && storedUse(before);
  let { folded } = known ?? {};
  if (folded && at <= folded.at) return known!;
  let runs = withObservation(known?.runs ?? [], (licensed ? "+" : "-") + machineId, at, READINGS);
  for (; runs.length > RUNS_MAX; runs = runs.slice(1))
    folded = { ...afterRun(folded ?? NEVER_SEEN, runs[0]!), at: runs[0]!.at(-1) as Instant };
  return useOf(runs, folded);
};

/** The same without what a wrong clock told of times after an instant; undefined where nothing is left. */
export const keyUseUntil = (use: KeyUse, until: Instant): KeyUse | undefined => {
  const { runs = [], folded } = storedUse(use);
  const left = runs.flatMap(([value, ...instants]): Run[] => {
    const past = instants.filter((it) => it <= until);
    return past.length > 0 ? [[value, ...past]] : [];
  });
  return left.length > 0 || folded ? useOf(left, folded && { ...folded, at: Math.min(folded.at, until) }) : undefined;
};

const useOf = (runs: readonly Run[], folded: KeyUse["folded"]): KeyUse => ({
  reactivations: runs.reduce(afterRun, folded ?? NEVER_SEEN).reactivations,
  at: (runs.at(-1)?.at(-1) as Instant | undefined) ?? folded!.at,
  runs,
  ...(folded && { folded }),
});

/** Earlier versions stored the state after the newest reading alone. */
const storedUse = (use: KeyUse & Partial<KeyState>): KeyUse => {
  if (use.runs) return use;
  const { activated = false, lapsed = false, machineId, reactivations, at } = use;
  const folded = { activated, lapsed, ...(machineId !== undefined && { machineId }), reactivations, at };
  return { reactivations, at, runs: [], folded };
};

const afterRun = (known: KeyState, [value]: Run): KeyState => {
  if (!value.startsWith("+")) return { ...known, lapsed: known.activated };
  const machineId = value.slice(1) || undefined;
  const moved = machineId !== undefined && known.machineId !== undefined && machineId !== known.machineId;
  const again = known.activated && (known.lapsed || moved);
  const machine = machineId ?? known.machineId;
  return {
    activated: true,
    lapsed: false,
    ...(machine !== undefined && { machineId: machine }),
    reactivations: known.reactivations + (again ? 1 : 0),
  };
};
