import { type Stats, statSync } from "node:fs";
import { StoreDamaged } from "../store.ts";

export interface FileWatch {
  /** Before a transaction. @throws StoreDamaged when the database is not the file that was opened, or has lost something. */
  check(): void;
  /** After a transaction. @throws StoreDamaged when one of the files was moved or removed meanwhile. */
  checkAgain(): void;
}

/**
 * SQLite goes on writing into files that were removed or cut, and what it writes there is lost. It never makes the
 * database smaller (nothing vacuums it), and keeps its -wal as long as the database is open.
 */
export const fileWatch = (file: string): FileWatch => {
  if (file === ":memory:") return { check: () => {}, checkAgain: () => {} };
  const opened = statOf(file);
  let size = opened?.size ?? 0;
  let wal: number | undefined;
  const present = (): Stats | undefined => {
    const now = statOf(file);
    if (now?.ino !== opened?.ino) throw new StoreDamaged(`${file} was moved or removed; restart the collector`);
    return now;
  };
  return {
    check: () => {
      const now = present();
      if (now && now.size < size)
        throw new StoreDamaged(
          `${file} was cut from ${size} to ${now.size} bytes; restore it, and restart the collector`,
        );
      size = now?.size ?? size;
    },
    checkAgain: () => {
      present();
      const log = statOf(`${file}-wal`)?.ino;
      if (wal !== undefined && log !== wal)
        throw new StoreDamaged(`${file}-wal was moved or removed; restart the collector`);
      wal = log;
    },
  };
};

const statOf = (file: string): Stats | undefined => statSync(file, { throwIfNoEntry: false });
export const sizeOf = (file: string): number => statOf(file)?.size ?? 0;
