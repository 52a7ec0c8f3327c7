import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MINUTE } from "../../licensing/time.ts";

const FILE = "install-undo.json";
/** A rollback follows its installation at once; what lies there longer belongs to one that succeeded. */
const FRESH_MS = 30 * MINUTE;

/** Notes what an installation is about to write, so that the installer's rollback can put it back. */
export const openUndo = (folder: string): { willWrite(file: string): void } => {
  const before: Record<string, string | null> = {};
  const save = (): void => writeFileSync(join(folder, FILE), JSON.stringify(before));
  save();
  return {
    willWrite: (file) => {
      before[file] ??= existsSync(file) ? readFileSync(file, "base64") : null;
      save();
    },
  };
};

/** Puts back what the installation of a moment ago wrote. @returns the files. */
export const undoInstall = (folder: string): string[] => {
  const file = join(folder, FILE);
  const age = existsSync(file) ? Date.now() - statSync(file).mtimeMs : Number.POSITIVE_INFINITY;
  if (age > FRESH_MS) return [];
  const before = JSON.parse(readFileSync(file, "utf8")) as Record<string, string | null>;
  for (const [path, content] of Object.entries(before))
    if (content === null) rmSync(path, { force: true });
    else writeFileSync(path, Buffer.from(content, "base64"));
  rmSync(file);
  return Object.keys(before);
};
