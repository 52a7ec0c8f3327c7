import { renameSync } from "node:fs";

/** What Windows says while a scanner, an indexer or a backup has the target open. */
const BUSY: ReadonlySet<string | undefined> = new Set(["EPERM", "EACCES", "EBUSY"]);
const PAUSES_MS = [10, 10, 20, 20, 50, 50, 100, 100, 100];

/** Renames over an existing file; one that another program has open for a moment is waited for, half a second at most. */
export const replaceFile = (from: string, to: string, rename: typeof renameSync = renameSync): void => {
  for (const pause of PAUSES_MS) {
    try {
      rename(from, to);
      return;
    } catch (cause) {
      if (!BUSY.has((cause as NodeJS.ErrnoException).code)) throw cause;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    }
  }
  rename(from, to);
};
