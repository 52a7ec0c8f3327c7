import { describe, expect, test } from "@jest/globals";
import {
  areTwins,
  coarseIdentity,
  eventIdentity,
  timePrecision,
  twinRange,
} from "../../../licensing/events/identity.ts";
import { readEvent } from "../../../licensing/events/xml.ts";
import type { EventFact } from "../../../licensing/facts.ts";

const FIELDS = [
  "0x0",
  "25",
  "pc1",
  "08c3bda0-c556-4b61-9e4e-7bf6d4df80be",
  "2026/11/20 08:15",
  "0",
  "1",
  "259200",
  "ae2ee509-1b34-41c0-acb7-6d4650168915",
];
const FACT: EventFact = {
  kind: "event",
  eventId: 12290,
  provider: "Microsoft-Windows-Security-SPP",
  computer: "kms01.contoso.com",
  channel: "Key Management Service",
  recordId: 7,
  time: "2026-11-20T08:15:30.1234567Z",
  data: FIELDS,
};
const hex = (fact: EventFact) => Buffer.from(eventIdentity(fact)).toString("hex");

test("is written down: a change of it would count every event again", () => {
  expect(hex(FACT)).toBe("01a1f806614b7d73cc3ba33902662e3b");
  expect(Number.parseInt(hex(FACT).slice(0, 12), 16)).toBe(Date.parse("2026-11-20T08:15:30.123Z"));
});

test.each<[string, EventFact]>([
  ["ten data elements", { ...FACT, data: [FIELDS.join(","), ...FIELDS] }],
  ["one comma string", { ...FACT, data: [FIELDS.join(", ")] }],
  ["nine digits of time", { ...FACT, time: "2026-11-20T08:15:30.123456700Z" }],
  ["the computer in capitals", { ...FACT, computer: "KMS01.CONTOSO.COM" }],
  ["the provider's display name", { ...FACT, provider: "Security-SPP" }],
  ["no channel and no record ID", (({ channel: _, recordId: __, ...rest }) => rest)(FACT)],
  [
    "raw XML",
    readEvent(`<Event><System><Provider Name="${FACT.provider}"/><EventID>12290</EventID><TimeCreated SystemTime="2026-11-20T08:15:30.123456700Z"/>
    <Computer>kms01.contoso.com</Computer></System><EventData>${FIELDS.map((it) => `<Data>${it}</Data>`).join("")}<Binary>00</Binary></EventData></Event>`),
  ],
])("is the same with %s", (_, fact) => {
  expect(hex(fact)).toBe(hex(FACT));
});

test.each<[string, Partial<EventFact>]>([
  ["computer", { computer: "kms02.contoso.com" }],
  ["id", { eventId: 12291 }],
  ["time", { time: "2026-11-20T08:15:30.1234568Z" }],
  ["client", { data: FIELDS.with(2, "pc2") }],
  ["provider", { provider: "Microsoft-Windows-Security-Licensing-SLC" }],
])("differs with another %s", (_, change) => {
  expect(hex({ ...FACT, ...change })).not.toBe(hex(FACT));
});

describe("a time without parts of a millisecond", () => {
  const coarse = { ...FACT, time: "2026-11-20T08:15:30.123Z" };
  test("is told apart by the record ID", () => {
    expect(hex(coarse)).not.toBe(hex({ ...coarse, recordId: 8 }));
  });
  test.each(["2026-11-20T08:15:30.1230000Z", "2026-11-20T08:15:30.123000000Z"])("is the same as %s", (time) => {
    expect(hex({ ...FACT, time })).toBe(hex(coarse));
  });
});

describe("forms that keep the time less finely", () => {
  const at = (time: string, more: Partial<EventFact> = {}): EventFact => ({ ...FACT, time, ...more });
  test.each([
    ["2026-11-20T08:15:30.1234567Z", 0.0001],
    ["2026-11-20T08:15:30.123456700Z", 0.0001],
    // One fine time in ten ends in 0: seven digits that Windows wrote are no rounded time.
    ["2026-11-20T08:15:30.1234560Z", 0.0001],
    ["2026-11-20T08:15:30.123456000Z", 0.0001],
    ["2026-11-20T08:15:30.1230000Z", 1],
    ["2026-11-20T08:15:30.123456Z", 0.001],
    ["2026-11-20T08:15:30.123Z", 1],
    ["2026-11-20T09:15:30.123+01:00", 1],
    ["2026-11-20T08:15:30Z", 1_000],
    ["yesterday", undefined],
  ])("%s is known to %s ms", (time, precision) => {
    expect(timePrecision(at(time))).toBe(precision);
  });

  const fine = at("2026-11-20T08:15:30.1234567Z");
  test.each([
    ["microseconds", at("2026-11-20T08:15:30.123456Z"), true],
    ["milliseconds", at("2026-11-20T08:15:30.123Z"), true],
    ["milliseconds in another zone", at("2026-11-20T09:15:30.123+01:00"), true],
    ["seconds", at("2026-11-20T08:15:30Z"), true],
    ["seconds without a record ID", (({ recordId: _, ...rest }) => rest)(at("2026-11-20T08:15:30Z")), true],
    ["another record ID", at("2026-11-20T08:15:30.123Z", { recordId: 8 }), false],
    ["the next millisecond", at("2026-11-20T08:15:30.124Z"), false],
    ["the next second", at("2026-11-20T08:15:31Z"), false],
    ["another fine time", at("2026-11-20T08:15:30.1234568Z"), false],
    ["another client", at("2026-11-20T08:15:30.123Z", { data: FIELDS.with(2, "pc2") }), false],
    ["another computer", at("2026-11-20T08:15:30.123Z", { computer: "kms02.contoso.com" }), false],
    ["another provider's name for the same", at("2026-11-20T08:15:30.123Z", { provider: "Security-SPP" }), true],
    ["a time that cannot be read", at("yesterday"), false],
  ])("%s: the same event or not", (_, other, same) => {
    expect(areTwins(fine, other)).toBe(same);
    expect(areTwins(other, fine)).toBe(same);
    if (!same) return;
    // How the store finds it: what lies in the coarse one's range, with the same coarse identity.
    const precision = timePrecision(other)!;
    const [from, until] = twinRange(other);
    const ms = Date.parse("2026-11-20T08:15:30.123Z");
    expect(from <= ms && ms < until).toBe(true);
    expect(coarseIdentity(other, precision)).toEqual(coarseIdentity(fine, precision));
  });
});
