import { createHash } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { basename } from "node:path";

/** A file that is being written, with its checksum beside it. Nothing lies under its name before `finish`. */
export interface CheckedFile {
  write(text: string): void;
  /** Both files are on the medium once this has returned. @returns the SHA-256 sum, as in FILE.sha256. */
  finish(): string;
  /** Removes what was written. */
  abandon(): void;
}

/** So much is kept in memory between two writes. */
const CHUNK = 256 * 1024;

/**
 * Starts FILE and FILE.sha256 (for `sha256sum --check`). Both grow under other names and are renamed at the end, so that a
 * half-written file is never taken for whole.
 *
 * @throws Error when the file exists already: a record of the past must not be overwritten.
 */
export const newCheckedFile = (file: string): CheckedFile => {
  const [partial, sum] = [`${file}.partial`, `${file}.sha256`];
  for (const it of [file, sum])
    if (existsSync(it)) throw new Error(`${it} exists already; give --out another name, for example with the date.`);
  const fd = openSync(partial, "w", 0o600);
  const hash = createHash("sha256");
  let open = true;
  let pending = "";
  const flush = () => {
    const bytes = Buffer.from(pending);
    pending = "";
    hash.update(bytes);
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  };
  const close = () => {
    if (open) closeSync(fd);
    open = false;
  };
  return {
    write: (text) => {
      pending += text;
      if (pending.length >= CHUNK) flush();
    },
    finish: () => {
      flush();
      fsyncSync(fd);
      close();
      const digest = hash.digest("hex");
      writeFileSync(`${sum}.partial`, `${digest}  ${basename(file)}\n`, { mode: 0o600, flush: true });
      // The checksum first: a file without one could not be told from one whose checksum was lost.
      renameSync(`${sum}.partial`, sum);
      renameSync(partial, file);
      return digest;
    },
    abandon: () => {
      close();
      for (const it of [partial, `${sum}.partial`]) rmSync(it, { force: true });
    },
  };
};
