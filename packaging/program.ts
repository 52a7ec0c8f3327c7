import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { lockedPackage } from "./locked.ts";
import { checkNativeModule } from "./native-module.ts";
import { noticesText, shippedPackage } from "./notices.ts";
import { bundleProgram } from "./program-bundle.ts";

/** koffi's native modules by platform, as koffi itself names their folders. Both C libraries of Linux have one. */
const NATIVE = {
  "@koromix/koffi-linux-x64": ["linux_x64", "musl_x64"],
  "@koromix/koffi-linux-arm64": ["linux_arm64", "musl_arm64"],
  "@koromix/koffi-win32-x64": ["win32_x64"],
} as const;

/**
 * Fills `out` with the program as every package of the collector has it: the bundle, koffi's native modules, the licenses of
 * what is in it. What was there is removed.
 *
 * @returns the folders of the packages in it, relative to the repository.
 * @throws Error when npm cannot fetch a native module, or its bytes are not those of package-lock.json.
 */
export const buildProgram = async (root: string, out: string, version: string): Promise<readonly string[]> => {
  const { files, packages } = await bundleProgram(root, version);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(out, name), bytes);
  const into = mkdtempSync(join(tmpdir(), "native-"));
  try {
    for (const [name, folders] of Object.entries(NATIVE)) {
      const { folder } = lockedPackage(root, name, { into });
      for (const it of folders) {
        const to = join(out, "koffi", it, "koffi.node");
        mkdirSync(dirname(to), { recursive: true });
        copyFileSync(join(folder, it, "koffi.node"), to);
      }
    }
  } finally {
    rmSync(into, { recursive: true });
  }
  checkNativeModule(join(out, "koffi/win32_x64/koffi.node"));
  const shipped = packages.map((it) => shippedPackage(root, it));
  writeFileSync(join(out, "THIRD-PARTY-NOTICES.txt"), noticesText(shipped, "\n"));
  return packages;
};
