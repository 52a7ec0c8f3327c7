import { closeSync, fsyncSync, openSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { replaceFile } from "./replace-file.ts";

/**
 * Replaces a file as a whole: after a crash it is the old one or the new one, and the new one once this has returned.
 *
 * @throws Error of the file system; then the old file is as it was, and nothing else is left.
 */
export const saveAtomically = (file: string, content: string | Uint8Array, mode = 0o666): void => {
  const fresh = `${file}.new`;
  try {
    rmSync(fresh, { force: true });
    writeFileSync(fresh, content, { flush: true, mode });
    replaceFile(fresh, file);
  } catch (cause) {
    // On a full disk the torn piece would take the space that the next try needs.
    rmSync(fresh, { force: true });
    throw cause;
  }
  if (process.platform === "win32") return;
  const folder = openSync(dirname(file), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
};
