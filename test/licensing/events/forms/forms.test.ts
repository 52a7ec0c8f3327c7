import { describe, expect, test } from "@jest/globals";
import { FORMS, readEventBody } from "../../../../licensing/events/forms/read-body.ts";
import { areTwins, eventIdentity } from "../../../../licensing/events/identity.ts";
import { normalise } from "../../../../licensing/events/normalise.ts";
import type { EventFact } from "../../../../licensing/facts.ts";
import {
  ACTIVATION_FAILED,
  PUBLISH_FAILED,
  PUBLISHED,
  REQUEST,
  REQUEST_SENT,
  RESPONSE,
  SAMPLES,
  START_FAILED,
  TIMER_FAILED,
  xmlOf,
} from "../../../support/event-forms.ts";

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
    ["12289", RESPONSE],
    ["12291", START_FAILED],
    ["12292", TIMER_FAILED],
    ["12294", PUBLISHED],
  ])("%s", (_, event) => {
    const body = write(event);
    expect(readEventBody(body)?.form).toBe(form);
    const fact = factOf(body);
    expect(meaning(fact)).toEqual(meaning(event));
    expect(normalise(fact).problems).toBeUndefined();
    if (exact) expect(eventIdentity(fact)).toEqual(eventIdentity(event));
    else expect(areTwins(fact, event)).toBe(true);
    expect(areTwins(fact, { ...event, computer: "other.contoso.com" })).toBe(false);
    expect(areTwins(fact, { ...event, data: event.data.map((it) => `${it}1`) })).toBe(false);
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

test.each(["raw", "_raw", "EventXml", "rawXml", "payload", "data"])(
  "XML and maps are found under whatever name a program gives them: %s",
  (name) => {
    expect(factOf({ [name]: xmlOf(REQUEST), host: "x" })).toEqual(factOf(xmlOf(REQUEST)));
    const { write } = SAMPLES.find((it) => it.name === "Fluent Bit")!;
    expect(factOf({ stream: 1, [name]: write(REQUEST) })).toEqual(factOf(write(REQUEST)));
    expect(factOf({ stream: 1, [name]: JSON.stringify(write(REQUEST)) })).toEqual(factOf(write(REQUEST)));
  },
);

/** Bodies of releases in which the data stands in the rendered message only, in whatever language. */
test.each([
  [PUBLISHED, "'contoso.com' ドメインの DNS へのキー管理サービス (KMS) の発行に成功しました。"],
  [PUBLISHED, "Die Veröffentlichung des Schlüsselverwaltungsdiensts in der Domäne „contoso.com“ war erfolgreich."],
  [PUBLISHED, "La publication du service KMS dans le domaine « contoso.com » a réussi."],
  [PUBLISHED, "Publishing KMS to DNS in contoso.com succeeded."],
  [PUBLISH_FAILED, "「contoso.com」ドメインの DNS への発行に失敗しました。\r\n情報:\r\n0x80072338"],
  [START_FAILED, "キー管理サービスを開始できませんでした。エラー コード 0x80070005"],
])("a message in another language tells the data: %#", (event, message) => {
  const body = {
    event_id: { id: event.eventId },
    provider: { name: event.provider },
    computer: event.computer,
    channel: event.channel,
    record_id: event.recordId,
    system_time: event.time,
    event_data: {},
    message,
  };
  expect(meaning(factOf(body))).toEqual(meaning(event));
});

test("the list of 12290 and its fields, joined by a shipper, is the list", () => {
  for (const between of [" ", ",", ", ", "\n", "\r\n", "; "]) {
    const joined = { ...REQUEST, data: [REQUEST.data.join(between)] };
    expect(meaning(joined)).toEqual(meaning(REQUEST));
    expect(eventIdentity(joined)).toEqual(eventIdentity(REQUEST));
  }
});

test("two strings of 8198 that a shipper joined give the code, whatever stands between them", () => {
  const [code, parameters] = ACTIVATION_FAILED.data as [string, string];
  for (const between of ["", " ", ", ", ",", ";", "\n", "\r\n", " | "]) {
    const joined = { ...ACTIVATION_FAILED, data: [`${code}${between}${parameters}`] };
    expect(meaning(joined)).toEqual(meaning(ACTIVATION_FAILED));
    expect(eventIdentity(joined)).toEqual(eventIdentity(ACTIVATION_FAILED));
  }
});
