import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

/** A server of its own, from Debian's package, on a free loopback port in a folder of its own. */
export const startPostgres = async (settings = "fsync = off"): Promise<Postgres> => {
  const bin = globSync("/usr/lib/postgresql/*/bin").sort().at(-1);
  if (bin === undefined) throw new Error("PostgreSQL is not there; install the Debian package postgresql");
  const folder = mkdtempSync(join(tmpdir(), "postgres-"));
  const data = join(folder, "data");
  chmodSync(folder, 0o711);
  if (account) chownSync(folder, account.uid, account.gid);
  const made = spawnSync(
    join(bin, "initdb"),
    ["-D", data, "-U", "admin", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
    { ...account, cwd: folder, encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  writeFileSync(
    join(data, "postgresql.auto.conf"),
    `listen_addresses = '127.0.0.1'\nport = ${port}\nunix_socket_directories = '${folder}'\n${settings}\n`,
  );
  let child: ChildProcess | undefined;
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
    let log = "";
    server.stderr.on("data", (it) => {
      log = (log + it).slice(-4_000);
    });
    await until(async () => {
      if (server.exitCode !== null) throw new Error(`PostgreSQL ended: ${log}`);
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
  await start();
  return {
    port,
    pid: () => child!.pid!,
    data,
    run,
    start,
    stop,
    put: (name, text) => {
      writeFileSync(join(data, name), text, { mode: 0o600 });
      if (account) chownSync(join(data, name), account.uid, account.gid);
    },
    database: async () => {
      databases += 1;
      await run(`create database d${databases}`);
      return `postgres://admin@127.0.0.1:${port}/d${databases}`;
    },
    remove: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
