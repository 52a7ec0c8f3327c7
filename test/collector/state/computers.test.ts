import { describe, expect, test } from "@jest/globals";
import { DAY, HOUR, MINUTE, SECOND } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { answered, heartbeat, KMS01, licensing, product, request, sent } from "../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("computers", T);
const { take, figure } = own;

describe("computers", () => {
  const minutes = (days: number) => days * 24 * 60;
  test("deadlines ahead are cumulative, to the minute", async () => {
    for (const [i, days] of [0.5, 2.9, 6, 25, 100].entries())
      await take(`pc${i}.contoso.com`, [licensing([product({ GracePeriodRemaining: minutes(days) })])]);
    const within = async () =>
      Promise.all(
        ["1d", "3d", "7d", "14d", "30d", "90d"].map((it) =>
          figure("deadlines", { status: "licensed", within: it, source: "agent" }),
        ),
      );
    expect(await within()).toEqual([1, 2, 3, 3, 4, 4]);
    own.now = T + DAY / 2 + 1;
    expect(await within()).toEqual([0, 1, 2, 2, 3, 3]);
    expect(await figure("deadlines_passed", { status: "licensed" })).toBe(1);
    expect(await figure("computer_deadline_timestamp_seconds", { computer: "pc1.contoso.com" })).toBe(
      (T + 2.9 * DAY) / 1000,
    );
  });

  test("reporting, stale, retired", async () => {
    await take("pc1.contoso.com", [licensing()]);
    const states = async () =>
      Promise.all(["reporting", "stale", "retired"].map((state) => figure("computers", { state, source: "agent" })));
    expect(await states()).toEqual([1, 0, 0]);
    own.now = T + 3 * DAY + 1;
    expect(await states()).toEqual([0, 1, 0]);
    own.now = T + 91 * DAY;
    await own.engine.sweep();
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
    own.now = T + 16 * DAY;
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
    // A record of the same log may come by another way: ten minutes after the receipt nothing answers any more.
    own.now = T + 11 * MINUTE;
    await take("pc1.contoso.com", [heartbeat(own.now)]);
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
  own.now = T + 2 * DAY;
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
