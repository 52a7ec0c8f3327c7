import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { machineIdState } from "../../../collector/state/machine-ids.ts";
import { openStore } from "../../../collector/store/open-store.ts";
import { MIGRATIONS } from "../../../collector/store/sqlite/migrations.ts";
import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import { factOf } from "../../../collector/store/stored-event.ts";
import { eventIdentity } from "../../../licensing/events/identity.ts";
import type { EventFact } from "../../../licensing/facts.ts";
import { KMS01, request } from "../../support/facts.ts";
import { storeContract } from "./store-contract.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "activation-store-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
const file = (name = "activation.db") => join(folder, "sub", name);

describe("the SQLite store", () => {
  storeContract(async () => openSqlite(file()));

  test("acknowledges only what survives a power failure", async () => {
    const store = openSqlite(file("own.db"));
    await store.transact((tx) => tx.addSums([["a", 1]]));
    expect(await store.bytes()).toBeGreaterThan(0);
    await store.close();
    const db = new DatabaseSync(file("own.db"));
    expect(db.prepare("pragma journal_mode").get()).toMatchObject({ journal_mode: "wal" });
    db.close();
  });

  test("a database of a newer version is refused, with the remedy", async () => {
    await openSqlite(file("own.db")).close();
    const db = new DatabaseSync(file("own.db"));
    db.exec("pragma user_version = 999");
    db.close();
    expect(() => openSqlite(file("own.db"))).toThrow(/own\.db.*newer version/);
  });

  test.each([
    ["another program's", "create table events (x)"],
    ["of a schema from before the first release", "create table events (x); pragma user_version = 1"],
  ])("a database %s is refused, with the remedy, and left as it is", (_, sql) => {
    mkdirSync(join(folder, "sub"), { recursive: true });
    const db = new DatabaseSync(file("other.db"));
    db.exec(sql);
    db.close();
    expect(() => openSqlite(file("other.db"))).toThrow(/other\.db cannot be opened: it holds other tables.*store\.url/);
  });

  test("a database of the first schema is brought to today's, and gives back its events", async () => {
    mkdirSync(join(folder, "sub"), { recursive: true });
    const db = new DatabaseSync(file("old.db"));
    db.exec(`${MIGRATIONS[0]}; pragma user_version = 1`);
    const fact: EventFact = request({ at: Date.parse("2026-11-20T12:00:00Z"), client: 1 });
    db.prepare("insert into events (id, computer, event_id, event, at, fact) values (?, ?, ?, ?, ?, ?)").run(
      eventIdentity(fact),
      KMS01,
      fact.eventId,
      "kms_request_processed",
      Date.parse(fact.time),
      JSON.stringify(fact),
    );
    db.close();
    const store = openSqlite(file("old.db"));
    const rows = await store.snapshot((view) =>
      view.events({ computer: KMS01, eventIds: { only: [12290] }, limit: 9 }),
    );
    expect(rows.map(factOf)).toEqual([fact]);
    await store.close();
  });

  test("client machine IDs of the schema before keep their computers, and those that names share their history", async () => {
    mkdirSync(join(folder, "sub"), { recursive: true });
    const db = new DatabaseSync(file("ids.db"));
    db.exec(`${MIGRATIONS.slice(0, 7).join(";")}; pragma user_version = 7`);
    const insert = db.prepare("insert into machine_ids (key, last_at, shared, state) values (?, ?, ?, ?)");
    const [own, shared] = ["0002d109-3af1-7d63-dbe1-ec36aea4aa43", "ffffd109-3af1-7d63-dbe1-ec36aea4aa43"] as const;
    const runs = [
      ["a", 1],
      ["b", 2],
    ];
    insert.run(own, 5, 0, JSON.stringify({ runs: [["pc1.contoso.com", 5]], computers: ["pc1.contoso.com"] }));
    insert.run(shared, 6, 1, JSON.stringify({ runs, computers: ["a"] }));
    db.close();
    const store = openSqlite(file("ids.db"));
    const rows = await store.snapshot((view) => view.allMachineIds({ after: "", limit: 9 }));
    expect(rows.map((it) => ({ ...it, state: machineIdState(it) }))).toEqual([
      { key: own, lastAt: 5, shared: false, state: { runs: [["pc1.contoso.com", 5]], computers: ["pc1.contoso.com"] } },
      { key: shared, lastAt: 6, shared: true, state: { runs, computers: ["a"] } },
    ]);
    expect(await store.snapshot((view) => view.sharedMachineIds(9))).toEqual([shared]);
    await store.close();
  });

  test("nobody else may open it meanwhile, though it can be read; it is free again once it is closed", async () => {
    const url = `sqlite:${file("held.db")}`;
    const store = await openStore({ url });
    await expect(openStore({ url })).rejects.toThrow(
      /held\.db cannot be opened: another collector or import is using it/,
    );
    const reader = new DatabaseSync(file("held.db"), { readOnly: true });
    expect(reader.prepare("select count(*) as n from events").get()).toMatchObject({ n: 0 });
    reader.close();
    await store.close();
    await (await openStore({ url })).close();
  });

  test("a second one does not get in by another name of the file, nor where what named the lock was removed", async () => {
    const open = (path: string) => openStore({ url: `sqlite:${path}` });
    const store = await open(file("held.db"));
    const inUse = /cannot be opened: another collector or import is using it/;
    symlinkSync(file("held.db"), file("link.db"));
    await expect(open(file("link.db"))).rejects.toThrow(inUse);
    symlinkSync(join(folder, "sub"), join(folder, "elsewhere"));
    await expect(open(join(folder, "elsewhere", "held.db"))).rejects.toThrow(inUse);
    rmSync(file("held.db.lock"), { force: true });
    await expect(open(file("held.db"))).rejects.toThrow(inUse);
    renameSync(file("held.db"), file("moved.db"));
    await expect(open(file("moved.db"))).rejects.toThrow(inUse);
    await store.close();
    await (await open(file("moved.db"))).close();
  });

  test("two databases in one folder do not lock each other", async () => {
    const one = await openStore({ url: `sqlite:${file("one.db")}` });
    const other = await openStore({ url: `sqlite:${file("other.db")}` });
    await one.close();
    await other.close();
  });
});
