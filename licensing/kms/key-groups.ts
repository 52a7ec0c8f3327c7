import type { Application } from "../products.ts";

/**
 * Which editions a KMS host key activates: the planning guide's Tables 3 to 5 (groups of Windows 7 and Server 2008 R2 and the
 * generation before), "KMS activation planning" for what came later, and "Configure a KMS host computer" for Office.
 *
 * Windows keys are hierarchical: their own generation and group, and everything below. Office keys are not: each stands for
 * one version. What these tables do not name says nothing, and no client is counted as uncovered because of it.
 */
const CLIENTS = [
  "Vista",
  "7",
  "8",
  "8.1",
  "10",
  "10 LTSB 2016",
  "10 LTSC 2019",
  "10 LTSC 2021",
  "11",
  "11 LTSC 2024",
] as const;
const SERVERS = ["2008", "2008 R2", "2012", "2012 R2", "2016", "2019", "2022", "2025"] as const;
const GROUPS = ["A", "B", "C"] as const;
type Client = (typeof CLIENTS)[number];
type Server = (typeof SERVERS)[number];
type Group = (typeof GROUPS)[number];

/** What decides whether a key activates a product. */
export type Edition =
  | { readonly line: "client"; readonly generation: Client }
  /** Groups ended with Server 2012: later servers have one key for all editions. */
  | { readonly line: "server"; readonly generation: Server; readonly group?: Group }
  | { readonly line: "office"; readonly version: string };

export interface KeyGroup {
  readonly name: string;
  /** The newest client generation it activates; everything older too. */
  readonly client?: Client;
  /** The same of servers. A key of a client system activates no server. */
  readonly server?: Server;
  /** The highest product group of servers that have one. */
  readonly group?: Group;
  /** The one version of Office. */
  readonly office?: string;
}

/** `channel` is what follows `VOLUME_KMS_` in the description that WMI gives: it tells keys whose ID is not listed. */
interface WindowsKey extends KeyGroup {
  readonly channel: RegExp;
}
const WINDOWS_KEYS: readonly WindowsKey[] = [
  { name: "Windows Vista client", channel: /^VISTA$/, client: "Vista" },
  { name: "Windows 7 client", channel: /^W(IN)?7$/, client: "7" },
  { name: "Windows 8 client", channel: /^W(IN)?8$/, client: "8" },
  { name: "Windows 8.1 client", channel: /^W(IN)?8\.?1$/, client: "8.1" },
  { name: "Windows 10 client", channel: /^W(IN)?10$/, client: "10" },
  { name: "Windows Server 2008 group A", channel: /^A$/, client: "Vista", server: "2008", group: "A" },
  { name: "Windows Server 2008 group B", channel: /^B$/, client: "Vista", server: "2008", group: "B" },
  { name: "Windows Server 2008 group C", channel: /^C$/, client: "Vista", server: "2008", group: "C" },
  { name: "Windows Server 2008 R2 group A", channel: /^R2_A$/, client: "7", server: "2008 R2", group: "A" },
  { name: "Windows Server 2008 R2 group B", channel: /^R2_B$/, client: "7", server: "2008 R2", group: "B" },
  { name: "Windows Server 2008 R2 group C", channel: /^R2_C$/, client: "7", server: "2008 R2", group: "C" },
  { name: "Windows Server 2012", channel: /^(20|WS)12$/, client: "8", server: "2012" },
  { name: "Windows Server 2012 R2", channel: /^(20|WS)12[-_]?R2$/, client: "8.1", server: "2012 R2" },
  {
    name: "Windows Server 2012 R2 for Windows 10",
    channel: /^(20|WS)12[-_]?R2_W(IN)?10$/,
    client: "10",
    server: "2012 R2",
  },
  { name: "Windows Server 2016", channel: /^WS16$/, client: "10 LTSB 2016", server: "2016" },
  { name: "Windows Server 2019", channel: /^WS19$/, client: "10 LTSC 2021", server: "2019" },
  { name: "Windows Server 2022", channel: /^WS22$/, client: "11", server: "2022" },
  { name: "Windows Server 2025", channel: /^WS25$/, client: "11 LTSC 2024", server: "2025" },
];

/** The version of Office by the number with which its licenses are named. */
const OFFICE_VERSIONS: Readonly<Record<string, string>> = {
  "14": "2010",
  "15": "2013",
  "16": "2016",
  "19": "2019",
  "21": "2021",
  "24": "2024",
};
const OFFICE_YEAR = new RegExp(`\\b(${Object.values(OFFICE_VERSIONS).join("|")})\\b`);

export interface HostKey {
  readonly application: Application;
  /** By which the catalogue knows its ID, where it does: `Windows Server 2008 R2 KMS host, group C`. */
  readonly listedAs?: string | undefined;
  /** As WMI names and describes its license. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

/** The group of a KMS host key: by its activation ID, else by what the host's WMI says of it; undefined where neither tells. */
export const keyGroupOf = ({
  application,
  listedAs = "",
  name = "",
  description = "",
}: HostKey): KeyGroup | undefined => {
  if (application === "unknown") return undefined;
  if (application !== "windows") {
    const version =
      OFFICE_YEAR.exec(listedAs)?.[1] ??
      OFFICE_VERSIONS[/\bOffice (\d\d)\b/.exec(`${description} ${name}`)?.[1] ?? ""] ??
      undefined;
    return version === undefined ? undefined : { name: `Office ${version}`, office: version };
  }
  const listed = / KMS host\b/.test(listedAs) ? listedAs.replace(/ \(.*\)$/, "").replace(/ KMS host,?/, "") : undefined;
  const named = WINDOWS_KEYS.find((it) => it.name === listed);
  if (named) return named;
  const channel = /\bVOLUME_KMS_([\w.-]+)/.exec(description.toUpperCase())?.[1];
  return channel === undefined ? undefined : WINDOWS_KEYS.find((it) => it.channel.test(channel));
};

/** Of client systems: the first that fits. Editions for one country (Enterprise G) have keys of their own. */
const CLIENT_NAMES: readonly (readonly [RegExp, Client])[] = [
  [/^Windows Vista\b/, "Vista"],
  [/^Windows 7\b/, "7"],
  [/^Windows 8\.1\b/, "8.1"],
  [/^Windows 8\b/, "8"],
  [/^Windows 10\b.*\b(2016 LTS[BC]|LTS[BC] 2016)\b/, "10 LTSB 2016"],
  [/^Windows 10\b.*\b(2019 LTSC|LTSC 2019)\b/, "10 LTSC 2019"],
  [/^Windows 10\b.*\b(2021 LTSC|LTSC 2021)\b/, "10 LTSC 2021"],
  [/^Windows 10\b(?!.*Enterprise G\b)/, "10"],
  [/^Windows 11\b.*\b(2024 LTSC|LTSC 2024)\b/, "11 LTSC 2024"],
  [/^Windows 11\b/, "11"],
];
/** Table 3 and Table 4: the groups of servers up to 2008 R2. */
const SERVER_GROUPS: readonly (readonly [RegExp, Group])[] = [
  [/\b(Web|Compute Cluster|HPC)\b/, "A"],
  [/\b(Standard|Enterprise)\b/, "B"],
  [/\b(Datacenter|Itanium)/, "C"],
];

/**
 * What a product is, by the name under which the catalogue lists it; undefined for what Tables 3 to 5 and their successors do
 * not place (embedded systems, MultiPoint, names that an administrator chose freely): which key it needs is not known.
 */
export const editionOf = (application: Application, name: string): Edition | undefined => {
  if (application === "office" || application === "office2010") {
    const version = OFFICE_YEAR.exec(name)?.[1];
    return version === undefined ? undefined : { line: "office", version };
  }
  if (application !== "windows" || name.includes("KMS host")) return undefined;
  const client = CLIENT_NAMES.find(([pattern]) => pattern.test(name))?.[1];
  if (client) return { line: "client", generation: client };
  // Releases between two versions (SAC) are activated from the key of 2016 on.
  if (/^Windows Server,? version \d/i.test(name)) return { line: "server", generation: "2016" };
  const told = /^Windows (?:HPC |Web |Compute Cluster )?Server (20\d\d(?: R2)?)\b/.exec(name)?.[1];
  const generation = SERVERS.find((it) => it === told);
  if (generation === undefined) return undefined;
  if (generation !== "2008" && generation !== "2008 R2") return { line: "server", generation };
  const group = SERVER_GROUPS.find(([pattern]) => pattern.test(name))?.[1];
  return group && { line: "server", generation, group };
};

/** Does a key of this group activate this edition? */
export const covers = (key: KeyGroup, edition: Edition): boolean => {
  if (edition.line === "office") return key.office === edition.version;
  if (edition.line === "client") return reaches(CLIENTS, key.client, edition.generation);
  return (
    reaches(SERVERS, key.server, edition.generation) &&
    (edition.group === undefined || key.group === undefined || reaches(GROUPS, key.group, edition.group))
  );
};
const reaches = <T>(order: readonly T[], most: T | undefined, wanted: T): boolean =>
  most !== undefined && order.indexOf(wanted) <= order.indexOf(most);

/**
 * Can a host with these keys activate this product? `no_key`: none of its keys is for that product family at all, as far as
 * WMI told. `unknown`: one of them is of an unknown group, which might be the one.
 */
export const coverageBy = (
  keys: readonly { readonly application: Application; readonly group: KeyGroup | undefined }[],
  application: Application,
  edition: Edition,
): "covered" | "uncovered" | "no_key" | "unknown" => {
  const family = keys.filter((it) => it.application === application);
  if (family.length === 0) return "no_key";
  if (family.some(({ group }) => group && covers(group, edition))) return "covered";
  return family.some(({ group }) => group === undefined) ? "unknown" : "uncovered";
};
