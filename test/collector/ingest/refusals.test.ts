import { describe, expect, test } from "@jest/globals";
import { DAY } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { KMS01, licensing, request } from "../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("refusals", T);
const { take, figure } = own;

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
    own.now = T + 401 * DAY;
    await own.engine.sweep();
    expect(await figure("collector_computers")).toBe(0);
    expect(await figure("licenses")).toBeUndefined();
    expect(await own.engine.answer({ ask: "computers", limit: 10 })).toEqual({ items: [], next_cursor: null });
  });
});
