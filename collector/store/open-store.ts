import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { PostgresSettings } from "./postgres/store.ts";
import { lockStore } from "./sqlite/lock.ts";
import { openSqlite } from "./sqlite/store.ts";
import type { Store } from "./store.ts";

/**
 * Opens the store that `store.url` names: a database of PostgreSQL, which many collectors may share, or a file of SQLite.
 * What only the first needs is loaded for it alone.
 *
 * @throws Error in one sentence when it cannot be had.
 */
export const openStore = async (settings: PostgresSettings): Promise<Store> =>
  isPostgres(settings.url)
    ? (await import("./postgres/store.ts")).openPostgres(settings)
    : openFile(settings.url.replace(/^sqlite:/, ""));

const isPostgres = (url: string): boolean => /^postgres(ql)?:/.test(url);

/** A file of SQLite belongs to one process at a time, because nothing tells the others at once what one has written. */
const openFile = (file: string): Store => {
  if (file === ":memory:") return openSqlite(file);
  let unlock = () => {};
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    unlock = lockStore(file);
  } catch (cause) {
    throw new Error(`The database ${file} cannot be opened: ${(cause as Error).message}`, { cause });
  }
  try {
    const store = openSqlite(file);
    return {
      ...store,
      close: async () => {
        await store.close();
        unlock();
      },
    };
  } catch (cause) {
    unlock();
    throw cause;
  }
};
