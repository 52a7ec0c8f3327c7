import type { Application } from "../../../licensing/products.ts";
import type {
  Changed,
  ComputerRow,
  Count,
  Deadline,
  EventQuery,
  EventRange,
  EventRow,
  KmsClientRow,
  KmsReadingRow,
  MachineIdRow,
  Reader,
  StateRow,
  UninterpretedRow,
} from "../store.ts";
import type { SumKey } from "../sums.ts";
import type { Sql, Value } from "./sql.ts";

/** The row of revisions as this transaction or snapshot sees it. */
export interface Head {
  value: number;
  completeFrom: number;
}

const COMPUTER_COLUMNS = `c.key, c.zone, c.seen_at as "seenAt", c.presence, c.deadline, c.deadline_status as "deadlineStatus",
  c.deadline_product as "deadlineProduct", c.overdue_at as "overdueAt", c.state`;
const CLIENT_COLUMNS = `c.kms_host as "kmsHost", c.pool, c.key, c.last_at as "lastAt", c.computer, c.state`;
/** For statements that hand back what they delete, too. */
export const RETURNED = { computer: COMPUTER_COLUMNS, kmsClient: CLIENT_COLUMNS } as const;
const COMPUTER = `select ${COMPUTER_COLUMNS} from computers c`;
const KMS_CLIENT = `select ${CLIENT_COLUMNS} from kms_clients c`;
const EVENT = `select id, computer, event_id as "eventId", at, fact from events`;

export const readerOn = (sql: Sql, head: Head): Reader => {
  const all = async <T>(text: string, ...values: Value[]): Promise<T[]> => (await sql<T>(text, values)).rows;
  return {
    revision: () => head.value,
    changedSince: (revision) => changedSince(sql, head, revision),
    state: async (key) => {
      const [row] = await all<{ state: string }>("select state from collector_state where key = $1", key);
      return row?.state || undefined;
    },
    computer: async (key) => (await all<ComputerRow>(`${COMPUTER} where c.key = $1`, key))[0],
    computersByKey: async (keys) => {
      if (keys.length === 0) return new Map();
      const rows = await all<ComputerRow>(`${COMPUTER} where c.key = any($1::text[])`, keys);
      return new Map(rows.map((it) => [it.key, it]));
    },
    sums: ({ after, limit }) => sumsBehind(sql, after, limit),
    computers: ({ after, limit, bytes = null }) =>
      all<ComputerRow>(
        within(`${COMPUTER} where c.key > $2 order by c.key limit $3`, "c.key"),
        ...[bytes, after, limit],
      ),
    computersByDeadline: ({ from, until, after = "", limit }) =>
      all<Deadline>(
        `select key, zone, deadline, deadline_status as status, deadline_product as product from computers
          where deadline >= $1 and (deadline, key) > ($1, $3) and deadline < $2 order by deadline, key limit $4`,
        ...[from, until, after, limit],
      ),
    computersBySeen: ({ from, until, after = { seenAt: from, key: "" }, limit }) =>
      all(
        `${COMPUTER} where c.seen_at >= $1 and (c.seen_at, c.key) > ($2, $3) and c.seen_at < $4 and c.presence <> 1
          order by c.seen_at, c.key limit $5`,
        ...[from, after.seenAt, after.key, until, limit],
      ),
    countComputers: (by, from, until) => all<Count>(COUNT[by], from, until),
    countKmsClients: async ({ kmsHost, pool, from, until }) => {
      const [row] = await all<{ count: number }>(
        "select count(*) as count from kms_clients where kms_host = $1 and pool = $2 and last_at >= $3 and last_at < $4",
        ...[kmsHost, pool, from, until],
      );
      return row!.count;
    },
    newestUninterpreted: (limit) =>
      all<UninterpretedRow>(
        'select received_at as "receivedAt", host, reason, record from uninterpreted order by id desc limit $1',
        limit,
      ),
    events: (query) => eventsBy(sql, query),
    eventNumbers: async (computer, limit) =>
      (await all<{ number: number }>(NUMBERS, computer, limit)).map((it) => it.number),
    eventsById: (ids) => (ids.length === 0 ? [] : all<EventRow>(`${EVENT} where id = any($1::bytea[])`, ids)),
    eventsInOrder: (computer, eventId, { after, limit }) =>
      all(
        `${EVENT} where computer = $1 and event_id = $2 and (at, id) > ($3, $4) order by at, id limit $5`,
        ...[computer, eventId, after.at, after.id, limit],
      ),
    eventsWithin: (ranges, limit) => eventsWithin(sql, ranges, limit),
    kmsClientsByKey: (keys) =>
      keys.length === 0
        ? []
        : all<KmsClientRow>(
            CLIENTS_BY_KEY,
            keys.map((it) => it.key),
            keys.map((it) => it.kmsHost),
            keys.map((it) => it.pool),
          ),
    kmsClientsOfIds: (ids, limit) =>
      ids.length === 0
        ? []
        : all<KmsClientRow>(
            `select c.* from unnest($1::text[]) as k (key) cross join lateral (
              select ${CLIENT_COLUMNS} from kms_clients c where c.key = k.key order by c.key, c.kms_host, c.pool limit $2) c`,
            ids,
            limit,
          ),
    kmsClientsOfComputers: (names, limit) =>
      names.length === 0
        ? []
        : all<KmsClientRow>(
            `select c.* from unnest($1::text[]) with ordinality as n (name, place) cross join lateral (
              select ${CLIENT_COLUMNS} from kms_clients c where c.computer = n.name and c.computer <> ''
                order by c.last_at desc, c.key, c.kms_host, c.pool limit $2) c order by n.place`,
            names,
            Math.min(limit, INT_MAX),
          ),
    clientNames: async ({ after, limit }) =>
      (await all<{ computer: string }>(CLIENT_NAMES, after, limit)).map((it) => it.computer),
    kmsClientsByTime: ({ kmsHost, pool, from, until, after = { lastAt: from, key: "" }, limit }) =>
      all(
        `${KMS_CLIENT} where c.kms_host = $1 and c.pool = $2 and c.last_at >= $3 and (c.last_at, c.key) > ($4, $5)
          and c.last_at < $6 order by c.last_at, c.key limit $7`,
        ...[kmsHost, pool, from, after.lastAt, after.key, until, limit],
      ),
    machineIds: async (ids) =>
      ids.length === 0
        ? []
        : (await all<StoredMachineId>(`${MACHINE_ID} where key = any($1::text[])`, ids)).map(machineIdRow),
    allMachineIds: async ({ after, limit }) =>
      (await all<StoredMachineId>(`${MACHINE_ID} where key > $1 order by key limit $2`, after, limit)).map(
        machineIdRow,
      ),
    allKmsReadings: async ({ after, limit }) => {
      const rows = await all<{ kmsHost: string; at: number; counts: string }>(
        `select kms_host as "kmsHost", at, counts from kms_readings
          where (kms_host, at) > ($1, $2) order by kms_host, at limit $3`,
        ...[after.kmsHost, after.at, limit],
      );
      return rows.map((it) => ({ ...it, counts: JSON.parse(it.counts) }));
    },
    sharedMachineIds: async (limit) =>
      (
        await all<{ key: string }>(
          "select key from machine_ids where shared = 1 order by last_at desc, key limit $1",
          limit,
        )
      ).map((it) => it.key),
    kmsClients: ({ kmsHost, pool, before = Number.MAX_SAFE_INTEGER, limit }) =>
      all(
        `${KMS_CLIENT} where c.kms_host = $1 and c.pool = $2 and c.last_at < $3 order by c.last_at desc, c.key limit $4`,
        ...[kmsHost, pool, before, limit],
      ),
    allKmsClients: ({ after, limit, bytes = null }) =>
      all<KmsClientRow>(
        within(
          `${KMS_CLIENT} where (c.key, c.kms_host, c.pool) > ($2, $3, $4) order by c.key, c.kms_host, c.pool limit $5`,
          'c.key, c."kmsHost", c.pool',
        ),
        ...[bytes, after?.key ?? "", after?.kmsHost ?? "", after?.pool ?? "", limit],
      ),
    kmsReadings: async (kmsHost, { after, until, limit }) => {
      const rows = await all<{ at: number; counts: string }>(
        "select at, counts from kms_readings where kms_host = $1 and at > $2 and at <= $3 order by at limit $4",
        ...[kmsHost, after, until, limit],
      );
      return rows.map(({ at, counts }): KmsReadingRow => {
        return { kmsHost, at, counts: JSON.parse(counts) as Partial<Record<Application, number>> };
      });
    },
  };
};

const changedSince = async (sql: Sql, { value, completeFrom }: Head, since: number): Promise<Changed> => {
  // A revision of the future is that of another past: the database has been restored or has failed over.
  const complete = since < completeFrom || since === 0 || since > value;
  const from = [complete ? 0 : since];
  const states = async (table: "kms_hosts" | "collector_state") =>
    (await sql<StateRow>(`select key, state from ${table} where revision > $1`, from)).rows;
  const sums = complete
    ? await allSums(sql)
    : pairs((await sql<SumRow>("select key, sum from sums where revision > $1", from)).rows);
  return {
    revision: value,
    complete,
    kmsHosts: await states("kms_hosts"),
    collectorState: await states("collector_state"),
    sums,
    sumsFrom: (prefix) => sums.filter(([key]) => key.startsWith(prefix)),
  };
};

interface SumRow {
  readonly key: SumKey;
  readonly sum: number;
}
type Pair = readonly [SumKey, number];
const pairs = (rows: readonly SumRow[]): Pair[] => rows.map(({ key, sum }) => [key, sum] as const);

const sumsBehind = async (sql: Sql, after: SumKey, limit: number): Promise<Pair[]> =>
  pairs((await sql<SumRow>("select key, sum from sums where key > $1 order by key limit $2", [after, limit])).rows);

/** In pages: what the driver holds beside the rows is more than the rows. */
const PAGE = 10_000;
const allSums = async (sql: Sql): Promise<Pair[]> => {
  const sums: Pair[] = [];
  for (let page: Pair[] | undefined; page === undefined || page.length === PAGE; ) {
    page = await sumsBehind(sql, sums.at(-1)?.[0] ?? "", PAGE);
    sums.push(...page);
  }
  return sums;
};

/** The first rows of a query, as many as fit into the bytes of `$1`, but at least one; all of them where it is null. */
const within = (query: string, order: string): string =>
  `select * from (
    select c.*, sum(octet_length(c.state)) over rows as bytes_until, row_number() over rows as place
      from (${query}) c window rows as (order by ${order})
  ) c where $1::bigint is null or place = 1 or bytes_until <= $1 order by ${order}`;

/** The numbers of one computer's events: each is found by one look into the index. */
const NUMBERS = `with recursive numbers (number) as (
  (select event_id from events where computer = $1 order by event_id limit 1)
  union all
  select (select event_id from events where computer = $1 and event_id > number order by event_id limit 1)
  from numbers where number is not null
) select number from numbers where number is not null limit $2`;

const eventsBy = async (sql: Sql, query: EventQuery): Promise<EventRow[]> => {
  const { computer, eventIds, from, after, before, limit } = query;
  const values: Value[] = [];
  const conditions: string[] = [];
  const add = (condition: string, value: Value | undefined) => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition.replace("?", `$${values.length}`));
  };
  add("computer = ?", computer);
  if (eventIds && "only" in eventIds) add("event_id = any(?::bigint[])", eventIds.only);
  if (eventIds && "without" in eventIds) add("event_id <> all(?::bigint[])", eventIds.without);
  add("id >= ?", from);
  add("id > ?", after);
  add("id < ?", before);
  values.push(limit);
  const where = conditions.length > 0 ? `where ${conditions.join(" and ")}` : "";
  // One computer has few events among all: the planner must not walk through all of them in the order of their ids.
  const order = computer === undefined ? "id" : "(id || ''::bytea)";
  return (await sql<EventRow>(`${EVENT} ${where} order by ${order} limit $${values.length}`, values)).rows;
};

const WITHIN = `select e.*, r.place from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
    with ordinality as r (computer, event_id, since, until, place)
  cross join lateral (
    ${EVENT} where events.computer = r.computer and events.event_id = r.event_id
      and events.at >= r.since and events.at < r.until order by at, id limit $5
  ) e order by r.place, e.at, e.id`;
const eventsWithin = async (sql: Sql, ranges: readonly EventRange[], limit: number): Promise<EventRow[][]> => {
  if (ranges.length === 0) return [];
  const { rows } = await sql<EventRow & { place: number }>(WITHIN, [
    ranges.map((it) => it.computer),
    ranges.map((it) => it.eventId),
    ranges.map((it) => it.from),
    ranges.map((it) => it.until),
    limit,
  ]);
  const found = ranges.map((): EventRow[] => []);
  for (const { place, ...event } of rows) found[place - 1]!.push(event);
  return found;
};

/**
 * The planner decides when the table is empty and keeps to it: it must begin with the keys, and find each by itself, not by the
 * KMS host, which has all the clients. Hence the limit, and the names that no index knows.
 */
const CLIENTS_BY_KEY = `select c.* from unnest($1::text[], $2::text[], $3::text[]) as k (key, kms_host, pool)
  cross join lateral (
    select ${CLIENT_COLUMNS} from kms_clients c
      where c.key = k.key and (c.kms_host || '') = k.kms_host and (c.pool || '') = k.pool limit 1
  ) c`;

const MACHINE_ID = 'select key, last_at as "lastAt", shared, state from machine_ids';
type StoredMachineId = Omit<MachineIdRow, "shared"> & { readonly shared: number };
const machineIdRow = (it: StoredMachineId): MachineIdRow => ({ ...it, shared: it.shared === 1 });

const INT_MAX = 2 ** 31 - 1;

/** Each name is found by one look into the index, however many clients ask under it. */
const CLIENT_NAMES = `with recursive names (computer) as (
    (select computer from kms_clients where computer > $1 and computer <> '' order by computer limit 1)
    union all
    select (select k.computer from kms_clients k where k.computer > n.computer and k.computer <> '' order by k.computer limit 1)
    from names n where n.computer is not null
  ) select computer from names where computer is not null limit $2`;

const COUNT = {
  deadline: `select zone, deadline_status || case presence when 2 then ' kms' else '' end as status, count(*) as count
    from computers where deadline >= $1 and deadline < $2 group by 1, 2`,
  overdue: `select zone, null as status, count(*) as count from computers
    where overdue_at >= $1 and overdue_at < $2 group by zone`,
  seen: `select zone, null as status, count(*) as count from computers
    where seen_at >= $1 and seen_at < $2 and presence = 0 group by zone`,
} as const;
