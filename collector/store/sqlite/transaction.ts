import { APPLICATIONS } from "../../../licensing/products.ts";
import type { ComputerRow, KmsClientRow, Reader, Transaction } from "../store.ts";
import { machineIdKey } from "./machine-id.ts";
import { COMPUTER, KMS_CLIENT, revisionOf } from "./reader.ts";
import type { Sql } from "./sql.ts";

/** JavaScript reads no larger integer: a forged counter must not keep the next start from reading all sums. */
const SUM_MAX = Number.MAX_SAFE_INTEGER;

/** One write transaction that has begun. Its first write raises the revision, which every row carries that others must see. */
export const transactionOn = (sql: Sql, reader: Reader): Transaction => {
  let raised: number | undefined;
  const stamp = (): number => {
    raised ??= (sql("update revision set value = value + 1 returning value").get() as { value: number }).value;
    return raised;
  };
  const putState = (table: "kms_hosts" | "collector_state", rows: readonly { key: string; state: string }[]): void => {
    const put = sql(`insert into ${table} (key, state, revision) values (?, ?, ?)
      on conflict (key) do update set state = excluded.state, revision = excluded.revision`);
    for (const it of rows) put.run(it.key, it.state, stamp());
  };
  return {
    ...reader,
    insertEvents: (rows) => {
      const insert = sql("insert or ignore into events (id, computer, event_id, at, fact) values (?, ?, ?, ?, ?)");
      return rows.map((it) => insert.run(it.id, it.computer, it.eventId, it.at, it.fact).changes === 1);
    },
    removeEvents: (ids) => {
      const remove = sql("delete from events where id = ?");
      for (const it of ids) remove.run(it);
    },
    replaceFacts: (rows) => {
      const replace = sql("update events set fact = ? where id = ?");
      for (const it of rows) replace.run(it.fact, it.id);
    },
    putComputers: (rows) => {
      // Where all is as it was the other indexes are left alone.
      const touch = sql(`update computers set seen_at = ?, state = ?
        where key = ? and zone = ? and presence = ? and deadline is ? and deadline_status is ? and deadline_product is ? and overdue_at is ?`);
      const put = sql(`insert into computers
        (key, zone, seen_at, presence, deadline, deadline_status, deadline_product, overdue_at, state)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?)
        on conflict (key) do update set zone = excluded.zone, seen_at = excluded.seen_at, presence = excluded.presence, deadline = excluded.deadline,
          deadline_status = excluded.deadline_status, deadline_product = excluded.deadline_product, overdue_at = excluded.overdue_at, state = excluded.state`);
      for (const it of rows) {
        const { key, zone, seenAt, presence, deadline, deadlineStatus, deadlineProduct, overdueAt, state } = it;
        if (
          touch.run(seenAt, state, key, zone, presence, deadline, deadlineStatus, deadlineProduct, overdueAt)
            .changes === 0
        )
          put.run(key, zone, seenAt, presence, deadline, deadlineStatus, deadlineProduct, overdueAt, state);
      }
    },
    touchComputers: (rows) => {
      const touch = sql("update computers set seen_at = ?, state = ? where key = ?");
      for (const it of rows) touch.run(it.seenAt, it.state, it.key);
    },
    putKmsHosts: (rows) => putState("kms_hosts", rows),
    putKmsClients: (rows) => {
      // Nearly always it is the same name: then its index is left alone.
      const touch = sql(`update kms_clients set last_at = ?, state = ?
        where key = ? and kms_host = ? and pool = ? and computer = ?`);
      const put = sql(`insert into kms_clients (kms_host, pool, key, last_at, computer, state) values (?, ?, ?, ?, ?, ?)
        on conflict (kms_host, pool, key) do update set last_at = excluded.last_at, computer = excluded.computer, state = excluded.state`);
      for (const { kmsHost, pool, key, lastAt, computer, state } of rows)
        if (touch.run(lastAt, state, key, kmsHost, pool, computer).changes === 0)
          put.run(kmsHost, pool, key, lastAt, computer, state);
    },
    removeKmsClients: (keys) => {
      const remove = sql("delete from kms_clients where kms_host = ? and pool = ? and key = ?");
      for (const it of keys) remove.run(it.kmsHost, it.pool, it.key);
    },
    putMachineIds: (rows) => {
      const put = sql(`insert into machine_ids (key, last_at, shared, state) values (?, ?, ?, ?)
        on conflict (key) do update set last_at = excluded.last_at, shared = excluded.shared, state = excluded.state`);
      for (const it of rows) put.run(machineIdKey(it.key), it.lastAt, it.shared ? 1 : 0, it.state);
    },
    putKmsReadings: (rows) => {
      const put = sql("insert or replace into kms_readings (kms_host, at, counts) values (?, ?, ?)");
      for (const it of rows) put.run(it.kmsHost, it.at, JSON.stringify(it.counts));
    },
    putState: (rows) => putState("collector_state", rows),
    deleteState: (keys) =>
      putState(
        "collector_state",
        keys.map((key) => ({ key, state: "" })),
      ),
    removeSums: (keys) => {
      const remove = sql("delete from sums where key = ?");
      for (const it of keys) remove.run(it);
      if (keys.length > 0) stamp();
    },
    addSums: (deltas) => {
      const add = sql(`insert into sums (key, sum, revision) values (?, min(?, ${SUM_MAX}), ?)
        on conflict (key) do update set sum = min(sum + excluded.sum, ${SUM_MAX}), revision = excluded.revision`);
      for (const [key, by] of deltas) add.run(key, by, stamp());
    },
    putUninterpreted: (rows) => {
      const insert = sql("insert into uninterpreted (received_at, host, reason, record) values (?, ?, ?, ?)");
      for (const it of rows) insert.run(it.receivedAt, it.host, it.reason, it.record);
    },
    trimUninterpreted: (kept) => {
      sql("delete from uninterpreted where id <= (select max(id) from uninterpreted) - ?").run(kept);
    },
    deleteEvents: (before, limit) =>
      // The id begins with the event's time, so that the oldest events lie together.
      Number(
        sql("delete from events where id in (select id from events where id < ? order by id limit ?)").run(
          before,
          limit,
        ).changes,
      ),
    deleteKmsReadings: (before, limit) =>
      Number(
        sql(
          "delete from kms_readings where (kms_host, at) in (select kms_host, at from kms_readings where at < ? order by at limit ?)",
        ).run(before, limit).changes,
      ),
    deleteComputers: (before, limit) => {
      const rows = sql(`${COMPUTER} where seen_at < ? order by seen_at limit ?`).all(
        before,
        limit,
      ) as unknown as ComputerRow[];
      const remove = sql("delete from computers where key = ?");
      for (const it of rows) remove.run(it.key);
      return rows;
    },
    deleteKmsClients: (before, limit) => {
      const rows = sql(`${KMS_CLIENT} where rowid in (${SILENT})`).all(before, limit) as unknown as KmsClientRow[];
      const remove = sql("delete from kms_clients where kms_host = ? and pool = ? and key = ?");
      for (const it of rows) remove.run(it.kmsHost, it.pool, it.key);
      return rows;
    },
    deleteMachineIds: (before, limit) =>
      Number(
        sql("delete from machine_ids where key in (select key from machine_ids where last_at < ? limit ?)").run(
          before,
          limit,
        ).changes,
      ),
    deleteTombstones: (before) => {
      sql("delete from sums where sum = 0 and revision < ?").run(before);
      sql("delete from collector_state where state = '' and revision < ?").run(before);
      sql("update revision set complete_from = max(complete_from, ?)").run(Math.min(before, revisionOf(sql).value));
    },
  };
};

/** Clients that did not ask since: found in each pool of each KMS host by the index, so that a sweep looks at no other. */
const SILENT = `select c.rowid from kms_hosts h cross join json_each('${JSON.stringify(APPLICATIONS)}') p
  cross join kms_clients c indexed by kms_clients_by_last where c.kms_host = h.key and c.pool = p.value and c.last_at < ?
  limit ?`;
