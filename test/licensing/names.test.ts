import { expect, test } from "@jest/globals";
import { labelText } from "../../licensing/labels.ts";
import { nameKey, readName } from "../../licensing/names.ts";

test.each([
  ["kms01.contoso.com", "kms01.contoso.com"],
  ["KMS01.Contoso.com", "kms01.contoso.com"],
  ["kms01.contoso.com.", "kms01.contoso.com"],
  ["kms01.contoso.com...", "kms01.contoso.com"],
  ["ｋｍｓ０１．contoso.com", "kms01.contoso.com"],
  ["PC_1", "pc_1"],
  ["MININT-1A2B", "minint-1a2b"],
  ["__proto__", "__proto__"],
  ["営業部-01", "営業部-01"],
  ["büro7.contoso.com", "büro7.contoso.com"],
  ["сервер-кмс.contoso.com", "сервер-кмс.contoso.com"],
  [" kms01 ", "kms01"],
])("%s is %s", (text, key) => {
  expect(nameKey(text)).toBe(key);
});

test.each([
  ["", "empty"],
  ["...", "empty"],
  ["a..b", "no computer's"],
  ["pc 1", "no computer's"],
  ["<script>", "no computer's"],
  ["pc\u0000", "no computer's"],
  ["pc\u001b[31m", "no computer's"],
  ["pc\u202e1", "no computer's"],
  ["pc\r\n1", "no computer's"],
  ["fe80::1", "no computer's"],
  ["kms01.cоntoso.com", "alphabets"],
  ["кмѕ.contoso.com", "alphabets"],
  ["ΑΒΕ.contoso.com", "alphabets"],
  ["x".repeat(254), "253"],
  [["BCDFG", "HJKMN", "PQRTV", "WXY23", "46789"].join("-"), "product key"],
])("%j is no name: %s", (text, reason) => {
  expect(readName(text)).toEqual({ reason: expect.stringContaining(reason) });
});

test.each([
  ["Windows Server 2022 Datacenter (Core) 10.0.20348", "Windows Server 2022 Datacenter (Core) 10.0.20348"],
  ["recorded C:\\ProgramData\\a.xml", "recorded C:\\ProgramData\\a.xml"],
  ["Windows® 11", "Windows® 11"],
  ["ウィンドウズ", "ウィンドウズ"],
  ["<b>x</b>", "�b�x�/b�"],
  ["a\u202eb\u0000c\u001b[31m", "a�b�c�[31m"],
  ["x".repeat(200), "x".repeat(100)],
  [["ABCDE", "FGHIJ", "KLMNO", "PQRST", "UVWXY"].join("-"), "(redacted)"],
])("label %j", (text, expected) => {
  expect(labelText(text)).toBe(expected);
});
