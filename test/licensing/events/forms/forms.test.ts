import { describe, expect, test } from "@jest/globals";
import { FORMS, readEventBody } from "../../../../licensing/events/forms/read-body.ts";
import { areTwins, eventIdentity } from "../../../../licensing/events/identity.ts";
import { normalise } from "../../../../licensing/events/normalise.ts";
import type { EventFact } from "../../../../licensing/facts.ts";
import { ACTIVATION_FAILED, PUBLISH_FAILED, REQUEST, REQUEST_SENT, SAMPLES } from "../../../support/event-forms.ts";

const factOf = (body: unknown): EventFact => {
  const read = readEventBody(body);
  if (!read || "error" in read.event) throw new Error(JSON.stringify(read));
  return read.event;
};
/** What an event says, without what some forms leave out or round. */
const meaning = (fact: EventFact) => {
  const { record_id: _, time: __, info: ___, channel: ____, ...rest } = normalise(fact);
  return rest;
};

test("there is a sample of every form", () => {
  const known = new Set(SAMPLES.map(({ form }) => form));
  for (const { name } of FORMS) expect(known).toContain(name);
});

describe.each(SAMPLES)("$name", ({ form, write, exact }) => {
  test.each([
    ["12290", REQUEST],
    ["12288", REQUEST_SENT],
    ["8198", ACTIVATION_FAILED],
    ["12293", PUBLISH_FAILED],
  ])("%s", (_, event) => {
    const body = write(event);
    expect(readEventBody(body)?.form).toBe(form);
    const fact = factOf(body);
    expect(meaning(fact)).toEqual(meaning(event));
    expect(normalise(fact).problems).toBeUndefined();
    if (exact) expect(eventIdentity(fact)).toEqual(eventIdentity(event));
    else expect(areTwins(fact, event)).toBe(true);
    expect(areTwins(fact, { ...event, computer: "other.contoso.com" })).toBe(false);
    expect(areTwins(fact, { ...event, data: event.data.map((it) => it.replaceAll("0x", "0x1")) })).toBe(false);
  });
  test("as JSON text, and as a search's hit", () => {
    const fact = factOf(write(REQUEST));
    expect(factOf(JSON.stringify({ message: write(REQUEST) }))).toEqual(fact);
    expect(factOf({ _index: "logs", _source: write(REQUEST) })).toEqual(fact);
  });
});

test.each([
  ["a text", "hello"],
  ["a number", 5],
  ["a map of something else", { level: "info", message: "hello" }],
  ["a list", [REQUEST]],
  ["nothing", null],
  ["a map that turns on itself", JSON.parse(`${'{"message":'.repeat(5_000)}1${"}".repeat(5_000)}`)],
])("%s is no event", (_, body) => {
  expect(readEventBody(body)).toBeUndefined();
});

test("Get-WinEvent whose properties were cut off by ConvertTo-Json is read from its message, or told", () => {
  const { write } = SAMPLES.find(({ name }) => name.startsWith("Get-WinEvent"))!;
  const names = REQUEST.data.map(() => "System.Diagnostics.Eventing.Reader.EventProperty");
  const body = { ...(write(REQUEST) as object), Properties: names };
  expect(meaning(factOf({ ...body, Message: `処理されました。\n情報:\n${REQUEST.data[0]}` }))).toEqual(
    meaning(REQUEST),
  );
  expect(readEventBody({ ...body, Message: "処理されました。" })?.event).toEqual({
    error: expect.stringContaining("-Depth 4"),
  });
});

test("two strings of 8198 that a shipper joined give the code, whatever stands between them", () => {
  const [code, parameters] = ACTIVATION_FAILED.data as [string, string];
  for (const between of ["", " ", ", ", ",", ";", "\n", "\r\n", " | "]) {
    const joined = { ...ACTIVATION_FAILED, data: [`${code}${between}${parameters}`] };
    expect(meaning(joined)).toEqual(meaning(ACTIVATION_FAILED));
    expect(eventIdentity(joined)).toEqual(eventIdentity(ACTIVATION_FAILED));
  }
});
