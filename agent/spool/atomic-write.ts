import { closeSync, fsyncSync, openSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { replaceFile } from "./replace-file.ts";

/** Replaces a file as a whole: after a crash it is the old one or the new one, and the new one once this has returned. */
export const saveAtomically = (file: string, content: string | Uint8Array, mode = 0o666): void => {
  const fresh = `${file}.new`;
  writeFileSync(fresh, content, { flush: true, mode });
  replaceFile(fresh, file);
  if (process.platform === "win32") return;
  const folder = openSync(dirname(file), "r");
  fsyncSync(folder);
  closeSync(folder);
};
