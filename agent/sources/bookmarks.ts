import { join } from "node:path";
import { readChecked, saveChecked } from "../spool/checked-file.ts";

/** Where each source goes on. Saved only after what was read is in the spool: a crash reads again, it never loses. */
export interface Bookmarks {
  load(source: string): string | undefined;
  save(source: string, bookmark: string): void;
}

/**
 * The bookmarks beside the spool. What cannot be read says nothing: everything is read again, which counts nothing twice,
 * while an agent that does not start is silent.
 *
 * @param warn told when the bookmarks are damaged.
 * @throws Error with the file's name, when reading it is not permitted.
 */
export const openBookmarks = (directory: string, warn: (text: string) => void = () => {}): Bookmarks => {
  const file = join(directory, "bookmarks.json");
  const known = new Map(Object.entries(read(file, warn)));
  return {
    load: (source) => known.get(source),
    save: (source, bookmark) => {
      if (known.get(source) === bookmark) return;
      known.set(source, bookmark);
      saveChecked(file, { bookmarks: Object.fromEntries(known) });
    },
  };
};

/** The object in a source's bookmark; undefined for one that is none: then the source is read anew. */
export const bookmarkObject = (bookmark: string | undefined): Readonly<Record<string, unknown>> | undefined => {
  if (bookmark === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(bookmark);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
};

const read = (file: string, warn: (text: string) => void): Record<string, string> => {
  try {
    const found = readChecked(file);
    if (found.state === "damaged") warn(`${file} is damaged: every source is read again, which counts nothing twice.`);
    if (found.state !== "read") return {};
    // An earlier version kept the bookmarks alone, without a checksum.
    const { bookmarks } = found.checked ? found.members : { bookmarks: found.members };
    const pairs = typeof bookmarks === "object" && bookmarks !== null ? Object.entries(bookmarks) : [];
    return Object.fromEntries(pairs.filter((it): it is [string, string] => typeof it[1] === "string"));
  } catch (cause) {
    throw new Error(`The bookmarks in ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
};
