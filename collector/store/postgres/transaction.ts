import { APPLICATIONS } from "../../../licensing/products.ts";
import type { ComputerRow, KmsClientRow, Reader, StateRow, Transaction } from "../store.ts";
import type { SumKey } from "../sums.ts";
import { type Head, RETURNED } from "./reader.ts";
import type { Sql, Value } from "./sql.ts";

/** JavaScript reads no larger integer: a forged counter must not keep the next start from reading all sums. */
const SUM_MAX = Number.MAX_SAFE_INTEGER;

/**
 * One write transaction that has begun and holds the lock of all writers, so that the next revision is known without asking.
 * Each method is one statement for all of its rows: a round trip costs more than a row.
 */
export const transactionOn = (sql: Sql, reader: Reader, head: Head): Transaction => {
  const next = head.value + 1;
  /** The revision of every row that others must see; the commit writes it. */
  const stamp = (): number => {
    head.value = next;
    return next;
  };
  const putStates = async (table: "kms_hosts" | "collector_state", rows: readonly StateRow[]): Promise<void> => {
    if (rows.length === 0) return;
    const last = lastOf(rows, (it) => it.key);
    await sql(
      `insert into ${table} (key, state, revision) select key, state, $3::bigint from unnest($1::text[], $2::text[]) as r (key, state)
        on conflict (key) do update set state = excluded.state, revision = excluded.revision`,
      [...columns(last, ["key", "state"]), stamp()],
    );
  };
  return {
    ...reader,
    insertEvents: async (rows) => {
      if (rows.length === 0) return [];
      const { rows: inserted } = await sql<{ id: Buffer }>(
        `insert into events (id, computer, event_id, at, fact)
          select * from unnest($1::bytea[], $2::text[], $3::bigint[], $4::bigint[], $5::text[])
          on conflict (id) do nothing returning id`,
        columns(rows, ["id", "computer", "eventId", "at", "fact"]),
      );
      const fresh = new Set(inserted.map((it) => hex(it.id)));
      // Of two with one identity in one call the first is the new one.
      return rows.map((it) => fresh.delete(hex(it.id)));
    },
    removeEvents: async (ids) => {
      if (ids.length > 0) await sql("delete from events where id = any($1::bytea[])", [ids]);
    },
    replaceFacts: async (rows) => {
      if (rows.length === 0) return;
      await sql(
        `update events e set fact = r.fact from unnest($1::bytea[], $2::text[]) as r (id, fact) where e.id = r.id`,
        columns(
          lastOf(rows, (it) => hex(it.id)),
          ["id", "fact"],
        ),
      );
    },
    putComputers: async (rows) => {
      if (rows.length === 0) return;
      await sql(
        PUT_COMPUTERS,
        columns(
          lastOf(rows, (it) => it.key),
          [
            ...["key", "zone", "seenAt", "presence", "deadline", "deadlineStatus", "deadlineProduct", "overdueAt"],
            "state",
          ] as (keyof ComputerRow)[],
        ),
      );
    },
    touchComputers: async (rows) => {
      if (rows.length === 0) return;
      await sql(
        `update computers c set seen_at = r.seen_at, state = r.state
          from unnest($1::text[], $2::bigint[], $3::text[]) as r (key, seen_at, state) where c.key = r.key`,
        columns(
          lastOf(rows, (it) => it.key),
          ["key", "seenAt", "state"],
        ),
      );
    },
    putKmsHosts: (rows) => putStates("kms_hosts", rows),
    putKmsClients: async (rows) => {
      if (rows.length === 0) return;
      await sql(
        `insert into kms_clients (kms_host, pool, key, last_at, computer, state)
          select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[])
          on conflict (key, kms_host, pool) do update set last_at = excluded.last_at, computer = excluded.computer,
            state = excluded.state`,
        columns(
          lastOf(rows, (it) => JSON.stringify([it.key, it.kmsHost, it.pool])),
          ["kmsHost", "pool", "key", "lastAt", "computer", "state"],
        ),
      );
    },
    removeKmsClients: async (keys) => {
      if (keys.length === 0) return;
      await sql(
        `delete from kms_clients c using unnest($1::text[], $2::text[], $3::text[]) as k (key, kms_host, pool)
          where c.key = k.key and (c.kms_host || '') = k.kms_host and (c.pool || '') = k.pool`,
        columns(keys, ["key", "kmsHost", "pool"]),
      );
    },
    putMachineIds: async (rows) => {
      if (rows.length === 0) return;
      const last = lastOf(rows, (it) => it.key);
      await sql(
        `insert into machine_ids (key, last_at, state, shared)
          select * from unnest($1::text[], $2::bigint[], $3::text[], $4::smallint[])
          on conflict (key) do update set last_at = excluded.last_at, shared = excluded.shared, state = excluded.state`,
        [...columns(last, ["key", "lastAt", "state"]), last.map((it) => (it.shared ? 1 : 0))],
      );
    },
    deleteMachineIds: async (before, limit) =>
      (
        await sql(
          "delete from machine_ids where key = any(array(select key from machine_ids where last_at < $1 order by last_at limit $2))",
          [before, limit],
        )
      ).count,
    putKmsReadings: async (rows) => {
      if (rows.length === 0) return;
      const last = lastOf(rows, (it) => JSON.stringify([it.kmsHost, it.at]));
      await sql(
        `insert into kms_readings (kms_host, at, counts) select * from unnest($1::text[], $2::bigint[], $3::text[])
          on conflict (kms_host, at) do update set counts = excluded.counts`,
        [...columns(last, ["kmsHost", "at"]), last.map((it) => JSON.stringify(it.counts))],
      );
    },
    putState: (rows) => putStates("collector_state", rows),
    deleteState: (keys) =>
      putStates(
        "collector_state",
        keys.map((key) => ({ key, state: "" })),
      ),
    removeSums: async (keys) => {
      if (keys.length === 0) return;
      await sql("delete from sums where key = any($1::text[])", [keys]);
      stamp();
    },
    addSums: async (deltas) => {
      const added = new Map<SumKey, number>();
      for (const [key, by] of deltas) added.set(key, Math.min((added.get(key) ?? 0) + by, SUM_MAX));
      if (added.size === 0) return;
      await sql(
        `insert into sums (key, sum, revision)
          select key, least(sum, ${SUM_MAX}), $3::bigint from unnest($1::text[], $2::bigint[]) as r (key, sum)
          on conflict (key) do update set sum = least(sums.sum + excluded.sum, ${SUM_MAX}), revision = excluded.revision`,
        [[...added.keys()], [...added.values()], stamp()],
      );
    },
    putUninterpreted: async (rows) => {
      if (rows.length === 0) return;
      await sql(
        `insert into uninterpreted (received_at, host, reason, record)
          select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])`,
        columns(rows, ["receivedAt", "host", "reason", "record"]),
      );
    },
    trimUninterpreted: async (kept) => {
      await sql("delete from uninterpreted where id <= (select max(id) from uninterpreted) - $1::bigint", [kept]);
    },
    deleteEvents: async (before, limit) =>
      // The id begins with the event's time, so that the oldest events lie together.
      (
        await sql(
          "delete from events where id = any(array(select id from events where id < $1 order by id limit $2))",
          [before, limit],
        )
      ).count,
    deleteKmsReadings: async (before, limit) =>
      (
        await sql(
          `delete from kms_readings r using (select kms_host, at from kms_readings where at < $1 order by at limit $2) old
            where r.kms_host = old.kms_host and r.at = old.at`,
          [before, limit],
        )
      ).count,
    deleteComputers: async (before, limit) => {
      const { rows } = await sql<ComputerRow>(
        `delete from computers c where c.key = any(array(select key from computers where seen_at < $1 order by seen_at, key limit $2))
          returning ${RETURNED.computer}`,
        [before, limit],
      );
      return rows.sort((a, b) => a.seenAt - b.seenAt);
    },
    deleteKmsClients: async (before, limit) =>
      (await sql<KmsClientRow>(DELETE_SILENT, [before, limit, APPLICATIONS])).rows,
    deleteTombstones: async (before) => {
      await sql("delete from sums where revision < $1 and sum = 0", [before]);
      await sql("delete from collector_state where revision < $1 and state = ''", [before]);
      head.completeFrom = Math.max(head.completeFrom, Math.min(before, head.value));
      await sql("update revision set complete_from = $1", [head.completeFrom]);
    },
  };
};

const PUT_COMPUTERS = `insert into computers
  (key, zone, seen_at, presence, deadline, deadline_status, deadline_product, overdue_at, state)
  select * from unnest($1::text[], $2::text[], $3::bigint[], $4::smallint[], $5::bigint[], $6::text[], $7::text[], $8::bigint[], $9::text[])
  on conflict (key) do update set zone = excluded.zone, seen_at = excluded.seen_at, presence = excluded.presence,
    deadline = excluded.deadline, deadline_status = excluded.deadline_status, deadline_product = excluded.deadline_product,
    overdue_at = excluded.overdue_at, state = excluded.state`;

/** Clients that did not ask since: found in each pool of each KMS host by the index, so that a sweep looks at no other. */
const DELETE_SILENT = `delete from kms_clients c using (
    select s.key, s.kms_host, s.pool from kms_hosts h cross join unnest($3::text[]) as p (pool) cross join lateral (
      select key, kms_host, pool from kms_clients where kms_host = h.key and pool = p.pool and last_at < $1 order by last_at limit $2
    ) s limit $2
  ) silent
  where c.key = silent.key and c.kms_host = silent.kms_host and c.pool = silent.pool returning ${RETURNED.kmsClient}`;

const hex = (id: Uint8Array): string => Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString("hex");

/** One statement must not change a row twice: the last one of a call stands. */
const lastOf = <T>(rows: readonly T[], keyOf: (row: T) => string): readonly T[] => [
  ...new Map(rows.map((it) => [keyOf(it), it])).values(),
];

/** Rows as one array for each column. */
const columns = <T>(rows: readonly T[], names: readonly (keyof T)[]): Value[] =>
  names.map((name) => rows.map((it) => it[name] as string | number | Uint8Array | null));
