import { expect, test } from "@jest/globals";
import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import { MINUTE } from "../../../licensing/time.ts";
import { ownEngine, submissionOf } from "../../support/engine.ts";
import { fromAgent, heartbeat, KMS01, licensing, request, sent } from "../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("limits", T);

test("beyond the largest number of computers new ones are refused for now, known ones are not", async () => {
  await own.reopen("limits: { computers: 3 }");
  const report = (...names: string[]) =>
    submissionOf(
      names.map((it) => fromAgent(it, [licensing(), heartbeat(T)], T)),
      own.now,
    );
  const outcomes = async (...requests: ReturnType<typeof report>[]) =>
    (await own.engine.ingest(requests)).map((it) => it.outcome);
  expect(await outcomes(report("pc1"), report("pc2", "pc3"))).toEqual(["stored", "stored"]);
  own.now = T + MINUTE;
  expect(await outcomes(report("pc1"), report("pc4"), report("pc2", "pc5"), report("pc3"))).toEqual([
    "stored",
    "failed",
    "failed",
    "stored",
  ]);
  expect(await own.engine.ingest([report("pc4")])).toEqual([
    { outcome: "failed", limit: true, reason: expect.stringContaining("limits.computers") },
  ]);
  await own.reopen("limits: { computers: 4 }");
  expect(await outcomes(report("pc4"))).toEqual(["stored"]);
  expect(await outcomes(report("pc5"))).toEqual(["failed"]);
  expect(await own.figure("collector_computers")).toBe(4);
});

/** The longest row of each table, in characters. */
const longest = async () => {
  const store = openSqlite(own.file);
  const { kmsHosts, collectorState } = await store.snapshot((view) => view.changedSince(0));
  const rows = await store.snapshot((view) => view.computers({ after: "", limit: 1_000 }));
  await store.close();
  const most = (all: readonly { readonly state: string }[]) => Math.max(0, ...all.map((it) => it.state.length));
  return { host: most(kmsHosts), state: most(collectorState), computer: most(rows) };
};
const LONG = (i: number) => `${`a${i}`.padEnd(60, "b")}.${"c".repeat(60)}.${"d".repeat(60)}.${"e".repeat(60)}`;

test("long names that many machine IDs share leave a KMS host's row small", async () => {
  // Other hosts, which leave each the smallest room.
  await own.engine.ingest(
    Array.from({ length: 499 }, (_, i) => {
      const host = `kms${i + 2}.contoso.com`;
      return submissionOf([fromAgent(host, [request({ at: T, client: 1, host })], T)], T);
    }),
  );
  for (let turn = 0; turn < 4; turn += 1)
    await own.take(
      KMS01,
      Array.from({ length: 1_200 }, (_, i) =>
        request({ at: T - (4 - turn) * MINUTE, client: i, name: LONG(turn), recordId: turn * 1_200 + i }),
      ),
    );
  await own.take(
    KMS01,
    Array.from({ length: 700 }, (_, i) =>
      request({ at: T, client: 5_000 + i, name: LONG(i), hresult: "0xC004F042", recordId: 9_000 + i }),
    ),
  );
  expect((await longest()).host).toBeLessThan(70_000);
  // Which of them is known is cut, that there are some is not.
  expect(await own.figure("kms_duplicate_machine_ids", { kms_host: KMS01 })).toBeGreaterThan(0);
}, 60_000);

test("endless names of KMS hosts leave a computer's row and the collector's own small", async () => {
  for (let turn = 0; turn < 3; turn += 1)
    await own.take(
      "pc1.contoso.com",
      Array.from({ length: 300 }, (_, i) =>
        sent({ at: T - i * 1_000, client: 1, recordId: turn * 300 + i, target: `${"x".repeat(30_000)}${i}` }),
      ),
    );
  const rows = await longest();
  expect(rows.computer).toBeLessThan(200_000);
  expect(rows.state).toBeLessThan(200_000);
}, 60_000);
