import { ConfigurationError } from "../../../config/load.ts";

/**
 * The file of an embedded store.
 *
 * @throws ConfigurationError for a store that is no file.
 */
export const sqliteFile = (storeUrl: string): string => {
  const file = storeUrl.startsWith("sqlite:") ? storeUrl.slice("sqlite:".length) : undefined;
  if (file !== undefined && file !== ":memory:") return file;
  throw new ConfigurationError("store.url", [
    file === undefined
      ? "this store is a database server; back it up and restore it with pg_dump and pg_restore (docs/backup.md)"
      : "a store in memory cannot be backed up",
  ]);
};
