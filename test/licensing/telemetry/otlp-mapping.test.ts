import { describe, expect, test } from "@jest/globals";
import { eventIdentity } from "../../../licensing/events/identity.ts";
import type { EventFact, Fact } from "../../../licensing/facts.ts";
import {
  readRecord,
  recordOf,
  resourceAttributes,
  resourceOf,
  SCOPE,
} from "../../../licensing/telemetry/otlp-mapping.ts";
import type { AnyValue, LogRecord } from "../../../otlp/logs.ts";
import { decodeLogs, encodeLogs } from "../../../otlp/protobuf.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const FIELDS = [
  "0x0",
  "25",
  "pc1.contoso.com",
  "08c3bda0-c556-4b61-9e4e-7bf6d4df80be",
  "2026/11/20 08:15",
  "0",
  "1",
  "259200",
  "ae2ee509-1b34-41c0-acb7-6d4650168915",
];
const EVENT: EventFact = {
  kind: "event",
  eventId: 12290,
  provider: "Microsoft-Windows-Security-SPP",
  eventSource: "KmsRequests",
  channel: "Key Management Service",
  computer: "kms01.contoso.com",
  recordId: 7,
  time: "2026-11-20T08:15:30.1234567Z",
  data: [FIELDS.join(","), ...FIELDS],
};
const FACTS: Fact[] = [
  EVENT,
  { ...EVENT, data: ["", "a", ""] },
  { ...EVENT, data: [] },
  {
    kind: "licensing",
    service: { Version: "10.0", IsKeyManagementServiceMachine: 1, KeyManagementServiceMachine: null },
    products: [{ ID: "x", LicenseStatus: 1, GracePeriodRemaining: 259_200, LicenseIsAddon: false }],
    officeProducts: [],
    intervalSeconds: 14_400,
    degraded: true,
  },
  { kind: "licensing", products: [] },
  {
    kind: "probe",
    probe: "dns_srv",
    target: "_vlmcs._tcp.contoso.com",
    outcome: "ok",
    latencyMs: 1.5,
    records: [{ target: "kms01", port: 1688 }],
    intervalSeconds: 300,
  },
  { kind: "probe", probe: "rpc", target: "kms01:1688", outcome: "timeout", configured: true },
  {
    kind: "heartbeat",
    channels: {
      "Key Management Service": { readUntil: "2026-11-20T12:00:00.0000000Z", oldest: "2026-10-01T00:00:00Z", gaps: 2 },
      Application: {},
    },
    spooledRecords: 3,
    oldestUnsentSeconds: 1.5,
    droppedRecords: { licensing: 4 },
    failingSources: { wmi: 1 },
    sentAt: "2026-11-20T12:00:00.0000000Z",
    intervalSeconds: 60,
  },
];

test.each(FACTS.map((it, i) => [`${it.kind} ${i}`, it] as const))("%s arrives as it left", (_, fact) => {
  const record = recordOf(fact, "uid-1", NOW);
  const [group] = decodeLogs(
    encodeLogs([{ resource: { attributes: {} }, scope: { name: SCOPE, version: "1" }, records: [record] }]),
  );
  const read = readRecord(group!.records[0]!, SCOPE);
  expect(read).toEqual({ outcome: "fact", fact, uid: "uid-1", observedAt: NOW });
});
test.each(FACTS.map((it, i) => [`${it.kind} ${i}`, it] as const))("%s is known without its event name", (_, fact) => {
  const { eventName: __, ...record } = recordOf(fact, "uid-1", NOW);
  expect(readRecord(record, SCOPE)).toMatchObject({ outcome: "fact", fact });
});

test("the resource", () => {
  const attributes = resourceAttributes({
    host: "PC1.contoso.com",
    zone: "core",
    addresses: ["10.7.0.1", "2001:db8::1"],
    osName: "Windows 11",
    instanceId: "i",
    agentVersion: "1.0",
  });
  expect(attributes["host.name"]).toBe("pc1.contoso.com");
  expect(resourceOf(attributes)).toEqual({
    host: "pc1.contoso.com",
    zone: "core",
    addresses: "10.7.0.1 2001:db8::1",
    osName: "Windows 11",
    agentVersion: "1.0",
    serviceName: "activation-agent",
  });
  expect(resourceOf({ "host.name": "PC1.contoso.com." })).toEqual({ host: "pc1.contoso.com" });
  expect(resourceOf({ "host.name": 'x"} 1\n' })).toEqual({});
  expect(resourceOf({ "host.name": 5 })).toEqual({});
  expect(resourceOf({ "host.ip": ["FE80::1", "10.7.0.9", 7, "no", "2001:DB8::1", "127.0.0.1", "10.7.0.9"] })).toEqual({
    addresses: "10.7.0.9 2001:db8::1",
  });
  expect(resourceOf({ "host.ip": "10.7.0.9" })).toEqual({ addresses: "10.7.0.9" });
  expect(resourceOf({ "host.ip": { not: "a list" } })).toEqual({});
});

const record = (body: AnyValue, more: Partial<LogRecord> = {}): LogRecord => ({
  body,
  attributes: {},
  timeUnixNano: BigInt(Date.parse("2026-11-20T08:15:30Z")) * 1_000_000n + 123_456_700n,
  ...more,
});
const map = (more: Record<string, AnyValue>) => ({
  event_id: { id: 12290, qualifiers: 16384 },
  provider: { name: EVENT.provider, guid: "{E23B33B0-C8C9-472C-A5F9-F2BDFEA0F156}", event_source: "KmsRequests" },
  computer: EVENT.computer,
  channel: "Key Management Service",
  record_id: 7,
  system_time: "2026-11-20T08:15:30.123456700Z",
  level: "情報",
  ...more,
});
const params = Object.fromEntries(FIELDS.map((it, i) => [`param${i + 1}`, it]));
const XML = `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="${EVENT.provider}"/><EventID>12290</EventID><TimeCreated SystemTime="2026-11-20T08:15:30.123456700Z"/><EventRecordID>7</EventRecordID><Channel>Key Management Service</Channel><Computer>${EVENT.computer}</Computer></System><EventData>${FIELDS.map((it) => `<Data>${it}</Data>`).join("")}</EventData></Event>`;

describe("each form of the OpenTelemetry Collector's receiver is the same event", () => {
  test.each<[string, AnyValue]>([
    ["raw XML", XML],
    ["flat, today's default", map({ event_data: { ...params, binary: "4D5A" } })],
    ["flat, in another order", map({ event_data: Object.fromEntries(Object.entries(params).reverse()) })],
    ["a list of unnamed maps", map({ event_data: { data: FIELDS.map((it) => ({ "": it })), binary: "4D5A" } })],
    ["ten elements", map({ event_data: { data: [FIELDS.join(","), ...FIELDS].map((it) => ({ "": it })) } })],
    [
      "the message of an old release, in Japanese",
      map({ event_data: {}, message: `アクティブ化要求が処理されました。\r\n情報:\r\n${FIELDS.join(",")}\r\n` }),
    ],
    [
      "the message of an old release, in English",
      map({ message: `An activation request has been processed.\n\nInfo:\n${FIELDS.join(",")} ` }),
    ],
    [
      "the message in German, on one line, with words behind the list",
      map({ message: `Fehler 0x0, Anforderung verarbeitet. Info: ${FIELDS.join(", ")} (Ende, siehe oben).` }),
    ],
    ["a list of pairs", map({ event_data: FIELDS.map((it, i) => ({ [`param${i + 1}`]: it })) })],
    [
      "provider as text, id as number",
      map({ provider: EVENT.provider, event_id: 12290, record_id: "7", event_data: params }),
    ],
  ])("%s", (_, body) => {
    const read = readRecord(
      record(body),
      "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/windowseventlogreceiver",
    );
    expect(read).toMatchObject({ outcome: "fact", fact: { eventId: 12290, computer: EVENT.computer, recordId: 7 } });
    if (read.outcome !== "fact") throw new Error("unreachable");
    expect(eventIdentity(read.fact as EventFact)).toEqual(eventIdentity(EVENT));
    expect(JSON.stringify(read.fact)).not.toContain("4D5A");
  });

  test.each<[string, AnyValue, LogRecord["attributes"]]>([
    ["named members beside the parameters", map({ event_data: { name: "KmsEvent", ...params, Extra: "x" } }), {}],
    [
      "capital letters in the parameters' names",
      map({ event_data: Object.fromEntries(FIELDS.map((it, i) => [`Param${i + 1}`, it])) }),
      {},
    ],
    ["its map as JSON text", JSON.stringify(map({ event_data: params })), {}],
    ["the XML in a map", { message: XML }, {}],
    ["the map in a map, as text", { log: JSON.stringify(map({ event_data: params })) }, {}],
    ["the XML in log.record.original", map({ event_data: {} }), { "log.record.original": XML }],
    [
      "the XML in log.record.original, of a body that says nothing",
      "An activation request was processed.",
      { "log.record.original": XML },
    ],
    ["the map in the attributes", "An activation request was processed.", map({ event_data: params })],
  ])("%s", (_, body, attributes) => {
    const read = readRecord(record(body, { attributes }), "x");
    expect(read).toMatchObject({ outcome: "fact" });
    if (read.outcome !== "fact") throw new Error("unreachable");
    expect(eventIdentity(read.fact as EventFact)).toEqual(eventIdentity(EVENT));
  });

  test("a gap in the numbers of the parameters is an empty element", () => {
    const { param3: _, ...rest } = params;
    const read = readRecord(record(map({ event_data: rest })), "x");
    expect(read).toMatchObject({ fact: { data: FIELDS.with(2, "") } });
  });
  test("without a time of its own the record's time serves", () => {
    const { system_time: _, ...body } = map({ event_data: params });
    expect(readRecord(record(body), "x")).toMatchObject({ fact: { time: EVENT.time } });
  });
});

test.each<[string, LogRecord, string, string]>([
  [
    "another provider's event",
    record(map({ provider: { name: "SQLISPackage110" }, channel: "Application" })),
    "x",
    "ignored",
  ],
  [
    "another provider's XML",
    record(XML.replace(EVENT.provider, "ESENT").replace("Key Management Service", "Application")),
    "x",
    "ignored",
  ],
  [
    "another provider's event in the KMS log",
    record(map({ provider: { name: "SQLISPackage110" } })),
    "x",
    "uninterpreted",
  ],
  ["another provider's XML of the KMS log", record(XML.replace(EVENT.provider, "ESENT")), "x", "uninterpreted"],
  [
    "a licensing event in no form that is known",
    record({ src: "Software Protection Platform Service", no: 12290 }),
    "x",
    "uninterpreted",
  ],
  [
    "the same as a line of text",
    record(`Nov 20 kms01 MSWinEventLog 1 ${EVENT.provider} 12290 0x0`),
    "syslog",
    "uninterpreted",
  ],
  [
    "the same in the attributes",
    record("request handled", { attributes: { channel: "Key Management Service" } }),
    "x",
    "uninterpreted",
  ],
  [
    "a windows.event in no form that is known",
    record({ a: 1 }, { eventName: "windows.event" }),
    SCOPE,
    "uninterpreted",
  ],
  [
    "another's event without computer",
    record({ EventID: 4624, ProviderName: "Microsoft-Windows-Security-Auditing" }),
    "x",
    "ignored",
  ],
  ["somebody's log line", record("GET / 200"), "nginx", "ignored"],
  ["somebody's map", record({ level: "info" }), "app", "ignored"],
  ["broken XML", record(XML.slice(0, -20)), "x", "uninterpreted"],
  ["an event without a computer", record(map({ computer: "" })), "x", "uninterpreted"],
  ["a kind we do not know yet", record({ a: 1 }, { eventName: "activation.future" }), SCOPE, "uninterpreted"],
  [
    "a licensing record without products",
    record({ service: {} }, { eventName: "windows.licensing" }),
    SCOPE,
    "rejected",
  ],
  ["a heartbeat that is text", record("alive", { eventName: "activation.agent" }), SCOPE, "rejected"],
  ["an event that is a number", record(5, { eventName: "windows.event" }), SCOPE, "rejected"],
])("%s is %s", (_, it, scope, outcome) => {
  expect(readRecord(it, scope).outcome).toBe(outcome);
});

test("the event's name in an attribute, as it was before there was a field, and a reading as JSON text", () => {
  const body = JSON.stringify({ products: [{ ID: "x" }] });
  const attributes = { "event.name": "windows.licensing" };
  expect(readRecord(record(body, { attributes }), "x")).toMatchObject({ outcome: "fact", fact: { kind: "licensing" } });
});

const KEY = ["ABCDE", "FGHIJ", "KLMNO", "PQRST", "UVWXY"].join("-");
test.each<[string, unknown]>([
  ["host.name", resourceOf({ "host.name": KEY })],
  ["os.name", resourceOf({ "os.name": `Windows ${KEY}` })],
  ["activation.zone", resourceOf({ "activation.zone": KEY })],
  ["service.version", resourceOf({ "service.version": KEY })],
  ["service.name", resourceOf({ "service.name": KEY })],
  ["a failing source", readRecord(record({ channels: {}, failing_sources: { [KEY]: 1 } }), SCOPE)],
  ["a channel", readRecord(record({ channels: { [KEY]: {} } }), SCOPE)],
  ["a probe's target", readRecord(record({ probe: "tcp", target: KEY, outcome: "ok" }), SCOPE)],
  [
    "a probe's records",
    readRecord(record({ probe: "tcp", target: "a", outcome: "ok", records: [{ target: KEY }] }), SCOPE),
  ],
  ["a property's name", readRecord(record({ products: [{ [KEY]: 1 }] }), SCOPE)],
  ["an event's channel", readRecord(record(map({ channel: KEY, event_data: params })), "x")],
  ["an event's computer", readRecord(record(map({ computer: KEY, event_data: params })), "x")],
  [
    "an event's source",
    readRecord(record(map({ provider: { name: EVENT.provider, event_source: KEY }, event_data: params })), "x"),
  ],
  ["an event's time", readRecord(record(map({ system_time: KEY, event_data: params })), "x")],
  ["an event's data", readRecord(record(map({ event_data: { param1: KEY } })), "x")],
  ["an event's name", readRecord(record({ a: 1 }, { eventName: KEY }), SCOPE)],
  ["an event's XML", readRecord(record(XML.replace("Key Management Service", KEY)), "x")],
  ["an event's broken XML", readRecord(record(XML.replace("<System>", `<${KEY}>`)), "x")],
])("no product key gets in through %s", (_, read) => {
  expect(JSON.stringify(read, (__, it) => (typeof it === "bigint" ? String(it) : it))).not.toMatch(/FGHIJ/i);
});

test("labels hold no control characters, directions of writing or HTML", () => {
  const hostile = "<b>\u202e\u0000\u001b[31m";
  const shown = JSON.stringify([
    resourceOf({ "os.name": hostile, "activation.zone": hostile, "service.version": hostile, "host.name": hostile }),
    readRecord(record({ channels: { [hostile]: {} }, failing_sources: { [hostile]: 1 } }), SCOPE),
    readRecord(record({ probe: hostile, target: hostile, outcome: hostile }), SCOPE),
  ]);
  expect(shown).not.toMatch(/<|\u202e|\\u0000|\\u001b/);
});

test("no product key and no installation ID gets in", () => {
  const key = ["ABCDE", "FGHIJ", "KLMNO", "PQRST", "UVWXY"].join("-");
  const read = readRecord(
    record(
      { service: { OA3xOriginalProductKey: key, Note: `key ${key}` }, products: [{ OfflineInstallationId: "1234" }] },
      { eventName: "windows.licensing" },
    ),
    SCOPE,
  );
  expect(read).toMatchObject({ fact: { service: { Note: "key (redacted)" }, products: [{}] } });
  expect(JSON.stringify(read)).not.toMatch(/FGHIJ|1234/);
});
