import type { EventFact, Fact, HeartbeatFact, LicensingFact, Properties } from "../../licensing/facts.ts";
import { type Computer, recordOf, resourceAttributes, SCOPE } from "../../licensing/telemetry/otlp-mapping.ts";
import { type Instant, iso, SECOND } from "../../licensing/time.ts";
import type { LogGroup } from "../../otlp/logs.ts";

/** Facts as agents would read them, for tests: made, not mocked. */
export const SPP = "Microsoft-Windows-Security-SPP";
export const WIN10 = "73111121-5638-40f6-bc11-f1d7b0d64300";
export const OFFICE16 = "d450596f-894d-49e0-966a-fd39ed4c4c64";
export const KMS01 = "kms01.contoso.com";

export const cmid = (n: number): string => `08c3bda0-c556-4b61-9e4e-${String(n).padStart(12, "0")}`;
const clientTime = (at: Instant): string => iso(at).slice(0, 16).replaceAll("-", "/").replace("T", " ");
const ticks = (at: Instant): string => iso(at).replace("Z", "0000Z");

interface Request {
  readonly at: Instant;
  readonly client: number;
  readonly recordId?: number;
  readonly host?: string;
  readonly name?: string;
  readonly need?: number;
  readonly hresult?: string;
  readonly status?: number;
  readonly product?: string;
  readonly minutes?: number;
}

/** 12290 */
export const request = ({
  at,
  client,
  recordId,
  host = KMS01,
  name,
  need = 25,
  hresult = "0x0",
  status = 1,
  product = WIN10,
  minutes = 259_200,
}: Request): EventFact => ({
  kind: "event",
  eventId: 12290,
  provider: SPP,
  channel: "Key Management Service",
  computer: host,
  ...(recordId !== undefined && { recordId }),
  time: ticks(at),
  data: [
    hresult,
    String(need),
    name ?? `pc${client}.contoso.com`,
    cmid(client),
    clientTime(at),
    "0",
    String(status),
    String(minutes),
    product,
  ],
});

interface Side {
  readonly at: Instant;
  readonly client: number;
  readonly recordId?: number;
  readonly hresult?: string;
}
/** 12288 */
export const sent = ({
  at,
  client,
  recordId,
  hresult = "0x00000000",
  target = `${KMS01}:1688`,
  status = 2,
}: Side & { target?: string; status?: number }): EventFact => ({
  kind: "event",
  eventId: 12288,
  provider: SPP,
  channel: "Application",
  computer: `pc${client}.contoso.com`,
  ...(recordId !== undefined && { recordId }),
  time: ticks(at),
  data: [`${hresult}, 0x00000000, ${target}, ${cmid(client)}, ${clientTime(at)}, 0, ${status}, 40000, ${WIN10}, 25`],
});
/** 12289 */
export const answered = ({
  at,
  client,
  recordId,
  hresult = "0x00000000",
  activated = true,
  count = 50,
  flags = "0x00000000",
  asked = at,
}: Side & { activated?: boolean; count?: number; flags?: string; asked?: Instant }): EventFact => ({
  kind: "event",
  eventId: 12289,
  provider: SPP,
  channel: "Application",
  computer: `pc${client}.contoso.com`,
  ...(recordId !== undefined && { recordId }),
  time: ticks(at),
  data: [`${hresult}, ${flags}, ${activated ? 1 : 0}, 0, ${count}, 120, 10080, ${clientTime(asked)}`],
});

export const product = (more: Properties = {}): Properties => ({
  ID: WIN10,
  Name: "Windows(R), Enterprise edition",
  Description: "Windows(R) Operating System, VOLUME_KMSCLIENT channel",
  ApplicationID: "55c92734-d682-4d71-983e-d6ec3f16059f",
  PartialProductKey: "2YT43",
  LicenseStatus: 1,
  LicenseStatusReason: 0,
  GracePeriodRemaining: 259_200,
  VLRenewalInterval: 10_080,
  ...more,
});
export const licensing = (
  products: readonly Properties[] = [product()],
  more: Partial<LicensingFact> = {},
): LicensingFact => ({
  kind: "licensing",
  products,
  intervalSeconds: 900,
  ...more,
});
/** A KMS host's own reading. */
export const hostReading = (count: number, more: Properties = {}): LicensingFact =>
  licensing(
    [
      product({
        Description: "Windows Operating System - Windows Server(R), VOLUME_KMS_WS22 channel",
        PartialProductKey: "ABCDE",
        GracePeriodRemaining: 0,
        IsKeyManagementServiceMachine: 1,
        KeyManagementServiceCurrentCount: count,
        RequiredClientCount: 25,
        ...more,
      }),
    ],
    { service: { IsKeyManagementServiceMachine: 1, KeyManagementServiceListeningPort: 1688 } },
  );
export const heartbeat = (
  readUntil: Instant,
  more: Partial<HeartbeatFact> = {},
  oldest = readUntil - 40 * 86_400_000,
): HeartbeatFact => ({
  kind: "heartbeat",
  channels: {
    "Key Management Service": { readUntil: iso(readUntil), oldest: iso(oldest), gaps: 0 },
    Application: { readUntil: iso(readUntil), oldest: iso(oldest), gaps: 0 },
  },
  spooledRecords: 0,
  oldestUnsentSeconds: 0,
  droppedRecords: {},
  failingSources: {},
  sentAt: iso(readUntil),
  intervalSeconds: 60,
  ...more,
});

/** What one computer's agent sends: its resource and records. */
export const fromAgent = (
  host: string,
  facts: readonly Fact[],
  observedAt: Instant,
  more: Partial<Computer> = {},
): LogGroup => ({
  resource: {
    attributes: resourceAttributes({ host, zone: "core", instanceId: "test", agentVersion: "1.0.0", ...more }),
  },
  scope: { name: SCOPE, version: "1.0.0" },
  records: facts.map((it, i) => recordOf(it, `${observedAt}-${i}`, observedAt)),
});

/** Series of an exposition by their text: `name{labels}` to value. */
export const seriesOf = (text: string): Map<string, number> =>
  new Map(
    text
      .split("\n")
      .filter((it) => it !== "" && !it.startsWith("#"))
      .map((it) => [it.slice(0, it.lastIndexOf(" ")), Number(it.slice(it.lastIndexOf(" ") + 1))]),
  );

/** So many requests of different clients, in a KMS host's log. */
export const events = (count: number, from = 0): LogGroup[] => [
  fromAgent(
    KMS01,
    Array.from({ length: count }, (_, i) => request({ at: Date.now() - 60 * SECOND, client: from + i })),
    Date.now(),
  ),
];
