import { describe, expect, test } from "@jest/globals";
import type { Properties } from "../../../licensing/facts.ts";
import { DAY, HOUR, MINUTE } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { licensing, OFFICE16, product } from "../../support/facts.ts";

/**
 * "Renewal overdue" and "Primary licenses decide" of docs/counting-rules.md: what the figures say goes by the licenses that
 * speak for a computer.
 */
const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("verdicts", T);
const { take, figure } = own;
const PC = "pc1.contoso.com";
const OFFICE = "0ff1ce15-a989-479d-af46-f275c6370663";
const days = (count: number) => count * 24 * 60;

test("add-ons, superseded editions and leftovers are in no figure, and stay visible in the API", async () => {
  const gone = { LicenseStatus: 5, GracePeriodRemaining: 0 };
  const rows: Properties[] = [
    product({
      ID: "99999999-0000-4000-8000-000000000001",
      LicenseIsAddon: "True",
      ...gone,
      Description: "VOLUME_MAK channel",
    }),
    product({ ID: "99999999-0000-4000-8000-000000000002", Name: "Windows(R), Professional edition", ...gone }),
    product({
      ID: "99999999-0000-4000-8000-000000000003",
      ApplicationID: OFFICE,
      Description: "RETAIL(Grace) channel",
      ...gone,
    }),
    product({ GracePeriodRemaining: days(100) }),
  ];
  await take(PC, [licensing(rows)]);
  expect(await figure("licenses", { status: "notification" })).toBeUndefined();
  expect(await figure("licenses", { status: "licensed" })).toBe(1);
  expect(await figure("notified_computers", { cadence: "toast" })).toBe(0);
  expect(await figure("mak_computers", { partial_product_key: "2YT43" })).toBe(1);
  const answer = (await own.engine.answer({ ask: "computer", host: PC })) as { licenses: readonly unknown[] };
  expect(answer.licenses).toHaveLength(4);
});

test("a fresh Windows does not hide an overdue Office", async () => {
  const office = { ID: OFFICE16, ApplicationID: OFFICE, Name: "Office 16, Office16ProPlusVL_KMS_Client edition" };
  const rows = [product({ GracePeriodRemaining: days(180) }), product({ ...office, GracePeriodRemaining: days(170) })];
  await take(PC, [licensing(rows)]);
  expect(await figure("renewals_overdue")).toBe(0);
  own.now = T + 5 * DAY + HOUR;
  expect(await figure("renewals_overdue")).toBe(1);
  expect(await own.engine.answer({ ask: "computer", host: PC })).toMatchObject({
    renewal_overdue_at: new Date(T + 5 * DAY).toISOString(),
  });
  await take(PC, [licensing([rows[0]!, product({ ...office, GracePeriodRemaining: days(180) })])]);
  expect(await figure("renewals_overdue")).toBe(0);
});

test("an Office that fell into grace without renewing stays overdue", async () => {
  const office = { ID: OFFICE16, ApplicationID: OFFICE, Name: "Office" };
  await take(PC, [licensing([product(), product({ ...office, GracePeriodRemaining: days(100) })])], { at: T - HOUR });
  await take(PC, [licensing([product(), product({ ...office, LicenseStatus: 3, GracePeriodRemaining: days(30) })])]);
  expect(await figure("renewals_overdue")).toBe(1);
});

test("genuine figures are about client versions", async () => {
  const server = { Name: "Windows(R), ServerStandard edition", ID: "8c1c5410-9f39-4805-8c9d-63a07706358f" };
  await take("srv1.contoso.com", [licensing([product({ ...server, GenuineStatus: 1 })])]);
  await take(PC, [licensing([product({ GenuineStatus: 0 })])]);
  expect(await figure("genuine_computers", { state: "non_genuine" })).toBeUndefined();
  expect(await figure("genuine_computers", { state: "genuine" })).toBe(1);
});

describe("channel drift", () => {
  const MAK = { Description: "VOLUME_MAK channel", GracePeriodRemaining: 0 };
  const ADBA = { VLActivationType: 1 };
  const KMS = { VLActivationType: 2 };
  const RETAIL = { Description: "RETAIL channel", GracePeriodRemaining: 0 };
  test.each<[string, Properties[], number]>([
    ["ADBA falls back to KMS, and returns", [ADBA, KMS, ADBA], 0],
    ["a planned migration from MAK to KMS", [MAK, KMS], 0],
    ["KMS to MAK", [KMS, MAK], 1],
    ["MAK to retail to KMS", [MAK, RETAIL, KMS], 2],
  ])("%s", async (_, channels, expected) => {
    for (const [i, it] of channels.entries()) await take(PC, [licensing([product(it)])], { at: T - HOUR + i * MINUTE });
    expect(await figure("license_changes_total", { change: "channel_drift" })).toBe(expected);
  });
  test("the same rows in another order", async () => {
    const rows = [
      product({ ID: "99999999-0000-4000-8000-000000000001", ...RETAIL }),
      product({ ID: "99999999-0000-4000-8000-000000000002", ...MAK }),
    ];
    for (let i = 0; i < 4; i += 1) await take(PC, [licensing(i % 2 ? rows.toReversed() : rows)], { at: T - HOUR + i });
    expect(await figure("license_changes_total", { change: "channel_drift" })).toBe(0);
  });
});

test("changes are those between consecutive readings, however they arrive; imported readings add none", async () => {
  const read = (minute: number, status: number, imported = false) =>
    take(PC, [licensing([product({ LicenseStatus: status })])], { at: T - HOUR + minute * MINUTE, imported });
  const changes = async () =>
    Promise.all(["to_notification", "to_licensed"].map((change) => figure("license_changes_total", { change })));
  await read(5, 1);
  await read(1, 1);
  expect(await changes()).toEqual([0, 0]);
  await read(3, 5, true);
  expect(await changes()).toEqual([0, 0]);
  await read(2, 5);
  expect(await changes()).toEqual([1, 1]);
  await own.reopen();
  await read(4, 5);
  await read(2, 5);
  expect(await changes()).toEqual([1, 1]);
  await read(3, 1);
  expect(await changes()).toEqual([2, 2]);
});

test("how often users are told is exact to the minute", async () => {
  const cadence = async () => {
    const all = ["daily", "four_hourly", "hourly", "persistent"];
    const values = await Promise.all(all.map((it) => figure("notified_computers", { cadence: it })));
    return all.filter((_, i) => values[i] === 1);
  };
  await take(PC, [
    licensing([
      product({ Name: "Windows(R) 7, Enterprise edition", LicenseStatus: 3, GracePeriodRemaining: days(4) + 10 }),
    ]),
  ]);
  for (const [left, expected] of [
    [days(3) + 1, "daily"],
    [days(3), "four_hourly"],
    [days(1) + 1, "four_hourly"],
    [days(1), "hourly"],
    [10, "hourly"],
    [1, "hourly"],
    [0, "persistent"],
  ] as const) {
    own.now = T + (days(4) + 10 - left) * MINUTE;
    expect([left, ...(await cadence())]).toEqual([left, expected]);
  }
});
