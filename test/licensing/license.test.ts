import { describe, expect, test } from "@jest/globals";
import type { LicensingFact, Properties } from "../../licensing/facts.ts";
import { kmsReadingOf } from "../../licensing/kms/reading.ts";
import { channelOf, licensesOf } from "../../licensing/license.ts";
import { primaryLicense, soonestDeadline } from "../../licensing/primary-license.ts";
import { isUnreachable, REASONS, reasonOf } from "../../licensing/reasons.ts";
import { DAY, MINUTE } from "../../licensing/time.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const WINDOWS = "55c92734-d682-4d71-983e-d6ec3f16059f";
const OFFICE = "0ff1ce15-a989-479d-af46-f275c6370663";
const row = (more: Properties = {}): Properties => ({
  ID: "73111121-5638-40F6-BC11-F1D7B0D64300",
  Name: "Windows(R), Enterprise edition",
  Description: "Windows(R) Operating System, VOLUME_KMSCLIENT channel",
  ApplicationID: WINDOWS,
  PartialProductKey: "2YT43",
  LicenseStatus: 1,
  LicenseStatusReason: 0,
  GracePeriodRemaining: 259_200,
  ...more,
});
const reading = (...products: Properties[]): LicensingFact => ({ kind: "licensing", products });
const only = (more: Properties) => licensesOf(reading(row(more)), NOW)[0];

describe("Deadlines", () => {
  test.each([
    [
      "an activated KMS client",
      { LicenseStatus: 1, GracePeriodRemaining: 259_200 },
      { deadline: NOW + 180 * DAY, deadlineKind: "validity" },
    ],
    ["permanent", { LicenseStatus: 1, GracePeriodRemaining: 0 }, {}],
    [
      "initial grace",
      { LicenseStatus: 2, GracePeriodRemaining: 43_200 },
      { deadline: NOW + 30 * DAY, deadlineKind: "grace" },
    ],
    [
      "a grace that is over is now",
      { LicenseStatus: 3, GracePeriodRemaining: 0 },
      { deadline: NOW, deadlineKind: "grace" },
    ],
    [
      "one minute of extended grace",
      { LicenseStatus: 6, GracePeriodRemaining: 1 },
      { deadline: NOW + MINUTE, deadlineKind: "grace" },
    ],
    ["notification", { LicenseStatus: 5, GracePeriodRemaining: 0 }, {}],
    ["unlicensed", { LicenseStatus: 0, GracePeriodRemaining: 0 }, {}],
    ["no value", { LicenseStatus: 2, GracePeriodRemaining: 4294967295 }, {}],
    ["no value, signed", { LicenseStatus: 2, GracePeriodRemaining: -1 }, {}],
  ])("%s", (_, more, expected) => {
    const { deadline, deadlineKind } = only(more)!;
    expect({ ...(deadline !== undefined && { deadline }), ...(deadlineKind && { deadlineKind }) }).toEqual(expected);
  });
});

test.each([
  ["Windows(R) Operating System, VOLUME_KMSCLIENT channel", {}, "kms_client"],
  ["Windows(R) Operating System, VOLUME_KMSCLIENT channel", { VLActivationType: 1 }, "adba"],
  ["Windows(R) Operating System, VOLUME_KMSCLIENT channel", { VLActivationType: 2 }, "kms_client"],
  ["Windows(R) Operating System, VOLUME_KMSCLIENT channel", { VLActivationType: 3 }, "token"],
  ["Windows Operating System - Windows Server(R), VOLUME_KMS_2012-R2 channel", {}, "kms_host"],
  ["Windows(R) Operating System, VOLUME_MAK channel", {}, "mak"],
  ["Office 16, RETAIL(MAK) channel", {}, "mak"],
  ["Windows(R) Operating System, TIMEBASED_EVAL channel", { ProductKeyChannel: "Retail:TB:Eval" }, "other"],
  ["Office 16, TIMEBASED_SUB channel", {}, "subscription"],
  ["Windows(R) Operating System, VIRTUAL_MACHINE_ACTIVATION channel", {}, "avma"],
  ["Windows(R) Operating System, RETAIL channel", {}, "retail"],
  ["Windows(R) Operating System, OEM_DM channel", {}, "oem"],
  ["", { ProductKeyChannel: "Volume:GVLK" }, "kms_client"],
  ["", { ProductKeyChannel: "VT:IA" }, "avma"],
  ["", { ProductKeyChannel: "OEM:NONSLP" }, "oem"],
  ["", {}, "other"],
])("channel of %j %j: %s", (Description, more, expected) => {
  expect(channelOf({ Description, ...more })).toBe(expected);
});

describe("one reading", () => {
  test("the reason as code, signed or not", () => {
    expect(only({ LicenseStatusReason: -1073418124 })?.reason).toBe("0xC004F074");
    expect(only({ LicenseStatusReason: 3221549172 })?.reason).toBe("0xC004F074");
  });
  test.each([
    ["no key", { PartialProductKey: null }],
    ["a status nobody knows", { LicenseStatus: 9 }],
    ["no activation ID", { ID: "x" }],
  ])("a row with %s says nothing", (_, more) => {
    expect(only(more)).toBeUndefined();
  });
  test("the add-on does not speak for the computer", () => {
    const licenses = licensesOf(
      reading(
        row({ LicenseIsAddon: true, Name: "ESU", GracePeriodRemaining: 1 }),
        row({ LicenseStatus: 5, GracePeriodRemaining: 0, Name: "left over" }),
        row({ GracePeriodRemaining: 100_000 }),
        row({ ApplicationID: OFFICE, GracePeriodRemaining: 50_000, Name: "Office" }),
      ),
      NOW,
    );
    expect(primaryLicense(licenses)?.name).toBe("Windows(R), Enterprise edition");
    expect(soonestDeadline(licenses)?.name).toBe("Office");
  });
  test("the KMS host in use: pinned before discovered", () => {
    expect(only({ DiscoveredKeyManagementServiceMachineName: "KMS02.contoso.com" })?.kmsHost).toBe("kms02.contoso.com");
    expect(
      only({ KeyManagementServiceMachine: "kms01", DiscoveredKeyManagementServiceMachineName: "b" })?.kmsHost,
    ).toBe("kms01");
  });
});

describe("a KMS host", () => {
  const key = {
    Description: "Windows(R) Operating System, VOLUME_KMS_WS22 channel",
    GracePeriodRemaining: 0,
    PartialProductKey: "ABCDE",
  };
  test("counts per product, since Windows 7", () => {
    const read = kmsReadingOf({
      ...reading(
        row({
          ...key,
          IsKeyManagementServiceMachine: 1,
          KeyManagementServiceCurrentCount: 42,
          RequiredClientCount: 25,
          KeyManagementServiceTotalRequests: 900,
          KeyManagementServiceFailedRequests: 4294967295,
        }),
        row({
          ...key,
          ApplicationID: OFFICE,
          IsKeyManagementServiceMachine: 1,
          KeyManagementServiceCurrentCount: 4294967295,
        }),
      ),
      service: {
        IsKeyManagementServiceMachine: 1,
        KeyManagementServiceCurrentCount: 42,
        KeyManagementServiceListeningPort: 0,
      },
    });
    expect(read).toMatchObject({
      isKmsHost: true,
      port: 1688,
      pools: { windows: { count: 42, need: 25, counters: { total: 900 } }, office: { count: 0 } },
      keys: [
        { application: "office", status: "licensed" },
        { application: "windows", partialProductKey: "ABCDE", status: "licensed", minutesLeft: 0, serves: true },
      ],
    });
    expect(read?.pools.windows?.counters).not.toHaveProperty("failed");
  });
  test("the count of the service on Vista and 2008", () => {
    const read = kmsReadingOf({
      ...reading(row(key)),
      service: {
        IsKeyManagementServiceMachine: 1,
        KeyManagementServiceCurrentCount: 7,
        KeyManagementServiceTotalRequests: 9,
      },
    });
    expect(read?.pools).toEqual({ windows: { count: 7, counters: { total: 9 } } });
  });
  test("a client is none, whatever its count says", () => {
    expect(
      kmsReadingOf({
        ...reading(row({ KeyManagementServiceCurrentCount: 4294967295, IsKeyManagementServiceMachine: 0 })),
        service: { IsKeyManagementServiceMachine: 0, KeyManagementServiceCurrentCount: 4294967295 },
      }),
    ).toEqual({ isKmsHost: false, pools: {}, port: 1688, keys: [] });
  });
  test("nothing is said where WMI does not say it", () => {
    expect(kmsReadingOf(reading(row({})))).toBeUndefined();
  });
});

test.each([
  ["0xC004F038", "count_too_low", false],
  ["0xC004F074", "host_unreachable", true],
  ["0x8007232B", "dns", true],
  ["0xC004F06C", "clock_skew", false],
  ["0xC004F042", "unsupported_product", false],
  ["0xC004F035", "bios_marker_missing", false],
  ["0xC004F200", "not_genuine", false],
  ["0xC004F051", "key_blocked", false],
  ["0xC004F041", "host_not_activated", false],
  ["0xC004F30A", "token", false],
  ["0xDEADBEEF", "other", false],
])("%s is %s", (code, reason, unreachable) => {
  expect(reasonOf(code)).toBe(reason);
  expect(REASONS).toContain(reason);
  expect(isUnreachable(reasonOf(code))).toBe(unreachable);
});
