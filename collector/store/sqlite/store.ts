import { statSync } from "node:fs";
import { type Eventually, type Reader, type Store, StoreConflict, StoreUnavailable } from "../store.ts";
import { openDatabase } from "./open.ts";
import { readerOn } from "./reader.ts";
import { statementsOf } from "./sql.ts";
import { transactionOn } from "./transaction.ts";

/**
 * Opens the embedded store, making it where there is none. WAL with synchronous=FULL: when a transaction returns, power may
 * fail and it is still there (NORMAL would lose the last ones). One connection; run it in a thread of its own.
 *
 * @throws Error with the file's name, when it cannot be opened or belongs to a newer version of this program.
 */
export const openSqlite = (file: string): Store => {
  const db = openDatabase(file);
  const opened = inodeOf(file);
  const sql = statementsOf(db);
  const reader = readerOn(sql);

  const within = async <T>(begin: string, work: () => Eventually<T>): Promise<T> => {
    try {
      // A file that was removed takes all that is written, and nobody finds it again.
      if (inodeOf(file) !== opened) throw new StoreUnavailable(`${file} was moved or removed; restart the collector`);
      db.exec(begin);
      const result = await work();
      db.exec("commit");
      return result;
    } catch (cause) {
      if (db.isTransaction) db.exec("rollback");
      throw translated(cause);
    }
  };
  return {
    transact: (work) => within("begin immediate", () => work(transactionOn(sql, reader))),
    snapshot: <T>(read: (view: Reader) => Eventually<T>) => within("begin", () => read(reader)),
    bytes: () => (file === ":memory:" ? 0 : sizeOf(file) + sizeOf(`${file}-wal`)),
    close: () => db.close(),
  };
};

/** SQLITE_BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB (sqlite.org/rescode.html). */
const UNAVAILABLE: ReadonlySet<number> = new Set([5, 6, 7, 8, 10, 11, 13, 14, 26]);
/** SQLITE_BUSY_SNAPSHOT: another connection has written since this transaction began to read. */
const BUSY_SNAPSHOT = 517;

const translated = (cause: unknown): unknown => {
  const code = (cause as { errcode?: number }).errcode ?? 0;
  const { message } = cause as Error;
  if (code === BUSY_SNAPSHOT) return new StoreConflict(message, { cause });
  return UNAVAILABLE.has(code & 0xff) ? new StoreUnavailable(message, { cause }) : cause;
};

const inodeOf = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.ino;
const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
