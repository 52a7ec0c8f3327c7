import { readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { uptime } from "node:os";
import { join } from "node:path";
import { MINUTE, SECOND } from "../../licensing/time.ts";
import { saveAtomically } from "./atomic-write.ts";

/** Whoever holds a spool says so this often. */
const REFRESH_MS = MINUTE;
/** Longer than any pause of an agent that runs; shorter than the service manager's last attempt to start one. */
const STALE_MS = 4 * MINUTE;

/**
 * Two agents on one spool would send everything twice and lose what the other adds.
 *
 * @returns how to let it go. @throws Error with the directory's name, when another process has it.
 */
export const lockSpool = (directory: string): (() => void) => {
  const file = lockOf(directory);
  const holder = spoolHolder(directory);
  if (holder !== undefined)
    throw new Error(
      `spool.directory ${directory} is used by process ${holder}; stop it, or give this agent another directory.`,
    );
  saveAtomically(file, String(process.pid));
  const refreshing = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(file, now, now);
    } catch {
      // Somebody removed the folder: what is written next says so.
    }
  }, REFRESH_MS).unref();
  return () => {
    clearInterval(refreshing);
    rmSync(file, { force: true });
  };
};

/**
 * The other process that has this spool open. A number alone proves little: after a crash Windows soon gives it to another
 * process, which would keep the agent from starting for as long as it lives. So a lock also ages, and none outlives a boot.
 */
export const spoolHolder = (directory: string): number | undefined => {
  const file = lockOf(directory);
  const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (written === undefined) return undefined;
  const bootedAt = Date.now() - uptime() * SECOND;
  if (written < bootedAt - SECOND || written < Date.now() - STALE_MS) return undefined;
  const holder = Number(readFileSync(file, "utf8"));
  return holder && holder !== process.pid && isAlive(holder) ? holder : undefined;
};

const lockOf = (directory: string): string => join(directory, "lock");

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
};
