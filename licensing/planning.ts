import { REQUIRED } from "./kms/rules.ts";

/** How a zone's network hangs together with the others (planning guide, Table 1). */
export const ZONE_KINDS = ["core", "isolated", "lab", "disconnected"] as const;
export type ZoneKind = (typeof ZONE_KINDS)[number];

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
 * @param servers how many of the computers are known to run Windows Server.
 */
export const recommendedHosts = (kind: ZoneKind, computers: number, servers = 0): Recommendation => {
  if (computers >= REQUIRED.client) return forAll(kind, computers);
  const network = `${computers} computers in ${NAMES[kind]}`;
  const few = `are fewer than the ${REQUIRED.client} that client Windows needs: ${FEW[kind]}.`;
  const enoughForServers = servers > 0 && computers >= REQUIRED.server;
  if (!enoughForServers)
    return { hosts: 0, sentences: [`${network} ${few} Servers and Office need ${REQUIRED.server} only.`] };
  const sentences = [
    `${network} are enough for the ${REQUIRED.server} that Windows Server needs: one KMS host activates the ${servers} servers.`,
  ];
  if (servers < computers) sentences.push(`For client Windows, ${network} ${few}`);
  if (computers === REQUIRED.server)
    sentences.push("That is exactly the number that Windows Server needs: one computer less, and none is activated.");
  return { hosts: 1, sentences: [...sentences, ...alternatives(kind)] };
};

const forAll = (kind: ZoneKind, computers: number): Recommendation => {
  const size = computers >= ENTERPRISE_NETWORK ? "enterprise" : computers >= MEDIUM_NETWORK ? "medium" : "small";
  const hosts = HOSTS[kind](size);
  const sentences = [
    `${computers} computers in ${NAMES[kind]}, ${size}: ${hosts === 1 ? "one KMS host is" : `${hosts} KMS hosts are`} enough.${hosts > 1 ? " Each must stay above its thresholds alone." : ""}`,
  ];
  if (computers === REQUIRED.client)
    sentences.push(
      "That is exactly the number that client Windows needs: one computer less, and no client is activated.",
    );
  sentences.push(...alternatives(kind));
  if (kind === "core" && size === "medium")
    sentences.push("A second one keeps activation going while the first is down.");
  return { hosts, sentences };
};

/** What else would do where a KMS host of the zone's own is possible. */
const alternatives = (kind: ZoneKind): string[] => {
  if (kind === "isolated")
    return ["None is needed where TCP 1688 can be opened from there to the core network's KMS hosts."];
  return kind === "lab" ? ["A lab that is built anew within 120 days needs no activation at all."] : [];
};

type Size = "small" | "medium" | "enterprise";
const bySize = (size: Size): number => (size === "enterprise" ? 2 : 1);
const HOSTS: Readonly<Record<ZoneKind, (size: Size) => number>> = {
  core: bySize,
  isolated: () => 1,
  lab: () => 1,
  disconnected: bySize,
};
const NAMES: Readonly<Record<ZoneKind, string>> = {
  core: "a core network",
  isolated: "an isolated network",
  lab: "an isolated lab",
  disconnected: "a disconnected network",
};
const FEW: Readonly<Record<ZoneKind, string>> = {
  core: "use a MAK, over the Internet or by telephone",
  isolated: "open TCP 1688 to the core network's KMS hosts, or use a MAK",
  lab: "reset the grace, or use a MAK by telephone",
  disconnected: "use a MAK, by telephone or through a MAK proxy",
};
