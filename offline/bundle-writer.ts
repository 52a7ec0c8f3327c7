import type { KeyObject } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { gzipSync } from "node:zlib";
import {
  FORMAT,
  FORMAT_VERSION,
  type ListedFile,
  MANIFEST,
  MANIFEST_SIGNATURE,
  MANIFEST_SUM,
  type Manifest,
  sha256,
  wholeSum,
} from "./manifest.ts";
import { signed } from "./signature.ts";
import { tarEnd, tarEntry } from "./tar.ts";

/** A bundle that is being written. Nothing lies under its name before `finish`. */
export interface BundleWriter {
  add(name: string, content: string, records?: number): void;
  /** Everything is on the medium under its name once this has returned. */
  finish(about: Omit<Manifest, "format" | "version" | "files" | "sha256" | "records">): Manifest;
  /** Takes away what was written, finished or not. */
  abandon(): void;
}

/**
 * Starts a bundle: a gzip'd tar that any tar opens, whose record files are OTLP/JSON requests that any HTTP client can post to
 * a collector as they are. It grows under another name and gets its own at the end, so that a half-written one is never
 * taken for whole.
 *
 * @throws Error when the file exists already, because an export that was cleared from its spool exists only there.
 */
export const newBundle = (file: string, key: KeyObject | undefined): BundleWriter => {
  if (existsSync(file)) throw new Error(`${file} exists already; give another name, or remove it once it is imported.`);
  const partial = `${file}.partial`;
  const fd = openSync(partial, "w", 0o600);
  const files: ListedFile[] = [];
  let open = true;
  let finished = false;
  // A gzip member of its own for each file: members one after the other are one gzip file (RFC 1952, 2.2).
  const write = (...parts: Buffer[]) => {
    const bytes = gzipSync(Buffer.concat(parts));
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  };
  return {
    add: (name, content, records = 0) => {
      const bytes = Buffer.from(content);
      write(tarEntry(name, bytes));
      files.push({ name, bytes: bytes.length, sha256: sha256(bytes), records });
    },
    finish: (about) => {
      const manifest: Manifest = {
        format: FORMAT,
        version: FORMAT_VERSION,
        ...about,
        records: files.reduce((sum, it) => sum + it.records, 0),
        files,
        sha256: wholeSum(files),
      };
      const bytes = Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`);
      write(
        tarEntry(MANIFEST, bytes),
        tarEntry(MANIFEST_SUM, Buffer.from(`${sha256(bytes)}  ${MANIFEST}\n`)),
        ...(key ? [tarEntry(MANIFEST_SIGNATURE, signed(bytes, key))] : []),
        tarEnd(),
      );
      fsyncSync(fd);
      closeSync(fd);
      open = false;
      renameSync(partial, file);
      finished = true;
      return manifest;
    },
    abandon: () => {
      if (open) closeSync(fd);
      open = false;
      rmSync(finished ? file : partial, { force: true });
    },
  };
};
