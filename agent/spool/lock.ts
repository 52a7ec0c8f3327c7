import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ONLY_OWNER } from "./checked-file.ts";
import { LOCK } from "./files.ts";

/** Another agent has this spool open. */
export class SpoolInUseError extends Error {}

/** No room for even an empty file. */
const FULL = ["ENOSPC", "EDQUOT"];

/**
 * Two agents on one spool would send everything twice and lose what the other adds. The operating system holds the lock, on
 * the file itself, so that it ends with its process however that ends, and keeps out another container as well. SQLite is
 * what reaches such a lock from Node on every system.
 *
 * @returns how to let it go.
 * @throws SpoolInUseError; Error with the directory's name when nothing can be written there.
 */
export const lockSpool = (directory: string): (() => void) => {
  const file = join(directory, LOCK);
  try {
    closeSync(openSync(file, "a", ONLY_OWNER));
  } catch (cause) {
    // What frees the disk is sending: a full one must not keep an agent from starting.
    if (FULL.includes((cause as NodeJS.ErrnoException).code ?? "")) return () => {};
    throw new Error(`spool.directory ${directory} cannot be written: ${(cause as Error).message}`, { cause });
  }
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    lock.exec("pragma journal_mode = memory; pragma cache_size = 1; begin exclusive");
  } catch (cause) {
    lock.close();
    throw new SpoolInUseError(
      `spool.directory ${directory} is used by another agent; stop it, or give this agent another directory.`,
      { cause },
    );
  }
  return () => lock.close();
};
