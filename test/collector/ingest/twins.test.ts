import { describe, expect, test } from "@jest/globals";
import type { EventFact } from "../../../licensing/facts.ts";
import { HOUR } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { KMS01, request } from "../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("twins", T);
const at = (time: string, recordId: number | undefined = 7): EventFact => {
  const { recordId: _, ...fact } = request({ at: T - HOUR, client: 1 });
  return { ...fact, time, ...(recordId !== undefined && { recordId }) };
};
const FINE = at("2026-11-20T11:00:00.1234567Z");
const MILLISECONDS = at("2026-11-20T11:00:00.123Z");
const SECONDS = at("2026-11-20T11:00:00Z");
const requests = () => own.figure("kms_requests_total", { status: "licensed" });

describe("the same event by two ways counts once", () => {
  test.each([
    ["fine, then milliseconds", [FINE, MILLISECONDS]],
    ["milliseconds, then fine", [MILLISECONDS, FINE]],
    ["fine, then seconds", [FINE, SECONDS]],
    ["seconds, then fine", [SECONDS, FINE]],
    ["all of them, twice", [SECONDS, FINE, MILLISECONDS, MILLISECONDS, FINE, SECONDS]],
  ])("%s, in one request and in several", async (_, facts) => {
    await own.take(KMS01, facts);
    expect(await requests()).toBe(1);
    for (const it of facts) await own.take(KMS01, [it]);
    await own.reopen();
    for (const it of facts) await own.take(KMS01, [it]);
    expect(await requests()).toBe(1);
  });
});

describe("an import and a live copy count as live, whichever comes first", () => {
  const imported = (fact: EventFact) => ({ fact, imported: true });
  const live = (fact: EventFact) => ({ fact, imported: false });
  test.each([
    ["imported by the second, then live", [imported(SECONDS), live(FINE)]],
    ["live, then imported by the second", [live(FINE), imported(SECONDS)]],
    ["imported fine, then live by the millisecond", [imported(FINE), live(MILLISECONDS)]],
    ["imported by three ways, then live", [imported(SECONDS), imported(FINE), imported(MILLISECONDS), live(FINE)]],
  ])("%s", async (_, copies) => {
    for (const { fact, imported } of copies) await own.take(KMS01, [fact], { imported });
    expect(await requests()).toBe(1);
    for (const { fact, imported } of copies) await own.take(KMS01, [fact], { imported });
    expect(await requests()).toBe(1);
  });

  test("imports alone count nothing", async () => {
    for (const it of [SECONDS, FINE, MILLISECONDS]) await own.take(KMS01, [it], { imported: true });
    expect(await requests()).toBe(0);
    expect(await own.figure("kms_table_clients", { application: "windows" })).toBe(1);
  });
});

test("two events of one millisecond that their record numbers tell apart are two", async () => {
  await own.take(KMS01, [MILLISECONDS, at("2026-11-20T11:00:00.123Z", 8), at("2026-11-20T11:00:00.1239999Z", 9)]);
  expect(await requests()).toBe(3);
});
