import { beforeEach, describe, expect, test } from "@jest/globals";
import type { Fact } from "../../licensing/fact.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../licensing/time.ts";
import { ownEngine, submissionOf } from "../neighbours/engine.ts";
import {
  answered,
  cmid,
  fromAgent,
  heartbeat,
  hostReading,
  KMS01,
  licensing,
  OFFICE16,
  product,
  request,
  sent,
  seriesOf,
} from "../neighbours/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
let now: number;
beforeEach(() => {
  now = T;
});
const own = ownEngine("engine", () => now);

const take = async (host: string, facts: readonly Fact[], { at = now, imported = false } = {}) =>
  (await own.engine.take([submissionOf([fromAgent(host, facts, at)], now, imported)]))[0];
const series = async () => seriesOf(await own.engine.metrics("text"));
/** Values by what is written of a series' labels, in any order; undefined where there is no such series. */
const figure = async (name: string, labels: Record<string, string> = {}) => {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  const found = [...(await series())]
    .filter(([key]) => key.startsWith(`activation_${name}{`) || key === `activation_${name}`)
    .filter(([key]) => wanted.every((it) => key.includes(it)));
  expect(found.length).toBeLessThanOrEqual(1);
  return found[0]?.[1];
};
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
    now = T + 60 * DAY;
    expect(await figure("kms_table_clients")).toBe(30);
    expect(await figure("kms_headroom", { product_class: "client" })).toBe(5);
    expect(await figure("kms_known_until_timestamp_seconds", { source: "ledger" })).toBe(T / 1000);
  });

  test("with heartbeats and without renewals the count falls, one by one", async () => {
    await take(KMS01, [...month(30), heartbeat(T)]);
    now = T + 29 * DAY + 6 * SECOND;
    await take(KMS01, [heartbeat(now)]);
    expect(await figure("kms_effective_clients")).toBe(23);
    expect(await figure("kms_headroom")).toBe(-2);
    expect(await figure("kms_below_threshold_timestamp_seconds")).toBeLessThan(now / 1000);
  });

  test("a fresh reported count wins; a stale one does not", async () => {
    await take(KMS01, [...month(30), hostReading(28), heartbeat(T)]);
    expect(await figure("kms_reported_clients")).toBe(28);
    expect(await figure("kms_effective_clients")).toBe(28);
    now = T + 31 * MINUTE;
    expect(await figure("kms_effective_clients")).toBe(30);
  });

  test("distinct clients are counted beyond the table's limit, and leave by the second", async () => {
    await take(KMS01, [...month(80), heartbeat(T)]);
    expect([
      await figure("kms_table_clients"),
      await figure("kms_distinct_clients"),
      await figure("kms_cache_size"),
    ]).toEqual([50, 80, 50]);
    now = T + 29 * DAY + 10 * SECOND;
    await take(KMS01, [heartbeat(now)]);
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
    expect(await figure("kms_headroom", { product_class: "office" })).toBeUndefined();
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
    expect(await counts()).toEqual([6, 0]);
    expect(await figure("kms_headroom", { product_class: "office" })).toBe(1);
    await own.reopen();
    expect(await counts()).toEqual([0, 6]);
  });

  test("a lost table: confirmed by the second reading, then counted anew", async () => {
    await take(KMS01, [...month(30), heartbeat(T), hostReading(30)]);
    for (const [i, count] of [2, 2].entries()) {
      now = T + (i + 1) * HOUR;
      await take(KMS01, [heartbeat(now), hostReading(count)]);
    }
    expect(await figure("kms_table_lost_timestamp_seconds")).toBe((T + HOUR) / 1000);
    expect(await figure("kms_table_clients")).toBe(0);
    expect(await figure("kms_headroom", { product_class: "client" })).toBe(-23);
    expect(await figure("kms_threshold_reached", { product_class: "client" })).toBe(1);
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

describe("exactly once", () => {
  test("the same events twice, together and after a restart, count once", async () => {
    await take(KMS01, [...month(5), ...month(5)]);
    await take(KMS01, month(5));
    await own.reopen();
    await take(KMS01, [...month(5), heartbeat(T)]);
    expect(await figure("kms_requests_total", { status: "licensed" })).toBe(5);
    expect(await figure("kms_table_clients")).toBe(5);
    expect(await figure("collector_records_total", { kind: "event", outcome: "duplicate" })).toBe(5);
  });

  test("a reading that comes again, or late, changes nothing", async () => {
    await take("pc1.contoso.com", [licensing()], { at: T });
    await take("pc1.contoso.com", [licensing([product({ LicenseStatus: 5 })])], { at: T - HOUR });
    await take("pc1.contoso.com", [licensing()], { at: T });
    expect(await figure("licenses", { status: "licensed" })).toBe(1);
    expect(await figure("licenses", { status: "notification" })).toBeUndefined();
    expect(await figure("collector_records_total", { kind: "licensing", outcome: "duplicate" })).toBe(2);
  });

  test("what is in memory, what is stored and what a recount gives are the same", async () => {
    await take(KMS01, [...month(60), hostReading(40), heartbeat(T)]);
    for (let i = 0; i < 20; i += 1)
      await take(`pc${i}.contoso.com`, [
        licensing([product({ LicenseStatus: i % 7, GracePeriodRemaining: i * 4_000 })]),
        heartbeat(T, { spooledRecords: i }),
        sent({ at: T - MINUTE, client: i }),
        answered({ at: T - MINUTE + 1, client: i, asked: T - MINUTE }),
      ]);
    const fleet = (text: string) =>
      text
        .split("\n")
        .filter((it) => !it.includes("collector_"))
        .join("\n");
    const live = fleet(await own.engine.metrics("text"));
    await own.reopen();
    expect(fleet(await own.engine.metrics("text"))).toBe(live);
    await own.reopen("zones: [{ name: elsewhere, computers: [nobody] }]");
    expect(
      fleet(await own.engine.metrics("text"))
        .split("\n")
        .filter((it) => !it.includes("elsewhere"))
        .join("\n"),
    ).toBe(live);
  });

  test("imported history changes tables and deadlines, never a counter", async () => {
    await take(KMS01, [...month(30), request({ at: T - 1, client: 90, hresult: "0xC004F06C" }), heartbeat(T)], {
      imported: true,
    });
    await take("pc1.contoso.com", [sent({ at: T - MINUTE, client: 1 }), answered({ at: T - MINUTE, client: 1 })], {
      imported: true,
    });
    expect(await figure("kms_table_clients")).toBe(30);
    expect(await figure("deadlines", { status: "licensed", within: "90d" })).toBe(0);
    expect(
      [...(await series())].filter(
        ([key, value]) => /^activation_(kms|attempts|failures)\S*_total/.test(key) && value > 0,
      ),
    ).toEqual([]);
  });
});

describe("computers", () => {
  const minutes = (days: number) => days * 24 * 60;
  test("deadlines ahead are cumulative, to the minute", async () => {
    for (const [i, days] of [0.5, 2.9, 6, 25, 100].entries())
      await take(`pc${i}.contoso.com`, [licensing([product({ GracePeriodRemaining: minutes(days) })])]);
    const within = async () =>
      Promise.all(
        ["1d", "3d", "7d", "14d", "30d", "90d"].map((it) => figure("deadlines", { status: "licensed", within: it })),
      );
    expect(await within()).toEqual([1, 2, 3, 3, 4, 4]);
    now = T + DAY / 2 + 1;
    expect(await within()).toEqual([0, 1, 2, 2, 3, 3]);
    expect(await figure("deadlines_passed", { status: "licensed" })).toBe(1);
    expect(await figure("computer_deadline_timestamp_seconds", { computer: "pc1.contoso.com" })).toBe(
      (T + 2.9 * DAY) / 1000,
    );
  });

  test("reporting, stale, retired", async () => {
    await take("pc1.contoso.com", [licensing()]);
    const states = async () =>
      Promise.all(["reporting", "stale", "retired"].map((state) => figure("computers", { state })));
    expect(await states()).toEqual([1, 0, 0]);
    now = T + 3 * DAY + 1;
    expect(await states()).toEqual([0, 1, 0]);
    now = T + 181 * DAY;
    expect(await states()).toEqual([0, 0, 1]);
  });

  test("an activation by event moves the deadline until WMI tells something newer", async () => {
    await take("pc1.contoso.com", [licensing([product({ LicenseStatus: 2, GracePeriodRemaining: 1_000 })])], {
      at: T - HOUR,
    });
    await take("pc1.contoso.com", [
      sent({ at: T - MINUTE, client: 1 }),
      answered({ at: T - MINUTE + 500, client: 1, asked: T - MINUTE }),
    ]);
    expect(await own.engine.answer({ ask: "computer", host: "pc1.contoso.com" })).toMatchObject({
      deadline: new Date(T - MINUTE + 500 + 180 * DAY).toISOString(),
      licenses: [{ status: "licensed", product: expect.stringContaining("Windows 10 Enterprise") }],
    });
    expect(await figure("attempts_total", { outcome: "activated" })).toBe(1);
    expect(await figure("renewals_overdue")).toBe(0);
    now = T + 16 * DAY;
    expect(await figure("renewals_overdue")).toBe(1);
  });

  test("without an agent, events alone tell the state", async () => {
    await take("pc1.contoso.com", [sent({ at: T - HOUR, client: 1, status: 5 })]);
    expect(await figure("licenses", { status: "notification" })).toBe(1);
  });

  test("attempts: refused, unreachable, never answered", async () => {
    await take("pc1.contoso.com", [
      sent({ at: T - 5 * HOUR, client: 1, hresult: "0xC004F074" }),
      sent({ at: T - 4 * HOUR, client: 1 }),
      answered({ at: T - 4 * HOUR + SECOND, client: 1, activated: false, flags: "0x04000008", asked: T - 4 * HOUR }),
      sent({ at: T - 3 * HOUR, client: 1 }),
      sent({ at: T - 2 * HOUR, client: 1, hresult: "0xC004F06C" }),
    ]);
    const outcomes = async () =>
      Promise.all(["activated", "refused", "no_answer"].map((outcome) => figure("attempts_total", { outcome })));
    expect(await outcomes()).toEqual([0, 2, 2]);
    expect(await figure("failures_total", { reason: "count_too_low" })).toBe(1);
    expect(await figure("failures_total", { reason: "clock_skew" })).toBe(1);
    expect(await figure("failures_total", { reason: "host_unreachable" })).toBe(2);
  });

  test("what clients were told, by the name they use", async () => {
    const at = Math.floor((T - HOUR) / MINUTE) * MINUTE;
    await take(KMS01, [request({ at, client: 1 })]);
    await take("pc1.contoso.com", [
      sent({ at, client: 1, target: "10.0.0.5:1688" }),
      answered({ at: at + SECOND, client: 1, count: 42, asked: at }),
    ]);
    expect(await figure("kms_told_clients")).toBe(42);
    expect(await figure("kms_renewal_interval_seconds")).toBe(7 * 24 * 3600);
    expect(await own.engine.answer({ ask: "kms-host", host: KMS01 })).toMatchObject({ aliases: ["10.0.0.5"] });
  });

  test("changes of state, drift of the channel, rearms", async () => {
    const read = (more: object, rearms: number, at: number) =>
      take(
        "pc1.contoso.com",
        [licensing([product(more as never)], { service: { RemainingWindowsReArmCount: rearms } })],
        { at },
      );
    await read({}, 3, T - 4);
    await read({ LicenseStatus: 5 }, 3, T - 3);
    await read({ Description: "VOLUME_MAK channel" }, 2, T - 2);
    for (const [change, count] of [
      ["to_notification", 1],
      ["to_licensed", 1],
      ["channel_drift", 1],
      ["rearmed", 1],
    ] as const)
      expect(await figure("license_changes_total", { change })).toBe(count);
    expect(await figure("mak_computers", { partial_product_key: "2YT43" })).toBe(1);
    expect(await figure("rearm_computers", { remaining: "2" })).toBe(1);
  });

  test("an agent's own troubles", async () => {
    await take(
      "pc1.contoso.com",
      [
        heartbeat(T - 2, {
          spooledRecords: 4,
          oldestUnsentSeconds: 100,
          droppedRecords: { licensing: 3 },
          failingSources: { wmi: 2 },
        }),
      ],
      { at: T - 2 },
    );
    await take(
      "pc1.contoso.com",
      [
        heartbeat(T - 1, {
          spooledRecords: 6,
          oldestUnsentSeconds: 200,
          droppedRecords: { licensing: 5 },
          failingSources: { wmi: 1 },
        }),
      ],
      { at: T - 1 },
    );
    expect(await figure("agent_spooled_records")).toBe(6);
    expect(await figure("agent_dropped_records_total", { kind: "licensing" })).toBe(5);
    expect(await figure("agent_failing_sources", { source: "wmi" })).toBe(1);
    expect(await figure("agent_oldest_unsent_seconds")).toBeGreaterThanOrEqual(200);
    expect(await figure("agent_oldest_unsent_seconds")).toBeLessThan(225);
  });
});

test("users who see notices, by how often; an activation that ends soon is told on current Windows", async () => {
  const seven = { Name: "Windows(R) 7, Enterprise edition" };
  const grace = (days: number, more = {}) =>
    licensing([product({ LicenseStatus: 3, GracePeriodRemaining: days * 1_440, ...more })]);
  await take("a1.contoso.com", [grace(20, seven)]);
  await take("a2.contoso.com", [grace(2, seven)]);
  await take("a3.contoso.com", [grace(0.5, seven)]);
  await take("a4.contoso.com", [licensing([product({ LicenseStatus: 5, ...seven })])]);
  await take("b1.contoso.com", [grace(20)]);
  await take("b2.contoso.com", [licensing([product({ GracePeriodRemaining: 29 * 1_440 })])]);
  await take("b3.contoso.com", [licensing([product({ GracePeriodRemaining: 31 * 1_440 })])]);
  await take("b4.contoso.com", [licensing([product({ LicenseStatus: 5 })])]);
  const cadences = async () =>
    Promise.all(
      ["daily", "four_hourly", "hourly", "persistent", "toast"].map((cadence) =>
        figure("notified_computers", { zone: "core", cadence }),
      ),
    );
  expect(await cadences()).toEqual([1, 1, 1, 1, 3]);
  now = T + 2 * DAY;
  expect(await cadences()).toEqual([1, 0, 0, 3, 4]);
  await take("a4.contoso.com", [licensing([product(seven)])]);
  expect((await cadences())[3]).toBe(2);
});

describe("MAK", () => {
  const budget = (more = "") =>
    own.reopen(
      `mak: [{ partial_product_key: abcde, allowance: 500${more} }, { partial_product_key: ZZZZZ, allowance: 10 }]`,
    );
  test("a configured key has its budget, and 0 computers before the first one", async () => {
    await budget();
    expect(await figure("mak_allowance", { partial_product_key: "ABCDE" })).toBe(500);
    expect(await figure("mak_computers", { partial_product_key: "ZZZZZ" })).toBe(0);
    expect(await figure("mak_remaining")).toBeUndefined();
  });
  test("what the portal said has its day", async () => {
    await budget(", remaining: 120, remaining_as_of: 2026-11-01");
    expect(await figure("mak_remaining", { partial_product_key: "ABCDE" })).toBe(120);
    expect(await figure("mak_remaining_as_of_timestamp_seconds")).toBe(Date.parse("2026-11-01") / 1000);
  });
});

test("the first record that an agent drops is a rise", async () => {
  await take("pc1.contoso.com", [licensing()]);
  expect(await figure("agent_dropped_records_total", { kind: "event" })).toBe(0);
});

describe("what must not get in", () => {
  test("events older than the retention have no effect; a clock in the future is set right and counted", async () => {
    await take(KMS01, [request({ at: T - 91 * DAY, client: 1 }), request({ at: T + DAY, client: 2 })]);
    expect(await figure("collector_records_total", { outcome: "expired", kind: "event" })).toBe(1);
    expect(await figure("collector_time_corrections_total")).toBe(1);
    expect(await figure("kms_last_request_timestamp_seconds")).toBe(T / 1000);
  });

  test("a forged need and a payload are kept to be looked at, and count nothing", async () => {
    await take(KMS01, [
      request({ at: T - 2, client: 1, need: 50 }),
      { ...request({ at: T - 1, client: 2 }), data: ["MZ".repeat(50)] },
    ]);
    expect(await figure("collector_records_total", { outcome: "uninterpreted", kind: "event" })).toBe(2);
    expect(await figure("kms_table_clients")).toBeUndefined();
    expect(await own.engine.answer({ ask: "events", since: 0, limit: 10 })).toMatchObject({
      items: [{}, { problems: [expect.any(String)] }],
    });
  });

  test("with authentication, only forwarders speak for others", async () => {
    await own.reopen("otlp: { tokens_file: /dev/null, forwarders: [wec.contoso.com] }");
    expect(await take("pc7.contoso.com", [request({ at: T, client: 1 })])).toEqual({
      outcome: "stored",
      receipt: { rejected: 1, message: expect.stringContaining("otlp.forwarders") },
    });
    expect(await take("wec.contoso.com", [request({ at: T, client: 1 })])).toEqual({
      outcome: "stored",
      receipt: { rejected: 0 },
    });
    expect(await take(KMS01, [request({ at: T, client: 2 })])).toEqual({ outcome: "stored", receipt: { rejected: 0 } });
  });

  test("a zone comes from configuration, then from the computer's own agent, never from a forwarder", async () => {
    await own.reopen('zones: [{ name: lab, kind: lab, computers: ["lab-*"] }]');
    await take("lab-1.contoso.com", [licensing()]);
    await take("pc1.contoso.com", [licensing()]);
    await take("pc1.contoso.com", [request({ at: T, client: 1 })]);
    expect(await figure("licenses", { zone: "lab" })).toBe(1);
    expect(await figure("licenses", { zone: "core" })).toBe(1);
    expect(await figure("kms_last_request_timestamp_seconds", { zone: "unassigned" })).toBe(T / 1000);
    expect(await figure("zone_info", { zone: "lab", kind: "lab" })).toBe(1);
  });

  test("after the retention computers and their figures are gone", async () => {
    await take("pc1.contoso.com", [licensing()]);
    now = T + 401 * DAY;
    await own.engine.sweep();
    expect(await figure("collector_computers")).toBe(0);
    expect(await figure("licenses")).toBeUndefined();
    expect(await own.engine.answer({ ask: "computers", limit: 10 })).toEqual({ items: [], next_cursor: null });
  });
});
