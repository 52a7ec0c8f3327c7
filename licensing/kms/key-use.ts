import type { Instant } from "../time.ts";

/** So many KMS hosts may use one host key, and each may be activated again so often, unless Microsoft grants more (planning guide). */
export const KEY_HOSTS_ALLOWED = 6;
export const KEY_REACTIVATIONS_ALLOWED = 9;

/** How one KMS host has used one host key, as far as its license state showed it. */
export interface KeyUse {
  /** It was seen licensed with this key … */
  readonly activated: boolean;
  /** … and since then not licensed: to be licensed again it must be activated with Microsoft again. */
  readonly lapsed: boolean;
  /** The machine ID under which it was last seen licensed. */
  readonly machineId?: string;
  readonly reactivations: number;
  readonly at: Instant;
}

/**
 * Takes one reading of a host key's license. A KMS host activates with Microsoft once, and again when its hardware changed or
 * it was installed anew: nine times more on the same key (planning guide, "Activating the KMS host"). Windows does not report that
 * as such. What can be seen is a key that was licensed, was not, and is again; or that is licensed under another client
 * machine ID, which a new installation or a rearm makes. Both at once are one reactivation. A key that is absent from a
 * reading says nothing: the class that lists it may have failed.
 */
export const afterReading = (
  before: KeyUse | undefined,
  {
    licensed,
    machineId,
    at,
  }: { readonly licensed: boolean; readonly machineId?: string | undefined; readonly at: Instant },
): KeyUse => {
  const known = before ?? { activated: false, lapsed: false, reactivations: 0, at };
  if (!licensed) return { ...known, lapsed: known.activated, at };
  const moved = machineId !== undefined && known.machineId !== undefined && machineId !== known.machineId;
  const again = known.activated && (known.lapsed || moved);
  const machine = machineId ?? known.machineId;
  return {
    activated: true,
    lapsed: false,
    ...(machine !== undefined && { machineId: machine }),
    reactivations: known.reactivations + (again ? 1 : 0),
    at,
  };
};
