import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import type { Fact, HeartbeatFact, Properties } from "../../../licensing/facts.ts";
import { DAY, MINUTE, SECOND } from "../../../licensing/time.ts";
import type { LogGroup } from "../../../otlp/logs.ts";
import { ownEngine, submissionOf } from "../../support/engine.ts";
import {
  answered,
  fromAgent,
  heartbeat,
  hostReading,
  KMS01,
  licensing,
  product,
  request,
  sent,
  seriesOf,
} from "../../support/facts.ts";

/** Facts that are well-formed and make no sense: one of them must neither stop the others nor become a figure. */
const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("odd", T);
const take = (...groups: LogGroup[]) => own.engine.ingest([submissionOf(groups, T)]);
const takeFrom = (host: string, ...facts: Fact[]) => take(fromAgent(host, facts, T));
const series = async () => seriesOf(await own.engine.metrics("text"));
const PC = "pc1.contoso.com";

describe("a number that no Windows and no agent tells is stored with the rest", () => {
  test.each<[string, Properties]>([
    ["minutes left beyond every date", { GracePeriodRemaining: 1e18 }],
    ["as text", { GracePeriodRemaining: "100000000000000" }],
    ["a renewal interval of ages", { VLRenewalInterval: 1e15 }],
  ])("%s", async (_, properties) => {
    await takeFrom(PC, licensing([product(properties)]));
    await takeFrom("pc2.contoso.com", licensing());
    expect((await series()).get('activation_computers{zone="core",state="reporting",source="agent"}')).toBe(2);
    expect(await own.engine.answer({ ask: "computer", host: PC })).toMatchObject({ computer: PC });
  });
  test.each<[string, Partial<HeartbeatFact>]>([
    ["half a record", { spooledRecords: 0.5 }],
    ["more records than there are", { spooledRecords: 1e300 }],
    ["for ages", { oldestUnsentSeconds: 1e300 }],
    ["dropped one and a half", { droppedRecords: { event: 1.5 } }],
    ["dropped beyond 64 bits", { droppedRecords: { event: 1e19 } }],
  ])("%s", async (_, more) => {
    await takeFrom(PC, heartbeat(T, more));
    const figures = await series();
    expect(figures.get('activation_computers{zone="core",state="reporting",source="agent"}')).toBe(1);
    for (const [name, value] of figures)
      if (name.startsWith("activation_agent_")) expect(value).toBeLessThanOrEqual(5e9);
  });
});

test.each(['evil"host\n{}\\<script>', "a\u001fb", "a".repeat(300), "two names"])(
  "an event of %j is kept to be looked at, and is no computer",
  async (computer) => {
    expect(await takeFrom(KMS01, request({ at: T, client: 1, host: computer }))).toEqual([
      { outcome: "stored", receipt: { rejected: 0 } },
    ]);
    const figures = await series();
    expect([...figures.keys()].filter((it) => it.includes("kms_host="))).toEqual([]);
    expect(figures.get('activation_collector_records_total{kind="event",outcome="uninterpreted"}')).toBe(1);
  },
);

test("what is kept to be looked at has no product key either", async () => {
  const key = ["AAAAA", "BBBBB", "CCCCC", "DDDDD", "EEEEE"].join("-");
  const group = fromAgent(PC, [], T);
  await take({ ...group, records: [{ eventName: "activation.new", body: { key }, attributes: {} }] });
  const database = [own.file, `${own.file}-wal`].filter((it) => existsSync(it));
  const content = Buffer.concat(database.map((it) => readFileSync(it)));
  expect([content.includes("activation.new"), content.includes(key)]).toEqual([true, false]);
});

describe("what a KMS host counts", () => {
  const told = 'activation_kms_told_clients{kms_host="kms01.contoso.com",zone="core",application="windows"}';
  const reported = 'activation_kms_reported_clients{kms_host="kms01.contoso.com",zone="core",application="windows"}';
  const both = (count: number) => [
    answered({ at: T - 4 * SECOND, client: 1, count, asked: T - 5 * SECOND }),
    sent({ at: T - 5 * SECOND, client: 1 }),
  ];

  test("no sentinel is told as a count", async () => {
    await takeFrom(KMS01, request({ at: T - MINUTE, client: 2 }));
    await takeFrom(PC, ...both(0xffff_ffff).toReversed());
    const figures = await series();
    expect(figures.has(told)).toBe(false);
    expect(
      figures.get('activation_kms_threshold_reached{kms_host="kms01.contoso.com",zone="core",product_class="client"}'),
    ).toBe(0);
  });
  test("an empty text is no count", async () => {
    await takeFrom(KMS01, hostReading(0, { KeyManagementServiceCurrentCount: "" }));
    expect((await series()).has(reported)).toBe(false);
  });
  test("an answer that arrives before its request says the same", async () => {
    await takeFrom(KMS01, request({ at: T - MINUTE, client: 2 }));
    await takeFrom(PC, ...both(41));
    expect((await series()).get(told)).toBe(41);
    expect(await own.engine.answer({ ask: "computer", host: PC })).toMatchObject({
      deadline: "2027-05-19T11:59:56.000Z",
      licenses: [{ status: "licensed" }],
    });
  });
});

describe("a product that needs 5 and that nobody knows", () => {
  const UNKNOWN = "33333333-3333-4333-8333-333333333333";
  const table = (application: string) =>
    `activation_kms_table_clients{kms_host="kms01.contoso.com",zone="core",application="${application}"}`;
  const requests = Array.from({ length: 6 }, (_, i) =>
    request({ at: T - 2 * DAY + i, client: i, need: 5, product: UNKNOWN, recordId: i + 1 }),
  );

  test("belongs where WMI says, once it says so", async () => {
    await takeFrom(KMS01, ...requests);
    expect((await series()).get(table("unknown"))).toBe(6);
    const office = product({ ID: UNKNOWN, ApplicationID: "0ff1ce15-a989-479d-af46-f275c6370663" });
    await takeFrom(PC, licensing([office]));
    const figures = await series();
    expect([figures.get(table("unknown")), figures.get(table("office"))]).toEqual([undefined, 6]);
    expect(
      figures.get('activation_kms_headroom{kms_host="kms01.contoso.com",zone="core",product_class="office"}'),
    ).toBe(1);
  });
});

test("a hundred zones are the most, over restarts too", async () => {
  const zoned = (from: number) =>
    Array.from({ length: 110 }, (_, i) => fromAgent(`pc${from + i}`, [licensing()], T, { zone: `zone${from + i}` }));
  const zones = async () =>
    new Set([...(await series()).keys()].flatMap((it) => /^activation_computers\{zone="([^"]*)"/.exec(it)?.[1] ?? []));
  await take(...zoned(0));
  const before = await zones();
  await own.reopen();
  await take(...zoned(500));
  expect(await zones()).toEqual(before);
  expect(before.size).toBeLessThanOrEqual(101);
});
