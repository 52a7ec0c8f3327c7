/**
 * The numbered steps that make the schema. A step that has been released is never edited; the next change is a new step.
 *
 * Rows are what the rules need to go on, never sums of other rows, except `sums`, which are kept in the same transaction
 * as what they count. Tables are WITHOUT ROWID, because every access is by key or by one of the indexes. Computers and
 * KMS clients are not: their rows lie in the order of their first report, which is about the order in which they report
 * again, so that one transaction changes few pages; and computers are too long for a WITHOUT ROWID table, which moves what
 * exceeds a quarter of a page elsewhere.
 */
export const MIGRATIONS: readonly string[] = [
  `
  create table events (
    id blob primary key,             -- time first, so that inserts stay local
    computer text not null,
    event_id integer not null,
    event text not null,
    at integer not null,             -- ms since 1970, UTC
    fact text not null
  ) strict, without rowid;
  create index events_by_computer on events (computer, event, at);

  create table computers (
    key text primary key,            -- FQDN, lower case
    zone text not null,
    seen_at integer not null,
    deadline integer,
    deadline_status text,
    deadline_product text,
    overdue_at integer,
    state text not null
  ) strict;
  create index computers_by_deadline on computers (deadline, zone, deadline_status) where deadline is not null;
  create index computers_by_overdue on computers (overdue_at, zone) where overdue_at is not null;
  create index computers_by_seen on computers (seen_at, zone);

  create table kms_hosts (key text primary key, state text not null) strict, without rowid;

  create table kms_clients (
    kms_host text not null,
    pool text not null,
    key text not null,               -- client machine ID
    last_at integer not null,
    state text not null,
    primary key (key, kms_host, pool)  -- the key first: one comparison tells two rows apart
  ) strict;
  create index kms_clients_by_last on kms_clients (kms_host, pool, last_at);

  create table remembered (key text primary key, state text not null) strict, without rowid;

  create table tallies (key text primary key, sum integer not null) strict, without rowid;

  create table unread (
    id integer primary key,
    received_at integer not null,
    host text not null,
    reason text not null,
    record text not null
  ) strict;
  `,
  // An event's name follows from its number. The index ends with the id, as every index of a table without rowid: so one
  // computer's events of one number are read in the order of their ids without sorting.
  `
  drop index events_by_computer;
  alter table events drop column event;
  create index events_by_computer on events (computer, event_id);
  `,
  // Tables carry the names that the code uses.
  `
  alter table tallies rename to sums;
  alter table remembered rename to collector_state;
  alter table unread rename to uninterpreted;
  `,
  // Several engines may use one file in turn: the revision tells each what the others have written. A sum of 0 and an empty
  // state stay for a while, so that the others see that they are gone.
  `
  create table revision (
    value integer not null,
    complete_from integer not null   -- an engine that knows an older revision must read everything
  ) strict;
  insert into revision values (1, 0);
  alter table kms_hosts add column revision integer not null default 1;
  alter table collector_state add column revision integer not null default 1;
  alter table sums add column revision integer not null default 1;

  create table kms_readings (
    kms_host text not null,
    at integer not null,
    counts text not null,
    primary key (kms_host, at)
  ) strict, without rowid;
  create index kms_readings_by_time on kms_readings (at);

  -- One computer's events of one number in the order of their time, which is not that of their ids where a clock was ahead.
  drop index events_by_computer;
  create index events_by_computer on events (computer, event_id, at);
  `,
  // 0: with an agent; 1: retired, in no figure; 2: without an agent, never stale. It stands in the index, so that counting reads no row.
  `
  alter table computers add column presence integer not null default 0;
  drop index computers_by_seen;
  create index computers_by_seen on computers (seen_at, zone, presence);
  `,
  // Client machine IDs that agents told, or that several names use: over all KMS hosts, beside the rows of their requests.
  `
  create table machine_ids (
    key text primary key,
    last_at integer not null,
    shared integer not null,         -- 1: several names use it
    state text not null
  ) strict, without rowid;
  create index machine_ids_by_last on machine_ids (last_at);
  create index machine_ids_shared on machine_ids (last_at) where shared = 1;
  `,
  // The name under which a client asked last: a computer without an agent is known by its requests alone.
  `
  alter table kms_clients add column computer text not null default '';
  update kms_clients set computer = coalesce(json_extract(state, '$.runs[#-1][0]'), '');
  create index kms_clients_by_computer on kms_clients (computer) where computer <> '';
  `,
  // Nearly every client machine ID is that of one computer: 16 bytes and the computer's name say so. Keys are random, so that
  // each row of a new computer changes a page: the shorter the rows are, the fewer pages there are. A sweep looks at all of them.
  `
  drop index machine_ids_by_last;
  drop index machine_ids_shared;
  alter table machine_ids rename to machine_ids_before;
  create table machine_ids (
    key blob primary key,
    last_at integer not null,
    shared integer not null,         -- 1: several names use it
    state text not null              -- the name of the one computer, or JSON
  ) strict, without rowid;
  insert into machine_ids
    select coalesce(unhex(key, '-'), cast(key as blob)), last_at, shared,
      iif(shared = 0 and json_array_length(state, '$.computers') = 1, json_extract(state, '$.computers[0]'), state)
    from machine_ids_before order by 1;
  drop table machine_ids_before;
  create index machine_ids_shared on machine_ids (last_at) where shared = 1;
  `,
];
