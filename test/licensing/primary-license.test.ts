import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Properties } from "../../licensing/facts.ts";
import { licensesOf, renewalMinutesOf } from "../../licensing/license.ts";
import { primaryLicense, primaryLicenses, soonestDeadline } from "../../licensing/primary-license.ts";
import { licensing, product } from "../support/facts.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const OFFICE = "0ff1ce15-a989-479d-af46-f275c6370663";
let ids = 0;
const row = (more: Properties): Properties =>
  product({ ID: `99999999-0000-4000-8000-${String(++ids).padStart(12, "0")}`, ...more });
const office = (more: Properties) => row({ ApplicationID: OFFICE, ...more });

const enterprise = row({ Name: "Windows(R), Enterprise edition" });
const notified = { LicenseStatus: 5, GracePeriodRemaining: 0 };
const CASES: [string, Properties[], string[]][] = [
  [
    "a licensed one before the rest",
    [row({ ...notified, Name: "Professional, superseded" }), enterprise],
    ["Windows(R), Enterprise edition"],
  ],
  [
    "never an add-on, however it is written",
    [
      row({ LicenseIsAddon: "True", Name: "A" }),
      row({ LicenseIsAddon: 1, Name: "B" }),
      row({ LicenseIsAddon: null, LicenseDependsOn: "2de67392-b7a7-462a-b1ca-108dd189f588", Name: "C" }),
      row({ Name: "Windows(R), Server-ESU-Year3 add-on" }),
      row({ ...notified, Name: "Windows" }),
    ],
    ["Windows"],
  ],
  [
    "a subscription before the edition that it steps up from",
    [
      row({ Description: "OEM_DM channel", GracePeriodRemaining: 0, Name: "Professional" }),
      row({ Description: "TIMEBASED_SUB channel", Name: "Enterprise" }),
    ],
    ["Enterprise"],
  ],
  [
    "a grace before a notification",
    [row({ ...notified, Name: "left over" }), row({ LicenseStatus: 2, Name: "new" })],
    ["new"],
  ],
  [
    "one for each application",
    [office({ Name: "Office 16, Office16ProPlusVL_KMS_Client edition", ...notified }), enterprise],
    ["Windows(R), Enterprise edition", "Office 16, Office16ProPlusVL_KMS_Client edition"],
  ],
  [
    "no Grace edition of Microsoft 365, beside a subscription or alone",
    [
      office({
        Name: "Office 16, Office16O365ProPlusR_Grace edition",
        Description: "Office 16, RETAIL(Grace) channel",
        ...notified,
      }),
    ],
    [],
  ],
  [
    "no Trial edition that nobody uses",
    [office({ Name: "Office 16, Office16HomeStudentR_Trial edition", LicenseStatus: 0 })],
    [],
  ],
  [
    "no subscription's trial that is over",
    [
      office({ Name: "Office 16, Office16O365HomePremR_SubTrial1 edition", ...notified }),
      office({ ID: "x", Name: "Office 16, Office16O365HomePremR_Grace2 edition", ...notified }),
      office({ Name: "Office 16, X edition", ProductKeyChannel: "Retail:TB:Trial", ...notified }),
    ],
    [],
  ],
  [
    "no edition without a key (a reading by slc.dll lists them too)",
    [row({ PartialProductKey: undefined as never, LicenseStatus: 0, LicenseStatusReason: 0xc004f014 }), enterprise],
    ["Windows(R), Enterprise edition"],
  ],
  ["an unlicensed edition that is the only one", [row({ LicenseStatus: 0, Name: "Windows" })], ["Windows"]],
];

test.each(CASES)("%s", (_, rows, expected) => {
  fc.assert(
    fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
      const licenses = licensesOf(licensing(shuffled), NOW);
      expect(primaryLicenses(licenses).map((it) => it.name)).toEqual(expected);
    }),
    { numRuns: 20 },
  );
});

test("the order of rows means nothing, also of two that are alike", () => {
  const twins = [row({}), row({})];
  const [a, b] = [twins, twins.toReversed()].map((it) => primaryLicense(licensesOf(licensing(it), NOW)));
  expect(a).toEqual(b);
});

test("the deadline of a license that does not speak for the computer is none", () => {
  const left = row({ LicenseStatus: 2, GracePeriodRemaining: 5, Name: "left over" });
  expect(soonestDeadline(licensesOf(licensing([left, enterprise]), NOW))?.name).toBe("Windows(R), Enterprise edition");
});

test.each([
  [{ VLRenewalInterval: 10_080 }, 10_080],
  [{ VLRenewalInterval: "1440" }, 1_440],
  [{ KeyManagementServiceRenewalInterval: 1_440 }, 1_440],
  [{ VLRenewalInterval: 0, KeyManagementServiceRenewalInterval: 1_440 }, 1_440],
  [{ VLRenewalInterval: 4294967295 }, undefined],
  [{ VLRenewalInterval: 1_000_000 }, undefined],
  [{}, undefined],
])("the renewal interval of %j is %s minutes", (properties, expected) => {
  expect(renewalMinutesOf(properties as Properties)).toBe(expected);
});

test("a row without an interval has its service's", () => {
  const { VLRenewalInterval: _, ...without } = enterprise;
  for (const rows of [[without], [{ ...without, VLRenewalInterval: 0 }]])
    expect(licensesOf(licensing(rows, { service: { VLRenewalInterval: 1_440 } }), NOW)[0]).toMatchObject({
      renewalIntervalMinutes: 1_440,
    });
});

test("an evaluation that tells no minutes ends on its date", () => {
  const evaluation = { Description: "TIMEBASED_EVAL channel", GracePeriodRemaining: null };
  const ends = { ...evaluation, EvaluationEndDate: "/Date(1795177800000)/" };
  expect(licensesOf(licensing([row(ends)]), NOW)[0]).toMatchObject({
    deadline: 1795177800000,
    deadlineKind: "validity",
  });
  const none = { ...evaluation, EvaluationEndDate: "16010101000000.000000-000" };
  expect(licensesOf(licensing([row(none)]), NOW)[0]).not.toHaveProperty("deadline");
});
