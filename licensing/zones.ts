/** What a zone may be called: it becomes a label. */
export const ZONE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const UNASSIGNED = "unassigned";
/** Where the hundred-first zone and those after it are counted: labels stay bounded. */
const OTHER_ZONES = "other";
const ZONES_MAX = 100;

export interface ZoneRule {
  readonly name: string;
  /** Host names; `*` and `?` stand for any text and any character. */
  readonly computers: readonly string[];
}

/**
 * Finds a computer's zone: configuration, then what its own agent says, then `unassigned` (contract, rule 12).
 * `reported` must be what the computer's own agent says, never a forwarder. `known` are the zones that computers are in
 * already: they keep their places.
 */
export const zonesFrom = (
  rules: readonly ZoneRule[],
  known: readonly string[] = [],
): ((computer: string, reported?: string) => string) => {
  const exact = new Map<string, string>();
  const patterns: { test: RegExp; name: string }[] = [];
  for (const { name, computers } of rules)
    for (const pattern of computers) {
      if (/[*?]/.test(pattern)) patterns.push({ test: globOf(pattern), name });
      else if (!exact.has(pattern.toLowerCase())) exact.set(pattern.toLowerCase(), name);
    }
  const seen = new Set(rules.map((it) => it.name));
  for (const it of known) if (seen.size < ZONES_MAX && it !== UNASSIGNED && it !== OTHER_ZONES) seen.add(it);
  return (computer, reported) => {
    const configured = exact.get(computer) ?? patterns.find((it) => it.test.test(computer))?.name;
    if (configured) return configured;
    if (!reported || !ZONE_NAME.test(reported)) return UNASSIGNED;
    if (!seen.has(reported) && seen.size >= ZONES_MAX) return OTHER_ZONES;
    seen.add(reported);
    return reported;
  };
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
