import { describe, expect, test } from "@jest/globals";
import { splitEvents } from "../../../licensing/events/split.ts";
import { EventXmlError, readEvent } from "../../../licensing/events/xml.ts";

const NS = "http://schemas.microsoft.com/win/2004/08/events/event";
const event = (data = "<Data>one</Data><Data></Data><Data>three</Data>", more = "") => `<Event xmlns='${NS}'><System>
  <Provider Name='Microsoft-Windows-Security-SPP' Guid='{E23B33B0-C8C9-472C-A5F9-F2BDFEA0F156}' EventSourceName='KmsRequests'/>
  <EventID Qualifiers='16384'>12290</EventID><Version>0</Version><Level>4</Level><Keywords>0x80000000000000</Keywords>
  <TimeCreated SystemTime='2026-11-20T08:15:30.123456700Z'/><EventRecordID>4711</EventRecordID><Correlation/>
  <Execution ProcessID='0' ThreadID='0'/><Channel>Key Management Service</Channel><Computer>KMS01.contoso.com</Computer>
  <Security/></System><EventData>${data}<Binary>4D5A9000</Binary></EventData>${more}</Event>`;
const RENDERED = `<RenderingInfo Culture='ja-JP'><Message>キー管理サービスのホスト</Message><Level>情報</Level><Provider>Security-SPP</Provider></RenderingInfo>`;

describe("one event", () => {
  test.each([
    ["as Event Viewer writes it", event()],
    ["with rendered text in Japanese", event(undefined, RENDERED)],
    ["with a declaration before it", `<?xml version="1.0" encoding="utf-8"?>\n${event()}`],
    [
      "with a prefix on every element",
      event()
        .replaceAll(/<(\/?)(?=[A-Z])/g, "<$1e:")
        .replace("xmlns=", "xmlns:e="),
    ],
  ])("%s", (_, xml) => {
    expect(readEvent(xml)).toEqual({
      kind: "event",
      eventId: 12290,
      provider: "Microsoft-Windows-Security-SPP",
      eventSource: "KmsRequests",
      channel: "Key Management Service",
      computer: "KMS01.contoso.com",
      recordId: 4711,
      time: "2026-11-20T08:15:30.123456700Z",
      data: ["one", "", "three"],
    });
  });

  test("a product key in the data is not kept", () => {
    const key = ["ABCDE", "FGHIJ", "KLMNO", "PQRST", "UVWXY"].join("-");
    expect(readEvent(event(`<Data>key ${key}.</Data>`)).data).toEqual(["key (redacted)."]);
  });

  test.each([
    ["as they are", "a\u0001b\u0014c\ufffed\ud800e"],
    ["as references", "a&#1;b&#x14;c&#xFFFE;d&#xD800;e".replace("&#xFFFE;", "\ufffe").replace("&#xD800;", "\udfff")],
  ])("characters that XML does not allow read as U+FFFD, %s", (_, text) => {
    expect(readEvent(event(`<Data>${text}</Data>`)).data).toEqual(["a\ufffdb\ufffdc\ufffdd\ufffde"]);
  });
  test("tab, line break and astral characters stay", () => {
    expect(readEvent(event("<Data>a\tb\nc&#9;d&#10;e😀</Data>")).data).toEqual(["a\tb\nc\td\ne😀"]);
  });

  test.each([
    ["a DOCTYPE", `<!DOCTYPE Event [<!ENTITY a "b">]>${event("<Data>&a;</Data>")}`],
    ["an entity that is not declared", event("<Data>&boom;</Data>")],
    ["elements without end", "<Event>".repeat(200)],
    ["too many data elements", event("<Data>x</Data>".repeat(300))],
    ["more than a megabyte", event(`<Data>${"x".repeat(1_100_000)}</Data>`)],
    ["no id", event().replace("12290", "")],
    ["no provider", event().replace("Name=", "Nome=")],
    ["no time", event().replace("SystemTime", "Time")],
    ["no computer", event().replaceAll("Computer>", "Host>")],
    ["cut off", event().slice(0, 400)],
  ])("refuses %s", (_, xml) => {
    expect(() => readEvent(xml)).toThrow(EventXmlError);
  });
});

describe("several events in one text", () => {
  const all = (text: string) =>
    [...splitEvents(text)].map((it) => ("xml" in it ? "event" : `${it.position}: ${it.error}`));
  test.each([
    ["one", event(), 1],
    ["an Events document", `\ufeff<?xml version="1.0"?>\n<Events>${event()}\n${event()}</Events>`, 2],
    ["one after the other", event() + event() + event(), 3],
    ["what evtxexport prints", `evtxexport 20181227\n\n${event()}\n\n${event()}\n`, 2],
    ["nothing", "<Events></Events>", 0],
  ])("%s", (_, text, count) => {
    expect(all(text)).toEqual(Array(count).fill("event"));
  });

  test("an event that is not closed takes no other with it", () => {
    const lines = event().split("\n").length;
    expect(all(`${event()}\n${event().slice(0, 300)}\n${event()}`)).toEqual([
      "event",
      `line ${lines + 1}: The event is not closed.`,
      "event",
    ]);
  });
  test("a text cut off in its last event tells so", () => {
    expect(all(`${event()}${event().slice(0, -3)}`)).toEqual(["event", expect.stringContaining("not closed")]);
  });
  test("an event whose beginning is lost is told", () => {
    expect(all(`${event().slice(40)}\n${event()}`)).toEqual([
      expect.stringContaining("without its beginning"),
      "event",
    ]);
  });
});
