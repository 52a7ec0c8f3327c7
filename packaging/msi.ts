import { readFileSync, writeFileSync } from "node:fs";
import { run } from "./locked.ts";

/** A command line in a folder, deferred, as SYSTEM. https://learn.microsoft.com/windows/win32/msi/custom-action-type-34 */
const COMMAND_LINE = 34 + 0x400 + 0x800;
const IGNORED = 0x40;
const TYPE_OF = {
  checked: COMMAND_LINE,
  ignored: COMMAND_LINE + IGNORED,
  /** Runs only when the installer rolls back. */
  rollback: COMMAND_LINE + IGNORED + 0x100,
} as const;

/**
 * Corrects what wixl cannot express or makes at random: where old versions are removed, the version of node.exe, the registry view
 * of a search, command lines as actions, which properties a service of the installer's takes, the package code and the times. Then
 * the same input gives the same bytes.
 */
export const finishMsi = (
  msi: string,
  about: {
    readonly nodeFile: string;
    readonly actions: readonly { readonly name: string; readonly how: keyof typeof TYPE_OF }[];
    readonly nodeVersion: string;
    readonly properties: readonly string[];
    readonly upgradeCode: string;
    readonly version: string;
    readonly packageCode: string;
    readonly sourceDateEpoch: number;
  },
): void => {
  const secure = `WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED;${about.properties.join(";")}`;
  run(
    "msibuild",
    [
      msi,
      "-q",
      // Right after InstallInitialize, so that a failed upgrade rolls back to the old version.
      "UPDATE `InstallExecuteSequence` SET `Sequence` = 1501 WHERE `Action` = 'RemoveExistingProducts'",
      // What removes a version must not look for versions to remove; it would find itself (Windows sees to that, Wine doesn't).
      "UPDATE `InstallExecuteSequence` SET `Condition` = 'NOT Installed' WHERE `Action` = 'RemoveExistingProducts'",
      "UPDATE `InstallExecuteSequence` SET `Condition` = 'NOT Installed' WHERE `Action` = 'FindRelatedProducts'",
      // Without it Windows Installer believes the installed node.exe, which has one, to be newer, and would leave it out.
      `UPDATE \`File\` SET \`Version\` = '${about.nodeVersion}.0', \`Language\` = '1033' WHERE \`File\` = '${about.nodeFile}'`,
      `DELETE FROM \`MsiFileHash\` WHERE \`File_\` = '${about.nodeFile}'`,
      // A build of the same version replaces the other, instead of standing beside it.
      "DELETE FROM `Upgrade` WHERE `ActionProperty` = 'WIX_UPGRADE_DETECTED'",
      `INSERT INTO \`Upgrade\` (\`UpgradeCode\`, \`VersionMax\`, \`Attributes\`, \`ActionProperty\`) VALUES ('{${about.upgradeCode}}', '${about.version}', 513, 'WIX_UPGRADE_DETECTED')`,
      ...about.actions.map(
        ({ name, how }) =>
          `UPDATE \`CustomAction\` SET \`Type\` = ${TYPE_OF[how]}, \`Source\` = 'INSTALLDIR' WHERE \`Action\` = '${name}'`,
      ),
      "UPDATE `RegLocator` SET `Type` = 18 WHERE `Type` = 2",
      `UPDATE \`Property\` SET \`Value\` = '${secure}' WHERE \`Property\` = 'SecureCustomProperties'`,
    ],
    { debian: "msitools" },
  );
  const summary = run("msiinfo", ["suminfo", msi], { debian: "msitools", env: { TZ: "UTC", LC_ALL: "C" } });
  const code = /\{[0-9A-F-]{36}\}/.exec(summary)?.[0];
  const saved = /^Last saved: (.+)$/m.exec(summary)?.[1];
  if (code === undefined || saved === undefined) throw new Error(`msiinfo tells no package code or time of ${msi}.`);
  let bytes: Buffer = readFileSync(msi);
  bytes = replaced(bytes, Buffer.from(code), Buffer.from(`{${about.packageCode}}`), 1);
  bytes = replaced(bytes, fileTime(Date.parse(`${saved} UTC`)), fileTime(about.sourceDateEpoch * 1_000), 2);
  writeFileSync(msi, bytes);
};

/** Replaces bytes by as many others, if they are there exactly so often. */
const replaced = (bytes: Buffer, from: Buffer, to: Buffer, times: number): Buffer => {
  const result = Buffer.from(bytes);
  let found = 0;
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) {
    to.copy(result, at);
    found += 1;
  }
  if (found !== times) throw new Error(`The summary of the MSI is not where it was expected (${found} of ${times}).`);
  return result;
};

/** Windows' time of a property set: its type, VT_FILETIME, and 100 ns since 1601. */
const fileTime = (ms: number): Buffer => {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32LE(0x40, 0);
  bytes.writeBigUInt64LE(BigInt(ms) * 10_000n + 116_444_736_000_000_000n, 4);
  return bytes;
};
