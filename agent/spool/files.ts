import { accessSync, chmodSync, constants, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** What has left, and what was dropped. */
export const STATE = "state.json";
/** The uid of the last record that was exported and may leave: written by `agent export --clear`, applied by the process that has the spool open. */
export const EXPORTED = "exported";

/** What holds the lock on Windows. */
export const LOCK = "spool.lock";

const SEGMENT = /^\d{12}\.spool$/;

/** The segments of a spool, oldest first. */
export const segmentFiles = (directory: string): string[] =>
  readdirSync(directory)
    .filter((it) => SEGMENT.test(it))
    .sort()
    .map((it) => join(directory, it));
export const nameOf = (segmentFile: string): string => segmentFile.slice(-18);
export const numberOf = (segmentName: string): number => Number.parseInt(segmentName, 10);
export const segmentName = (number: number): string => `${String(number).padStart(12, "0")}.spool`;
export const isSegmentName = (text: unknown): text is string => typeof text === "string" && SEGMENT.test(text);

/**
 * Makes the directory, for its owner only. What an earlier version left readable for every user of the computer is closed to
 * them; what an administrator gave a group stays given.
 *
 * @throws Error with the key that names the directory.
 */
export const makeDirectory = (directory: string): void => {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new Error(`spool.directory ${directory} cannot be made: ${REASONS[code ?? ""] ?? message}`, { cause });
  }
  if (process.platform === "win32") return;
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Error(`spool.directory ${directory} cannot be written: ${(cause as Error).message}`, { cause });
  }
  const kept = readdirSync(directory).filter((it) => SEGMENT.test(it) || KEPT.includes(it));
  if (kept.length === 0) return;
  for (const path of [directory, ...kept.map((it) => join(directory, it))]) closeToOthers(path);
};

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: "a file is in the way",
  ENOTDIR: "a file is in the way",
  ENOSPC: "the disk is full; free space, or name a directory on another disk",
};
const KEPT = [STATE, LOCK, "bookmarks.json"];
const OTHERS = 0o007;

const closeToOthers = (path: string): void => {
  try {
    const { mode } = statSync(path);
    if (mode & OTHERS) chmodSync(path, mode & 0o7777 & ~OTHERS);
  } catch {
    // Another account owns it: its owner decides.
  }
};
