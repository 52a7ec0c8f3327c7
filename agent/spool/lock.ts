import { closeSync, constants, openSync } from "node:fs";
import { join } from "node:path";
import { lockInode } from "../../config/inode-lock.ts";
import { ONLY_OWNER } from "./checked-file.ts";
import { LOCK } from "./files.ts";

/** Another agent has this spool open. */
export class SpoolInUseError extends Error {}

/**
 * Two agents on one spool would send everything twice and lose what the other adds. The operating system holds the lock, so
 * that it ends with its process however that ends: on the directory itself, which another container sees as well and which
 * takes no space on a full disk; on Windows on a file in it.
 *
 * @returns how to let it go.
 * @throws SpoolInUseError; Error with the directory's name when it cannot be opened.
 */
export const lockSpool = (directory: string): (() => void) => {
  const lock = process.platform === "win32" ? lockFile(directory) : lockDirectory(directory);
  if (lock === IN_USE)
    throw new SpoolInUseError(
      `spool.directory ${directory} is used by another agent; stop it, or give this agent another directory.`,
    );
  return () => {
    if (lock !== undefined) closeSync(lock);
  };
};

const IN_USE = "in use";
/** The open file that holds the lock; undefined where the system has none to give. */
type Lock = number | undefined | typeof IN_USE;

const lockDirectory = (directory: string): Lock => {
  const fd = openSync(directory, "r");
  const lock = lockInode(fd);
  if (lock === "held") return fd;
  closeSync(fd);
  // Where there are no locks an agent runs all the same.
  return lock === "in use" ? IN_USE : undefined;
};

/** libuv's flag for a file that no other process may open (UV_FS_O_EXLOCK, Windows only). */
const EXCLUSIVE_SHARING = 0x1000_0000;

const lockFile = (directory: string): Lock => {
  try {
    return openSync(join(directory, LOCK), constants.O_RDWR | constants.O_CREAT | EXCLUSIVE_SHARING, ONLY_OWNER);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "EBUSY") return IN_USE;
    // What frees the disk is sending: a full one must not keep an agent from starting.
    if (code === "ENOSPC") return undefined;
    throw new Error(`spool.directory ${directory} cannot be written: ${message}`, { cause });
  }
};
