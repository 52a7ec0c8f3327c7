import { describe, expect, test } from "@jest/globals";
import { nameHoldsKey, redactKeys } from "../../licensing/product-keys.ts";

/** Invented: the first of letters that no key has, the second of those that keys have. */
const GROUPS = [
  ["ABCDE", "12F45", "KLMNO", "PQRST", "UVWXY"],
  ["BCDFG", "HJKMN", "PQRTV", "WXY23", "46789"],
];
const bare = GROUPS[1]!.join("");

describe.each(GROUPS.map((groups) => [groups[0], groups] as const))("a key of %s", (_, groups) => {
  const written = (between: string) => groups.join(between);
  const key = written("-");
  test.each<[string, string, string]>([
    ["alone", key, "(redacted)"],
    ["in a sentence", `key ${key}.`, "key (redacted)."],
    ["in lower case", key.toLowerCase(), "(redacted)"],
    ["behind a letter", `x${key}`, "x(redacted)"],
    ["before a letter", `${key}y`, "(redacted)y"],
    ["behind a dash", `-${key}`, "-(redacted)"],
    ["before a dash", `${key}-`, "(redacted)-"],
    ["in quotes", `"${key}"`, '"(redacted)"'],
    ["with blanks", `key ${written(" ")} of`, "key (redacted) of"],
    ["with dashes between blanks", written(" - "), "(redacted)"],
    ["with a no-break space", written("\u00a0"), "(redacted)"],
    ["with en dashes", written("\u2013"), "(redacted)"],
    ["with U+2010", written("\u2010"), "(redacted)"],
    ["with U+2011", written("\u2011"), "(redacted)"],
    ["with minus signs", written("\u2212"), "(redacted)"],
    ["with full-width dashes", written("\uff0d"), "(redacted)"],
    ["with spaces of no width", written("-\u200b"), "(redacted)"],
    ["with a joiner inside a group", key.replace(/^(..)/, "$1\u200d"), "(redacted)"],
    ["with soft hyphens", written("\u00ad"), "(redacted)"],
    ["escaped for an address", written("%2D"), "(redacted)"],
    ["escaped for XML", written("&#45;"), "(redacted)"],
    [
      "in full-width letters",
      key.replaceAll(/\w/g, (it) => String.fromCharCode(it.charCodeAt(0) + 0xfee0)),
      "(redacted)",
    ],
    ["twice in a row with a dash", `${key}-${key}`, "(redacted)"],
    ["twice in a row", `${key}${key}`, "(redacted)(redacted)"],
    ["twice with a comma", `${key},${key}`, "(redacted),(redacted)"],
    ["on two lines", `a\n${key}\nb`, "a\n(redacted)\nb"],
  ])("%s", (name, text, expected) => {
    const read = redactKeys(text);
    for (const group of groups.slice(1, 4)) expect(read.toUpperCase()).not.toContain(group);
    // What stays of a second key that follows at once is a matter of where it is cut; no four groups stay together.
    if (name !== "twice in a row") expect(read).toBe(expected);
  });
});

test.each([
  ["without dashes", bare],
  ["without dashes, in lower case", bare.toLowerCase()],
  ["without dashes, twice", bare + bare],
  ["without dashes, with a space of no width", `${bare.slice(0, 7)}\u200b${bare.slice(7)}`],
])("a key %s", (_, text) => {
  expect(redactKeys(`key=${text};`)).toBe("key=(redacted);");
});

test.each([
  "ae2ee509-1b34-41c0-acb7-6d4650168915",
  "{E23B33B0-C8C9-472C-A5F9-F2BDFEA0F156}",
  "0x0,25,pc1.contoso.com,08c3bda0-c556-4b61-9e4e-7bf6d4df80be,2026/11/20 08:15,0,1,259200,ae2ee509-1b34-41c0-acb7-6d4650168915",
  "RuleId=eeba1977-569e-4571-b639-7623d8bfecc0;Action=AutoActivate;AppId=55c92734-d682-4d71-983e-d6ec3f16059f;NotificationInterval=1440;Trigger=TimerEvent",
  "00330-80000-00000-AA123",
  "03612-00206-471-452382-03-1033-14393.0000-0412018",
  "55041-02615-271-724832-03-1041-20348.0000-3232023",
  "12345 67890 12345 67890 12345 67890",
  "these words would never again match",
  "ABCDE-FGHIJ-KLMNO-PQRST",
  "VVVVV",
  "windows server 2022 standard evaluation edition",
  "1: 2de67392-b7a7-462a-b1ca-108dd189f588, 1, 1 [(0 [0x00000000, 1, 0], [(?)( 1 0x00000000)(?)( 2 0x00000000 0 0 msft:rm/algorithm/volume/1.0 0x00000000 257879)])",
  "prodwebserverseastus2-agent-build.contoso.com",
])("%s stays", (text) => {
  expect(redactKeys(text)).toBe(text);
});

test("in a long document of JSON", () => {
  const values = Array.from({ length: 100 }, (_, i) => ({ i, a: `key ${GROUPS[i % 2]!.join("-")}.`, b: "x", c: bare }));
  const read = redactKeys(JSON.stringify(values));
  expect(JSON.parse(read)).toEqual(values.map((it) => ({ ...it, a: "key (redacted).", c: "(redacted)" })));
});

test("is linear in hostile texts", () => {
  const started = performance.now();
  for (const text of [
    "ABCDE-".repeat(200_000),
    "ABCDE ".repeat(200_000),
    `${"B".repeat(24)}A`.repeat(40_000),
    "-\u200b".repeat(400_000),
    "ABCDE-FGHIJ-KLMNO-PQRST-UVWX ".repeat(40_000),
  ])
    redactKeys(text);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test.each([
  [GROUPS[1]!.join("-").toLowerCase(), true],
  [`${GROUPS[0]!.join("-")}.contoso.com`, true],
  [bare.toLowerCase(), true],
  ["build-agent-linux-north-prod1.contoso.com", false],
  ["kms01.contoso.com", false],
])("a name %s holds a key: %s", (name, expected) => {
  expect(nameHoldsKey(name)).toBe(expected);
});
