import type { NetworkSize, ZoneKind } from "./zone-kinds.ts";
/** What is said of Tables 1 and 2, in one language. A language that lacks a sentence does not compile. */
export interface PlanningSentences {
  /** @param required clients that client Windows needs. @param servers what servers and Office need. */
  readonly tooFew: (computers: number, kind: ZoneKind, required: number, servers: number) => string;
  readonly enoughForServers: (computers: number, kind: ZoneKind, required: number, servers: number) => string;
  readonly tooFewForClients: (computers: number, kind: ZoneKind, required: number) => string;
  readonly exactlyForServers: string;
  readonly enough: (computers: number, kind: ZoneKind, size: NetworkSize, hosts: number) => string;
  readonly exactlyForClients: string;
  readonly secondHost: string;
  readonly alternatives: Readonly<Record<ZoneKind, string | undefined>>;
  /** Only one KMS host where more are recommended. */
  readonly onlyOne: (host: string) => string;
  /** Row 7 of Table 2: more computers known than the inventory has; not activated; in the inventory and unknown. */
  readonly moreThanInventory: (computers: number) => string;
  readonly notActivated: (computers: number) => string;
  readonly notInData: (computers: number) => string;
}

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
const network = (computers: number, kind: ZoneKind): string => `${computers} computers in ${NAMES[kind]}`;
const few = (required: number, kind: ZoneKind): string =>
  `are fewer than the ${required} that client Windows needs: ${FEW[kind]}.`;
const computersAre = (count: number, more = ""): string =>
  count === 1 ? `1 ${more}computer is` : `${count} ${more}computers are`;

export const planningEn: PlanningSentences = {
  tooFew: (computers, kind, required, servers) =>
    `${network(computers, kind)} ${few(required, kind)} Servers and Office need ${servers} only.`,
  enoughForServers: (computers, kind, required, servers) =>
    `${network(computers, kind)} are enough for the ${required} that Windows Server needs: one KMS host activates the ${servers} servers.`,
  tooFewForClients: (computers, kind, required) =>
    `For client Windows, ${network(computers, kind)} ${few(required, kind)}`,
  exactlyForServers: "That is exactly the number that Windows Server needs: one computer less, and none is activated.",
  enough: (computers, kind, size, hosts) =>
    `${network(computers, kind)}, ${size}: ${hosts === 1 ? "one KMS host is" : `${hosts} KMS hosts are`} enough.${hosts > 1 ? " Each must stay above its thresholds alone." : ""}`,
  exactlyForClients:
    "That is exactly the number that client Windows needs: one computer less, and no client is activated.",
  secondHost: "A second one keeps activation going while the first is down.",
  alternatives: {
    core: undefined,
    isolated: "None is needed where TCP 1688 can be opened from there to the core network's KMS hosts.",
    lab: "A lab that is built anew within 120 days needs no activation at all.",
    disconnected: undefined,
  },
  onlyOne: (host) => `There is one, ${host}: while it is down, nothing in this zone is activated.`,
  moreThanInventory: (computers) =>
    `${computersAre(computers, "more ")} known than the inventory has. Bring the inventory up to date.`,
  notActivated: (computers) =>
    `${computersAre(computers)} not activated. Let them reach a KMS host, or give them a MAK.`,
  notInData: (computers) =>
    `${computersAre(computers)} in the inventory but not activated, or nothing is known of them. Run an agent on them, let them reach a KMS host, or give them a MAK.`,
};
