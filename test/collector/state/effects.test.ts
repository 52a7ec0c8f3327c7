import { describe, expect, test } from "@jest/globals";
import type { EventFact, Fact, Properties } from "../../../licensing/facts.ts";
import { DAY, HOUR, type Instant, iso, MINUTE } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { heartbeat, licensing, product, sent, WIN10 } from "../../support/facts.ts";

/** Events that are no KMS exchange: what they count, and what they say of a computer. */
const T = Date.parse("2026-11-20T12:00:00Z");
const PC = "pc1.contoso.com";
const WINDOWS = "55c92734-d682-4d71-983e-d6ec3f16059f";
const OFFICE = "0ff1ce15-a989-479d-af46-f275c6370663";
const own = ownEngine("effects", T);
const { take, figure } = own;

const event = (eventId: number, at: Instant, ...data: string[]): EventFact => ({
  ...sent({ at, client: 1 }),
  eventId,
  data,
});
const computer = async () => own.engine.answer({ ask: "computer", host: PC });
const attempts = async () =>
  Object.fromEntries(
    await Promise.all(
      ["activated", "refused", "no_answer"].map(async (it) => [it, await figure("attempts_total", { outcome: it })]),
    ),
  );
const ways = async (channel: string) =>
  Object.fromEntries(
    await Promise.all(
      ["activated", "refused", "no_answer"].map(async (outcome) => [
        outcome,
        await figure("channel_attempts_total", { channel, outcome }),
      ]),
    ),
  );
const none = { activated: 0, refused: 0, no_answer: 0 };

/** Each order of a few facts, each in a transaction of its own. */
const orders = <T>(all: readonly T[]): T[][] =>
  all.length < 2 ? [[...all]] : all.flatMap((it, i) => orders(all.toSpliced(i, 1)).map((rest) => [it, ...rest]));
const inEveryOrder = async (facts: readonly Fact[], look: () => Promise<unknown>) => {
  for (const order of orders(facts)) {
    await own.startAnew();
    for (const it of order) await take(PC, [it]);
    await look();
  }
};

describe("attempts", () => {
  test.each([
    [8233, ["hr=0xC004F074", WINDOWS, WIN10, "TimerEvent"], { ...none, no_answer: 1 }, undefined, "host_unreachable"],
    [8215, ["hr=0xC004F081", WIN10], { ...none, refused: 1 }, "adba", "adba"],
    [12308, [WIN10, "Activation Object", "CN=a"], { ...none, activated: 1 }, "adba", undefined],
    [12309, ["0x00000000", "ok"], { ...none, activated: 1 }, "avma", undefined],
    [12309, ["0xC004FD02", "no"], { ...none, refused: 1 }, "avma", "avma"],
    [12320, [WIN10], { ...none, activated: 1 }, "token", undefined],
    [12322, ["hr=0x80004005", WIN10], { ...none, refused: 1 }, "token", "token"],
    [12321, ["hr=0xC004F011"], none, undefined, undefined],
    [8213, ["hr=0x80070005", "x"], none, undefined, undefined],
  ])("event %i with %j", async (id, data, expected, channel, reason) => {
    await take(PC, [event(id, T - HOUR, ...data)]);
    expect(await attempts()).toEqual(expected);
    for (const it of ["adba", "avma", "token"]) expect(await ways(it)).toEqual(it === channel ? expected : none);
    if (reason) expect(await figure("failures_total", { reason })).toBe(1);
  });

  test("a failure with its three signs counts once, in every order", async () => {
    const facts = [
      sent({ at: T - HOUR, client: 1, hresult: "0xC004F074" }),
      event(8198, T - HOUR + MINUTE, "hr=0xC004F074", "Action=AutoActivate"),
      event(8233, T - HOUR + MINUTE, "hr=0xC004F074", WINDOWS, WIN10, "UserLogon"),
    ];
    await inEveryOrder(facts, async () => expect(await attempts()).toEqual({ ...none, no_answer: 1 }));
  });

  test("of MAK and retail licenses the service and its rules engine tell alone", async () => {
    const facts = [
      event(8198, T - 2 * HOUR, "hr=0xC004C020", "Action=AutoActivate"),
      event(8198, T - HOUR, "hr=0xC004C003", "Action=AutoActivate"),
      event(8233, T - HOUR, "hr=0xC004C003", WINDOWS, WIN10, "UserLogon"),
    ];
    await inEveryOrder(facts, async () => expect(await attempts()).toEqual({ ...none, refused: 2 }));
  });

  test("an import counts nothing until it arrives live", async () => {
    const facts = [
      event(8198, T - 3 * HOUR, "hr=0xC004C020", "Action=AutoActivate"),
      event(12308, T - HOUR, WIN10, "Activation Object", "CN=a"),
      event(12306, T - HOUR, WINDOWS, WIN10, "2"),
    ];
    await take(PC, facts, { imported: true });
    expect(await attempts()).toEqual(none);
    await take(PC, facts);
    await take(PC, facts);
    expect(await attempts()).toEqual({ ...none, activated: 1, refused: 1 });
    expect(await figure("license_changes_total", { change: "rearmed" })).toBe(1);
  });
});

const scheduled = (at: Instant, end: Instant, more = "") =>
  event(
    8230,
    at,
    `AppId=${WINDOWS};GraceEndDate=${iso(end).slice(0, 10).replaceAll("-", "/")}:${iso(end).slice(11, 19)};LastConsumptionReason=0x4004f00c;LicenseState=SL_LICENSING_STATUS_IN_GRACE_PERIOD;${more}SkuId=${WIN10}`,
  );

describe("8230", () => {
  test("tells state and deadline where no WMI is read", async () => {
    await take(PC, [scheduled(T - HOUR, T + 5 * DAY, "ProductKeyType=Volume:MAK;")]);
    expect(await computer()).toMatchObject({
      deadline: iso(T + 5 * DAY),
      licenses: [{ activation_id: WIN10, channel: "mak", status: "oob_grace", deadline_kind: "grace" }],
    });
    expect(await figure("deadlines", { status: "oob_grace", within: "7d", source: "agent" })).toBe(1);
  });

  const reading = (at: Instant, more: Properties = {}): [Fact, Instant] => [
    licensing([product({ LicenseStatus: 2, GracePeriodRemaining: 14_400, ...more })]),
    at,
  ];
  test.each<[string, readonly [Fact, Instant][], Instant]>([
    ["a newer event", [reading(T - 2 * HOUR), [scheduled(T - HOUR, T + 5 * DAY), T - HOUR]], T + 5 * DAY],
    ["a newer reading", [reading(T - HOUR), [scheduled(T - 2 * HOUR, T + 5 * DAY), T - HOUR]], T - HOUR + 10 * DAY],
    [
      "the newest of two events",
      [
        reading(T - 3 * HOUR),
        [scheduled(T - 2 * HOUR, T + 5 * DAY), T - HOUR],
        [scheduled(T - HOUR, T + 6 * DAY), T - HOUR],
      ],
      T + 6 * DAY,
    ],
    [
      "an event between two readings",
      [reading(T - 3 * HOUR), [scheduled(T - 2 * HOUR, T + 5 * DAY), T - 2 * HOUR], reading(T - HOUR)],
      T - HOUR + 10 * DAY,
    ],
  ])("%s tells the deadline, in every order", async (_, facts, deadline) => {
    for (const order of orders(facts)) {
      await own.startAnew();
      for (const [it, at] of order) await take(PC, [it], { at });
      expect(await computer()).toMatchObject({ deadline: iso(deadline), licenses: [{ status: "oob_grace" }] });
    }
  });
});

describe("rearms", () => {
  const rearm = (at: Instant, left: number, application = WINDOWS) =>
    event(12306, at, application, WIN10, String(left));
  const reading = (at: Instant, left: number): [Fact, Instant] => [
    licensing([product()], { service: { RemainingWindowsReArmCount: left } }),
    at,
  ];
  test.each<[string, readonly [Fact, Instant][], number, number | undefined]>([
    ["an event alone", [[rearm(T - HOUR, 2), T]], 1, 2],
    ["an event between readings", [reading(T - 3 * HOUR, 3), [rearm(T - 2 * HOUR, 2), T], reading(T - HOUR, 2)], 1, 2],
    ["readings alone", [reading(T - 3 * HOUR, 3), reading(T - HOUR, 2)], 1, 2],
    ["an event after the newest reading", [reading(T - 3 * HOUR, 3), [rearm(T - HOUR, 2), T]], 1, 2],
    ["two events", [[rearm(T - 3 * HOUR, 2), T], reading(T - 2 * HOUR, 2), [rearm(T - HOUR, 1), T]], 2, 1],
    ["one of Office", [reading(T - 3 * HOUR, 3), [rearm(T - HOUR, 4, OFFICE), T]], 1, 3],
  ])("%s, in every order", async (_, facts, expected, left) => {
    for (const order of orders(facts)) {
      await own.startAnew();
      for (const [it, at] of order) await take(PC, [it], { at });
      expect(await figure("license_changes_total", { change: "rearmed" })).toBe(expected);
      expect(await computer()).toMatchObject({ rearms_left: left });
    }
  });

  test("8212 is a rearm that failed", async () => {
    await take(PC, [event(8212, T - HOUR, "hr=0xC004D307", WINDOWS, WIN10, "0"), heartbeat(T)]);
    expect(await figure("license_changes_total", { change: "rearm_failed" })).toBe(1);
    expect(await figure("license_changes_total", { change: "rearmed" })).toBe(0);
    expect(await computer()).toMatchObject({ rearms_left: 0 });
  });
});
