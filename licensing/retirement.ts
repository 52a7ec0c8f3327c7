import type { Instant } from "./time.ts";
import { nameMatcher } from "./zones.ts";

/** When a computer counts as gone (`retire` of the configuration). Durations are milliseconds. */
export interface RetirementRules {
  readonly after: number;
  /** Patterns of computers that are known to be gone, however lately they were seen. */
  readonly names: readonly string[];
  /** Computers that are made and thrown away every day. */
  readonly virtualDesktops: { readonly names: readonly string[]; readonly after: number };
}

export interface Retirement {
  /**
   * Is a computer that was last seen then retired by now? Retired means in no figure but its own (docs/counting-rules.md,
   * "Retired means gone").
   */
  isRetired(computer: { readonly key: string; readonly seenAt: Instant }, now: Instant): boolean;
  /** How long a computer may be silent by its name; 0 for one that is known to be gone. */
  silenceOf(key: string): number;
  /** After how much silence a computer can become retired. */
  readonly silences: readonly number[];
}

export const retirementFrom = ({ after, names, virtualDesktops: desktops }: RetirementRules): Retirement => {
  const isNamed = nameMatcher(names);
  const isDesktop = nameMatcher(desktops.names);
  const desktopsAfter = Math.min(after, desktops.after);
  return {
    isRetired: ({ key, seenAt }, now) =>
      seenAt < now - after || isNamed(key) || (seenAt < now - desktopsAfter && isDesktop(key)),
    silenceOf: (key) => (isNamed(key) ? 0 : isDesktop(key) ? desktopsAfter : after),
    silences: desktops.names.length > 0 ? [after, desktopsAfter] : [after],
  };
};
