import { statSync } from "node:fs";
import type { StatementSync } from "node:sqlite";
import { eventNameOf, KNOWN_EVENT_IDS } from "../../../licensing/events/names.ts";
import { APPLICATIONS } from "../../../licensing/products.ts";
import type { Instant } from "../../../licensing/time.ts";
import {
  type ComputerRow,
  type Deadline,
  type EventRow,
  type KmsClientRow,
  type Reader,
  type StateRow,
  type Store,
  StoreUnavailable,
  type Transaction,
} from "../store.ts";
import { openDatabase } from "./open.ts";

/** Unread records are kept to be looked at, not for ever: the newest of them suffice to see what is wrong. */
const UNINTERPRETED_KEPT = 10_000;

/**
 * Opens the embedded store, making it where there is none. WAL with synchronous=FULL: when a transaction returns, power may
 * fail and it is still there (NORMAL would lose the last ones). One connection writes; run it in a thread of its own.
 *
 * @throws Error with the file's name, when it cannot be opened or belongs to a newer version of this program.
 */
export const openSqlite = (file: string): Store => {
  const { db, unlock } = openDatabase(file);
  const opened = inodeOf(file);
  const statements = new Map<string, StatementSync>();
  const sql = (text: string): StatementSync => {
    const known = statements.get(text);
    if (known) return known;
    const prepared = db.prepare(text);
    statements.set(text, prepared);
    return prepared;
  };

  const transaction = transactionOn(sql);
  return {
    transact: async (work) => {
      try {
        // A file that was removed takes all that is written, and nobody finds it again.
        if (inodeOf(file) !== opened) throw new StoreUnavailable(`${file} was moved or removed; restart the collector`);
        db.exec("begin immediate");
        const result = await work(transaction);
        db.exec("commit");
        return result;
      } catch (cause) {
        if (db.isTransaction) db.exec("rollback");
        throw isUnavailable(cause) ? new StoreUnavailable((cause as Error).message, { cause }) : cause;
      }
    },
    sums: () =>
      (sql("select key, sum from sums").all() as { key: string; sum: number }[]).map((it) => [it.key, it.sum]),
    kmsHosts: () => sql("select key, state from kms_hosts").all() as unknown as StateRow[],
    collectorState: () => sql("select key, state from collector_state").all() as unknown as StateRow[],
    read: readerOn(sql),
    bytes: () => (file === ":memory:" ? 0 : sizeOf(file) + sizeOf(`${file}-wal`)),
    close: () => {
      db.close();
      unlock();
    },
  };
};

/** SQLITE_BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB (sqlite.org/rescode.html). */
const UNAVAILABLE: ReadonlySet<number> = new Set([5, 6, 7, 8, 10, 11, 13, 14, 26]);
const isUnavailable = (cause: unknown): boolean =>
  UNAVAILABLE.has(((cause as { errcode?: number }).errcode ?? 0) & 0xff);

/** JavaScript reads no larger integer: a forged counter must not keep the next start from reading all sums. */
const SUM_MAX = Number.MAX_SAFE_INTEGER;

type Sql = (text: string) => StatementSync;

const transactionOn = (sql: Sql): Transaction => ({
  insertEvents: (rows) => {
    const insert = sql("insert or ignore into events (id, computer, event_id, at, fact) values (?, ?, ?, ?, ?)");
    return rows.map((it) => insert.run(it.id, it.computer, it.eventId, it.at, it.fact).changes === 1);
  },
  computers: (keys) => {
    const select = sql(`${COMPUTER} where key = ?`);
    return found(keys, (key) => select.get(key) as ComputerRow | undefined);
  },
  saveComputers: (rows) => {
    // Most reports find everything as it was: then only the time moves, and the other indexes are left alone.
    const touch = sql(`update computers set seen_at = ?, state = ?
      where key = ? and zone = ? and retired = ? and deadline is ? and deadline_status is ? and deadline_product is ? and overdue_at is ?`);
    const save = sql(`insert into computers
      (key, zone, seen_at, retired, deadline, deadline_status, deadline_product, overdue_at, state)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (key) do update set zone = excluded.zone, seen_at = excluded.seen_at, retired = excluded.retired, deadline = excluded.deadline,
        deadline_status = excluded.deadline_status, deadline_product = excluded.deadline_product, overdue_at = excluded.overdue_at, state = excluded.state`);
    for (const it of rows) {
      const { key, zone, seenAt, retired, deadline, deadlineStatus, deadlineProduct, overdueAt, state } = it;
      if (
        touch.run(seenAt, state, key, zone, retired, deadline, deadlineStatus, deadlineProduct, overdueAt).changes === 0
      )
        save.run(key, zone, seenAt, retired, deadline, deadlineStatus, deadlineProduct, overdueAt, state);
    }
  },
  saveKmsHosts: (rows) => {
    const save = sql(
      "insert into kms_hosts (key, state) values (?, ?) on conflict (key) do update set state = excluded.state",
    );
    for (const it of rows) save.run(it.key, it.state);
  },
  kmsClients: (keys) => {
    const select = sql(`${KMS_CLIENT} where kms_host = ? and pool = ? and key = ?`);
    return keys
      .map((it) => select.get(it.kmsHost, it.pool, it.key) as KmsClientRow | undefined)
      .filter((it) => it !== undefined);
  },
  saveKmsClients: (rows) => {
    const save = sql(`insert into kms_clients (kms_host, pool, key, last_at, state) values (?, ?, ?, ?, ?)
      on conflict (kms_host, pool, key) do update set last_at = excluded.last_at, state = excluded.state`);
    for (const it of rows) save.run(it.kmsHost, it.pool, it.key, it.lastAt, it.state);
  },
  putState: (rows) => {
    const save = sql(
      "insert into collector_state (key, state) values (?, ?) on conflict (key) do update set state = excluded.state",
    );
    for (const it of rows) save.run(it.key, it.state);
  },
  deleteState: (keys) => {
    const forget = sql("delete from collector_state where key = ?");
    for (const it of keys) forget.run(it);
  },
  replaceSums: (sums) => {
    sql("delete from sums").run();
    const add = sql("insert into sums (key, sum) values (?, ?)");
    for (const [key, sum] of sums) add.run(key, sum);
  },
  addSums: (deltas) => {
    const add = sql(
      `insert into sums (key, sum) values (?, min(?, ${SUM_MAX}))
        on conflict (key) do update set sum = min(sum + excluded.sum, ${SUM_MAX})`,
    );
    const clear = sql("delete from sums where key = ? and sum = 0");
    for (const [key, by] of deltas) {
      add.run(key, by);
      if (by < 0) clear.run(key);
    }
  },
  putUninterpreted: (rows) => {
    const insert = sql("insert into uninterpreted (received_at, host, reason, record) values (?, ?, ?, ?)");
    for (const it of rows) insert.run(it.receivedAt, it.host, it.reason, it.record);
    if (rows.length > 0)
      sql("delete from uninterpreted where id <= (select max(id) from uninterpreted) - ?").run(UNINTERPRETED_KEPT);
  },
  eventsOf: (computer, eventId, since) => {
    // An id begins with the event's own time, which `at` sets back where a clock was ahead; or with 0, where it has none.
    const own = [computer, eventId];
    const values = [...own, idBefore(since), since, ...own, idBefore(1), since];
    return sql(`${OF_ONE} and id >= ? and at >= ? union all ${OF_ONE} and id < ? and at >= ? order by at`).all(
      ...values,
    ) as unknown as EventRow[];
  },
  forget: (before) => {
    const computers = sql(`${COMPUTER} where seen_at < ?`).all(before.computers) as unknown as ComputerRow[];
    const kmsClients = sql(`${KMS_CLIENT} where rowid in (${SILENT})`).all(
      before.kmsClients,
    ) as unknown as KmsClientRow[];
    sql("delete from computers where seen_at < ?").run(before.computers);
    sql(`delete from kms_clients where rowid in (${SILENT})`).run(before.kmsClients);
    // The id begins with the event's time, so that the oldest events lie together.
    const events = Number(sql("delete from events where id < ?").run(idBefore(before.events)).changes);
    return { computers, kmsClients, events };
  },
});

const readerOn = (sql: Sql): Reader => ({
  computer: (key) => sql(`${COMPUTER} where key = ?`).get(key) as ComputerRow | undefined,
  computers: ({ after, limit }) =>
    sql(`${COMPUTER} where key > ? order by key limit ?`).all(after, limit) as unknown as ComputerRow[],
  // The search in the index begins at the last computer; of those seen at one instant the key decides.
  computersBySeen: ({ from, until, after = { seenAt: from, key: "" }, limit }) =>
    sql(`${COMPUTER} where seen_at >= ? and seen_at < ? and (seen_at > ? or key > ?) and retired = 0
      order by seen_at, key limit ?`).all(
      Math.max(from, after.seenAt),
      until,
      after.seenAt,
      after.key,
      limit,
    ) as unknown as ComputerRow[],
  computersByDeadline: ({ from, until, limit }) =>
    sql(`select key, zone, deadline, deadline_status as status, deadline_product as product from computers
      where deadline >= ? and deadline < ? order by deadline limit ?`).all(from, until, limit) as unknown as Deadline[],
  countComputers: (by, from, until) =>
    sql(COUNT[by]).all(from, until) as unknown as { zone: string; status: string | null; count: number }[],
  countKmsClients: ({ kmsHost, pool, from, until }) =>
    Number(
      (
        sql(
          "select count(*) as count from kms_clients indexed by kms_clients_by_last where kms_host = ? and pool = ? and last_at >= ? and last_at < ?",
        ).get(kmsHost, pool, from, until) as { count: number }
      ).count,
    ),
  events: ({ computer, event, since, after = new Uint8Array(), limit }) => {
    const conditions = ["id > ?", "id >= ?"];
    const values: (string | number | Uint8Array)[] = [after, idBefore(since)];
    if (computer !== undefined) {
      conditions.push("computer = ?");
      values.push(computer);
    }
    if (event !== undefined) {
      const ids = KNOWN_EVENT_IDS.filter((it) => event === "other" || eventNameOf(it) === event);
      conditions.push(`event_id ${event === "other" ? "not in" : "in"} (${ids.join()})`);
    }
    return sql(`${EVENT} where ${conditions.join(" and ")} order by id limit ?`).all(
      ...values,
      limit,
    ) as unknown as EventRow[];
  },
  kmsClients: ({ kmsHost, pool, limit }) =>
    sql(`${KMS_CLIENT} where kms_host = ? and pool = ? order by last_at desc limit ?`).all(
      kmsHost,
      pool,
      limit,
    ) as unknown as KmsClientRow[],
  allKmsClients: ({ after, limit }) =>
    sql(`${KMS_CLIENT} where (key, kms_host, pool) > (?, ?, ?) order by key, kms_host, pool limit ?`).all(
      after?.key ?? "",
      after?.kmsHost ?? "",
      after?.pool ?? "",
      limit,
    ) as unknown as KmsClientRow[],
});

const COUNT = {
  deadline: `select zone, deadline_status as status, count(*) as count from computers
    where deadline >= ? and deadline < ? group by zone, deadline_status`,
  overdue: `select zone, null as status, count(*) as count from computers
    where overdue_at >= ? and overdue_at < ? group by zone`,
  seen: `select zone, null as status, count(*) as count from computers
    where seen_at >= ? and seen_at < ? and retired = 0 group by zone`,
} as const;

const COMPUTER =
  "select key, zone, seen_at as seenAt, retired, deadline, deadline_status as deadlineStatus, deadline_product as deadlineProduct, overdue_at as overdueAt, state from computers";
const KMS_CLIENT = "select kms_host as kmsHost, pool, key, last_at as lastAt, state from kms_clients";
/** Clients that did not ask since: found in each pool of each KMS host by the index, so that a sweep looks at no other. */
const SILENT = `select c.rowid from kms_hosts h cross join json_each('${JSON.stringify(APPLICATIONS)}') p
  cross join kms_clients c indexed by kms_clients_by_last where c.kms_host = h.key and c.pool = p.value and c.last_at < ?`;
const EVENT = "select id, computer, event_id as eventId, at, fact from events";
const OF_ONE = `${EVENT} where computer = ? and event_id = ?`;

const found = <T>(keys: readonly string[], get: (key: string) => T | undefined): Map<string, T> => {
  const rows = new Map<string, T>();
  for (const key of keys) {
    const row = get(key);
    if (row !== undefined) rows.set(key, row);
  }
  return rows;
};

/** The smallest id that an event of this instant could have. */
const idBefore = (at: Instant): Uint8Array => {
  const id = Buffer.alloc(6);
  id.writeUIntBE(Math.max(0, Math.min(at, 2 ** 48 - 1)), 0, 6);
  return id;
};

const inodeOf = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.ino;
const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
