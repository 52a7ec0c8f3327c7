import { describe, expect, test } from "@jest/globals";
import type { Fact } from "../../../licensing/facts.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { cmid, heartbeat, hostReading, KMS01, OFFICE16, request } from "../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("kms-counts", T);
const { take, series, figure } = own;
const month = (count: number, from = T - DAY) =>
  Array.from({ length: count }, (_, i) => request({ at: from + i * SECOND, client: i, recordId: 100 + i }));

describe("a KMS host's counts", () => {
  test("from its log alone: complete once its agent has read 30 days", async () => {
    await take(KMS01, [...month(30), heartbeat(T)]);
    expect(await figure("kms_table_clients")).toBe(30);
    expect(await figure("kms_effective_clients")).toBe(30);
    expect(await figure("kms_headroom", { product_class: "client" })).toBe(5);
    expect(await figure("kms_threshold_reached", { product_class: "client" })).toBe(1);
    expect(await figure("kms_ledger_complete")).toBe(1);
    expect(await figure("kms_known_until_timestamp_seconds", { source: "ledger" })).toBe(T / 1000);
    expect(await figure("kms_below_threshold_timestamp_seconds")).toBe((T - DAY + 5 * SECOND + 30 * DAY) / 1000);
    expect(await figure("kms_requests_total", { status: "licensed" })).toBe(30);
    expect(await figure("kms_headroom", { product_class: "server" })).toBeUndefined();
  });

  test("an incomplete log gives no effective count, and no headroom", async () => {
    await take(KMS01, month(30));
    expect(await figure("kms_table_clients")).toBe(30);
    expect(await figure("kms_effective_clients")).toBeUndefined();
    expect(await figure("kms_headroom")).toBeUndefined();
    expect(await figure("kms_ledger_complete")).toBe(0);
  });

  test("silence is not zero: the table is judged where knowledge ends", async () => {
    await take(KMS01, [...month(30), heartbeat(T)]);
    own.now = T + 60 * DAY;
    expect(await figure("kms_table_clients")).toBe(30);
    expect(await figure("kms_headroom", { product_class: "client" })).toBe(5);
    expect(await figure("kms_known_until_timestamp_seconds", { source: "ledger" })).toBe(T / 1000);
  });

  test("with heartbeats and without renewals the count falls, one by one", async () => {
    await take(KMS01, [...month(30), heartbeat(T)]);
    own.now = T + 29 * DAY + 6 * SECOND;
    await take(KMS01, [heartbeat(own.now)]);
    expect(await figure("kms_effective_clients")).toBe(23);
    expect(await figure("kms_headroom")).toBe(-2);
    expect(await figure("kms_below_threshold_timestamp_seconds")).toBeLessThan(own.now / 1000);
  });

  test("a fresh reported count wins; a stale one does not", async () => {
    await take(KMS01, [...month(30), hostReading(28), heartbeat(T)]);
    expect(await figure("kms_reported_clients")).toBe(28);
    expect(await figure("kms_effective_clients")).toBe(28);
    own.now = T + 31 * MINUTE;
    expect(await figure("kms_effective_clients")).toBe(30);
  });

  test("distinct clients are counted beyond the table's limit, and leave by the second", async () => {
    await take(KMS01, [...month(80), heartbeat(T)]);
    expect([
      await figure("kms_table_clients"),
      await figure("kms_distinct_clients"),
      await figure("kms_cache_size"),
    ]).toEqual([50, 80, 50]);
    own.now = T + 29 * DAY + 10 * SECOND;
    await take(KMS01, [heartbeat(own.now)]);
    expect(await figure("kms_distinct_clients")).toBe(69);
  });

  test("failing requests are failures, never counts", async () => {
    await take(KMS01, [
      request({ at: T - HOUR / 2, client: 1, hresult: "0xC004F06C" }),
      request({ at: T - 2 * HOUR, client: 2, hresult: "0xC004F041" }),
      heartbeat(T),
    ]);
    await take(KMS01, [heartbeat(T + SECOND)]);
    expect(await figure("kms_table_clients")).toBe(0);
    expect(await figure("kms_request_failures_total", { reason: "clock_skew" })).toBe(1);
    expect(await figure("kms_recent_failures", { reason: "clock_skew" })).toBe(1);
    expect(await figure("kms_recent_failures", { reason: "host_not_activated" })).toBe(0);
  });

  test("Office keeps a count of its own; an unknown product that needs 5 is in none", async () => {
    await take(KMS01, [
      request({ at: T - 2, client: 1, need: 5, product: OFFICE16 }),
      request({ at: T - 1, client: 2, need: 5, product: "99999999-5555-4444-8888-999999999999" }),
      heartbeat(T),
    ]);
    expect(await figure("kms_table_clients", { application: "office" })).toBe(1);
    expect(await figure("kms_table_clients", { application: "unknown" })).toBe(1);
    // One Office client, or two with the unknown one: below the threshold either way (docs/counting-rules.md, "Pools").
    expect(await figure("kms_headroom", { product_class: "office" })).toBe(-3);
    expect(await figure("kms_effective_clients", { application: "unknown" })).toBeUndefined();
  });

  test("once kms.products names such a product, its requests of before are in its pool; and out of it again", async () => {
    const id = "99999999-5555-4444-8888-999999999999";
    const six = Array.from({ length: 6 }, (_, i) => request({ at: T - 9 + i, client: i, need: 5, product: id }));
    await take(KMS01, [...six, heartbeat(T)]);
    const counts = async () => [
      await figure("kms_table_clients", { application: "office" }),
      await figure("kms_table_clients", { application: "unknown" }),
    ];
    expect(await counts()).toEqual([undefined, 6]);
    await own.reopen(`kms: { products: [{ activation_id: ${id}, name: Office of tomorrow, application: office }] }`);
    expect(await counts()).toEqual([6, undefined]);
    expect(await figure("kms_headroom", { product_class: "office" })).toBe(1);
    await own.reopen();
    expect(await counts()).toEqual([undefined, 6]);
  });

  test("a lost table: confirmed by the second reading, then counted anew", async () => {
    await take(KMS01, [...month(30), heartbeat(T), hostReading(30)]);
    for (const [i, count] of [2, 2].entries()) {
      own.now = T + (i + 1) * HOUR;
      await take(KMS01, [heartbeat(own.now), hostReading(count)]);
    }
    expect(await figure("kms_table_lost_timestamp_seconds")).toBe((T + HOUR) / 1000);
    expect(await figure("kms_table_clients")).toBe(0);
    expect(await figure("kms_headroom", { product_class: "client" })).toBe(-23);
    expect(await figure("kms_threshold_reached", { product_class: "client" })).toBe(1);
  });

  test("after a lost table no fall is claimed while clients of unknown products may reach the threshold", async () => {
    await take(KMS01, [...month(30), heartbeat(T), hostReading(30)]);
    for (const at of [T + HOUR, T + 2 * HOUR]) {
      own.now = at;
      await take(KMS01, [heartbeat(at), hostReading(2)]);
    }
    own.now = T + 4 * HOUR;
    const unknown = Array.from({ length: 5 }, (_, i) =>
      request({ at: T + 3 * HOUR + i, client: 200 + i, need: 5, product: "99999999-5555-4444-8888-999999999999" }),
    );
    await take(KMS01, [...month(22, T + 3 * HOUR), ...unknown, heartbeat(own.now)]);
    expect(await figure("kms_table_clients", { application: "windows" })).toBe(22);
    expect(await figure("kms_headroom", { product_class: "client" })).toBeUndefined();
    expect(await figure("kms_below_threshold_timestamp_seconds", { product_class: "client" })).toBeUndefined();
  });

  test("a late request from before the table grew makes it anew from the stored ones", async () => {
    const servers = Array.from({ length: 12 }, (_, i) =>
      request({
        at: T - 2 * HOUR + i * SECOND,
        client: 200 + i,
        need: 5,
        product: "de32eafd-aaee-4662-9444-c1befb41bde2",
      }),
    );
    await take(KMS01, [...servers, request({ at: T - HOUR, client: 1 }), heartbeat(T)]);
    expect(await figure("kms_table_clients")).toBe(11);
    await take(KMS01, [request({ at: T - 3 * HOUR, client: 2 })]);
    expect(await figure("kms_table_clients")).toBe(14);
  });

  test("duplicate machine IDs", async () => {
    await take(
      KMS01,
      ["a", "b", "a"].map((name, i) => request({ at: T - HOUR + i * MINUTE, client: 1, name: `${name}.contoso.com` })),
    );
    await take(KMS01, [request({ at: T - HOUR, client: 2, name: "old" }), request({ at: T, client: 2, name: "new" })]);
    expect(await figure("kms_duplicate_machine_ids")).toBe(1);
    expect(await own.engine.answer({ ask: "kms-hosts" })).toMatchObject({
      items: [
        { duplicate_machine_ids: [{ client_machine_id: cmid(1), computers: ["a.contoso.com", "b.contoso.com"] }] },
      ],
    });
  });

  test("clients that wait for the count", async () => {
    await take(KMS01, [
      request({ at: T - HOUR, client: 1, status: 2 }),
      request({ at: T - HOUR + 1, client: 2, status: 1 }),
      heartbeat(T),
    ]);
    expect(await figure("kms_waiting_clients", { product_class: "client" })).toBe(1);
    expect(await figure("kms_threshold_reached")).toBe(0);
  });

  test("DNS publishing, the host's own license and key", async () => {
    const event = (eventId: number, data: string[], at: number): Fact => ({
      ...request({ at, client: 1 }),
      eventId,
      data,
      channel: "Application",
    });
    await take(KMS01, [
      request({ at: T - 5, client: 1 }),
      event(12293, ["0x80072338", "contoso.com"], T - 4),
      event(12294, ["fabrikam.com"], T - 3),
      hostReading(1, { LicenseStatus: 5 }),
    ]);
    expect(await figure("kms_dns_publish_failed", { domain: "contoso.com" })).toBe(1);
    expect(await figure("kms_srv_published", { domain: "fabrikam.com" })).toBe(1);
    expect(await figure("kms_host_status", { status: "notification" })).toBe(1);
    expect(await figure("kms_host_status", { status: "licensed" })).toBe(0);
    expect(await figure("kms_host_key_info", { partial_product_key: "ABCDE" })).toBe(1);
  });

  test("an expected host that nobody heard of is shown as unknown since 1970; external ones are not shown", async () => {
    await own.reopen("kms: { expected_hosts: [kms09.contoso.com], external_hosts: [azkms.core.windows.net] }");
    await take("azkms.core.windows.net", [request({ at: T, client: 1, host: "azkms.core.windows.net" })]);
    expect(await figure("kms_known_until_timestamp_seconds", { kms_host: "kms09.contoso.com" })).toBe(0);
    expect([...(await series()).keys()].filter((it) => it.includes("azkms"))).toEqual([]);
  });
});
