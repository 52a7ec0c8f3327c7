import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Engine } from "../../../collector/engine/engine.ts";
import { isolateFailures } from "../../../collector/engine/isolate-failures.ts";
import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import { type Store, StoreUnavailable, type Transaction } from "../../../collector/store/store.ts";
import { engineOn, submissionOf } from "../../support/engine.ts";
import { fromAgent, licensing } from "../../support/facts.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
let engine: Engine;
let transactions: number;
let breaks: (host: string) => Error | undefined;
let poisons: string[];
beforeEach(async () => {
  transactions = 0;
  breaks = () => undefined;
  poisons = [];
  const store = openSqlite(":memory:");
  engine = await engineOn(breakable(store), () => NOW);
  transactions = 0;
});
afterEach(() => engine.close());

/** A real store that fails for some computers. */
const breakable = (store: Store): Store => ({
  ...store,
  transact: (work) => {
    transactions += 1;
    return store.transact((tx) => work({ ...tx, putComputers: failing(tx) }));
  },
});
const failing =
  (tx: Transaction): Transaction["putComputers"] =>
  (rows) => {
    for (const { key } of rows) {
      const cause = breaks(key);
      if (cause) throw cause;
    }
    return tx.putComputers(rows);
  };
const hosts = ["a.contoso.com", "poison.contoso.com", "b.contoso.com"];
const submissions = hosts.map((it) => submissionOf([fromAgent(it, [licensing()], NOW)], NOW));
const known = async () => (await engine.answer({ ask: "computers", limit: 10 })).items.map((it) => it.computer);
const take = () => isolateFailures(engine, submissions, (reason) => poisons.push(reason));

test("all of them share one transaction", async () => {
  expect(await take()).toEqual(hosts.map(() => ({ outcome: "stored", receipt: { rejected: 0 } })));
  expect(transactions).toBe(1);
  expect(await known()).toEqual([...hosts].sort());
});

test("one that breaks the transaction keeps no other out, and is told", async () => {
  breaks = (host) => (host.startsWith("poison") ? new TypeError("odd") : undefined);
  const stored = { outcome: "stored", receipt: { rejected: 0 } };
  expect(await take()).toEqual([stored, { outcome: "failed", reason: "odd", poison: true }, stored]);
  expect(await known()).toEqual(["a.contoso.com", "b.contoso.com"]);
  expect(poisons).toEqual(["odd"]);
});

test("a store that cannot be written to is asked once", async () => {
  breaks = () => new StoreUnavailable("database or disk is full");
  expect(await take()).toEqual(hosts.map(() => ({ outcome: "failed", reason: "database or disk is full" })));
  expect(transactions).toBe(1);
  expect(poisons).toEqual([]);
});
