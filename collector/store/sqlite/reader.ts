import type {
  Changed,
  ComputerRow,
  ComputerStateRow,
  Deadline,
  EventRow,
  KmsClientRow,
  KmsReadingRow,
  Reader,
  StateRow,
  UninterpretedRow,
} from "../store.ts";
import { MACHINE_ID, machineIdKey, machineIdOf, machineIdRow, type StoredMachineId } from "./machine-id.ts";
import type { Sql } from "./sql.ts";

export const COMPUTER =
  "select key, zone, seen_at as seenAt, presence, deadline, deadline_status as deadlineStatus, deadline_product as deadlineProduct, overdue_at as overdueAt, state from computers";
export const KMS_CLIENT = "select kms_host as kmsHost, pool, key, last_at as lastAt, computer, state from kms_clients";
const EVENT = "select id, computer, event_id as eventId, at, fact from events";

/** The first rows, as many as fit into so many bytes, but at least one. */
const within = <T extends StateRow>(rows: Iterable<unknown>, bytes = Number.POSITIVE_INFINITY): T[] => {
  const page: T[] = [];
  let left = bytes;
  for (const row of rows as Iterable<T>) {
    left -= row.state.length;
    if (left < 0 && page.length > 0) break;
    page.push(row);
  }
  return page;
};

const NUMBERS = `with recursive numbers (number) as (
  select (select event_id from events where computer = ? order by event_id limit 1)
  union all
  select (select event_id from events where computer = ? and event_id > number order by event_id limit 1)
  from numbers where number is not null
) select number from numbers where number is not null limit ?`;

/** Each name is found by one look into the index, however many clients ask under it. */
const CLIENT_NAMES = `with recursive names (computer) as (
  select (select computer from kms_clients where computer > ? and computer <> '' order by computer limit 1)
  union all
  select (select computer from kms_clients where computer > names.computer and computer <> '' order by computer limit 1)
  from names where computer is not null
) select computer from names where computer is not null`;

/**
 * A limit that is a parameter makes SQLite plan the statement anew for each execution, which costs ten times what a look into an
 * index does: statements that one transaction executes many times have it in their text.
 */
export const readerOn = (sql: Sql): Reader => ({
  revision: () => revisionOf(sql).value,
  changedSince: (revision) => changedSince(sql, revision),
  state: (key) => {
    const row = sql("select state from collector_state where key = ?").get(key) as { state: string } | undefined;
    return row?.state || undefined;
  },
  computer: (key) => sql(`${COMPUTER} where key = ?`).get(key) as ComputerRow | undefined,
  computersByKey: (keys) => {
    const select = sql("select key, zone, seen_at as seenAt, state from computers where key = ?");
    const rows = new Map<string, ComputerStateRow>();
    for (const key of keys) {
      const row = select.get(key) as ComputerStateRow | undefined;
      if (row !== undefined) rows.set(key, row);
    }
    return rows;
  },
  sums: ({ after, limit }) =>
    (
      sql("select key, sum from sums where key > ? order by key limit ?").all(after, limit) as {
        key: string;
        sum: number;
      }[]
    ).map(({ key, sum }) => [key, sum] as const),
  computers: ({ after, limit, bytes }) =>
    within<ComputerRow>(sql(`${COMPUTER} where key > ? order by key limit ?`).iterate(after, limit), bytes),
  computersByDeadline: ({ from, until, after = "", limit }) =>
    sql(`select key, zone, deadline, deadline_status as status, deadline_product as product from computers
      where deadline >= ? and deadline < ? and (deadline > ? or key > ?) order by deadline, key limit ?`).all(
      from,
      until,
      from,
      after,
      limit,
    ) as unknown as Deadline[],
  // The search in the index begins at the last computer; of those seen at one instant the key decides.
  computersBySeen: ({ from, until, after = { seenAt: from, key: "" }, limit }) =>
    sql(`${COMPUTER} where seen_at >= ? and seen_at < ? and (seen_at > ? or key > ?) and presence <> 1
      order by seen_at, key limit ?`).all(
      Math.max(from, after.seenAt),
      until,
      after.seenAt,
      after.key,
      limit,
    ) as unknown as ComputerRow[],
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
  newestUninterpreted: (limit) =>
    sql("select received_at as receivedAt, host, reason, record from uninterpreted order by id desc limit ?").all(
      limit,
    ) as unknown as UninterpretedRow[],
  events: ({ computer, eventIds, from, before, after, limit }) => {
    const conditions: string[] = [];
    const values: (string | number | Uint8Array)[] = [];
    const add = (condition: string, value: string | Uint8Array | undefined) => {
      if (value === undefined) return;
      conditions.push(condition);
      values.push(value);
    };
    add("computer = ?", computer);
    if (eventIds && "only" in eventIds)
      conditions.push(
        eventIds.only.length === 1 ? `event_id = ${eventIds.only[0]}` : `event_id in (${eventIds.only.join()})`,
      );
    if (eventIds && "without" in eventIds) conditions.push(`event_id not in (${eventIds.without.join()})`);
    add("id >= ?", from);
    add("id > ?", after);
    add("id < ?", before);
    const where = conditions.length > 0 ? ` where ${conditions.join(" and ")}` : "";
    return sql(`${EVENT}${where} order by id limit ?`).all(...values, limit) as unknown as EventRow[];
  },
  eventsById: (ids) => {
    const select = sql(`${EVENT} where id = ?`);
    return ids.flatMap((id) => (select.get(id) as EventRow | undefined) ?? []);
  },
  eventNumbers: (computer, limit) =>
    (sql(NUMBERS).all(computer, computer, limit) as { number: number }[]).map((it) => it.number),
  eventsInOrder: (computer, eventId, { after, limit }) =>
    sql(`${EVENT} where computer = ? and event_id = ? and (at, id) > (?, ?) order by at, id limit ?`).all(
      ...[computer, eventId, after.at, after.id, limit],
    ) as unknown as EventRow[],
  eventsWithin: (ranges, limit) => {
    const select = sql(
      `${EVENT} where computer = ? and event_id = ? and at >= ? and at < ? order by at, id limit ${limit}`,
    );
    return ranges.map((it) => select.all(it.computer, it.eventId, it.from, it.until) as unknown as EventRow[]);
  },
  kmsClientsByKey: (keys) => {
    const select = sql(`${KMS_CLIENT} where kms_host = ? and pool = ? and key = ?`);
    return keys
      .map((it) => select.get(it.kmsHost, it.pool, it.key) as KmsClientRow | undefined)
      .filter((it) => it !== undefined);
  },
  kmsClientsOfIds: (ids, limit) => {
    const select = sql(`${KMS_CLIENT} where key = ? order by kms_host, pool limit ${limit}`);
    return ids.flatMap((it) => select.all(it) as unknown as KmsClientRow[]);
  },
  kmsClientsOfComputers: (names, limit) => {
    const select = sql(
      `${KMS_CLIENT} where computer = ? and computer <> '' order by last_at desc, key, kms_host, pool limit ${limit}`,
    );
    return names.flatMap((it) => select.all(it) as unknown as KmsClientRow[]);
  },
  clientNames: ({ after, limit }) =>
    sql(`${CLIENT_NAMES} limit ?`)
      .all(after, limit)
      .map((it) => it.computer as string),
  kmsClientsByTime: ({ kmsHost, pool, from, until, after = { lastAt: from, key: "" }, limit }) =>
    sql(`${KMS_CLIENT} indexed by kms_clients_by_last where kms_host = ? and pool = ? and last_at >= ? and last_at < ?
      and (last_at > ? or key > ?) order by last_at, key limit ?`).all(
      ...[kmsHost, pool, Math.max(from, after.lastAt), until, after.lastAt, after.key, limit],
    ) as unknown as KmsClientRow[],
  machineIds: (ids) => {
    const select = sql(`${MACHINE_ID} where key = ?`);
    return ids.flatMap((it) => {
      const row = select.get(machineIdKey(it)) as unknown as StoredMachineId | undefined;
      return row ? machineIdRow(row) : [];
    });
  },
  allMachineIds: ({ after, limit }) =>
    (
      sql(`${MACHINE_ID} where key > ? order by key limit ?`).all(
        machineIdKey(after),
        limit,
      ) as unknown as StoredMachineId[]
    ).map(machineIdRow),
  allKmsReadings: ({ after, limit }) =>
    sql(`select kms_host as kmsHost, at, counts from kms_readings
      where (kms_host, at) > (?, ?) order by kms_host, at limit ?`)
      .all(after.kmsHost, after.at, limit)
      .map((it) => ({ ...it, counts: JSON.parse(it.counts as string) }) as KmsReadingRow),
  sharedMachineIds: (limit) =>
    sql("select key from machine_ids where shared = 1 order by last_at desc, key limit ?")
      .all(limit)
      .map((it) => machineIdOf(it.key as Uint8Array)),
  kmsClients: ({ kmsHost, pool, before = Number.MAX_SAFE_INTEGER, limit }) =>
    sql(`${KMS_CLIENT} where kms_host = ? and pool = ? and last_at < ? order by last_at desc, key limit ?`).all(
      kmsHost,
      pool,
      before,
      limit,
    ) as unknown as KmsClientRow[],
  allKmsClients: ({ after, limit, bytes }) =>
    within<KmsClientRow>(
      sql(`${KMS_CLIENT} where (key, kms_host, pool) > (?, ?, ?) order by key, kms_host, pool limit ?`).iterate(
        ...[after?.key ?? "", after?.kmsHost ?? "", after?.pool ?? "", limit],
      ),
      bytes,
    ),
  kmsReadings: (kmsHost, { after, until, limit }) =>
    (
      sql("select at, counts from kms_readings where kms_host = ? and at > ? and at <= ? order by at limit ?").all(
        kmsHost,
        after,
        until,
        limit,
      ) as { at: number; counts: string }[]
    ).map(({ at, counts }) => ({ kmsHost, at, counts: JSON.parse(counts) })),
});

export const revisionOf = (sql: Sql): { value: number; completeFrom: number } =>
  sql("select value, complete_from as completeFrom from revision").get() as { value: number; completeFrom: number };

const changedSince = (sql: Sql, since: number): Changed => {
  const { value, completeFrom } = revisionOf(sql);
  const complete = since < completeFrom || since === 0;
  const from = complete ? 0 : since;
  const states = (table: string) =>
    sql(`select key, state from ${table} where revision > ?`).all(from) as unknown as StateRow[];
  return {
    revision: value,
    complete,
    kmsHosts: states("kms_hosts"),
    collectorState: states("collector_state"),
    sums: sumsSince(sql, from),
    sumsFrom: (prefix) => sumsSince(sql, from, prefix),
  };
};

/** One after the other, whenever they are asked for: there may be very many. */
const sumsSince = (sql: Sql, revision: number, prefix = ""): Changed["sums"] => ({
  *[Symbol.iterator]() {
    const rows = sql("select key, sum from sums where revision > ? and key >= ? and key < ?").iterate(
      revision,
      prefix,
      `${prefix}\u{10ffff}`,
    );
    for (const { key, sum } of rows as Iterable<{ key: string; sum: number }>) yield [key, sum] as const;
  },
});

const COUNT = {
  deadline: `select zone, deadline_status || iif(presence = 2, ' kms', '') as status, count(*) as count from computers
    where deadline >= ? and deadline < ? group by zone, deadline_status, presence = 2`,
  overdue: `select zone, null as status, count(*) as count from computers
    where overdue_at >= ? and overdue_at < ? group by zone`,
  seen: `select zone, null as status, count(*) as count from computers
    where seen_at >= ? and seen_at < ? and presence = 0 group by zone`,
} as const;
