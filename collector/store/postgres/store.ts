import type { PoolClient } from "pg";
import { COPYING } from "../copying.ts";
import { type Eventually, type Reader, type Store, StoreConflict, StoreUnreachable } from "../store.ts";
import { CONNECTIONS_MAX, isOpenToReaders, newPool, type PostgresSettings, shownPlace } from "./connection.ts";
import { connectionBudget } from "./connection-budget.ts";
import { endsConnection, isAway, reasonOf, translated } from "./errors.ts";
import { durabilityWarnings, migrate, WRITE_LOCK } from "./migrate.ts";
import { type Head, readerOn } from "./reader.ts";
import { type Sql, sqlOn } from "./sql.ts";
import { transactionOn } from "./transaction.ts";

export type { PostgresSettings };

const HEAD = `select value, complete_from as "completeFrom" from revision`;
/**
 * Each statement sees what was committed before it began, and the lock comes before the first one that reads: so a write
 * transaction sees everything that the others have written, and no other transaction writes beside it.
 */
const BEGIN_WRITE = `begin; ${WRITE_LOCK}; ${HEAD}`;
const BEGIN_READ = `begin isolation level repeatable read read only; ${HEAD}`;

/** A collector must not count what `collector migrate` has not copied yet. */
const checkFilled = async (client: PoolClient): Promise<void> => {
  const { rowCount } = await client.query("select 1 from collector_state where key = $1 and state <> ''", [COPYING]);
  if (rowCount !== 0) throw new Error("`collector migrate` has not finished; run the same command again");
};

/**
 * Opens a database that several collectors may use at once, making its tables where there are none.
 *
 * @throws Error in one sentence when it cannot be had; StoreUnreachable when it is worth waiting for.
 */
export const openPostgres = async (settings: PostgresSettings): Promise<Store> => {
  const pool = newPool(settings);
  /** After a failover to a standby the past may be another one, with the same numbers: everything is to be read anew. */
  let hasLostConnection = false;
  const checkPast = () => {
    if (!hasLostConnection) return;
    hasLostConnection = false;
    throw new StoreConflict("The connection to PostgreSQL was lost meanwhile.");
  };
  // The pool replaces a connection that fails; a transaction that uses it sees the failure of its query.
  pool.on("error", () => {
    hasLostConnection = true;
  });
  pool.on("connect", (client) => client.on("error", () => {}));

  const mayConnect = connectionBudget(() => performance.now());
  let reason = "The connection to PostgreSQL was lost.";
  const connect = async (): Promise<PoolClient> => {
    const isNew = pool.idleCount === 0 && pool.totalCount < CONNECTIONS_MAX;
    if (isNew && !mayConnect()) throw new StoreUnreachable(reason);
    try {
      return await pool.connect();
    } catch (cause) {
      const failure = translated(cause, "connect") as Error;
      reason = failure.message;
      throw failure;
    }
  };

  const within = async <T>(
    begin: string,
    work: (sql: Sql, head: Head, client: PoolClient) => Promise<T>,
  ): Promise<T> => {
    const client = await connect();
    let isUsable = true;
    const failed = (step: "query" | "commit") => (cause: unknown) => {
      if (endsConnection(cause)) isUsable = false;
      return translated(cause, step);
    };
    const run = (text: string, step: "query" | "commit") =>
      client.query(text).catch((cause) => {
        throw failed(step)(cause);
      }) as unknown as Promise<{ command: string; rows: unknown[] } | { command: string; rows: unknown[] }[]>;
    try {
      const results = (await run(begin, "query")) as { rows: unknown[] }[];
      const head = results.at(-1)!.rows[0] as Head;
      const { value } = head;
      const result = await work(sqlOn(client, failed("query")), head, client);
      const raise = head.value > value ? `update revision set value = ${head.value}; ` : "";
      const answer = await run(`${raise}commit`, "commit");
      const last = Array.isArray(answer) ? answer.at(-1)! : answer;
      if (last.command !== "COMMIT") throw new Error("A statement failed, so that the transaction was rolled back.");
      return result;
    } catch (cause) {
      if (isUsable) await run("rollback", "query").catch(() => {});
      throw cause;
    } finally {
      if (!isUsable) hasLostConnection = true;
      client.release(!isUsable);
    }
  };

  let warnings: string[];
  try {
    const client = await pool.connect();
    try {
      await migrate(client);
      if (!settings.filling) await checkFilled(client);
      warnings = await durabilityWarnings(client);
    } finally {
      client.release();
    }
  } catch (cause) {
    await pool.end();
    const sentence = `The database ${shownPlace(settings.url)} cannot be opened: ${reasonOf(cause)}`;
    throw isAway(cause) ? new StoreUnreachable(sentence, { cause }) : new Error(sentence, { cause });
  }
  if (isOpenToReaders(settings.url))
    warnings.push("The connection to PostgreSQL is not encrypted; add sslmode=verify-full to store.url.");
  return {
    warnings,
    transact: (work) =>
      within(BEGIN_WRITE, async (sql, head) => {
        checkPast();
        return work(transactionOn(sql, readerOn(sql, head), head));
      }),
    snapshot: <T>(read: (view: Reader) => Eventually<T>) =>
      within(BEGIN_READ, async (sql, head) => {
        checkPast();
        return read(readerOn(sql, head));
      }),
    bytes: async () => {
      // Asked for within a snapshot, which has shown that the server is there: its connection needs no budget.
      try {
        const { rows } = await pool.query("select pg_database_size(current_database()) as size");
        return rows[0].size as number;
      } catch (cause) {
        throw translated(cause, "query");
      }
    },
    close: () => pool.end(),
  };
};
