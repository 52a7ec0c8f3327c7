import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where fetched packages stay. */
const packageCache = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "activation-monitor", "packages");

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity: string }>>;
}

/**
 * Unpacks a package for another platform than this one into `into`: npm fetches it, package-lock.json says which bytes are the
 * right ones. What was fetched is kept in `cache`, and checked each time.
 *
 * @throws Error when the bytes are others, or npm cannot fetch them.
 */
export const lockedPackage = (
  root: string,
  name: string,
  { cache = packageCache(), into }: { cache?: string; into: string },
): { folder: string; version: string } => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lock;
  const entry = lock.packages[`node_modules/${name}`];
  if (!entry) throw new Error(`package-lock.json has no ${name}; add it to packaging/node/package.json.`);
  const key = `${name.replaceAll(/[@/]/g, "_")}-${entry.version}`;
  mkdirSync(cache, { recursive: true });
  const tarball = join(cache, `${key}.tgz`);
  if (!existsSync(tarball)) fetched(`${name}@${entry.version}`, cache, tarball);
  const actual = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
  if (actual !== entry.integrity) {
    rmSync(tarball, { force: true });
    throw new Error(
      `${name}@${entry.version}: the bytes that npm fetched are not those of package-lock.json (${actual}). They were thrown away; try again, and trust nothing if it stays so.`,
    );
  }
  const folder = join(into, key);
  mkdirSync(folder, { recursive: true });
  run("tar", ["-xzf", tarball, "-C", folder, "--strip-components=1"]);
  return { folder, version: entry.version };
};

const fetched = (spec: string, cache: string, tarball: string): void => {
  const fresh = join(cache, `fetch-${process.pid}`);
  mkdirSync(fresh);
  try {
    run("npm", ["pack", spec, "--silent", "--pack-destination", fresh]);
    const [file] = readdirSync(fresh);
    if (!file) throw new Error(`npm pack ${spec} left no file.`);
    renameSync(join(fresh, file), tarball);
  } finally {
    rmSync(fresh, { recursive: true });
  }
};

/** Runs a tool to its end. @throws Error with what it said, or with the Debian package that has it. */
export const run = (
  tool: string,
  args: readonly string[],
  { cwd, debian, env }: { cwd?: string; debian?: string; env?: NodeJS.ProcessEnv } = {},
): string => {
  const child = spawnSync(tool, args, {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    cwd,
    env: { ...process.env, ...env },
  });
  if ((child.error as NodeJS.ErrnoException | undefined)?.code === "ENOENT")
    throw new Error(
      `${tool} is not installed${debian ? `; Debian has it in the package ${debian}: apt-get install ${debian}` : ""}.`,
    );
  if (child.error) throw child.error;
  if (child.status !== 0) throw new Error(`${tool} ${args[0]} failed: ${(child.stderr || child.stdout).trim()}`);
  return child.stdout;
};
