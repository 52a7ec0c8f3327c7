import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { saveAtomically } from "../spool/atomic-write.ts";

/** Where each source goes on. Saved only after what was read is in the spool: a crash reads again, it never loses. */
export interface Bookmarks {
  load(source: string): string | undefined;
  save(source: string, bookmark: string): void;
}

export const openBookmarks = (directory: string): Bookmarks => {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, "bookmarks.json");
  const known = new Map<string, string>(Object.entries(read(file)));
  return {
    load: (source) => known.get(source),
    save: (source, bookmark) => {
      if (known.get(source) === bookmark) return;
      known.set(source, bookmark);
      saveAtomically(file, JSON.stringify(Object.fromEntries(known)));
    },
  };
};

/** What cannot be read says nothing: everything is read again, which counts nothing twice, while an agent that does not start is silent. */
const read = (file: string): Record<string, string> => {
  try {
    const known: unknown = JSON.parse(readFileSync(file, "utf8"));
    const pairs = typeof known === "object" && known !== null ? Object.entries(known) : [];
    return Object.fromEntries(pairs.filter((it): it is [string, string] => typeof it[1] === "string"));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT" || cause instanceof SyntaxError) return {};
    throw new Error(`The bookmarks in ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
};
