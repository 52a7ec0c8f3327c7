import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Prepares each statement once. */
export type Sql = (text: string) => StatementSync;

export const statementsOf = (db: DatabaseSync): Sql => {
  const statements = new Map<string, StatementSync>();
  return (text) => {
    const known = statements.get(text);
    if (known) return known;
    const prepared = db.prepare(text);
    statements.set(text, prepared);
    return prepared;
  };
};
