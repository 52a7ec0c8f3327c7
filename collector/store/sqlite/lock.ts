import { DatabaseSync } from "node:sqlite";

/**
 * Keeps a second collector, or an import, off a store: each keeps figures in memory, and would go on from a past that the
 * other has changed. The operating system holds the lock, so that it ends with its process however that ends; the store
 * itself stays readable for backups.
 *
 * @returns how to let go of it.
 * @throws Error when somebody holds it.
 */
export const lockStore = (file: string): (() => void) => {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec("pragma journal_mode = memory; begin exclusive");
  } catch (cause) {
    lock.close();
    throw new Error("another collector or import is using it; stop it first, or give this one another store.url", {
      cause,
    });
  }
  return () => lock.close();
};
