import { createHash } from "node:crypto";
import { ACCOUNT_VALUE, DISPLAY_NAME, REGISTRY_KEY, SERVICE_NAME } from "../agent/commands/service-names.ts";
import { PROGRAM } from "./bundle.ts";

/** Never changes: by it Windows Installer knows another version of the same product. */
export const UPGRADE_CODE = "B6C2D7E4-4E0B-5D0C-9A53-6F1E0C1D7A21";
/** What an administrator can say on msiexec's command line or in a transform. */
export const PROPERTIES = ["COLLECTORURL", "ZONE", "TOKENFILE", "CAFILE", "SERVICEACCOUNT", "PURGE"];
/** Found by searches: the elevated side of an installation with a user interface takes them over from the other one. */
export const SEARCHED = ["WINDOWS10", "KNOWNACCOUNT"];
export const NODE_FILE = "f_node.exe";
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
 * Files, the service and its removal are tables of the installer's, so that it rolls back and repairs by itself. What tables
 * can't do (recovery actions that hold before the next start of Windows, a folder for administrators only, keys in a YAML
 * file) does `agent install`, which is run after the files are there and before the service starts.
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
    <Property Id="KNOWNACCOUNT">
      <RegistrySearch Id="KnownAccount" Root="HKLM" Key="${REGISTRY_KEY}" Name="${ACCOUNT_VALUE}" Type="raw"/>
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
      <ComponentRef Id="AccountKnown"/>
    </Feature>
    <CustomAction Id="KeepAccount" Property="SERVICEACCOUNT" Value="[KNOWNACCOUNT]"/>
    <CustomAction Id="DefaultAccount" Property="SERVICEACCOUNT" Value="LocalSystem"/>
    <CustomAction Id="UndoConfigure" FileKey="${idOf("f", "node.exe")}" ExeCommand="${escaped(
      `"[INSTALLDIR]${PROGRAM}" agent uninstall --undo`,
    )}" Execute="deferred" Impersonate="no" Return="ignore"/>
    <CustomAction Id="ConfigureAgent" FileKey="${idOf("f", "node.exe")}" ExeCommand="${escaped(
      `"[INSTALLDIR]${PROGRAM}" agent install --no-start --collector-url "[COLLECTORURL]" --zone "[ZONE]" --token-file "[TOKENFILE]" --ca-file "[CAFILE]" --account "[SERVICEACCOUNT]"`,
    )}" Execute="deferred" Impersonate="no" Return="check"/>
    <CustomAction Id="PurgeData" FileKey="${idOf("f", "node.exe")}" ExeCommand="${escaped(
      `"[INSTALLDIR]${PROGRAM}" agent uninstall --purge`,
    )}" Execute="deferred" Impersonate="no" Return="ignore"/>
    <InstallExecuteSequence>
      <Custom Action="KeepAccount" Sequence="1001">KNOWNACCOUNT AND NOT SERVICEACCOUNT</Custom>
      <Custom Action="DefaultAccount" Sequence="1002">NOT SERVICEACCOUNT</Custom>
      <Custom Action="UndoConfigure" Sequence="5801">NOT (REMOVE ~= &quot;ALL&quot;)</Custom>
      <Custom Action="ConfigureAgent" Sequence="5802">NOT (REMOVE ~= &quot;ALL&quot;)</Custom>
      <Custom Action="PurgeData" Sequence="2001">REMOVE ~= &quot;ALL&quot; AND PURGE = &quot;1&quot; AND NOT UPGRADINGPRODUCTCODE</Custom>
    </InstallExecuteSequence>
  </Product>
</Wix>
`;

/** One component a file, so that each is repaired by itself; the service belongs to the program that runs it. */
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
    `<Component Id="AccountKnown" Guid="${guid("component account")}" Win64="yes"><RegistryValue Root="HKLM" Key="${REGISTRY_KEY}" Name="${ACCOUNT_VALUE}" Type="string" Value="[SERVICEACCOUNT]" KeyPath="yes"/></Component>`,
  ].join("\n");
};

const component = (name: string): string =>
  `<Component Id="${idOf("c", name)}" Guid="${guid(`component ${name}`)}" Win64="yes"><File Id="${idOf("f", name)}" Name="${name.split("/").at(-1)}" Source="${name}" KeyPath="yes"/>${
    name === "node.exe" ? service() : ""
  }</Component>`;

const service = (): string =>
  `<ServiceInstall Id="Service" Name="${SERVICE_NAME}" DisplayName="${DISPLAY_NAME}" Type="ownProcess" Start="auto" ErrorControl="normal" Vital="yes" Account="[SERVICEACCOUNT]" Arguments="${escaped(
    `"[INSTALLDIR]${PROGRAM}" agent run --service`,
  )}"/><ServiceControl Id="ServiceControl" Name="${SERVICE_NAME}" Start="install" Stop="both" Remove="uninstall" Wait="yes"/>`;

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
