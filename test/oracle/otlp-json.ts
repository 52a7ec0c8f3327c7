import type { Fact, Instant, LicenseRow, Reading, RequestHandled, RequestSent, ResponseProcessed } from "./fact.ts";

/** Facts as requests in OTLP/JSON, written from the contract's wire format and from Microsoft's event layouts. */

type Json = null | string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

const anyValue = (value: Json): Json => {
  if (value === null) return {};
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: attributes(value as { readonly [key: string]: Json }) } };
};
const attributes = (map: { readonly [key: string]: Json }): Json[] =>
  Object.entries(map).map(([key, value]) => ({ key, value: anyValue(value) }));

const iso = (at: Instant): string => new Date(at).toISOString();
const clientTime = (at: Instant): string => iso(at).slice(0, 16).replaceAll("-", "/").replace("T", " ");

const EVENT_NAMES = {
  request_handled: "windows.event",
  request_sent: "windows.event",
  response_processed: "windows.event",
  reading: "windows.licensing",
  heartbeat: "activation.agent",
} as const;

/** One request with these facts, in this order. All of them are live, or all of them are imported. */
export const requestOf = (facts: readonly Fact[]): string => {
  const resourceLogs: { sender: Fact["sender"]; facts: Fact[] }[] = [];
  for (const it of facts) {
    const last = resourceLogs.at(-1);
    if (last?.sender === it.sender) last.facts.push(it);
    else resourceLogs.push({ sender: it.sender, facts: [it] });
  }
  return JSON.stringify({
    resourceLogs: resourceLogs.map(({ sender, facts: records }) => ({
      resource: {
        attributes: attributes({
          "service.name": "activation-agent",
          "service.version": sender.agentVersion,
          "service.instance.id": sender.instance,
          "host.name": sender.host,
          "os.type": "windows",
          "os.name": sender.os,
          "activation.zone": sender.zone,
        }),
      },
      scopeLogs: [
        { scope: { name: "activation-monitor", version: sender.agentVersion }, logRecords: records.map(recordOf) },
      ],
    })),
  });
};

const recordOf = (fact: Fact): Json => {
  const nanos = `${Math.round(fact.at)}000000`;
  return {
    timeUnixNano: nanos,
    observedTimeUnixNano: nanos,
    eventName: EVENT_NAMES[fact.kind],
    attributes: attributes({ "log.record.uid": `fact-${fact.uid}` }),
    body: anyValue(bodyOf(fact)),
  };
};

const bodyOf = (fact: Fact): Json => {
  switch (fact.kind) {
    case "request_handled":
      return event(fact, 12290, "Key Management Service", fact.host, handledFields(fact));
    case "request_sent":
      return event(fact, 12288, "Application", fact.computer, [sentFields(fact).join(", ")]);
    case "response_processed":
      return event(fact, 12289, "Application", fact.computer, [responseFields(fact).join(", ")]);
    case "reading":
      return readingBody(fact);
    case "heartbeat":
      return {
        channels: {
          Application: progress(fact.application),
          ...(fact.kms && { "Key Management Service": progress(fact.kms) }),
        },
        spooled_records: 0,
        oldest_unsent_seconds: 0,
        dropped_records: { event: fact.droppedEvents },
        failing_sources: {},
        sent_at: iso(fact.at),
        interval_seconds: 60,
      };
  }
};

const progress = (it: { readUntil: Instant; oldest: Instant; gaps: number }): Json => ({
  read_until: iso(it.readUntil),
  oldest: iso(it.oldest),
  gaps: it.gaps,
});

const event = (
  fact: { readonly uid: number; readonly at: Instant; readonly recordId: number },
  id: number,
  channel: string,
  computer: string,
  data: readonly string[],
): Json => ({
  event_id: { id, qualifiers: 16384 },
  provider: { name: "Microsoft-Windows-Security-SPP" },
  // Parts of a millisecond, so that two events of one millisecond are two events.
  system_time: iso(fact.at).replace("Z", `${1_000 + (fact.uid % 9_000)}Z`),
  computer,
  channel,
  record_id: fact.recordId,
  event_data: Object.fromEntries(data.map((it, i) => [`param${i + 1}`, it])),
});

const handledFields = (it: RequestHandled): string[] => [
  it.hresult,
  String(it.need),
  it.name,
  it.cmid,
  clientTime(it.clientTime),
  "0",
  String(it.status),
  String(it.minutes),
  it.activationId,
];
const sentFields = (it: RequestSent): string[] => [
  it.hresult,
  "0x00000000",
  `${it.target}:1688`,
  it.cmid,
  clientTime(it.clientTime),
  "0",
  String(it.status),
  String(it.minutes),
  it.activationId,
  String(it.need),
];
const responseFields = (it: ResponseProcessed): string[] => [
  it.hresult,
  `0x${it.flags.toString(16).padStart(8, "0")}`,
  it.activated ? "1" : "0",
  "0",
  String(it.count),
  "120",
  String(it.renewalMinutes),
  clientTime(it.clientTime),
];

const APPLICATION_IDS = {
  windows: "55c92734-d682-4d71-983e-d6ec3f16059f",
  office: "0ff1ce15-a989-479d-af46-f275c6370663",
  office2010: "59a52881-a989-479d-af46-f275c6370663",
} as const;
const DESCRIPTIONS = {
  kms_client: "Operating System, VOLUME_KMSCLIENT channel",
  kms_host: "Operating System, VOLUME_KMS_WS22 channel",
  mak: "Operating System, VOLUME_MAK channel",
  retail: "Operating System, RETAIL channel",
} as const;

const readingBody = (it: Reading): Json => ({
  service: {
    Version: "10.0.20348.1",
    IsKeyManagementServiceMachine: it.isKmsHost ? 1 : 0,
    RemainingWindowsReArmCount: it.rearmsLeft,
    ...(it.cmid !== undefined && { ClientMachineID: it.cmid }),
    ...(it.isKmsHost && { KeyManagementServiceListeningPort: 1688 }),
  },
  products: it.rows.map((row) => productRow(row)),
  interval_seconds: it.intervalSeconds,
});

const productRow = (row: LicenseRow): Json => ({
  ID: row.activationId,
  Name: row.name,
  Description: DESCRIPTIONS[row.channel],
  ApplicationID: APPLICATION_IDS[row.application],
  PartialProductKey: row.partialProductKey,
  LicenseStatus: row.status,
  LicenseStatusReason: 0,
  LicenseIsAddon: row.addon,
  GracePeriodRemaining: row.minutes,
  VLRenewalInterval: 10_080,
  ...(row.reportedClients !== undefined && {
    IsKeyManagementServiceMachine: 1,
    KeyManagementServiceCurrentCount: row.reportedClients,
  }),
  ...(row.requiredClients !== undefined && { RequiredClientCount: row.requiredClients }),
});
