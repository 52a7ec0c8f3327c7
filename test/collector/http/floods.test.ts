import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "@jest/globals";
import type { Page } from "../../../collector/api/lists.ts";
import type { ComputerItem } from "../../../collector/summary/computer-item.ts";
import type { Fact } from "../../../licensing/facts.ts";
import { iso, SECOND } from "../../../licensing/time.ts";
import { ownEngine, submissionOf } from "../../support/engine.ts";
import { fromAgent, heartbeat, hostReading, licensing, product, request, seriesOf } from "../../support/facts.ts";

/** What a single sender can make much of, in one request or in a day: rows, series and sums stay bounded. */
const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("floods", T);
const take = (host: string, facts: readonly Fact[], at = T) =>
  own.engine.ingest([submissionOf([fromAgent(host, facts, at)], T)]);
const takeFrom = (hosts: readonly (readonly [string, Fact])[]) =>
  own.engine.ingest([
    submissionOf(
      hosts.map(([host, fact]) => fromAgent(host, [fact], T)),
      T,
    ),
  ]);
const series = async () => seriesOf(await own.engine.metrics("text"));
const named = async (name: string) => [...(await series())].filter(([key]) => key.startsWith(`activation_${name}{`));
const some = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const id = (i: number) => `73111121-5638-40f6-bc11-${String(i).padStart(12, "0")}`;

describe("KMS hosts", () => {
  const from = (host: string) => [host, request({ at: T, client: 1, host })] as const;
  const hostsShown = async () =>
    new Set([...(await series()).keys()].flatMap((it) => /kms_host="([^"]+)"/.exec(it)?.slice(1) ?? []));

  test("there is room for 500, and always for those that are expected; requests of others are kept as events", async () => {
    await own.reopen("kms: { expected_hosts: [real.contoso.com] }");
    await takeFrom(some(400, (i) => from(`kms${i}.evil.example`)));
    await takeFrom(some(400, (i) => from(`kms${i + 400}.evil.example`)));
    await takeFrom([from("real.contoso.com"), ["more.evil.example", hostReading(30)]]);
    const hosts = await hostsShown();
    expect([hosts.size, hosts.has("real.contoso.com"), hosts.has("more.evil.example")]).toEqual([501, true, false]);
    const records = await series();
    expect(records.get('activation_collector_records_total{kind="event",outcome="uninterpreted"}')).toBe(300);
    expect(
      await own.engine.answer({ ask: "events", computer: "kms799.evil.example", since: 0, limit: 9 }),
    ).toMatchObject({
      items: [{ event: "kms_request_processed" }],
    });
    await own.reopen("kms: { expected_hosts: [real.contoso.com] }");
    await takeFrom([from("later.evil.example")]);
    expect((await hostsShown()).size).toBe(501);
  });

  test("keys of one host: so many as there are products, and none twice", async () => {
    const key = (i: number, partial: string) =>
      product({ ID: id(i), Description: "VOLUME_KMS_WS22 channel", PartialProductKey: partial });
    await take("kms1.contoso.com", [
      licensing(
        some(300, (i) => key(i, i < 2 ? "AAAA1" : `K${String(i).padStart(4, "0")}`)),
        {
          service: { IsKeyManagementServiceMachine: 1 },
        },
      ),
    ]);
    const text = await own.engine.metrics("text");
    const keys = text.split("\n").filter((it) => it.startsWith("activation_kms_host_key_info{"));
    expect([keys.length, new Set(keys).size]).toEqual([19, 19]);
  });
});

describe("labels that a sender may choose", () => {
  test("kinds of dropped records are those that there are, and one for all others", async () => {
    const dropped = Object.fromEntries(some(60, (i) => [`kind ${i}`, 2]));
    await take("pc1", [heartbeat(T, { droppedRecords: { ...dropped, event: 3 } })]);
    expect(new Map(await named("agent_dropped_records_total"))).toEqual(
      new Map(
        Object.entries({ event: 3, licensing: 0, probe: 0, heartbeat: 0, other: 120 }).map(([kind, value]) => [
          `activation_agent_dropped_records_total{zone="core",kind="${kind}"}`,
          value,
        ]),
      ),
    );
  });

  test("failing sources: the most frequent have series, the others one", async () => {
    const failing = (from: number) =>
      heartbeat(T, { failingSources: { Application: 1, ...Object.fromEntries(some(19, (i) => [`s${from + i}`, 1])) } });
    await takeFrom(some(40, (i) => [`pc${i}`, failing(i * 19)]));
    const found = new Map(await named("agent_failing_sources"));
    expect([
      found.size,
      found.get('activation_agent_failing_sources{zone="core",source="Application"}'),
      found.get('activation_agent_failing_sources{zone="core",source="other"}'),
    ]).toEqual([501, 40, 40 * 19 - 499]);
  });

  test("MAK keys: those that are configured, the most frequent, and the others together", async () => {
    await own.reopen("mak: [ { partial_product_key: REAL1, allowance: 5 } ]");
    const mak = (partial: string) =>
      product({ ID: id(1), Description: "VOLUME_MAK channel", PartialProductKey: partial });
    await takeFrom(some(300, (i) => [`pc${i}`, licensing([mak(`M${String(i).padStart(4, "0")}`)])]));
    await takeFrom([["pc999", licensing([mak("REAL1")])]]);
    const found = new Map(await named("mak_computers"));
    expect([
      found.size,
      found.get('activation_mak_computers{partial_product_key="REAL1"}'),
      found.get('activation_mak_computers{partial_product_key="other"}'),
    ]).toEqual([102, 1, 200]);
  });
});

test("a counter beyond every number does not keep the next start from reading the sums", async () => {
  const gaps = (at: number, count: number) =>
    heartbeat(at, { channels: { Application: { readUntil: iso(at), gaps: count } } });
  await take("pc1", [gaps(T - 3 * SECOND, 0)], T - 3 * SECOND);
  await take("pc1", [gaps(T - 2 * SECOND, 7)], T - 2 * SECOND);
  // As after some thousand heartbeats of 64 channels with 4294967295 gaps each.
  const database = new DatabaseSync(own.file);
  const { changes } = database
    .prepare("update sums set sum = ? where key like 'gaps%'")
    .run(Number.MAX_SAFE_INTEGER - 5);
  database.close();
  expect(changes).toBe(1);
  await own.reopen();
  await take("pc1", [gaps(T - SECOND, 17)], T - SECOND);
  const gapsNow = async () => (await series()).get('activation_agent_event_gaps_total{zone="core"}');
  expect(await gapsNow()).toBe(Number.MAX_SAFE_INTEGER);
  await own.reopen();
  expect(await gapsNow()).toBe(Number.MAX_SAFE_INTEGER);
});

test("a computer keeps a hundred licenses, and an answer holds a few megabytes of them", async () => {
  const many = licensing(
    some(500, (i) => product({ ID: id(i), Name: "N".repeat(8_000), KeyManagementServiceMachine: "k".repeat(255) })),
  );
  for (let i = 0; i < 6; i += 1) await takeFrom(some(50, (j) => [`pc${String(i * 50 + j).padStart(4, "0")}`, many]));
  const one = (await own.engine.answer({ ask: "computer", host: "pc0000" }))!;
  expect(one.licenses.length).toBe(100);
  const names: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: Page<ComputerItem> = await own.engine.answer({ ask: "computers", limit: 1_000, cursor });
    expect(page.items.length).toBeLessThan(200);
    names.push(...page.items.map((it) => it.computer));
    cursor = page.next_cursor;
  }
  expect(names).toEqual(some(300, (i) => `pc${String(i).padStart(4, "0")}`));
}, 60_000);
