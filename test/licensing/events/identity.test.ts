import { describe, expect, test } from "@jest/globals";
import { eventIdentity } from "../../../licensing/events/identity.ts";
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
