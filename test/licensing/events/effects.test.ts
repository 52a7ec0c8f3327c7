import { expect, test } from "@jest/globals";
import { effectOf } from "../../../licensing/events/effects.ts";
import { normalise } from "../../../licensing/events/normalise.ts";

const WINDOWS = "55c92734-d682-4d71-983e-d6ec3f16059f";
const SKU = "3f4c0546-36c6-46a8-a37f-be13cdd0cf25";
const effect = (eventId: number, ...data: string[]) =>
  effectOf(
    normalise({
      kind: "event",
      eventId,
      provider: "Microsoft-Windows-Security-SPP",
      channel: "Application",
      computer: "pc1.contoso.com",
      time: "2026-11-20T12:00:00.0000000Z",
      data,
    }),
  );
const schedule = (text: string) => effect(8230, `Security-SPP-Action-StateData (REG_SZ) =AppId=${WINDOWS};${text}`);

test.each([
  [
    `GraceEndDate=2024/02/03:22:33:07;LastConsumptionReason=0x4004fc04;LastNotificationId=Cleanup;LicenseState=SL_LICENSING_STATUS_LICENSED;PartialProductKey=YG9R6;ProductKeyType=Retail:TB:Eval;SkuId=${SKU};ruleId=379cccfb-d4e0-48fe-b0f2-0136097be147;uxDifferentiator=TIMEBASED_EVAL`,
    { status: "licensed", deadline: Date.parse("2024-02-03T22:33:07Z"), channel: "retail" },
  ],
  [
    `GraceEndDate=2026/12/20:12:00:00;LastConsumptionReason=0x4004f00c;LicenseState=SL_LICENSING_STATUS_IN_GRACE_PERIOD;ProductKeyType=Volume:GVLK;SkuId=${SKU}`,
    { status: "oob_grace", deadline: Date.parse("2026-12-20T12:00:00Z"), channel: "kms_client" },
  ],
  [
    `GraceEndDate=2026/12/20:12:00:00;LastConsumptionReason=0x4004f00d;LicenseState=SL_LICENSING_STATUS_IN_GRACE_PERIOD;SkuId=${SKU}`,
    { status: "oot_grace", deadline: Date.parse("2026-12-20T12:00:00Z"), channel: undefined },
  ],
  [
    `GraceEndDate=2026/12/20:12:00:00;LicenseState=SL_LICENSING_STATUS_NOTIFICATION;ProductKeyType=Volume:MAK;SkuId=${SKU}`,
    { status: "notification", channel: "mak" },
  ],
  [
    `GraceEndDate=1601/01/01;LicenseState=SL_LICENSING_STATUS_LICENSED;SkuId=${SKU}`,
    { status: "licensed", channel: undefined },
  ],
])("8230 tells state and end: %s", (text, expected) => {
  expect(schedule(text)).toEqual({ kind: "state", activationId: SKU, ...expected });
});

test.each([
  ["no state", `GraceEndDate=2026/12/20:12:00:00;SkuId=${SKU}`],
  ["no product", "GraceEndDate=2026/12/20:12:00:00;LicenseState=SL_LICENSING_STATUS_LICENSED"],
  ["a state that is none", `LicenseState=__proto__;SkuId=${SKU}`],
])("8230 with %s says nothing", (_, text) => {
  expect(schedule(text)).toBeUndefined();
});

const attempt = (by: string, activated: boolean, hresult?: string) => ({ kind: "attempt", by, activated, hresult });
test.each([
  [8233, ["hr=0xC004F074", WINDOWS, SKU, "UserLogon"], attempt("rules", false, "0xC004F074")],
  [8233, ["0x8007232b", WINDOWS, SKU, "TimerEvent"], attempt("rules", false, "0x8007232B")],
  [8215, ["hr=0xC004F081", SKU], attempt("adba", false, "0xC004F081")],
  [8213, ["hr=0x80070005", "x"], undefined],
  [12308, [SKU, "Activation Object", "CN=a"], attempt("adba", true)],
  [12309, ["0x00000000", "ok"], attempt("avma", true, "0x00000000")],
  [12309, ["0xC004FD01", "no"], attempt("avma", false, "0xC004FD01")],
  [12309, ["no code"], undefined],
  [12320, [SKU], attempt("token", true)],
  [12308, ["not Windows' own"], undefined],
  [12320, [], undefined],
  [12321, ["HR=0xC004F011"], undefined],
  [12321, ["hr=0xC004F304"], attempt("token", false, "0xC004F304")],
  [12322, ["hr=0xC004F302", SKU], attempt("token", false, "0xC004F302")],
  [12306, [WINDOWS, SKU, "2"], { kind: "rearm", succeeded: true, application: "windows", remaining: 2 }],
  [12306, [WINDOWS, SKU], { kind: "rearm", succeeded: true, application: "windows", remaining: undefined }],
  [
    8212,
    ["hr=0xC004D307", WINDOWS, SKU, "0"],
    { kind: "rearm", succeeded: false, application: "windows", remaining: 0 },
  ],
  [12291, ["0x80070005"], { kind: "kms_start_failed", hresult: "0x80070005" }],
  [12307, [WINDOWS, SKU], undefined],
  [8208, ["hr=0x80072EE7", "x"], undefined],
])("event %i with %j", (id, data, expected) => {
  expect(effect(id, ...data)).toEqual(expected);
});
