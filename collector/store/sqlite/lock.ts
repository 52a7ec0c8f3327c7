import { closeSync, openSync, realpathSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { lockInode } from "../../../config/inode-lock.ts";

/**
 * Keeps a second collector, or an import, off a store: each keeps figures in memory, and would go on from a past that the
 * other has changed. The operating system holds the lock on the database's own inode, so that no other name of the file leads
 * around it, and that it ends with its process however that ends. SQLite's own locks are of another kind, and the store itself
 * stays readable for backups. A file beside it keeps off versions that know that one only, and systems without flock(2).
 *
 * To be held from before the database is opened until after it is closed: closing any descriptor of a file ends SQLite's locks
 * on it (POSIX).
 *
 * @returns how to let go of it.
 * @throws Error when another process holds it.
 */
export const lockStore = (file: string): (() => void) => {
  const descriptor = openSync(file, "a", 0o600);
  try {
    if (lockInode(descriptor) === "in use") throw inUse();
    const beside = lockBeside(realpathSync(file));
    return () => {
      beside.close();
      closeSync(descriptor);
    };
  } catch (cause) {
    closeSync(descriptor);
    throw cause;
  }
};

const lockBeside = (file: string): DatabaseSync => {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec("pragma journal_mode = memory; begin exclusive");
    return lock;
  } catch (cause) {
    lock.close();
    throw inUse(cause);
  }
};

const inUse = (cause?: unknown): Error =>
  new Error("another collector or import is using it; stop it first, or give this one another store.url", { cause });
