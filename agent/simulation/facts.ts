import type { EventFact, HeartbeatFact, LicensingFact, Properties } from "../../licensing/facts.ts";
import { DAY, type Instant, iso, MINUTE, SECOND } from "../../licensing/time.ts";
import { DOMAIN, KMS_HOSTS, lastRenewal, type SimulatedComputer } from "./fleet.ts";

const SPP = "Microsoft-Windows-Security-SPP";
const PRODUCTS = {
  client: { id: "73111121-5638-40f6-bc11-f1d7b0d64300", name: "Windows(R), Enterprise edition", need: 25 },
  server: { id: "8c1c5410-9f39-4805-8c9d-63a07706358f", name: "Windows(R), ServerStandard edition", need: 5 },
  mak: { id: "73111121-5638-40f6-bc11-f1d7b0d64300", name: "Windows(R), Enterprise edition", need: 25 },
  office: {
    id: "d450596f-894d-49e0-966a-fd39ed4c4c64",
    name: "Office 16, Office16ProPlusVL_KMS_Client edition",
    need: 5,
  },
} as const;
const WINDOWS = "55c92734-d682-4d71-983e-d6ec3f16059f";
const OFFICE = "0ff1ce15-a989-479d-af46-f275c6370663";
export const MAK_KEY = "QX4WD";
const VALIDITY = 180 * DAY;
const GRACE = 30 * DAY;

const clientTime = (at: Instant): string => iso(at).slice(0, 16).replaceAll("-", "/").replace("T", " ");
/** Windows tells the time to 100 ns. */
const ticks = (at: Instant): string => iso(at).replace("Z", `${String(1 + ((at * 7_919) % 9_999)).padStart(4, "0")}Z`);

/** 12290 in the log of its KMS host: ten strings, as every current host writes them. */
export const requestFact = (it: SimulatedComputer, at: Instant, recordId: number, office = false): EventFact => {
  const product = office ? PRODUCTS.office : PRODUCTS[it.role];
  const fields = [
    "0x0",
    String(product.need),
    it.host,
    it.cmid,
    clientTime(at + it.skew),
    "0",
    "1",
    String(173 * 1_440),
    product.id,
  ];
  return {
    kind: "event",
    eventId: 12290,
    provider: SPP,
    eventSource: "KmsRequests",
    channel: "Key Management Service",
    computer: it.kmsHost!,
    recordId,
    time: ticks(at),
    data: [fields.join(","), ...fields],
  };
};

/** 12288 and 12289 in the computer's own log. */
export const exchangeFacts = (it: SimulatedComputer, at: Instant, count: number, office = false): EventFact[] => {
  const product = office ? PRODUCTS.office : PRODUCTS[it.role];
  const base = { kind: "event", provider: SPP, channel: "Application", computer: it.host } as const;
  const sent = `0x00000000, 0x00000000, ${it.kmsHost}:1688, ${it.cmid}, ${clientTime(at)}, 0, 1, ${173 * 1_440}, ${product.id}, ${product.need}`;
  const answered = `0x00000000, 0x00000000, 1, 0, ${count}, 120, 10080, ${clientTime(at)}`;
  return [
    { ...base, eventId: 12288, time: ticks(at), data: [sent] },
    { ...base, eventId: 12289, time: ticks(at + SECOND / 5), data: [answered] },
  ];
};

/** What WMI says on it. */
export const licensingFact = (it: SimulatedComputer, at: Instant, now: Instant): LicensingFact => ({
  kind: "licensing",
  service: {
    Version: "10.0.19041.1266",
    IsKeyManagementServiceMachine: 0,
    ClientMachineID: it.cmid,
    RemainingWindowsReArmCount: 1001,
  },
  products: [windowsRow(it, at, now), ...(it.office && it.role !== "server" ? [officeRow(it, at, now)] : [])],
  intervalSeconds: 14_400,
});

const windowsRow = (it: SimulatedComputer, at: Instant, now: Instant): Properties => ({
  ID: PRODUCTS[it.role].id,
  Name: PRODUCTS[it.role].name,
  Description: `Windows(R) Operating System, ${it.role === "mak" ? "VOLUME_MAK" : "VOLUME_KMSCLIENT"} channel`,
  ApplicationID: WINDOWS,
  PartialProductKey: it.role === "mak" ? MAK_KEY : "2YT43",
  ProductKeyChannel: it.role === "mak" ? "Volume:MAK" : "Volume:GVLK",
  LicenseIsAddon: false,
  ...(it.role === "mak"
    ? { LicenseStatus: 1, LicenseStatusReason: 0, GracePeriodRemaining: 0 }
    : countdown(it, at, now)),
  VLRenewalInterval: 10_080,
});

const officeRow = (it: SimulatedComputer, at: Instant, now: Instant): Properties => ({
  ID: PRODUCTS.office.id,
  Name: PRODUCTS.office.name,
  Description: "Office 16, VOLUME_KMSCLIENT channel",
  ApplicationID: OFFICE,
  PartialProductKey: "WFG99",
  ProductKeyChannel: "Volume:GVLK",
  LicenseIsAddon: false,
  ...countdown(it, at, now),
});

/** 180 days from the last renewal, then 30 of grace, then notification. */
const countdown = (it: SimulatedComputer, at: Instant, now: Instant): Properties => {
  const left = lastRenewal(it, at, now) + VALIDITY - at;
  if (left > 0) return { LicenseStatus: 1, LicenseStatusReason: 0, GracePeriodRemaining: Math.floor(left / MINUTE) };
  const grace = left + GRACE;
  return grace > 0
    ? { LicenseStatus: 3, LicenseStatusReason: 0x4004_f00d, GracePeriodRemaining: Math.floor(grace / MINUTE) }
    : { LicenseStatus: 5, LicenseStatusReason: 0xc004_f009, GracePeriodRemaining: 0 };
};

/** What a KMS host's own WMI says: counts, its key, its license. */
export const hostLicensingFact = (counts: { windows: number; office: number }, requests: number): LicensingFact => {
  const row = (application: string, name: string, key: string, count: number): Properties => ({
    ID: application === WINDOWS ? "d6992aac-29e7-452a-bf10-bbfb8ccabe59" : "98ebfe73-2084-4c97-932c-c0cd1643bea7",
    Name: name,
    Description: "Windows Operating System - Windows Server(R), VOLUME_KMS_WS16 channel",
    ApplicationID: application,
    PartialProductKey: key,
    LicenseStatus: 1,
    GracePeriodRemaining: 0,
    IsKeyManagementServiceMachine: 1,
    KeyManagementServiceCurrentCount: count,
    RequiredClientCount: application === WINDOWS ? 25 : 5,
    KeyManagementServiceTotalRequests: requests,
    KeyManagementServiceFailedRequests: 0,
  });
  return {
    kind: "licensing",
    service: { Version: "10.0.14393.5127", IsKeyManagementServiceMachine: 1, KeyManagementServiceListeningPort: 1688 },
    products: [
      row(WINDOWS, "Windows(R), ServerStandard edition", "K4MSW", counts.windows),
      row(OFFICE, "Office 16, Office16ProPlusVL_KMS edition", "K4MSO", counts.office),
    ],
    intervalSeconds: 900,
  };
};

/** 12294 in the KMS host's own log; the lab's host has no right on its domain: 12293, refused by DNS. */
export const dnsFact = (kmsHost: string, at: Instant): EventFact => {
  const refused = kmsHost === KMS_HOSTS.lab;
  return {
    kind: "event",
    eventId: refused ? 12293 : 12294,
    provider: SPP,
    channel: "Application",
    computer: kmsHost,
    time: ticks(at),
    data: refused ? ["0x8007232D", `lab7.${DOMAIN}`] : [DOMAIN],
  };
};

export const heartbeatFact = (
  channels: readonly string[],
  at: Instant,
  sentAt: Instant,
  oldest: Instant,
): HeartbeatFact => ({
  kind: "heartbeat",
  channels: Object.fromEntries(channels.map((it) => [it, { readUntil: iso(at), oldest: iso(oldest), gaps: 0 }])),
  spooledRecords: 0,
  oldestUnsentSeconds: 0,
  droppedRecords: {},
  failingSources: {},
  sentAt: iso(sentAt),
  intervalSeconds: 60,
});
