/**
 * The numbered steps that make the schema. A step that has been released is never edited; the next change is a new step.
 * Names are compared byte by byte, as SQLite compares them, whatever the database's own order is.
 */
export const MIGRATIONS: readonly string[] = [
  `
  create table events (
    id bytea primary key,            -- time first, so that inserts stay local
    computer text collate "C" not null,
    event_id bigint not null,
    at bigint not null,              -- ms since 1970, UTC
    fact text not null
  );
  create index events_by_computer on events (computer, event_id, at, id);

  create table computers (
    key text collate "C" primary key,  -- FQDN, lower case
    zone text collate "C" not null,
    seen_at bigint not null,
    presence smallint not null,
    deadline bigint,
    deadline_status text collate "C",
    deadline_product text,
    overdue_at bigint,
    state text not null
  ) with (fillfactor = 80);
  create index computers_by_deadline on computers (deadline, key) include (zone, deadline_status) where deadline is not null;
  create index computers_by_overdue on computers (overdue_at) include (zone) where overdue_at is not null;
  create index computers_by_seen on computers (seen_at, key) include (zone, presence);

  create table kms_hosts (
    key text collate "C" primary key,
    state text not null,
    revision bigint not null
  ) with (fillfactor = 50);
  create index kms_hosts_by_revision on kms_hosts (revision);

  create table kms_clients (
    kms_host text collate "C" not null,
    pool text collate "C" not null,
    key text collate "C" not null,   -- client machine ID
    last_at bigint not null,
    state text not null,
    primary key (key, kms_host, pool)
  ) with (fillfactor = 80);
  create index kms_clients_by_last on kms_clients (kms_host, pool, last_at);

  create table kms_readings (
    kms_host text collate "C" not null,
    at bigint not null,
    counts text not null,
    primary key (kms_host, at)
  );
  create index kms_readings_by_time on kms_readings (at);

  create table collector_state (
    key text collate "C" primary key,
    state text not null,             -- empty: deleted; the others must see that
    revision bigint not null
  ) with (fillfactor = 50);
  create index collector_state_by_revision on collector_state (revision);

  create table sums (
    key text collate "C" primary key,
    sum bigint not null,
    revision bigint not null
  ) with (fillfactor = 70);
  create index sums_by_revision on sums (revision);

  create table uninterpreted (
    id bigint generated always as identity primary key,
    received_at bigint not null,
    host text not null,
    reason text not null,
    record text not null
  );

  create table revision (
    value bigint not null,
    complete_from bigint not null    -- an engine that knows an older revision must read everything
  );
  insert into revision values (1, 0);
  `,
  // Client machine IDs that agents told, or that several names use: over all KMS hosts, beside the rows of their requests.
  `
  create table machine_ids (
    key text collate "C" primary key,
    last_at bigint not null,
    shared smallint not null,        -- 1: several names use it
    state text not null
  );
  create index machine_ids_by_last on machine_ids (last_at);
  create index machine_ids_shared on machine_ids (last_at) where shared = 1;
  `,
  // The name under which a client asked last: a computer without an agent is known by its requests alone.
  `
  alter table kms_clients add column computer text collate "C" not null default '';
  update kms_clients set computer = coalesce(state::jsonb #>> '{runs,-1,0}', '');
  create index kms_clients_by_computer on kms_clients (computer, last_at) where computer <> '';
  `,
];
