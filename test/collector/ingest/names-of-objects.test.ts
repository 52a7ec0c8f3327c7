import { DatabaseSync } from "node:sqlite";
import { expect, test } from "@jest/globals";
import { HOUR, SECOND } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { answered, KMS01, request, sent } from "../../support/facts.ts";

/** A client may name a KMS host as JavaScript names the members of every object. */
const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("names-of-objects", T);

test.each(["__proto__", "constructor", "__proto__.contoso.com", "hasOwnProperty"])(
  "a client that asks %s is one that uses an alias, and stops nothing",
  async (name) => {
    const at = T - HOUR;
    for (const target of [`${name}:1688`, `${name}:1688`])
      expect(await own.take("pc1.contoso.com", [sent({ at, client: 1, target })])).toMatchObject({ outcome: "stored" });
    await own.take("pc1.contoso.com", [answered({ at: at + SECOND, client: 1, asked: at, count: 31 })]);
    await own.take(KMS01, [request({ at: at + 2 * SECOND, client: 2 }), request({ at, client: 1 })]);
    expect(await own.figure("kms_told_clients")).toBe(31);
    expect(await own.engine.answer({ ask: "kms-host", host: KMS01 })).toMatchObject({ aliases: [name.toLowerCase()] });
    await own.reopen();
    expect(await own.figure("kms_told_clients")).toBe(31);
  },
);

/** What earlier versions stored when a client asked __proto__: looked up among the members of every object. */
test.each([
  ["a name without requests", "collector_state", Object.fromEntries([["__proto__", { at: 1 }]])],
  ["what a client was told under it", "kms_hosts", { toldByAlias: [null] }],
  [
    "members that are nothing",
    "kms_hosts",
    { told: { x: null }, aliases: null, domains: { a: null }, pools: { windows: null } },
  ],
  ["members of another kind", "kms_hosts", { toldByAlias: {}, duplicates: [], aliases: { a: "x" }, refused: { a: 5 } }],
])("a database with %s opens, shows metrics and takes requests", async (_, table, poison) => {
  const at = T - HOUR;
  await own.take("pc1.contoso.com", [sent({ at, client: 1, target: "alias:1688" })]);
  await own.take(KMS01, [request({ at, client: 1 })]);
  const db = new DatabaseSync(own.file);
  const key = table === "kms_hosts" ? KMS01 : "called names";
  const { state } = db.prepare(`select state from ${table} where key = ?`).get(key) as { state: string };
  db.prepare(`update ${table} set state = ? where key = ?`).run(
    JSON.stringify({ ...(JSON.parse(state) as object), ...poison }),
    key,
  );
  db.close();
  await own.reopen();
  expect(await own.engine.answer({ ask: "kms-host", host: KMS01 })).toMatchObject({ kms_host: KMS01 });
  expect(await own.take(KMS01, [request({ at: at + SECOND, client: 2 })])).toMatchObject({ outcome: "stored" });
  expect(await own.take("pc3.contoso.com", [sent({ at, client: 3, target: "alias:1688" })])).toMatchObject({
    outcome: "stored",
  });
  expect(await own.figure("collector_ready")).toBe(1);
});
