import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { readCollectorConfig } from "../../../collector/config.ts";
import { openStore } from "../../../collector/store/open-store.ts";
import { openPostgres } from "../../../collector/store/postgres/store.ts";
import { type Store, StoreConflict, StoreUnavailable } from "../../../collector/store/store.ts";
import { authorityIn } from "../../support/certificates.ts";
import { keeping, ownFolder } from "../../support/keep.ts";
import { type Postgres, startPostgres } from "../../support/postgres.ts";
import { until } from "../../support/until.ts";
import { storeContract } from "./store-contract.ts";

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.remove());
let url: string;
beforeEach(async () => {
  url = await server.database();
});

describe("the PostgreSQL store", () => {
  storeContract(() => openPostgres({ url }));
});

const revisionOf = (store: Store) => store.snapshot((view) => view.revision());
const lostConnection = (cause: unknown) => {
  expect(cause instanceof StoreUnavailable || cause instanceof StoreConflict).toBe(true);
};

describe("PostgreSQL", () => {
  const keep = keeping();
  const folder = ownFolder("postgres-store");
  const open = async (over: Partial<Parameters<typeof openPostgres>[0]> = {}) => {
    const store = await openStore({ url, ...over });
    keep({ stop: async () => store.close() });
    return store;
  };

  test("the configuration takes its address, and no password among the parameters", () => {
    const config = (address: string) =>
      readCollectorConfig("test.yaml", `store: { url: "${address}", password_file: /etc/password }`, {}).store;
    for (const it of ["postgres://u@h/d?sslmode=verify-full", "postgresql://u:p@h:5433/d"])
      expect(config(it)).toEqual({ url: it, passwordFile: "/etc/password" });
    expect(() => config("postgres://u@h/d?password=verysecret")).toThrow(/store.password_file/);
    expect(() => config("postgres://u@h/d?password=verysecret")).not.toThrow(/verysecret/);
    expect(() => config("mysql://h/d")).toThrow(/postgres:\/\/USER@HOST/);
  });

  test("several that start at once on an empty database make its tables once", async () => {
    const stores = await Promise.all(Array.from({ length: 6 }, () => open()));
    await Promise.all(stores.map((it) => it.transact((tx) => tx.addSums([["a", 1]]))));
    const { sums } = await stores[0]!.snapshot((view) => view.changedSince(0));
    expect([...sums]).toEqual([["a", 6]]);
  });

  test("text with U+0000 comes back as it was, and lies in the same order", async () => {
    const store = await open();
    const keys = ["a", "a\0", "a\0\u0001", "a\u0001", "a\u0001\0", "a\u0002", "b"];
    const row = { zone: "z\0", seenAt: 1, presence: 0, deadline: null, deadlineStatus: null, overdueAt: null } as const;
    await store.transact((tx) =>
      tx.putComputers(keys.map((key) => ({ ...row, key, deadlineProduct: null, state: "\0" }))),
    );
    const rows = await store.snapshot((view) => view.computers({ after: "", limit: 99 }));
    expect(rows.map((it) => it.key)).toEqual(keys);
    expect(rows.every((it) => it.zone === "z\0" && it.state === "\0")).toBe(true);
    expect([...(await store.snapshot((view) => view.computersByKey(keys))).keys()].sort()).toEqual([...keys].sort());
  });

  test("a database of a newer version, and one of another program, are refused in one sentence that says what to do", async () => {
    await (await openPostgres({ url })).close();
    const name = url.split("/").at(-1)!;
    await server.run("insert into schema_steps values (999)", name);
    await expect(open()).rejects.toThrow(new RegExp(`${name} on 127.0.0.1:.* cannot be opened: .*newer version`));
    await server.run("drop table schema_steps", name);
    await expect(open()).rejects.toThrow(/cannot be opened: it holds other tables/);
  });

  test("a server that is not there is named without the password", async () => {
    const failing = open({ url: "postgres://someone:verysecret@127.0.0.1:1/activation" });
    await expect(failing).rejects.toThrow(/activation on 127.0.0.1:1 cannot be opened: .*ECONNREFUSED/);
    await expect(failing).rejects.not.toThrow(/verysecret/);
  });

  test("the password comes from a file, which is read at each connection", async () => {
    const file = join(folder(), "password");
    await server.run("create role guarded login password 'first' superuser");
    const hba = join(server.data, "pg_hba.conf");
    writeFileSync(hba, "host all guarded 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n");
    await server.run("select pg_reload_conf()");
    const guarded = { url: url.replace("admin@", "guarded@"), passwordFile: file };
    writeFileSync(file, "wrong\n");
    await expect(open(guarded)).rejects.toThrow(/password authentication failed/);
    writeFileSync(file, "first\n");
    const store = await open(guarded);
    await store.transact((tx) => tx.addSums([["a", 1]]));
    await server.run("alter role guarded password 'second'");
    writeFileSync(file, "second\n");
    await server.run("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'guarded'");
    await until(async () => (await revisionOf(store).catch(lostConnection)) === 2);
  });

  test("TLS: the server's certificate and its name are checked, unless the URL says otherwise", async () => {
    const trusted = authorityIn(folder());
    const { cert, key } = trusted.issue("server", "a server", ["DNS:localhost", "IP:127.0.0.1"]);
    server.put("server.pem", readFileSync(cert, "utf8"));
    server.put("server.key", readFileSync(key, "utf8"));
    for (const it of ["ssl_cert_file = 'server.pem'", "ssl_key_file = 'server.key'", "ssl = on"])
      await server.run(`alter system set ${it}`);
    await server.run("select pg_reload_conf()");
    const root = `&sslrootcert=${trusted.ca}`;
    await until(async () => {
      await (await openPostgres({ url: `${url}?sslmode=verify-full${root}` })).close();
      return true;
    });
    const named = url.replace("127.0.0.1", "localhost");
    for (const mode of ["verify-full", "require"]) {
      await open({ url: `${named}?sslmode=${mode}${root}` });
      expect(
        await server.run(
          "select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'activation-monitor' and ssl",
        ),
      ).not.toEqual([]);
    }
    await expect(open({ url: `${named}?sslmode=require` })).rejects.toThrow(/cannot be opened: .*certificate/);
    const foreign = trusted.issue("foreign", "another", ["DNS:db.contoso.com"]);
    server.put("server.pem", readFileSync(foreign.cert, "utf8"));
    server.put("server.key", readFileSync(foreign.key, "utf8"));
    await server.run("select pg_reload_conf()");
    await until(() =>
      openPostgres({ url: `${url}?sslmode=verify-full${root}` }).then(
        async (it) => {
          await it.close();
          return false;
        },
        (cause: Error) => /IP: 127.0.0.1 is not in the cert/.test(cause.message),
      ),
    );
    await open({ url: `${url}?sslmode=no-verify` });
  });

  test("what may be lost is said at the start", async () => {
    await server.run(`alter database ${url.split("/").at(-1)} set synchronous_commit = off`);
    expect((await open()).warnings).toEqual([
      expect.stringContaining("synchronous_commit is off"),
      expect.stringContaining("fsync is off"),
    ]);
  });

  test("one store keeps two sessions at most, which wait for no lock for ever", async () => {
    const store = await open();
    await store.transact(async (tx) => {
      await tx.addSums([["a", 1]]);
      await Promise.all(Array.from({ length: 5 }, () => store.bytes()));
    });
    const sessions = await server.run(`select query from pg_stat_activity where datname = '${url.split("/").at(-1)}'`);
    expect(sessions).toHaveLength(2);
  });

  test("a session that ends within a transaction makes the store unavailable, and the next write reads everything", async () => {
    const store = await open();
    await store.transact((tx) => tx.addSums([["a", 1]]));
    const kill = () =>
      server.run(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'activation-monitor'",
      );
    await expect(
      store.transact(async (tx) => {
        await tx.addSums([["a", 1]]);
        await kill();
        await tx.addSums([["a", 1]]);
      }),
    ).rejects.toThrow(StoreUnavailable);
    await expect(store.transact((tx) => tx.addSums([["a", 1]]))).rejects.toThrow(StoreConflict);
    await store.transact((tx) => tx.addSums([["a", 1]]));
    // Lost before the commit arrived: it is not known whether it has happened.
    await expect(
      store.transact(async (tx) => {
        await tx.addSums([["a", 1]]);
        await kill();
      }),
    ).rejects.toThrow(StoreConflict);
    // A read, too: it may see another past.
    await expect(revisionOf(store)).rejects.toThrow(StoreConflict);
    expect([...(await store.snapshot((view) => view.changedSince(0))).sums]).toEqual([["a", 2]]);
  });

  test("a writer that holds the lock for too long makes the others unavailable, and loses its transaction", async () => {
    const held = await open({ url: `${url}?options=-c%20idle_in_transaction_session_timeout%3D300ms` });
    const other = await open();
    const begun = Promise.withResolvers<void>();
    const hanging = Promise.withResolvers<void>();
    const first = held.transact(async (tx) => {
      await tx.addSums([["a", 1]]);
      begun.resolve();
      await hanging.promise;
      await tx.addSums([["a", 1]]);
    });
    await begun.promise;
    await other.transact((tx) => tx.addSums([["b", 1]]));
    hanging.resolve();
    await expect(first).rejects.toThrow(StoreUnavailable);
    expect([...(await other.snapshot((view) => view.changedSince(0))).sums]).toEqual([["b", 1]]);
    const impatient = await open({ url: `${url}?options=-c%20lock_timeout%3D100ms` });
    await other.transact(async (tx) => {
      await tx.addSums([["b", 1]]);
      await expect(impatient.transact((it) => it.addSums([["b", 1]]))).rejects.toThrow(StoreUnavailable);
    });
  });
});
