import { describe, expect, test } from "@jest/globals";
import { DAY, HOUR, MINUTE, SECOND } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { answered, heartbeat, hostReading, KMS01, licensing, product, request, sent } from "../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("exactly-once", T);
const { take, series, figure } = own;
const month = (count: number, from = T - DAY) =>
  Array.from({ length: count }, (_, i) => request({ at: from + i * SECOND, client: i, recordId: 100 + i }));

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

  test("a reading that comes again changes nothing; a late one tells of a change between readings and nothing else", async () => {
    await take("pc1.contoso.com", [licensing()], { at: T });
    await take("pc1.contoso.com", [licensing([product({ LicenseStatus: 5 })])], { at: T - HOUR });
    await take("pc1.contoso.com", [licensing()], { at: T });
    expect(await figure("licenses", { status: "licensed" })).toBe(1);
    expect(await figure("licenses", { status: "notification" })).toBeUndefined();
    expect(await figure("license_changes_total", { change: "to_licensed" })).toBe(1);
    expect(await figure("collector_records_total", { kind: "licensing", outcome: "duplicate" })).toBe(1);
    await take("pc1.contoso.com", [licensing([product({ LicenseStatus: 5 })])], { at: T - HOUR });
    expect(await figure("license_changes_total", { change: "to_licensed" })).toBe(1);
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
    expect(await figure("deadlines", { status: "licensed", within: "90d", source: "agent" })).toBe(0);
    expect(
      [...(await series())].filter(
        ([key, value]) => /^activation_(kms|attempts|failures)\S*_total/.test(key) && value > 0,
      ),
    ).toEqual([]);
  });
});
