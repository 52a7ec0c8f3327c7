import type { Store, Transaction } from "../../collector/store/store.ts";

/**
 * A store that counts the rows which each transaction reads. What a collector keeps in memory anyway (`changedSince`) is not
 * counted: its size is bounded where it is stored.
 */
export const countedRows = (store: Store) => {
  let rows = 0;
  let most = 0;
  const counted = (tx: Transaction): Transaction =>
    Object.fromEntries(
      Object.entries(tx).map(([name, method]) => [
        name,
        async (...given: unknown[]) => {
          const result: unknown = await (method as (...given: unknown[]) => unknown)(...given);
          if (!name.startsWith("insert") && name !== "changedSince") rows += rowsIn(result);
          return result;
        },
      ]),
    ) as unknown as Transaction;
  const counting: Store = {
    ...store,
    transact: async (work) => {
      rows = 0;
      try {
        return await store.transact((tx) => work(counted(tx)));
      } finally {
        most = Math.max(most, rows);
      }
    },
  };
  return {
    store: counting,
    /** The most rows that one transaction has read since the last time that this was asked. */
    mostRows: (): number => {
      const found = most;
      most = 0;
      return found;
    },
  };
};

const rowsIn = (result: unknown): number => {
  if (Array.isArray(result)) return result.length;
  return result instanceof Map ? result.size : 0;
};
