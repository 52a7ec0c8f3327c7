import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import { checkDatabase } from "../sqlite/check.ts";

/** Pages of 4 KiB between two reports of progress, and two looks at the signal: some milliseconds. */
const PAGES_AT_ONCE = 2_000;

/** What is between 0 (nothing) and 1 (everything) of the database is in the copy. */
type Progress = (part: number) => void;

/**
 * Copies a database of SQLite as it is at one instant, while another process writes to it: its own connection reads, in one
 * transaction, so that writers neither wait nor show. The copy is one file without a write-ahead log, readable by its owner
 * only, and was looked through for damage.
 *
 * @throws Error when the database cannot be read, the disk is full, the copy is damaged; the signal's reason. `to` does not
 * exist then.
 */
export const copyDatabase = async (
  file: string,
  to: string,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<void> => {
  if (!existsSync(file)) throw new Error(`There is no database ${file}.`);
  closeSync(openSync(to, "wx", 0o600));
  try {
    await copy(file, to, (part) => {
      signal.throwIfAborted();
      progress(part);
    });
    asOneFile(to);
    const damage = await checkDatabase(to).damage;
    if (damage) throw damage;
    signal.throwIfAborted();
  } catch (cause) {
    for (const it of ["", "-wal", "-shm", "-journal"]) rmSync(`${to}${it}`, { force: true });
    throw cause;
  }
};

const copy = async (file: string, to: string, progress: Progress): Promise<void> => {
  const source = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  try {
    // A transaction that reads holds its instant; without one, SQLite would begin anew with each commit of another process.
    source.exec("begin");
    source.prepare("select count(*) from sqlite_master").get();
    await backup(source, to, {
      rate: PAGES_AT_ONCE,
      progress: ({ totalPages, remainingPages }) => progress(1 - remainingPages / Math.max(1, totalPages)),
    });
  } finally {
    source.close();
  }
};

const asOneFile = (file: string): void => {
  const db = new DatabaseSync(file);
  try {
    db.exec("pragma journal_mode = delete; pragma synchronous = full");
  } finally {
    db.close();
  }
};
