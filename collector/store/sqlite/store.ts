import { type Eventually, type Reader, type Store, StoreConflict, StoreDamaged, StoreUnavailable } from "../store.ts";
import { checkDatabase, type StoreCheck } from "./check.ts";
import { fileWatch, sizeOf } from "./file-watch.ts";
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
  const watch = fileWatch(file);
  let check: StoreCheck | undefined;
  const sql = statementsOf(db);
  const reader = readerOn(sql);

  const within = async <T>(begin: string, work: () => Eventually<T>): Promise<T> => {
    try {
      watch.check();
      db.exec(begin);
      const result = await work();
      db.exec("commit");
      // What was committed while the files were taken away is not on disk.
      watch.checkAgain();
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
    check: (onDamage) => {
      if (file === ":memory:") return;
      check = checkDatabase(file);
      check.damage.then((it) => it && onDamage(it));
    },
    close: async () => {
      await check?.stop();
      db.close();
    },
  };
};

/** SQLITE_BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN (sqlite.org/rescode.html). */
const UNAVAILABLE: ReadonlySet<number> = new Set([5, 6, 7, 8, 10, 13, 14]);
/** SQLITE_CORRUPT, NOTADB. */
const DAMAGED: ReadonlySet<number> = new Set([11, 26]);
/** SQLITE_BUSY_SNAPSHOT: another connection has written since this transaction began to read. */
const BUSY_SNAPSHOT = 517;

const translated = (cause: unknown): unknown => {
  const code = (cause as { errcode?: number }).errcode ?? 0;
  const { message } = cause as Error;
  if (code === BUSY_SNAPSHOT) return new StoreConflict(message, { cause });
  if (DAMAGED.has(code & 0xff)) return new StoreDamaged(message, { cause });
  return UNAVAILABLE.has(code & 0xff) ? new StoreUnavailable(message, { cause }) : cause;
};
