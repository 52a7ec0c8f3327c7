import { DatabaseSync } from "node:sqlite";
import { expect, test } from "@jest/globals";
import { uninterpretedRecords } from "../../../collector/ingest/uninterpreted.ts";
import { recordAgentHeartbeat } from "../../../collector/state/agent-heartbeat.ts";
import { newComputer } from "../../../collector/state/computer.ts";
import { recordDuplicate } from "../../../collector/state/kms/host.ts";
import { newKmsHost } from "../../../collector/state/kms/host-state.ts";
import type { Fact } from "../../../licensing/facts.ts";
import { licensesOf } from "../../../licensing/license.ts";
import { productsFrom } from "../../../licensing/products.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { cmid, heartbeat, KMS01, licensing, product, request, sent } from "../../support/facts.ts";

/** Each set in a row that a sender, a host or a fleet can make grow ends at its bound (docs/security.md, "What is bounded"). */
const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("bounded-rows", T);
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

const row = (table: string, key: string): Record<string, unknown> => {
  const db = new DatabaseSync(own.file, { readOnly: true });
  const { state } = db.prepare(`select state from ${table} where key = ?`).get(key) as { state: string };
  db.close();
  return JSON.parse(state) as Record<string, unknown>;
};
const sizeOf = (it: unknown): number => Object.keys(it as object).length;
const take = async (host: string, facts: readonly Fact[]) => {
  for (let from = 0; from < facts.length; from += 500) await own.take(host, facts.slice(from, from + 500));
};

test("aliases of a KMS host, and names by which clients call one", async () => {
  const at = (i: number) => T - DAY + i * MINUTE;
  for (const i of numbers(60))
    await own.take(`pc${i}.contoso.com`, [sent({ at: at(i), client: i, target: `kms-${i}:1688` })]);
  await take(
    KMS01,
    numbers(60).map((i) => request({ at: at(i) + SECOND, client: i, recordId: i + 1 })),
  );
  expect(sizeOf(row("kms_hosts", KMS01).aliases)).toBe(50);
  for (const i of numbers(250))
    await own.take("pc1.contoso.com", [sent({ at: T - i * SECOND, client: 1, target: `other-${i}:1688` })]);
  expect(sizeOf(row("collector_state", "called names"))).toBe(200);
}, 60_000);

test("domains that a KMS host publishes", async () => {
  const published = (i: number): Fact => ({
    ...request({ at: T - i * SECOND, client: 1 }),
    eventId: 12_294,
    channel: "Application",
    data: [`domain${i}.contoso.com`],
  });
  await take(KMS01, numbers(60).map(published));
  expect(sizeOf(row("kms_hosts", KMS01).domains)).toBe(50);
});

test("clients that a KMS host refuses, and clients whose clock is off", async () => {
  await take(
    KMS01,
    numbers(700).map((i) => request({ at: T - DAY + i * SECOND, client: i, hresult: "0xC004F042", recordId: i + 1 })),
  );
  expect(sizeOf(row("kms_hosts", KMS01).refused)).toBe(500);
  const fine = numbers(300).map((i) => request({ at: T - HOUR + i * SECOND, client: 2_000 + i }));
  const off = numbers(200).map((i) => {
    const it = request({ at: T - MINUTE + i * 100, client: 1_000 + i });
    return { ...it, data: it.data.with(4, `2026/11/20 ${String(i % 2).padStart(2, "0")}:00`) };
  });
  await take(KMS01, [...fine, ...off]);
  const { skewed } = row("kms_hosts", KMS01).clocks as { skewed: object };
  expect(sizeOf(skewed)).toBeGreaterThan(50);
  expect(sizeOf(skewed)).toBeLessThanOrEqual(100);
});

test("client machine IDs that several computers share", () => {
  const host = newKmsHost();
  for (const i of numbers(1_001))
    recordDuplicate(host, cmid(i), { computers: numbers(20).map((it) => `pc${it}`), until: T });
  expect(sizeOf(host.duplicates)).toBe(1_000);
  expect(host.duplicates[cmid(0)]?.computers).toHaveLength(8);
});

test("messages of a client that wait for an answer", async () => {
  await own.take(
    "pc1.contoso.com",
    numbers(400).map((i) => sent({ at: T - i * SECOND, client: 1, recordId: 1_000 - i })),
  );
  const { messages } = row("computers", "pc1.contoso.com").attempts as { messages: unknown[] };
  expect(messages).toHaveLength(256);
});

test("licenses of one reading, and what agents teach of products", () => {
  const rows = numbers(150).map((i) => product({ ID: cmid(i) }));
  expect(licensesOf(licensing(rows), T)).toHaveLength(100);
  const products = productsFrom();
  for (const i of numbers(5_100)) products.learn(`id ${i}`, "x", "office");
  expect(products.learned.size).toBe(5_000);
  expect(products.fork().learn("one more", "x", "office")).toBe(false);
});

test("counters of an agent that are kept to place late heartbeats", () => {
  const computer = newComputer();
  for (const i of numbers(40))
    recordAgentHeartbeat(computer, heartbeat(T + i * MINUTE, { droppedRecords: { event: i } }), {
      at: T + i * MINUTE,
      receivedAt: T + i * MINUTE,
      sentAt: undefined,
      imported: false,
    });
  expect(computer.counters).toHaveLength(12);
});

test("uninterpreted records of a transaction and of an hour", () => {
  const rowOf = { receivedAt: T, host: "pc1", reason: "x" };
  const small = uninterpretedRecords();
  for (const _ of numbers(300)) small.put(rowOf, "x");
  expect(small.rows).toHaveLength(200);
  const large = uninterpretedRecords();
  const record = "y ".repeat(50_000);
  for (const _ of numbers(150)) large.put(rowOf, record);
  expect(Math.max(...large.rows.map((it) => it.record.length))).toBe(20_000);
  expect(large.rows).toHaveLength(Math.ceil((1024 * 1024) / 20_000));
  let used = large.used;
  let kept = 0;
  for (const _ of numbers(40)) {
    const next = uninterpretedRecords(used);
    for (const _ of numbers(60)) next.put(rowOf, record);
    used = next.used;
    kept += next.rows.length;
  }
  expect(used.text).toBeLessThan(16 * 1024 * 1024 + 20_000);
  expect(kept).toBeGreaterThan(500);
  const nextHour = uninterpretedRecords(used);
  nextHour.put({ ...rowOf, receivedAt: T + HOUR }, "z");
  expect(nextHour.rows).toHaveLength(1);
});
