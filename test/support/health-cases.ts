import type { Fact, Properties } from "../../licensing/facts.ts";
import type { HealthState } from "../../licensing/kms/health.ts";
import type { Application } from "../../licensing/products.ts";
import { DAY, HOUR, type Instant, MINUTE, SECOND } from "../../licensing/time.ts";
import { heartbeat, licensing, OFFICE16, product, request } from "./facts.ts";

/** The one table of what health a KMS host has, for every part that shows it. All facts are of kms01.contoso.com. */
export interface HealthCase {
  readonly name: string;
  /** One after the other, each received at its time. */
  readonly reports: readonly (readonly [at: Instant, facts: readonly Fact[]])[];
  /** What others see of the host, by their name. */
  readonly probers?: Readonly<Record<string, readonly Fact[]>>;
  readonly config?: string;
  readonly health: Readonly<Partial<Record<Application, HealthState>>>;
  /** Part of the first reason of the worst state. */
  readonly reason?: string;
}

/** When the cases are looked at. */
export const NOW = Date.parse("2026-11-20T12:00:00Z");

const OFFICE = "0ff1ce15-a989-479d-af46-f275c6370663";
const asked = (count: number, more: Partial<Parameters<typeof request>[0]> = {}, at = NOW - HOUR): Fact[] =>
  Array.from({ length: count }, (_, i) => request({ at: at + i * SECOND, client: i, recordId: 100 + i, ...more }));
const log = (...requests: Fact[]): Fact[] => [...requests, heartbeat(NOW)];
const refused = (count: number, more = {}, at = NOW - 30 * MINUTE) =>
  asked(count, { hresult: "0xC004F041", ...more }, at);

const startFailed = (at: Instant): Fact => ({
  ...request({ at, client: 0 }),
  eventId: 12291,
  channel: "Application",
  data: ["0x80070005"],
});

const windowsKey = (more: Properties = {}): Properties =>
  product({
    ID: "d6992aac-29e7-452a-bf10-bbfb8ccabe59",
    Description: "Windows(R) Operating System, VOLUME_KMS_WS16 channel",
    PartialProductKey: "EX020",
    GracePeriodRemaining: 0,
    IsKeyManagementServiceMachine: 1,
    KeyManagementServiceCurrentCount: 50,
    RequiredClientCount: 25,
    ...more,
  });
const officeKey = (more: Properties = {}): Properties =>
  product({
    ID: "47f3b983-7c53-4d45-abc6-bcd91e2dd90a",
    ApplicationID: OFFICE,
    Name: "Office 21, Office21KMSHost2021VL_KMS_Host edition",
    Description: "Office 21, VOLUME_KMS channel",
    PartialProductKey: "EX031",
    GracePeriodRemaining: 0,
    IsKeyManagementServiceMachine: 1,
    KeyManagementServiceCurrentCount: 8,
    RequiredClientCount: 5,
    ...more,
  });
const wmi = (rows: readonly Properties[], isHost = 1): Fact =>
  licensing(rows, { service: { IsKeyManagementServiceMachine: isHost, KeyManagementServiceListeningPort: 1688 } });
const mak = product({
  Description: "Windows(R) Operating System, VOLUME_MAK channel",
  IsKeyManagementServiceMachine: 0,
});
const oldKey = windowsKey({ ID: "20e938bb-df44-45ee-bde1-4e4fe7477f37", PartialProductKey: "EX010", LicenseStatus: 0 });
const tcp = (outcome: string, target = "kms01.contoso.com:1688"): Fact => ({
  kind: "probe",
  probe: "tcp",
  target,
  outcome,
  configured: true,
  intervalSeconds: 300,
});
const one = (...facts: Fact[]): HealthCase["reports"] => [[NOW, facts]];

export const HEALTH_CASES: readonly HealthCase[] = [
  { name: "50 clients and a licensed key", reports: one(wmi([windowsKey()])), health: { windows: "safe" } },
  { name: "40 clients by its log", reports: one(...log(...asked(40))), health: { windows: "safe" } },
  {
    name: "the key is in notification, and requests are refused",
    reports: one(...log(...asked(30, {}, NOW - DAY), ...refused(30)), wmi([windowsKey({ LicenseStatus: 5 })])),
    health: { windows: "refusing" },
    reason: "EX020) is in notification: this host refuses Windows clients",
  },
  {
    name: "requests are refused with 0xC004F041, without any agent",
    reports: one(...asked(30, {}, NOW - DAY), ...refused(30)),
    health: { windows: "refusing" },
    reason: "it answered 30 requests with 0xC004F041",
  },
  {
    name: "the refused product is not known",
    reports: one(...refused(3, { need: 5, product: "99999999-5555-4444-8888-999999999999" })),
    health: { unknown: "refusing" },
    reason: "it answered 3 requests with 0xC004F041",
  },
  {
    name: "the refused product is not known, and others are served since",
    reports: one(
      ...log(
        ...refused(3, { need: 5, product: "99999999-5555-4444-8888-999999999999" }),
        ...asked(40, {}, NOW - 20 * MINUTE),
      ),
    ),
    health: { windows: "safe" },
  },
  {
    name: "requests were refused, and one was handled since",
    reports: one(...log(...asked(40, {}, NOW - DAY), ...refused(5), ...asked(1, {}, NOW - 20 * MINUTE))),
    health: { windows: "safe" },
  },
  {
    name: "one client had the wrong time, another an unsupported product: no word about the host",
    reports: one(
      ...log(
        ...asked(40),
        request({ at: NOW - 1, client: 90, hresult: "0xC004F06C" }),
        request({ at: NOW - 1, client: 91, hresult: "0xC004F042" }),
      ),
    ),
    health: { windows: "safe" },
  },
  {
    name: "its service did not start (12291)",
    reports: one(...log(...asked(40, {}, NOW - DAY)), startFailed(NOW - HOUR)),
    health: { windows: "down" },
    reason: "failed to start on 2026-11-20 11:00 UTC (0x80070005)",
  },
  {
    name: "its service did not start, and it has handled a request since",
    reports: one(...log(...asked(40, {}, NOW - HOUR)), startFailed(NOW - 2 * HOUR)),
    health: { windows: "safe" },
  },
  {
    name: "its service did not start, and a prober has reached it since",
    reports: one(...log(...asked(40, {}, NOW - DAY)), startFailed(NOW - HOUR)),
    probers: { "pc1.contoso.com": [tcp("ok")] },
    health: { windows: "safe" },
  },
  {
    name: "out-of-tolerance grace of two days",
    reports: one(wmi([windowsKey({ LicenseStatus: 3, GracePeriodRemaining: 2_880 })])),
    health: { windows: "falling" },
    reason: "in the out-of-tolerance grace period until 2026-11-22 12:00 UTC",
  },
  {
    name: "that grace ended, and the host has been silent since",
    reports: [[NOW - 3 * DAY, [wmi([windowsKey({ LicenseStatus: 3, GracePeriodRemaining: 2_880 })])]]],
    health: { windows: "refusing" },
    reason: "ended on 2026-11-19 12:00 UTC",
  },
  {
    name: "no prober gets a TCP connection",
    reports: one(wmi([windowsKey()])),
    probers: { "probe1.contoso.com": [tcp("timeout")], "probe2.contoso.com": [tcp("refused")] },
    health: { windows: "down" },
    reason: "No prober reaches this KMS host (seen from zone core)",
  },
  {
    name: "one of two probers gets a TCP connection",
    reports: one(wmi([windowsKey()])),
    probers: { "probe1.contoso.com": [tcp("timeout")], "probe2.contoso.com": [tcp("ok")] },
    health: { windows: "safe" },
  },
  {
    name: "it lost its key: WMI says that it is no KMS host any more",
    reports: [
      [NOW - DAY, [...asked(30, {}, NOW - 2 * DAY), wmi([windowsKey()]), heartbeat(NOW - DAY)]],
      [NOW, [wmi([mak], 0), heartbeat(NOW)]],
    ],
    health: { windows: "refusing" },
    reason: "has lost its KMS host key for Windows",
  },
  {
    name: "it lost its key, and only its log had told that it is a KMS host",
    reports: [[NOW, [...log(...asked(30)), wmi([mak], 0)]]],
    health: { windows: "refusing" },
    reason: "has lost its KMS host key for Windows",
  },
  {
    name: "it lost its key, and its WMI says so before its log tells that it was a KMS host",
    reports: [
      [NOW - MINUTE, [wmi([mak], 0)]],
      [NOW, log(...asked(30))],
    ],
    health: { windows: "refusing" },
    reason: "has lost its KMS host key for Windows",
  },
  {
    name: "expected, and WMI says that it is no KMS host",
    reports: one(wmi([mak], 0)),
    config: "kms: { expected_hosts: [kms01.contoso.com] }",
    health: { windows: "refusing" },
    reason: "has lost its KMS host key for Windows",
  },
  {
    name: "it serves again after WMI said that its key is gone",
    reports: [
      [NOW - 2 * HOUR, [wmi([mak], 0)]],
      [NOW, log(...asked(40))],
    ],
    health: { windows: "safe" },
  },
  {
    name: "its key is still there, but WMI says that it does not serve",
    reports: [
      [NOW - DAY, [wmi([windowsKey()])]],
      [NOW, [wmi([windowsKey({ LicenseStatus: 5, IsKeyManagementServiceMachine: 0 })], 0)]],
    ],
    health: { windows: "refusing" },
    reason: "its host key (Windows Server 2016 KMS host EX020) is in notification",
  },
  {
    name: "the Office key is gone, the Windows key is not",
    reports: [
      [NOW - DAY, [wmi([windowsKey(), officeKey()])]],
      [NOW, [wmi([windowsKey()])]],
    ],
    health: { windows: "safe", office: "refusing" },
    reason: "has lost its KMS host key for Office",
  },
  {
    name: "an Office key in notification on a host whose Windows has a MAK",
    reports: one(wmi([mak, officeKey({ LicenseStatus: 5 })], 0)),
    health: { office: "refusing" },
    reason: "EX031) is in notification: this host refuses Office clients",
  },
  {
    name: "an Office key in notification beside a licensed Windows key",
    reports: one(wmi([windowsKey(), officeKey({ LicenseStatus: 5 })])),
    health: { windows: "safe", office: "refusing" },
    reason: "this host refuses Office clients",
  },
  {
    name: "of two versions of Office one is not licensed",
    reports: one(
      wmi([
        officeKey(),
        officeKey({
          ID: "98ebfe73-2084-4c97-932c-c0cd1643bea7",
          Name: "Office 16, Office16KMSHost",
          Description: "Office 16, VOLUME_KMS channel",
          PartialProductKey: "EX032",
          LicenseStatus: 5,
        }),
      ]),
    ),
    health: { office: "refusing" },
    reason: "EX032",
  },
  { name: "an old key is listed first", reports: one(wmi([oldKey, windowsKey()])), health: { windows: "safe" } },
  { name: "an old key is listed last", reports: one(wmi([windowsKey(), oldKey])), health: { windows: "safe" } },
  {
    name: "below after it was reached",
    reports: [
      [NOW - 20 * DAY, asked(30, {}, NOW - 31 * DAY)],
      [NOW, [...asked(23), heartbeat(NOW)]],
    ],
    health: { windows: "below" },
    reason: "23 of 25 clients. 2 more computers must contact this host before it activates Windows clients again.",
  },
  {
    name: "one computer short",
    reports: [
      [NOW - 20 * DAY, asked(30, {}, NOW - 31 * DAY)],
      [NOW, [...asked(24), heartbeat(NOW)]],
    ],
    health: { windows: "below" },
    reason: "24 of 25 clients. One more computer must contact this host before it activates Windows clients again.",
  },
  {
    name: "never reached",
    reports: one(...log(...asked(10))),
    health: { windows: "not_reached" },
    reason:
      "10 of 25 clients. This host has not activated Windows clients yet: 15 more computers must contact it first.",
  },
  {
    name: "three clients to spare",
    reports: one(...log(...asked(28))),
    health: { windows: "near" },
    reason: "28 clients, only 3 more than the 25 that Windows clients need.",
  },
  {
    name: "two Office computers to spare",
    reports: one(...log(...asked(7, { need: 5, product: OFFICE16 }))),
    health: { office: "safe" },
  },
  {
    name: "falls in ten days if no client renews",
    reports: one(...log(...asked(40, {}, NOW - 20 * DAY))),
    health: { windows: "falling" },
    reason: "If no client renews, the count for Windows clients drops below 25 on 2026-11-30",
  },
  {
    name: "no complete log and no count by WMI",
    reports: one(...asked(30)),
    health: { windows: "unknown" },
    reason: "The count is not known",
  },
  {
    name: "silent for two days",
    reports: [[NOW - 2 * DAY, [wmi([windowsKey()])]]],
    health: { windows: "unknown" },
    reason: "No data from this KMS host since 2026-11-18 12:00 UTC",
  },
  {
    name: "expected, and never heard",
    reports: [],
    config: "kms: { expected_hosts: [kms01.contoso.com] }",
    health: { windows: "unknown" },
    reason: "No data from this KMS host yet",
  },
  {
    name: "in maintenance, and down",
    reports: one(wmi([windowsKey()])),
    probers: { "probe1.contoso.com": [tcp("timeout")] },
    config:
      "kms: { maintenance: [{ kms_host: kms01.contoso.com, from: 2026-11-20T10:00:00Z, until: 2026-11-20T14:00:00+01:00, reason: new hardware }] }",
    health: { windows: "maintenance" },
    reason: "In maintenance until 2026-11-20 13:00 UTC: new hardware.",
  },
  {
    name: "down after the maintenance",
    reports: one(wmi([windowsKey()])),
    probers: { "probe1.contoso.com": [tcp("timeout")] },
    config:
      "kms: { maintenance: [{ kms_host: kms01.contoso.com, from: 2026-11-20T10:00:00Z, until: 2026-11-20T12:00:00Z }] }",
    health: { windows: "down" },
  },
];
