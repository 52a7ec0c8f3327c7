import { createRequire } from "node:module";

/** `unknown` where the system, or this file system, has no such lock to give. */
export type InodeLock = "held" | "in use" | "unknown";

/** LOCK_EX | LOCK_NB of flock(2). */
const EXCLUSIVE_AT_ONCE = 2 | 4;
/** EWOULDBLOCK, on Linux and on macOS and BSD. */
const WOULD_BLOCK = [11, 35];

/**
 * Locks an open file or directory by flock(2), at once or not at all. The lock belongs to the inode, so that it holds under every
 * name and in every container, and it ends with the descriptor or its process however that ends. POSIX only.
 */
export const lockInode = (descriptor: number): InodeLock => {
  const koffi = process.platform === "win32" ? undefined : loadKoffi();
  if (!koffi) return "unknown";
  const flock = koffi.load(null).func("int flock(int fd, int operation)") as (fd: number, operation: number) => number;
  if (flock(descriptor, EXCLUSIVE_AT_ONCE) === 0) return "held";
  // Some network file systems know no locks.
  return WOULD_BLOCK.includes(koffi.errno()) ? "in use" : "unknown";
};

/** The agent as one file, which is made for Windows, runs elsewhere without koffi, and without a lock. */
const loadKoffi = (): typeof import("koffi") | undefined => {
  try {
    return createRequire(import.meta.url)("koffi") as typeof import("koffi");
  } catch {
    return undefined;
  }
};
