import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { MIGRATIONS } from "./migrations.ts";

/**
 * Opens the file in WAL mode and brings its schema up to date. Who must have it alone locks it first (lock.ts).
 *
 * @throws Error with the file's name, and the remedy.
 */
export const openDatabase = (file: string): DatabaseSync => {
  try {
    if (file !== ":memory:") {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      // SQLite gives its -wal and -shm files the mode of the database.
      closeSync(openSync(file, "a", 0o600));
    }
    const db = new DatabaseSync(file, { timeout: 5_000 });
    db.exec(
      "pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -8000; pragma temp_store = memory; pragma wal_autocheckpoint = 2000",
    );
    migrate(db, file);
    return db;
  } catch (cause) {
    throw new Error(`The database ${file} cannot be opened: ${(cause as Error).message}${remedyFor(cause)}`, { cause });
  }
};

/** SQLITE_CORRUPT and NOTADB, FULL, READONLY and CANTOPEN. */
const remedyFor = (cause: unknown): string => {
  const code = ((cause as { errcode?: number }).errcode ?? 0) & 0xff;
  if (code === 11 || code === 26)
    return "; restore it from a backup, or move it and its -wal file away: a new one is made then";
  if (code === 13) return "; free space there, or use another store.url";
  return code === 8 || code === 14 ? "; the collector's account must be able to write to it and its folder" : "";
};

const migrate = (db: DatabaseSync, file: string): void => {
  db.exec("begin immediate");
  const { user_version: version } = db.prepare("pragma user_version").get() as { user_version: number };
  if (version > MIGRATIONS.length)
    refuse(db, `${file} was written by a newer version of activation-monitor; run that one, or use another store.url.`);
  const found = columnsOf(db);
  if (version === 0 ? found.length > 0 : columnsAt(version).some((it) => !found.includes(it))) refuse(db, OTHER_TABLES);
  for (const step of MIGRATIONS.slice(version)) db.exec(step);
  db.exec(`pragma user_version = ${MIGRATIONS.length}`);
  db.exec("commit");
};

/** What the first steps make. */
const columnsAt = (version: number): string[] => {
  const db = new DatabaseSync(":memory:");
  for (const step of MIGRATIONS.slice(0, version)) db.exec(step);
  const columns = columnsOf(db);
  db.close();
  return columns;
};

const refuse = (db: DatabaseSync, why: string): never => {
  db.close();
  throw new Error(why);
};

const OTHER_TABLES =
  "it holds other tables than this version of activation-monitor keeps; move the file away, or use another store.url";

const columnsOf = (db: DatabaseSync): string[] =>
  (
    db
      .prepare(
        "select t.name || '.' || c.name as name from sqlite_master t, pragma_table_info(t.name) c where t.type = 'table'",
      )
      .all() as { name: string }[]
  ).map((it) => it.name);
