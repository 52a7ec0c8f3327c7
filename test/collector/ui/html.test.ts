import { describe, expect, test } from "@jest/globals";
import { csvLines } from "../../../collector/ui/computers-csv.ts";
import { html } from "../../../collector/ui/html.ts";
import { languageFor } from "../../../collector/ui/locales/languages.ts";
import { timeZoneOf } from "../../../collector/ui/time-zone.ts";

describe("templates", () => {
  test("what is not a template is escaped, in elements and in attributes", () => {
    const evil = `<b title="x" class='y'>&</b>`;
    expect(html`<p title="${evil}">${evil}</p>`.toString()).toBe(
      '<p title="&lt;b title=&quot;x&quot; class=&#39;y&#39;&gt;&amp;&lt;/b&gt;">&lt;b title=&quot;x&quot; class=&#39;y&#39;&gt;&amp;&lt;/b&gt;</p>',
    );
  });
  test("templates within templates, lists, numbers and nothing", () => {
    expect(html`${html`<i>${"<"}</i>`}${["<", html`<br>`]}${0}${undefined}${false}`.toString()).toBe(
      "<i>&lt;</i>&lt;<br>0",
    );
  });
});

test.each([
  ["ja", undefined, "en", "ja"],
  ["xx", undefined, "ja", "ja"],
  [["en", "ja"], undefined, "ja", "ja"],
  [undefined, "ja", "en", "ja"],
  [undefined, undefined, "ja-JP,ja;q=0.9,en;q=0.8", "ja"],
  [undefined, undefined, "en;q=0.1, ja;q=0.5", "ja"],
  [undefined, undefined, "ja;q=0, de", "en"],
  [undefined, undefined, undefined, "en"],
])("the language of ?lang=%j, cookie %j and Accept-Language %j is %s", (chosen, kept, accepted, expected) => {
  expect(languageFor(chosen, kept, accepted)).toBe(expected);
});

test.each([
  ["UTC", "2026-11-20 12:00 UTC"],
  ["Asia/Tokyo", "2026-11-20 21:00 UTC+9"],
  ["America/New_York", "2026-11-20 07:00 UTC-5"],
  ["Asia/Kolkata", "2026-11-20 17:30 UTC+5:30"],
  ["Mars/Olympus", undefined],
  ["../etc/passwd", undefined],
  ["x".repeat(10_000), undefined],
])("12:00 UTC in the time zone %.30s is %s", (name, expected) => {
  expect(timeZoneOf(name)?.minute(Date.parse("2026-11-20T12:00:00Z"))).toBe(expected);
});

test("CSV: quotes, commas, and no formula for a spreadsheet", () => {
  const line = csvLines({
    computer: '=cmd|"calc"!A1',
    zone: "a,b",
    last_seen: "2026-11-20T12:00:00.000Z",
    source: "agent",
    licenses: [],
  });
  expect(line).toBe(`"'=cmd|""calc""!A1","a,b",,2026-11-20T12:00:00.000Z,,,,,,,,\r\n`);
});
