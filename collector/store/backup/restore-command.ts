import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { configFrom } from "../../config.ts";
import { checkDatabase } from "../sqlite/check.ts";
import { lockStore } from "../sqlite/lock.ts";
import { MIGRATIONS } from "../sqlite/migrations.ts";
import { checkChecksum } from "./checksum.ts";
import { sqliteFile } from "./sqlite-file.ts";

interface Streams {
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown };
}

/**
 * `collector restore`: puts a backup in the store's place while no collector runs. What was there is kept beside it.
 *
 * @returns the exit code.
 * @throws ConfigurationError; Error when the backup is damaged, no database of ours or of a newer version, or a collector
 * uses the store: then nothing has changed.
 */
export const restoreStore = async (
  backup: string,
  { config }: { readonly config?: string },
  { out, err }: Streams,
): Promise<number> => {
  const store = sqliteFile(configFrom(config).store.url);
  if (!existsSync(backup)) throw new Error(`${backup} cannot be restored: there is no such file.`);
  if (!(await checkChecksum(backup)))
    err.write(`Warning: there is no ${backup}.sha256 to compare with; the file itself is checked.\n`);
  checkVersion(backup);
  const damage = await checkDatabase(backup).damage;
  if (damage) throw damage;
  mkdirSync(dirname(store), { recursive: true, mode: 0o700 });
  const owner = statSync(dirname(store));
  const unlock = locked(store);
  const fresh = `${store}.restoring`;
  try {
    copyFileSync(backup, fresh);
    chmodSync(fresh, 0o600);
    // An administrator restores, another account runs the collector: what is new belongs to the owner of the folder.
    if (process.getuid?.() === 0)
      for (const it of [fresh, `${store}.lock`]) if (existsSync(it)) chownSync(it, owner.uid, owner.gid);
    flush(fresh, "r+");
    const kept = moveAway(store);
    renameSync(fresh, store);
    if (process.platform !== "win32") flush(dirname(store), "r");
    out.write(`${store} is the backup ${backup} now${kept ? `; what was there is ${kept}` : ""}\n`);
    return 0;
  } finally {
    rmSync(fresh, { force: true });
    unlock();
  }
};

const locked = (store: string): (() => void) => {
  try {
    return lockStore(store);
  } catch (cause) {
    throw new Error(`${store} cannot be replaced: ${(cause as Error).message}`, { cause });
  }
};

/** A damaged or foreign file must not take the place of the store. */
const checkVersion = (file: string): void => {
  let version: number;
  try {
    const db = new DatabaseSync(file, { readOnly: true });
    ({ user_version: version } = db.prepare("pragma user_version").get() as { user_version: number });
    db.close();
  } catch (cause) {
    throw new Error(`${file} cannot be restored: ${(cause as Error).message}`, { cause });
  }
  if (version === 0) throw new Error(`${file} cannot be restored: it is no database of a collector.`);
  if (version > MIGRATIONS.length)
    throw new Error(`${file} was written by a newer version of activation-monitor; install that version first.`);
};

/** @returns the new name of the database; undefined when there was none, or an empty file. */
const moveAway = (store: string): string | undefined => {
  const was = statSync(store, { throwIfNoEntry: false });
  const kept = `${store}.before-restore-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
  const empty = !was || was.size === 0;
  for (const it of ["", "-wal", "-shm"])
    if (existsSync(`${store}${it}`))
      if (empty) rmSync(`${store}${it}`);
      else renameSync(`${store}${it}`, `${kept}${it}`);
  return empty ? undefined : kept;
};

const flush = (path: string, flags: string): void => {
  const descriptor = openSync(path, flags);
  fsyncSync(descriptor);
  closeSync(descriptor);
};
