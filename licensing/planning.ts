import { REQUIRED } from "./kms/rules.ts";
import { type PlanningSentences, planningEn } from "./planning-sentences.ts";
import type { NetworkSize, ZoneKind } from "./zone-kinds.ts";

export { ZONE_KINDS, type ZoneKind } from "./zone-kinds.ts";

/** Table 1: medium networks begin here. One host is still enough, though a second one is cheap. */
const MEDIUM_NETWORK = 100;
/** Table 1 calls the next size "enterprise" without a number. Ours: where one host's outage leaves a help desk busy. */
const ENTERPRISE_NETWORK = 1_000;

export interface Recommendation {
  /** The fewest KMS hosts that Table 1 asks for; 0 where it asks for none. */
  readonly hosts: number;
  /** Why, and what else would do. */
  readonly sentences: readonly string[];
}

/**
 * The planning guide's Table 1 for one zone. The guide writes "exceeds" in this table and "or more" where it explains the
 * mechanism; a host activates from the number itself on, so that is where it becomes possible, with a warning. A host counts
 * all computers together: 25 of them for client Windows, 5 for servers.
 *
 * @param servers how many of the computers are known to run Windows Server. @param say the language of the sentences.
 */
export const recommendedHosts = (
  kind: ZoneKind,
  computers: number,
  servers = 0,
  say: PlanningSentences = planningEn,
): Recommendation => {
  const { client, server } = REQUIRED;
  if (computers >= client) return forAll(kind, computers, say);
  const enoughForServers = servers > 0 && computers >= server;
  if (!enoughForServers) return { hosts: 0, sentences: [say.tooFew(computers, kind, client, server)] };
  return {
    hosts: 1,
    sentences: [
      say.enoughForServers(computers, kind, server, servers),
      ...(servers < computers ? [say.tooFewForClients(computers, kind, client)] : []),
      ...(computers === server ? [say.exactlyForServers] : []),
      ...alternatives(kind, say),
    ],
  };
};

const forAll = (kind: ZoneKind, computers: number, say: PlanningSentences): Recommendation => {
  const size = computers >= ENTERPRISE_NETWORK ? "enterprise" : computers >= MEDIUM_NETWORK ? "medium" : "small";
  const hosts = HOSTS[kind](size);
  return {
    hosts,
    sentences: [
      say.enough(computers, kind, size, hosts),
      ...(computers === REQUIRED.client ? [say.exactlyForClients] : []),
      ...alternatives(kind, say),
      ...(kind === "core" && size === "medium" ? [say.secondHost] : []),
    ],
  };
};

/** What else would do where a KMS host of the zone's own is possible. */
const alternatives = (kind: ZoneKind, say: PlanningSentences): string[] => {
  const found = say.alternatives[kind];
  return found === undefined ? [] : [found];
};

const bySize = (size: NetworkSize): number => (size === "enterprise" ? 2 : 1);
const HOSTS: Readonly<Record<ZoneKind, (size: NetworkSize) => number>> = {
  core: bySize,
  isolated: () => 1,
  lab: () => 1,
  disconnected: bySize,
};
