import type { EventFact } from "../../licensing/facts.ts";

/** The same events as each program that ships event logs writes them. Written for these tests, after each one's documentation. */

const SPP = { provider: "Microsoft-Windows-Security-SPP", eventSource: "Software Protection Platform Service" };
const CMID = "08c3bda0-c556-4b61-9e4e-7bf6d4df80be";
const SKU = "ae2ee509-1b34-41c0-acb7-6d4650168915";
const FIELDS = ["0x0", "25", "pc1.contoso.com", CMID, "2026/11/20 08:15", "0", "1", "259200", SKU];

export const REQUEST: EventFact = {
  kind: "event",
  eventId: 12290,
  ...SPP,
  channel: "Key Management Service",
  computer: "kms01.contoso.com",
  recordId: 4711,
  time: "2026-11-20T08:15:30.1234567Z",
  data: [FIELDS.join(","), ...FIELDS],
};
const OF_CLIENT = { ...REQUEST, channel: "Application", computer: "pc1.contoso.com" };
export const REQUEST_SENT: EventFact = {
  ...OF_CLIENT,
  eventId: 12288,
  data: [`0x00000000, 0x00000000, kms01.contoso.com:1688, ${CMID}, 2026/11/20 08:15, 0, 2, 41760, ${SKU}, 25`],
};
export const ACTIVATION_FAILED: EventFact = {
  ...OF_CLIENT,
  eventId: 8198,
  data: [
    "hr=0xC004F074",
    `RuleId=eeba1977-569e-4571-b639-7623d8bfecc0;Action=AutoActivate;AppId=55c92734-d682-4d71-983e-d6ec3f16059f;SkuId=${SKU};NotificationInterval=1440;Trigger=TimerEvent`,
  ],
};
export const PUBLISH_FAILED: EventFact = {
  ...REQUEST,
  channel: "Application",
  eventId: 12293,
  data: ["0x80072338", "contoso.com"],
};

/** An answer that a client got, and what else a KMS host logs about itself. */
export const RESPONSE: EventFact = {
  ...OF_CLIENT,
  eventId: 12289,
  data: ["0x00000000, 0x00000000, 1, 0, 50, 120, 10080, 2026/11/20 08:15"],
};
export const START_FAILED: EventFact = { ...PUBLISH_FAILED, eventId: 12291, data: ["0x80070005"] };
export const TIMER_FAILED: EventFact = { ...OF_CLIENT, eventId: 12292, data: ["0x80070005"] };
export const PUBLISHED: EventFact = { ...PUBLISH_FAILED, eventId: 12294, data: ["contoso.com"] };

/** How one program writes an event. */
export interface Sample {
  readonly name: string;
  /** The form as the reader calls it. */
  readonly form: string;
  /** Does it keep the time to 100 ns? */
  readonly exact: boolean;
  readonly write: (event: EventFact) => unknown;
}

const ms = ({ time }: EventFact): number => Date.parse(time);
const millis = (it: EventFact): string => new Date(ms(it)).toISOString();
const nanos = ({ time }: EventFact): string => time.replace("Z", "00Z");
const params = ({ data }: EventFact, name = "param") =>
  Object.fromEntries(data.map((it, i) => [`${name}${i + 1}`, it]));
const texts: Readonly<Record<number, (data: readonly string[]) => string>> = {
  12288: ([info]) =>
    `The client has sent an activation request to the key management service machine.\r\nInfo:\r\n${info}`,
  12289: ([info]) => `The client has processed an activation response.\r\nInfo:\r\n${info}`,
  12290: ([info]) => `An activation request has been processed.\r\nInfo:\r\n${info}`,
  12291: ([code]) => `Key Management Service failed to start. Error code: ${code}`,
  12292: ([code]) => `Key Management Service failed to initialize a timer. ${code}`,
  12294: ([domain]) => `Publishing to DNS in the '${domain}' domain is successful.`,
  12293: ([code, domain]) => `Publishing to DNS in the '${domain}' domain failed.\r\nInfo:\r\n${code}`,
  8198: ([code, more]) =>
    `License Activation (slui.exe) failed with the following error code:\r\n${code}\r\nCommand-line arguments:\r\n${more}`,
};
const messageOf = (it: EventFact): string => texts[it.eventId]?.(it.data) ?? it.data.join(" ");
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const dataElements = ({ data }: EventFact): string => data.map((it) => `<Data>${escaped(it)}</Data>`).join("");

/** As Event Viewer saves it. */
export const xmlOf = (it: EventFact): string =>
  `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="${it.provider}" EventSourceName="${it.eventSource}"/><EventID Qualifiers="16384">${it.eventId}</EventID><TimeCreated SystemTime="${nanos(it)}"/><EventRecordID>${it.recordId}</EventRecordID><Channel>${it.channel}</Channel><Computer>${it.computer}</Computer></System><EventData>${dataElements(it)}</EventData></Event>`;

const winlog = (it: EventFact) => ({
  api: "wineventlog",
  channel: it.channel,
  computer_name: it.computer,
  event_data: params(it),
  event_id: String(it.eventId),
  keywords: ["Classic"],
  provider_guid: "{e23b33b0-c8c9-472c-a5f9-f2bdfea0f156}",
  provider_name: it.provider,
  record_id: it.recordId,
  opcode: "Info",
  process: { pid: 0, thread: { id: 0 } },
});
const beat = (it: EventFact) => ({
  "@timestamp": millis(it),
  "@metadata": { beat: "winlogbeat", type: "_doc", version: "8.15.0" },
  log: { level: "information" },
  message: messageOf(it),
  host: { name: it.computer },
  event: { code: String(it.eventId), created: "2026-11-20T08:15:32.001Z", kind: "event", provider: it.provider },
});
const nx = (it: EventFact) => ({
  EventTime: "2026-11-20T09:15:30.123456+01:00",
  Hostname: it.computer,
  Keywords: "36028797018963968",
  EventType: "INFO",
  SeverityValue: 2,
  Severity: "INFO",
  EventID: it.eventId,
  SourceName: it.provider,
  ProviderGuid: "{E23B33B0-C8C9-472C-A5F9-F2BDFEA0F156}",
  Version: 0,
  TaskValue: 0,
  OpcodeValue: 0,
  RecordNumber: it.recordId,
  Channel: it.channel,
  Message: messageOf(it),
  EventReceivedTime: "2026-11-20T09:15:32.001000+01:00",
  SourceModuleName: "in",
  SourceModuleType: "im_msvistalog",
});
const fluent = (it: EventFact) => ({
  ProviderName: it.provider,
  ProviderGuid: "{E23B33B0-C8C9-472C-A5F9-F2BDFEA0F156}",
  Qualifiers: 16384,
  EventID: it.eventId,
  Version: 0,
  Level: 4,
  Task: 0,
  Opcode: 0,
  Keywords: "0x80000000000000",
  TimeCreated: "2026-11-20 09:15:30 +0100",
  EventRecordID: it.recordId,
  Channel: it.channel,
  Computer: it.computer,
  UserID: "",
  Message: messageOf(it),
  StringInserts: it.data,
});
const wazuhSystem = (it: EventFact) => ({
  providerName: it.provider,
  providerGuid: "{E23B33B0-C8C9-472C-A5F9-F2BDFEA0F156}",
  eventSourceName: it.eventSource,
  eventID: String(it.eventId),
  version: "0",
  level: "4",
  systemTime: nanos(it),
  eventRecordID: String(it.recordId),
  channel: it.channel,
  computer: it.computer,
  severityValue: "INFORMATION",
  message: `"${messageOf(it)}"`,
});
const getWinEvent = (it: EventFact) => ({
  Id: it.eventId,
  Version: 0,
  Qualifiers: 16384,
  Level: 4,
  Task: 0,
  Opcode: 0,
  Keywords: 36028797018963968,
  RecordId: it.recordId,
  ProviderName: it.provider,
  ProviderId: "e23b33b0-c8c9-472c-a5f9-f2bdfea0f156",
  LogName: it.channel,
  ProcessId: 0,
  ThreadId: 0,
  MachineName: it.computer,
  UserId: null,
  ContainerLog: it.channel,
  Bookmark: {},
  LevelDisplayName: "Information",
  Message: messageOf(it),
  Properties: it.data.map((Value) => ({ Value })),
});
const receiver = (it: EventFact, eventData: unknown) => ({
  event_id: { id: it.eventId, qualifiers: 16384 },
  provider: { name: it.provider, guid: "{E23B33B0-C8C9-472C-A5F9-F2BDFEA0F156}", event_source: it.eventSource },
  system_time: nanos(it),
  computer: it.computer,
  channel: it.channel,
  record_id: it.recordId,
  level: "Information",
  keywords: ["Classic"],
  message: messageOf(it),
  event_data: eventData,
});

const RECEIVER = "the OpenTelemetry Collector's windowseventlog receiver";
const NXLOG = "NXLog";
const FLUENT = "Fluent Bit's winevtlog";
const VECTOR = "Vector's windows_event_log";
const WAZUH = "Wazuh's eventchannel";
const GET_WINEVENT = "Get-WinEvent | ConvertTo-Json";

export const SAMPLES: readonly Sample[] = [
  { name: "event XML", form: "event XML", exact: true, write: xmlOf },
  { name: "receiver, flat", form: RECEIVER, exact: true, write: (it) => receiver(it, params(it)) },
  {
    name: "receiver, with a name beside",
    form: RECEIVER,
    exact: true,
    write: (it) => receiver(it, { name: "X", ...params(it) }),
  },
  {
    name: "receiver, list",
    form: RECEIVER,
    exact: true,
    write: (it) => receiver(it, { data: it.data.map((v) => ({ "": v })) }),
  },
  { name: "Winlogbeat 8", form: "Winlogbeat", exact: false, write: (it) => ({ ...beat(it), winlog: winlog(it) }) },
  {
    name: "Winlogbeat, keys joined by dots",
    form: "Winlogbeat",
    exact: false,
    write: (it) => ({
      ...beat(it),
      ...Object.fromEntries(Object.entries(winlog(it)).map(([key, v]) => [`winlog.${key}`, v])),
    }),
  },
  {
    name: "Winlogbeat, all keys joined by dots",
    form: "Winlogbeat",
    exact: false,
    write: (it) => ({
      ...beat(it),
      ...Object.fromEntries(
        Object.entries({ ...winlog(it), event_data: undefined }).map(([key, v]) => [`winlog.${key}`, v]),
      ),
      ...Object.fromEntries(Object.entries(params(it)).map(([key, v]) => [`winlog.event_data.${key}`, v])),
    }),
  },
  {
    name: "Fluentd's windows_eventlog",
    form: "Winlogbeat",
    exact: false,
    write: (it) => ({
      channel: it.channel,
      record_number: String(it.recordId),
      time_generated: "2026-11-20 09:15:30 +0100",
      event_id: String(it.eventId),
      event_type: "information",
      source_name: it.provider,
      computer_name: it.computer,
      description: messageOf(it),
      string_inserts: it.data,
    }),
  },
  {
    name: "Winlogbeat 6",
    form: "Winlogbeat",
    exact: false,
    write: (it) => ({
      "@timestamp": millis(it),
      beat: { hostname: it.computer },
      computer_name: it.computer,
      event_data: params(it),
      event_id: it.eventId,
      log_name: it.channel,
      record_number: String(it.recordId),
      source_name: it.provider,
      type: "wineventlog",
    }),
  },
  {
    name: "Winlogbeat with the XML",
    form: "event XML",
    exact: true,
    write: (it) => ({ ...beat(it), event: { original: xmlOf(it) }, winlog: winlog(it) }),
  },
  { name: "NXLog, numbered data", form: NXLOG, exact: false, write: (it) => ({ ...nx(it), ...params(it, "Param") }) },
  {
    name: "NXLog, Data and Data_1",
    form: NXLOG,
    exact: false,
    write: (it) => ({ ...nx(it), ...Object.fromEntries(it.data.map((v, i) => [i === 0 ? "Data" : `Data_${i}`, v])) }),
  },
  {
    name: "NXLog, list",
    form: NXLOG,
    exact: false,
    write: (it) => ({ ...nx(it), EventTime: "2026-11-20 08:15:30", EventData: { Data: it.data } }),
  },
  { name: "Fluent Bit", form: FLUENT, exact: false, write: fluent },
  {
    name: "Fluent Bit's winlog",
    form: FLUENT,
    exact: false,
    write: (it) => ({
      RecordNumber: it.recordId,
      TimeGenerated: "2026-11-20 09:15:30 +0100",
      EventID: it.eventId,
      Channel: it.channel,
      SourceName: it.provider,
      ComputerName: it.computer,
      Message: messageOf(it),
      StringInserts: it.data,
    }),
  },
  {
    name: "Fluent Bit, strings joined into one",
    form: FLUENT,
    exact: false,
    write: (it) => ({ ...fluent(it), StringInserts: it.data.join("\n") }),
  },
  {
    name: "Fluent Bit with the XML",
    form: "event XML",
    exact: true,
    write: (it) => ({ System: xmlOf(it), Message: messageOf(it), StringInserts: it.data }),
  },
  {
    name: "Fluentd",
    form: FLUENT,
    exact: true,
    write: ({ ...it }) => {
      const { StringInserts: _, Message: __, ...rest } = fluent(it);
      return { ...rest, TimeCreated: "2026/11/20 08:15:30.123456700", EventData: it.data, Description: messageOf(it) };
    },
  },
  {
    name: "Vector",
    form: VECTOR,
    exact: true,
    write: (it) => ({
      timestamp: nanos(it),
      host: it.computer,
      message: messageOf(it),
      source_type: "windows_event_log",
      event_id: it.eventId,
      record_id: it.recordId,
      level: "Information",
      channel: it.channel,
      provider_name: it.provider,
      computer: it.computer,
      keywords: "0x0080000000000000",
      string_inserts: it.data,
    }),
  },
  {
    name: "Wazuh, alert",
    form: WAZUH,
    exact: true,
    write: (it) => ({
      timestamp: millis(it),
      rule: { id: "60602" },
      agent: { name: "kms01" },
      data: { win: { system: wazuhSystem(it), eventdata: { data: it.data.join(", ") } } },
    }),
  },
  {
    name: "Wazuh, archive",
    form: WAZUH,
    exact: true,
    write: (it) => ({ win: { system: wazuhSystem(it), eventdata: { data: it.data.join(",") } } }),
  },
  {
    name: "Wazuh before 3.9",
    form: WAZUH,
    exact: true,
    write: (it) => ({
      EventChannel: {
        System: {
          ProviderName: it.provider,
          EventSourceName: it.eventSource,
          EventID: String(it.eventId),
          SystemTime: nanos(it),
          EventRecordID: String(it.recordId),
          Channel: it.channel,
          Computer: it.computer,
          Message: messageOf(it),
        },
        EventData: { Data: it.data.join(", ") },
      },
    }),
  },
  {
    name: "Get-WinEvent, PowerShell 7",
    form: GET_WINEVENT,
    exact: true,
    write: (it) => ({ ...getWinEvent(it), TimeCreated: "2026-11-20T09:15:30.1234567+01:00" }),
  },
  {
    name: "Get-WinEvent, Windows PowerShell",
    form: GET_WINEVENT,
    exact: false,
    write: (it) => ({ ...getWinEvent(it), TimeCreated: `/Date(${ms(it)})/` }),
  },
  {
    name: "Get-WinEvent, Windows PowerShell with a map for the time",
    form: GET_WINEVENT,
    exact: false,
    write: (it) => ({
      ...getWinEvent(it),
      TimeCreated: { value: `/Date(${ms(it)})/`, DateTime: "Friday, November 20, 2026 9:15:30 AM" },
    }),
  },
  {
    name: "Get-EventLog",
    form: "Get-EventLog | ConvertTo-Json",
    exact: false,
    write: (it) => ({
      EventID: it.eventId,
      InstanceId: 0x4000_0000 + it.eventId,
      MachineName: it.computer,
      Data: [],
      Index: it.recordId,
      EntryType: 4,
      Message: messageOf(it),
      Source: it.provider,
      ReplacementStrings: it.data,
      TimeGenerated: "/Date(1795162530000)/",
    }),
  },
  {
    name: "Get-CimInstance Win32_NTLogEvent",
    form: "Get-EventLog | ConvertTo-Json",
    exact: false,
    write: (it) => ({
      ComputerName: it.computer,
      EventCode: it.eventId,
      EventIdentifier: 0x4000_0000 + it.eventId,
      InsertionStrings: it.data,
      Logfile: it.channel,
      Message: messageOf(it),
      RecordNumber: it.recordId,
      SourceName: it.provider,
      TimeGenerated: "20261120091530.000000+060",
    }),
  },
  {
    name: "a collector that unwraps attributes",
    form: "event XML as JSON",
    exact: true,
    write: (it) => ({
      Event: {
        System: {
          Provider: { Name: it.provider, EventSourceName: it.eventSource },
          EventID: { Qualifiers: "16384", value: String(it.eventId) },
          TimeCreated: { SystemTime: nanos(it) },
          EventRecordID: String(it.recordId),
          Channel: it.channel,
          Computer: it.computer,
        },
        EventData: { Data: it.data.length === 1 ? it.data[0] : it.data },
      },
    }),
  },
  {
    name: "Grafana Alloy",
    form: "Grafana Alloy's loki.source.windowsevent",
    exact: true,
    write: (it) => ({
      source: it.provider,
      channel: it.channel,
      computer: it.computer,
      event_id: it.eventId,
      level: 4,
      levelText: "Information",
      keywords: "Classic",
      timeCreated: nanos(it),
      eventRecordID: it.recordId,
      event_data: dataElements(it),
      message: messageOf(it),
    }),
  },
  {
    name: "evtx_dump",
    form: "event XML as JSON",
    exact: true,
    write: (it) => ({
      Event: {
        "#attributes": { xmlns: "http://schemas.microsoft.com/win/2004/08/events/event" },
        System: {
          Provider: { "#attributes": { Name: it.provider, EventSourceName: it.eventSource } },
          EventID: { "#attributes": { Qualifiers: 16384 }, "#text": it.eventId },
          TimeCreated: { "#attributes": { SystemTime: it.time } },
          EventRecordID: it.recordId,
          Channel: it.channel,
          Computer: it.computer,
        },
        EventData: { Data: { "#text": it.data } },
      },
    }),
  },
  {
    name: "OpenWEC",
    form: "event XML as JSON",
    exact: true,
    write: (it) => ({
      System: {
        Provider: { Name: it.provider, EventSourceName: it.eventSource },
        EventID: it.eventId,
        TimeCreated: nanos(it),
        EventRecordID: it.recordId,
        Channel: it.channel,
        Computer: it.computer,
      },
      EventData: { Data: it.data },
      OpenWEC: { IpAddress: "192.0.2.1" },
    }),
  },
];
