import { expect, test } from "@jest/globals";
import { ADVICE } from "../../../licensing/codes/advice.ts";
import { CODES } from "../../../licensing/codes/catalog.ts";
import { EVENTS } from "../../../licensing/codes/events.ts";
import { explain } from "../../../licensing/codes/explain.ts";
import { SOURCES } from "../../../licensing/codes/sources.ts";
import { REASONS, reasonOf } from "../../../licensing/reasons.ts";

test.each([
  ["0xC004F038", "0xC004F038 (SL_E_VL_NOT_ENOUGH_COUNT)"],
  ["C004F038", "0xC004F038 (SL_E_VL_NOT_ENOUGH_COUNT)"],
  ["c004f038", "0xC004F038 (SL_E_VL_NOT_ENOUGH_COUNT)"],
  [" 0xc004f038 ", "0xC004F038 (SL_E_VL_NOT_ENOUGH_COUNT)"],
  ["-1073418184", "0xC004F038 (SL_E_VL_NOT_ENOUGH_COUNT)"],
  ["3221549112", "0xC004F038 (SL_E_VL_NOT_ENOUGH_COUNT)"],
  ["-1073418124", "0xC004F074 (SL_E_VL_BINDING_SERVICE_UNAVAILABLE)"],
  ["0x0", "0x00000000 (S_OK)"],
  ["80070005", "0x80070005 (E_ACCESSDENIED)"],
  ["0x8004FE21", "0x8004FE21"],
  ["12290", "Event 12290"],
  ["8198", "Event 8198"],
])("%s is %s", (written, title) => {
  expect(explain(written, "en")).toMatchObject({ outcome: "explained", explanation: { title } });
});

test.each([
  ["0xC004F037", expect.arrayContaining(["0xC004F038"])],
  ["12299", ["12294", "12304", "12293"]],
  ["0x12345678", []],
])("%s is unknown, and the nearest are shown", (written, nearest) => {
  expect(explain(written, "en")).toMatchObject({ outcome: "unknown", nearest });
});

test.each(["", "banana", "0x", "0xC004F0380", "C004F03", "99999999999", "-3000000000", "1.5", "0xC004F03G"])(
  "%p is no code",
  (written) => {
    expect(explain(written, "en")).toEqual({ outcome: "no code" });
  },
);

test.each([
  ["0xC004F06C", "the clock of client or host", "クライアントまたはホストの時刻"],
  ["0x8007232B", "DNS", "DNS"],
  ["0x800706BA", "the network between client and host", "ネットワーク"],
  ["0xC004C020", "the product key", "プロダクト キー"],
])("whose fault %s is, in both languages", (written, en, ja) => {
  expect(explain(written, "en")).toMatchObject({ explanation: { fault: en } });
  expect(explain(written, "ja")).toMatchObject({ explanation: { fault: ja } });
});

test("the table is large, each code is in it once, and each row is complete in both languages", () => {
  expect(CODES.length).toBeGreaterThanOrEqual(150);
  expect(new Set(CODES.map((it) => it[0])).size).toBe(CODES.length);
  expect(new Set(EVENTS.map((it) => it[0])).size).toBe(EVENTS.length);
  for (const [code, name, reason, , advice, source, en, ja] of CODES) {
    expect(code).toMatch(/^[0-9A-F]{8}$/);
    expect(name).toMatch(/^$|^[A-Z][A-Z0-9_]+$/);
    expect(REASONS).toContain(reason);
    expect([ADVICE[advice], SOURCES[source]]).not.toContain(undefined);
    expect(en).toMatch(/^[A-Z].*\.$/);
    expect(ja).toMatch(/[\u3040-\u30ff\u4e00-\u9fff].*。$/);
  }
  for (const [, , , , en, ja] of EVENTS) {
    expect(en).toMatch(/^[A-Z].*\.$/);
    expect(ja).toMatch(/[\u3040-\u30ff\u4e00-\u9fff].*。$/);
  }
});

test.each(Object.keys(ADVICE))("some code or event needs the remedy %s", (advice) => {
  expect([...CODES.map((it) => it[4]), ...EVENTS.map((it) => it[2])]).toContain(advice);
});

test.each(Object.keys(SOURCES))("some code or event has the source %s", (source) => {
  expect([...CODES.map((it) => it[5]), ...EVENTS.map((it) => it[3])]).toContain(source);
});

test.each([
  ["0xC004F038", "count_too_low"],
  ["0xC004F039", "host_unreachable"],
  ["0x8007232B", "dns"],
  ["0xC004F301", "token"],
  ["0xC004F313", "token"],
  ["0xC004F314", "other"],
  ["0x80070005", "access_denied"],
  ["0x00000000", "other"],
])("the reason of %s comes from the same table: %s", (hresult, reason) => {
  expect(reasonOf(hresult)).toBe(reason);
});
