import type { PoolClient, QueryConfig } from "pg";
import { HOUR } from "../../../licensing/time.ts";
import { MIGRATIONS } from "./migrations.ts";

/** All collectors of one database take this lock for each transaction that writes ("activat" as a number). */
export const WRITE_LOCK = `select pg_advisory_xact_lock(${BigInt(`0x${Buffer.from("activat").toString("hex")}`)})`;

/** A step may rebuild a large table. */
const STEP_MAX = 6 * HOUR;

/** PostgreSQL 14: the oldest version with security fixes when the first step was released. */
const VERSION_MIN = 140_000;

/**
 * Brings the schema up to date. Several collectors that start at once are normal: each step inserts its number first, so that
 * the second collector finds it there.
 *
 * @throws Error in one sentence that says what to do.
 */
export const migrate = async (client: PoolClient): Promise<void> => {
  await checkServer(client);
  await client.query(`begin; set local statement_timeout = 0; ${WRITE_LOCK}`);
  try {
    await client.query(`create table if not exists schema_steps (
      number integer primary key, made_at timestamptz not null default now())`);
    const { rows } = await client.query("select max(number)::integer as newest from schema_steps");
    if ((rows[0].newest ?? 0) > MIGRATIONS.length)
      throw new Error(
        "it was written by a newer version of activation-monitor; run that one, or use another store.url",
      );
    for (const [i, step] of MIGRATIONS.entries()) {
      const { rowCount } = await client.query("insert into schema_steps (number) values ($1) on conflict do nothing", [
        i + 1,
      ]);
      if (rowCount === 1) await client.query({ text: step, query_timeout: STEP_MAX } as QueryConfig);
    }
    await client.query("commit");
  } catch (cause) {
    await client.query("rollback").catch(() => {});
    if ((cause as { code?: string }).code === "42P07")
      throw new Error("it holds other tables; make a database of its own for activation-monitor", { cause });
    throw cause;
  }
};

const settingOf = async (client: PoolClient, name: string): Promise<string> =>
  (await client.query("select current_setting($1) as value", [name])).rows[0].value;

const checkServer = async (client: PoolClient): Promise<void> => {
  if (Number(await settingOf(client, "server_version_num")) < VERSION_MIN)
    throw new Error(`PostgreSQL ${await settingOf(client, "server_version")} is too old; 14 is the oldest that works`);
  const encoding = await settingOf(client, "server_encoding");
  if (encoding !== "UTF8") throw new Error(`its encoding is ${encoding}; make a database with encoding UTF8`);
};

/** Sentences about what a failure of the server may lose. */
export const durabilityWarnings = async (client: PoolClient): Promise<string[]> => {
  const warnings: string[] = [];
  if ((await settingOf(client, "synchronous_commit")) === "off")
    warnings.push(
      "PostgreSQL's synchronous_commit is off: a crash of the server loses reports of the last moments that were acknowledged already. Set it to on.",
    );
  if ((await settingOf(client, "fsync")) === "off")
    warnings.push("PostgreSQL's fsync is off: a power failure can damage the database. Set it to on.");
  return warnings;
};
