import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MINUTE } from "../../licensing/time.ts";
import type { Registration } from "../win32/service-manager.ts";

const FILE = "install-undo.json";
/** A rollback follows its installation at once; what lies there longer belongs to one that succeeded. */
const FRESH_MS = 30 * MINUTE;

/** The service as it was registered; `null`: there was none. */
export type ServiceBefore = Pick<Registration, "command" | "account"> | null;

interface Undo {
  /** By path: the content in base64, `null` where there was no file. */
  readonly files: Record<string, string | null>;
  service?: ServiceBefore;
}

/** Notes what an installation is about to change, so that the installer's rollback can put it back. */
export const openUndo = (
  folder: string,
): { willWrite(file: string): void; willRegister(before: ServiceBefore): void } => {
  const undo: Undo = { files: {} };
  const save = (): void => writeFileSync(join(folder, FILE), JSON.stringify(undo));
  save();
  return {
    willWrite: (file) => {
      undo.files[file] ??= existsSync(file) ? readFileSync(file, "base64") : null;
      save();
    },
    willRegister: (before) => {
      undo.service = before;
      save();
    },
  };
};

/** An installation that ends before it changed anything has nothing to put back, and no other one's either. */
export const forgetUndo = (folder: string): void => rmSync(join(folder, FILE), { force: true });

/** Copies of an old token are of no use any more once no rollback can come. */
export const forgetOldUndo = (folder: string): void => {
  if (ageOf(join(folder, FILE)) > FRESH_MS) forgetUndo(folder);
};

/**
 * Puts back the files that the installation of a moment ago wrote. Others may have put a record there before the folder was
 * protected: it counts only if `isOurs` says so.
 *
 * @returns them, and the service as it was before.
 */
export const undoFiles = (
  folder: string,
  isOurs: (file: string) => boolean,
): { files: string[]; service?: ServiceBefore } => {
  const file = join(folder, FILE);
  if (!existsSync(file) || ageOf(file) > FRESH_MS || !isOurs(file)) return { files: [] };
  const undo = JSON.parse(readFileSync(file, "utf8")) as Undo;
  for (const [path, content] of Object.entries(undo.files))
    if (content === null) rmSync(path, { force: true });
    else writeFileSync(path, Buffer.from(content, "base64"));
  rmSync(file);
  return { files: Object.keys(undo.files), ...(undo.service !== undefined && { service: undo.service }) };
};

const ageOf = (file: string): number => Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
