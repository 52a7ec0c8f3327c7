import { createHash } from "node:crypto";
import {
  DISPLAY_NAME,
  REGISTRY_KEY,
  SERVICE_KEY,
  SERVICE_NAME,
  SETUP_KEY,
  SETUP_VALUES,
} from "../agent/commands/service-names.ts";

/** Never changes: by it Windows Installer knows another version of the same product. */
export const UPGRADE_CODE = "B6C2D7E4-4E0B-5D0C-9A53-6F1E0C1D7A21";
/** What an administrator can say on msiexec's command line or in a transform. */
export const PROPERTIES = ["COLLECTORURL", "ZONE", "TOKENFILE", "CAFILE", "SERVICEACCOUNT", "PURGE"];
/** Found by searches: the elevated side of an installation with a user interface takes them over from the other one. */
export const SEARCHED = ["WINDOWS10", "PRESENTACCOUNT"];
export const NODE_FILE = "f_node.exe";
/** What a person types. It empties variables of the computer that change how Node works. */
export const COMMAND_FILE = "activation-monitor.cmd";
/**
 * What the installer runs, in the order of its sequence: how, when, and which command of the agent's. cmd.exe gets nothing that
 * an administrator wrote: properties reach `agent install` through the registry.
 */
export const ACTIONS = [
  { name: "UndoRemove", how: "rollback", command: "agent uninstall --undo", at: 2001, when: "removed" },
  { name: "RemoveAgent", how: "ignored", command: "agent uninstall", at: 2002, when: "removed" },
  { name: "PurgeAgent", how: "ignored", command: "agent uninstall --purge", at: 2003, when: "purged" },
  { name: "UndoConfigure", how: "rollback", command: "agent uninstall --undo", at: 5801, when: "kept" },
  {
    name: "ConfigureAgent",
    how: "checked",
    command: "agent install --no-start --from-installer",
    at: 5802,
    when: "installed",
  },
  { name: "RepairAgent", how: "checked", command: "agent install --no-start", at: 5803, when: "repaired" },
] as const;
/**
 * An older version that an upgrade removes takes neither the service nor the data away. A repair takes no properties: any user
 * may start one, and this one's properties would reach the side that has all rights.
 */
const CONDITIONS = {
  removed: 'REMOVE ~= "ALL" AND NOT UPGRADINGPRODUCTCODE',
  purged: 'REMOVE ~= "ALL" AND PURGE = "1" AND NOT UPGRADINGPRODUCTCODE',
  kept: 'NOT (REMOVE ~= "ALL")',
  installed: "NOT Installed",
  repaired: 'Installed AND NOT (REMOVE ~= "ALL")',
} as const;
const MANUFACTURER = "activation-monitor";

export interface Installer {
  readonly version: string;
  /** Relative to the program's folder, with forward slashes; they lie beside this description. */
  readonly files: readonly string[];
  /** A hash of everything that goes in: the package's own code changes with it. */
  readonly contents: string;
}

/**
 * The description that wixl makes an MSI of. Nothing in it is random: the same files and version give the same GUIDs.
 *
 * Files are tables of the installer's, so that it rolls back and repairs by itself; it stops and starts the service. `agent
 * install` registers the service, and changes one that is there: the installer's own table would delete it in each upgrade, and
 * make another, which fails while a program holds the old one open (1072, 1923) and forgets what an administrator set.
 *
 * VersionNT is 603 on every Windows since 8.1, so Windows 10 is known by a value that only it and its successors have.
 */
export const installerSource = ({
  version,
  files,
  contents,
}: Installer): string => `<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="${guid(`product ${version} ${contents}`)}" UpgradeCode="${UPGRADE_CODE}" Name="${DISPLAY_NAME}" Manufacturer="${MANUFACTURER}" Version="${version}" Language="1033" Codepage="1252">
    <Package Id="*" InstallerVersion="500" Compressed="yes" InstallScope="perMachine" Description="${DISPLAY_NAME} ${version}" Comments="${DISPLAY_NAME} ${version}" Manufacturer="${MANUFACTURER}"/>
    <Media Id="1" Cabinet="agent.cab" EmbedCab="yes"/>
    <MajorUpgrade DowngradeErrorMessage="A newer version of [ProductName] is installed already. Uninstall it first."/>
    <Condition Message="[ProductName] needs Windows 10, Windows Server 2016 or newer. Older computers are read by an agent on another one (targets).">Installed OR WINDOWS10</Condition>
    <Condition Message="A token on a command line is seen by everybody who sees processes. Give the path of a file: TOKENFILE=...">NOT TOKEN</Condition>
    <Property Id="MsiHiddenProperties" Value="TOKEN"/>
    <Property Id="MSIRESTARTMANAGERCONTROL" Value="Disable"/>
    <Property Id="ARPNOMODIFY" Value="1"/>
    <Property Id="ARPCOMMENTS" Value="Reads volume license state and licensing events, and reports them to the organisation's collector"/>
    <Property Id="REINSTALLMODE" Value="amus"/>
    <Property Id="WINDOWS10">
      <RegistrySearch Id="MajorVersion" Root="HKLM" Key="SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion" Name="CurrentMajorVersionNumber" Type="raw"/>
    </Property>
    <Property Id="PRESENTACCOUNT">
      <RegistrySearch Id="PresentAccount" Root="HKLM" Key="${SERVICE_KEY}" Name="ObjectName" Type="raw"/>
    </Property>
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Directory Id="ProgramFiles64Folder">
        <Directory Id="INSTALLDIR" Name="Activation Monitor">
${directory(files)}
        </Directory>
      </Directory>
    </Directory>
    <Feature Id="Agent" Level="1" Title="${DISPLAY_NAME}">
${files.map((it) => `      <ComponentRef Id="${idOf("c", it)}"/>`).join("\n")}
      <ComponentRef Id="Setup"/>
    </Feature>
${ACTIONS.map(
  ({ name, command }) =>
    `    <CustomAction Id="${name}" FileKey="${idOf("f", "node.exe")}" ExeCommand="${escaped(
      `"[System64Folder]cmd.exe" /d /s /c ""[INSTALLDIR]${COMMAND_FILE}" ${command}"`,
    )}" Execute="deferred" Impersonate="no"/>`,
).join("\n")}
    <InstallExecuteSequence>
${ACTIONS.map(
  ({ name, at, when }) => `      <Custom Action="${name}" Sequence="${at}">${escaped(CONDITIONS[when])}</Custom>`,
).join("\n")}
    </InstallExecuteSequence>
  </Product>
</Wix>
`;

/** One component a file, so that each is repaired by itself; the service is stopped for the program that runs it. */
const directory = (files: readonly string[]): string => {
  const inFolder = (folder: string) => files.filter((it) => folderOf(it) === folder).map(component);
  const folders = [...new Set(files.map(folderOf))].filter((it) => it !== "");
  return [
    ...inFolder(""),
    ...folders.map((folder) => {
      const nested = folder.split("/");
      return [
        ...nested.map((it, i) => `<Directory Id="${idOf("d", nested.slice(0, i + 1).join("/"))}" Name="${it}">`),
        ...inFolder(folder),
        ...nested.map(() => "</Directory>"),
      ].join("\n");
    }),
    setup(),
  ].join("\n");
};

/** The properties, for `agent install`. */
const setup = (): string => {
  const value = (key: string, name: string, text: string, attributes = ""): string =>
    `<RegistryValue Root="HKLM" Key="${key}" Name="${name}" Type="string" Value="${text}"${attributes}/>`;
  return `<Component Id="Setup" Guid="${guid("component setup")}" Win64="yes">${[
    value(REGISTRY_KEY, "Version", "[ProductVersion]", ' KeyPath="yes"'),
    ...Object.entries(SETUP_VALUES).map(([name, property]) => value(SETUP_KEY, name, `=[${property}]`)),
  ].join("")}</Component>`;
};

const component = (name: string): string =>
  `<Component Id="${idOf("c", name)}" Guid="${guid(`component ${name}`)}" Win64="yes"><File Id="${idOf("f", name)}" Name="${name.split("/").at(-1)}" Source="${name}" KeyPath="yes"/>${
    name === "node.exe" ? service() : ""
  }</Component>`;

/** Stopped before files are replaced or removed, started at the end; never deleted by the table. */
const service = (): string =>
  `<ServiceControl Id="ServiceControl" Name="${SERVICE_NAME}" Start="install" Stop="both" Wait="yes"/>`;

const folderOf = (name: string): string => name.split("/").slice(0, -1).join("/");
const idOf = (kind: string, name: string): string => `${kind}_${name.replaceAll(/[^A-Za-z0-9_.]/g, "_")}`;
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** A GUID made of a name (RFC 9562, version 8): the same name, the same GUID, on every computer. */
export const guid = (name: string): string => {
  const bytes = createHash("sha256").update(`${UPGRADE_CODE} ${name}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes
    .toString("hex")
    .toUpperCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};
