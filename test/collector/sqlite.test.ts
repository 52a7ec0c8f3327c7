import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openSqlite } from "../../collector/sqlite/store.ts";
import { storeContract } from "./store.contract.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "activation-store-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
const file = () => join(folder, "sub", "activation.db");

describe("the SQLite store", () => {
  storeContract(async () => openSqlite(file()));

  test("acknowledges only what survives a power failure", async () => {
    const store = openSqlite(file());
    await store.transact((tx) => tx.addTallies([["a", 1]]));
    expect(await store.bytes()).toBeGreaterThan(0);
    await store.close();
    const db = new DatabaseSync(file());
    expect(db.prepare("pragma journal_mode").get()).toMatchObject({ journal_mode: "wal" });
    db.close();
  });

  test("a database of a newer version is refused, with the mend", async () => {
    await openSqlite(file()).close();
    const db = new DatabaseSync(file());
    db.exec("pragma user_version = 999");
    db.close();
    expect(() => openSqlite(file())).toThrow(/activation\.db.*newer version/);
  });
});
