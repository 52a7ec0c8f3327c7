import { networkFinder } from "./networks.ts";

/** What a zone may be called: it becomes a label. */
export const ZONE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const UNASSIGNED = "unassigned";
/** Where the hundred-first zone and those after it are counted: labels stay bounded. */
const OTHER_ZONES = "other";
export const ZONES_MAX = 100;

export interface ZoneRule {
  readonly name: string;
  /** Host names; `*` and `?` stand for any text and any character. */
  readonly computers: readonly string[];
  /** `10.7.0.0/16`, `2001:db8::/32`: computers that have an address in one of them. */
  readonly networks: readonly string[];
}

/** What a computer's own agent says of where it is; never what a forwarder says. */
export interface ReportedPlace {
  readonly zone?: string | undefined;
  /** Its IP addresses, separated by spaces. */
  readonly addresses?: string | undefined;
}

/** The zones that agents have named so far, beside those of the configuration. */
export interface ReportedZones {
  has(name: string): boolean;
  readonly size: number;
}

/** @returns the zone's name; pure: what it accepts for the first time, the caller must remember. */
export type ZoneFinder = (computer: string, reported: ReportedPlace, known: ReportedZones) => string;

/**
 * Finds a computer's zone: name patterns of the configuration, then its networks, then what the computer's own agent says, then
 * `unassigned` (docs/counting-rules.md, "Names").
 *
 * @throws Error for a network that is none.
 */
export const zonesFrom = (rules: readonly ZoneRule[]): ZoneFinder => {
  const exact = new Map<string, string>();
  const patterns: { test: RegExp; name: string }[] = [];
  for (const { name, computers } of rules)
    for (const pattern of computers) {
      if (/[*?]/.test(pattern)) patterns.push({ test: globOf(pattern), name });
      else if (!exact.has(pattern.toLowerCase())) exact.set(pattern.toLowerCase(), name);
    }
  const configured = new Set(rules.map((it) => it.name));
  const byNetwork = networkFinder(rules);
  return (computer, { zone: reported, addresses }, known) => {
    const byName = exact.get(computer) ?? patterns.find((it) => it.test.test(computer))?.name;
    if (byName) return byName;
    const byAddress = addresses && byNetwork?.(addresses.split(" "));
    if (byAddress) return byAddress;
    if (!reported || !ZONE_NAME.test(reported)) return UNASSIGNED;
    if (configured.has(reported) || known.has(reported)) return reported;
    return configured.size + known.size < ZONES_MAX ? reported : OTHER_ZONES;
  };
};

/** Must this zone be remembered as one that an agent has named? */
export const isReportedZone = (zone: string): boolean => zone !== UNASSIGNED && zone !== OTHER_ZONES;

/** Does a computer's name, in lower case, match one of these patterns? `*` and `?` stand for any text and any character. */
export const nameMatcher = (patterns: readonly string[]): ((computer: string) => boolean) => {
  const exact = new Set(patterns.map((it) => it.toLowerCase()));
  const globs = patterns.filter((it) => /[*?]/.test(it)).map(globOf);
  return (computer) => exact.has(computer) || globs.some((it) => it.test(computer));
};

/** A name with `*` and `?` as a regular expression of lower-case names. */
export const globOf = (pattern: string): RegExp => {
  const body = pattern
    .toLowerCase()
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${body}$`);
};
