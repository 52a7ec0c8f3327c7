import { describe, expect, test } from "@jest/globals";
import type { EventFact, Fact } from "../../../../licensing/facts.ts";
import { DAY, HOUR, type Instant, MINUTE, SECOND } from "../../../../licensing/time.ts";
import { ownEngine } from "../../../support/engine.ts";
import { answered, heartbeat, hostReading, KMS01, licensing, product, request, sent } from "../../../support/facts.ts";

/** Both sides of one computer and its KMS host in one line of time, and what follows from it. */
const T = Date.parse("2026-11-20T12:00:00Z");
const PC = "pc1.contoso.com";
const own = ownEngine("timeline", T);
const { take } = own;

const computer = (language: "en" | "ja" = "en", host = PC) =>
  own.engine.answer({ ask: "computer-timeline", host, language });
const kmsHost = () => own.engine.answer({ ask: "kms-host-timeline", host: KMS01 });
const lines = async () => (await computer())!.items.map((it) => [it.source, it.event_id ?? it.change, it.outcome]);

const clients = (count: number, at: Instant) =>
  Array.from({ length: count }, (_, i) => request({ at: at + i * SECOND, client: 10 + i, recordId: 100 + i }));
const event = (eventId: number, at: Instant, ...data: string[]): EventFact => ({
  ...sent({ at, client: 1 }),
  eventId,
  data,
});

describe("a computer", () => {
  const asks = (at: Instant): Fact[] => [
    sent({ at, client: 1, recordId: 1 }),
    answered({ at: at + SECOND, client: 1, recordId: 2 }),
  ];

  test("its own events and its KMS host's, from both sides", async () => {
    await take(PC, [...asks(T - HOUR), licensing([product({ LicenseStatus: 2, GracePeriodRemaining: 100 })])], {
      at: T - HOUR,
    });
    await take(KMS01, [
      ...clients(30, T - 2 * HOUR),
      request({ at: T - HOUR, client: 1, recordId: 900 }),
      heartbeat(T),
    ]);
    expect(await lines()).toEqual([
      ["computer", 12289, "success"],
      ["kms_host", 12290, "success"],
      ["computer", 12288, "info"],
    ]);
    expect(await computer()).toMatchObject({ computer: PC, diagnosis: { state: "ok", fault: "none" } });
  });

  test("a failure with its cause, its host's side and a link, in both languages", async () => {
    const failed = [3, 2, 1].map((hours) => sent({ at: T - hours * HOUR, client: 1, hresult: "0xC004F074" }));
    await take(PC, [licensing([product({ LicenseStatus: 3, GracePeriodRemaining: 9 * 1_440 })]), ...failed]);
    await take(KMS01, [...clients(30, T - 10 * MINUTE), heartbeat(T)]);
    const { diagnosis, items } = (await computer())!;
    expect(diagnosis).toMatchObject({
      state: "problem",
      fault: "network",
      hresult: "0xC004F074",
      since: "2026-11-20T09:00:00.000Z",
      link: expect.stringMatching(/^https:/),
    });
    expect(diagnosis.text).toContain("Activation has failed 3 times since 2026-11-20 09:00 UTC");
    expect(items[0]).toMatchObject({
      count: 3,
      event_id: 12288,
      hresult: "0xC004F074",
      peer: KMS01,
      meaning: expect.stringContaining("No KMS host could be contacted"),
    });
    expect((await computer("ja"))!.diagnosis.text).toContain("3 回失敗しています");
  });

  test("changes between readings are lines", async () => {
    await take(PC, [licensing([product()])], { at: T - 2 * DAY });
    await take(PC, [licensing([product({ LicenseStatus: 5, GracePeriodRemaining: 0 })])], { at: T - DAY });
    expect(await lines()).toEqual([["reading", "status", "failure"]]);
    expect((await computer())!.diagnosis).toMatchObject({ state: "problem", fault: "client" });
  });

  test("events of Active Directory, rearms, keys and hardware are lines with a meaning; noise is none", async () => {
    const ids = [8213, 8215, 12308, 12306, 8212, 1016, 1025, 1036, 1037, 1040, 12304, 12305, 8208, 8209, 12320, 8230];
    await take(
      PC,
      [...ids, 900, 902, 1003, 1066, 16384].map((id, i) =>
        event(id, T - HOUR - i * MINUTE, "73111121-5638-40f6-bc11-f1d7b0d64300", "x"),
      ),
    );
    const { items } = (await computer())!;
    expect(items.map((it) => it.event_id).toSorted()).toEqual(ids.toSorted());
    expect(items.every((it) => it.meaning.length > 10)).toBe(true);
  });

  test("one without an agent: its newest request at each KMS host", async () => {
    await take(KMS01, [...clients(30, T - HOUR), heartbeat(T)]);
    const { items, diagnosis } = (await computer("en", "pc12.contoso.com"))!;
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ source: "kms_host", observer: KMS01, event_id: 12290, peer: "pc12.contoso.com" });
    expect(diagnosis).toMatchObject({ state: expect.stringMatching(/^(ok|problem)$/) });
  });

  test("another computer's requests are none of its own", async () => {
    await take(PC, [sent({ at: T - HOUR, client: 1 })]);
    await take(KMS01, [...clients(30, T - HOUR), heartbeat(T)]);
    expect((await lines()).filter(([source]) => source === "kms_host")).toEqual([]);
  });

  test("the number of lines and of rows that are read is bounded, and the newest are among them", async () => {
    const many = Array.from({ length: 1_500 }, (_, i) =>
      event(i % 2 === 0 ? 8230 : 1025, T - i * 10 * SECOND, `text ${i}`),
    );
    await take(PC, many);
    const { items } = (await computer())!;
    expect(items.length).toBeLessThanOrEqual(150);
    expect(items[0]!.until ?? items[0]!.at).toBe(new Date(T).toISOString());
  });

  test("one that is not known", async () => {
    expect(await computer("en", "pc99.contoso.com")).toBeUndefined();
  });
});

describe("a KMS host", () => {
  test("its service that did not start", async () => {
    await take(KMS01, [...clients(30, T - DAY), heartbeat(T)]);
    await take(KMS01, [{ ...event(12291, T - HOUR, "0x80070005"), computer: KMS01 }]);
    const { diagnosis, items } = (await kmsHost())!;
    expect(diagnosis).toMatchObject({ state: "problem", fault: "host", since: "2026-11-20T11:00:00.000Z" });
    expect(diagnosis.text).toContain("failed to start on 2026-11-20 11:00 UTC (0x80070005)");
    expect(items[0]).toMatchObject({ event_id: 12291, source: "kms_host", hresult: "0x80070005" });
  });

  test("its newest requests with their clients' side", async () => {
    await take(KMS01, [
      hostReading(50),
      ...clients(60, T - HOUR),
      request({ at: T - MINUTE, client: 1 }),
      heartbeat(T),
    ]);
    await take(PC, [sent({ at: T - MINUTE, client: 1 }), answered({ at: T - MINUTE, client: 1 })]);
    const { diagnosis, items } = (await kmsHost())!;
    expect(diagnosis).toMatchObject({ state: "ok", fault: "none" });
    expect(items.filter((it) => it.observer === PC).map((it) => it.event_id)).toEqual([12289, 12288]);
    expect(items.some((it) => it.event_id === 12290 && it.peer === PC)).toBe(true);
  });

  test("one that is not known", async () => {
    expect(await kmsHost()).toBeUndefined();
  });
});
