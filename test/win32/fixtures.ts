import type { EventFact, Properties } from "../../licensing/facts.ts";
import { type Instant, iso } from "../../licensing/time.ts";
import { answered, product, request, sent } from "../support/facts.ts";
import { HOST } from "./computer.ts";
import type { LogRecord } from "./stand-ins.ts";

/** An event as Windows renders it. */
export const recordOf = (fact: EventFact, id: number): LogRecord => ({
  id,
  xml: `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='${fact.provider}' Guid='{e23b33b0-c8c9-472c-a5f9-f2bdfea0f156}' EventSourceName='Software Protection Platform Service'/><EventID Qualifiers='16384'>${fact.eventId}</EventID><Version>0</Version><Level>0</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x80000000000000</Keywords><TimeCreated SystemTime='${fact.time}'/><EventRecordID>${fact.recordId ?? id}</EventRecordID><Correlation/><Execution ProcessID='0' ThreadID='0'/><Channel>${fact.channel}</Channel><Computer>${fact.computer.toUpperCase()}</Computer><Security/></System><EventData>${fact.data.map((it) => `<Data>${it}</Data>`).join("")}</EventData></Event>`,
});

/** Requests of clients `from` to `to` at a KMS host, one a second from `at` on. */
export const requests = (from: number, to: number, at: Instant): LogRecord[] =>
  Array.from({ length: to - from + 1 }, (_, i) => {
    const n = from + i;
    return recordOf(request({ at: at + i * 1_000, client: n, recordId: n, host: HOST, name: `pc${n}.contoso.com` }), n);
  });

/** A client's own 12288 and 12289. */
export const attempt = (id: number, at: Instant): LogRecord[] =>
  [sent({ at, client: 1 }), answered({ at, client: 1 })].map((it, i) =>
    recordOf({ ...it, computer: HOST, recordId: id + i }, id + i),
  );

/** Records of others, which fill an Application log. */
export const noise = (from: number, to: number, at: Instant): LogRecord[] =>
  Array.from({ length: to - from + 1 }, (_, i) =>
    recordOf(
      {
        kind: "event",
        eventId: 12288,
        provider: "SQLISPackage130",
        channel: "Application",
        computer: HOST,
        recordId: from + i,
        time: `${iso(at + i).slice(0, -1)}0000Z`,
        data: ["Package started"],
      },
      from + i,
    ),
  );

export const OPERATING_SYSTEM: Properties = {
  Caption: "Microsoft Windows Server 2022 Standard",
  Version: "10.0.20348",
};

/** A KMS host by WMI: the service, its own key, and an edition without a key. */
export const kmsHostService = (count: number): Properties => ({
  Version: "10.0.20348.2227",
  ClientMachineID: "0f0e0d0c-0b0a-0908-0706-050403020100",
  IsKeyManagementServiceMachine: 1,
  KeyManagementServiceCurrentCount: count,
  RequiredClientCount: 25,
  KeyManagementServiceListeningPort: 1688,
  KeyManagementServiceDnsPublishing: true,
  KeyManagementServiceLowPriority: false,
  VLActivationInterval: 120,
  VLRenewalInterval: 10_080,
  OA3xOriginalProductKey: ["AAAAA", "BBBBB", "CCCCC", "DDDDD", "EEEEE"].join("-"),
});
export const kmsHostProducts = (count: number): Properties[] => [
  product({
    ID: "8c8f0ad3-9a43-4e05-b840-93b8d1475cbc",
    Name: "Windows(R), ServerStandard edition",
    Description: "Windows(R) Operating System, VOLUME_KMS_WS22 channel",
    PartialProductKey: "ABCDE",
    ProductKeyChannel: "Volume:CSVLK",
    LicenseStatusReason: 0,
    GracePeriodRemaining: 0,
    EvaluationEndDate: "16010101000000.000000-000",
    LicenseIsAddon: false,
    IsKeyManagementServiceMachine: 1,
    KeyManagementServiceCurrentCount: count,
    KeyManagementServiceTotalRequests: 1_234,
    KeyManagementServiceFailedRequests: 5,
    RequiredClientCount: 25,
    OfflineInstallationId: "1".repeat(63),
  }),
  {
    ID: "00000000-0000-0000-0000-000000000001",
    Name: "Windows(R), an edition that is not installed",
    PartialProductKey: null,
  },
];
