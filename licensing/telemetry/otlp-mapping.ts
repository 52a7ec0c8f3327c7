import { type AnyMap, type AnyValue, isMap, type LogRecord, newMap } from "../../otlp/logs.ts";
import { isLicensingProvider } from "../events/normalise.ts";
import type {
  ChannelProgress,
  EventFact,
  Fact,
  HeartbeatFact,
  LicensingFact,
  ProbeFact,
  Properties,
} from "../facts.ts";
import { redactKeys } from "../product-keys.ts";
import { type Instant, parseWindowsTime } from "../time.ts";
import { eventOfReceiver } from "./windowseventlog.ts";

export const SCOPE = "activation-monitor";
export const SERVICE = "activation-agent";

/** Who sends: the resource of a request. `host` is the FQDN, the computer's key; `hostId` never is, clones share it. */
export interface Computer {
  readonly host: string;
  readonly hostId?: string;
  readonly osType?: string;
  readonly osName?: string;
  readonly osVersion?: string;
  readonly zone?: string;
  readonly instanceId: string;
  readonly agentVersion: string;
}

/** Who reports, as OpenTelemetry names it. */
export const resourceAttributes = (it: Computer): AnyMap => ({
  "service.name": SERVICE,
  "service.version": it.agentVersion,
  "service.instance.id": it.instanceId,
  "host.name": it.host.toLowerCase(),
  ...(it.hostId && { "host.id": it.hostId }),
  ...(it.osType && { "os.type": it.osType }),
  ...(it.osName && { "os.name": it.osName }),
  ...(it.osVersion && { "os.version": it.osVersion }),
  ...(it.zone && { "activation.zone": it.zone }),
});

export interface Resource {
  readonly host?: string;
  readonly osName?: string;
  readonly zone?: string;
  readonly agentVersion?: string;
  readonly serviceName?: string;
}

const HOST = /^[\p{L}\p{N}_.-]{1,253}$/u;

/** Who reported, from anybody: what is no computer's name stays out. */
export const resourceOf = (attributes: AnyMap): Resource => {
  const text = (key: string): string | undefined => {
    const value = attributes[key];
    return typeof value === "string" && value !== "" ? value.slice(0, 253) : undefined;
  };
  const host = text("host.name")?.toLowerCase().replace(/\.$/, "");
  const osName = text("os.name");
  const zone = text("activation.zone");
  const agentVersion = text("service.version");
  const serviceName = text("service.name");
  return {
    ...(host && HOST.test(host) && { host }),
    ...(osName && { osName }),
    ...(zone && { zone }),
    ...(agentVersion && { agentVersion }),
    ...(serviceName && { serviceName }),
  };
};

const NAMES = {
  event: "windows.event",
  licensing: "windows.licensing",
  probe: "activation.probe",
  heartbeat: "activation.agent",
} as const satisfies Record<Fact["kind"], string>;

const KINDS = new Map(Object.entries(NAMES).map(([kind, name]) => [name as string, kind as Fact["kind"]]));

const nanosOf = (at: Instant): bigint => BigInt(Math.round(at)) * 1_000_000n;

/** A fact as OTLP log record. `uid` stays the same when the record is sent again. */
export const recordOf = (fact: Fact, uid: string, observedAt: Instant): LogRecord => ({
  timeUnixNano: nanosOf(fact.kind === "event" ? (parseWindowsTime(fact.time)?.ms ?? observedAt) : observedAt),
  observedTimeUnixNano: nanosOf(observedAt),
  eventName: NAMES[fact.kind],
  body: bodyOf(fact),
  attributes: { "log.record.uid": uid },
});

const bodyOf = (fact: Fact): AnyValue => {
  switch (fact.kind) {
    case "event":
      return eventBody(fact);
    case "licensing":
      return defined({
        service: fact.service,
        products: fact.products,
        office_service: fact.officeService,
        office_products: fact.officeProducts,
        interval_seconds: fact.intervalSeconds,
        degraded: fact.degraded,
      });
    case "probe":
      return defined({
        probe: fact.probe,
        target: fact.target,
        outcome: fact.outcome,
        latency_ms: fact.latencyMs,
        records: fact.records,
        configured: fact.configured,
        interval_seconds: fact.intervalSeconds,
      });
    case "heartbeat":
      return defined({
        channels: Object.fromEntries(
          Object.entries(fact.channels).map(([name, it]) => [
            name,
            defined({ read_until: it.readUntil, oldest: it.oldest, gaps: it.gaps }),
          ]),
        ),
        spooled_records: fact.spooledRecords,
        oldest_unsent_seconds: fact.oldestUnsentSeconds,
        dropped_records: fact.droppedRecords,
        failing_sources: fact.failingSources,
        sent_at: fact.sentAt,
        interval_seconds: fact.intervalSeconds,
      });
  }
};

const defined = (it: Readonly<Record<string, AnyValue | undefined>>): AnyMap =>
  Object.fromEntries(Object.entries(it).filter((pair): pair is [string, AnyValue] => pair[1] !== undefined));

/** The map that the OpenTelemetry Collector's windowseventlog receiver emits today. */
const eventBody = (fact: EventFact): AnyMap =>
  defined({
    event_id: { id: fact.eventId },
    provider: defined({ name: fact.provider, event_source: fact.eventSource }),
    computer: fact.computer,
    former_computer: fact.formerComputer,
    channel: fact.channel,
    record_id: fact.recordId,
    system_time: fact.time,
    event_data: Object.fromEntries(fact.data.map((it, i) => [`param${i + 1}`, it])),
  });

/** What one record is: a fact; another's (`ignored`); malformed (`rejected`); or something of ours nobody understands. */
export type Reading =
  | { readonly outcome: "fact"; readonly fact: Fact; readonly uid?: string; readonly observedAt?: Instant }
  | { readonly outcome: "ignored" | "rejected" | "uninterpreted"; readonly reason: string };

/**
 * Reads a record of our agent or of an OpenTelemetry Collector. The event name decides; gateways may drop it, so the scope
 * and the shape of the body are looked at too.
 */
export const readRecord = (record: LogRecord, scopeName: string): Reading => {
  const { body, attributes } = record;
  const kind = kindOf(record, scopeName);
  if (kind === undefined) return unknownKind(record, scopeName);
  const fact =
    kind === "event" ? eventOfReceiver(body, record.timeUnixNano) : isMap(body) ? READ[kind](body) : undefined;
  if (fact === undefined) return { outcome: "rejected", reason: `the body of ${NAMES[kind]} is malformed` };
  if ("error" in fact) return { outcome: "uninterpreted", reason: fact.error };
  if (fact.kind === "event" && !isLicensingProvider(fact.provider, fact.eventSource))
    return { outcome: "ignored", reason: "an event of another provider" };
  const uid = attributes["log.record.uid"];
  const at = record.observedTimeUnixNano ?? record.timeUnixNano;
  const reading: { outcome: "fact"; fact: Fact; uid?: string; observedAt?: Instant } = { outcome: "fact", fact };
  if (typeof uid === "string") reading.uid = uid;
  if (at !== undefined) reading.observedAt = Number(at / 1_000_000n);
  return reading;
};

/** Ours, of a kind that a newer agent may send, is kept; ours and no map is malformed; others' records are not our business. */
const unknownKind = ({ body, eventName }: LogRecord, scopeName: string): Reading => {
  if (scopeName !== SCOPE)
    return { outcome: "ignored", reason: "neither an event nor a record of an activation agent" };
  if (!isMap(body)) return { outcome: "rejected", reason: "the body is no map" };
  return {
    outcome: "uninterpreted",
    reason: `no record of a known kind: ${(eventName ?? "without name").slice(0, 100)}`,
  };
};

const kindOf = ({ body, eventName }: LogRecord, scopeName: string): Fact["kind"] | undefined => {
  const named = KINDS.get(eventName ?? "");
  if (named) return named;
  if (typeof body === "string") return /^\s*(<\?xml[^>]*>\s*)?<(\w+:)?Event[\s>]/.test(body) ? "event" : undefined;
  if (!isMap(body)) return undefined;
  if (body.event_id !== undefined && body.provider !== undefined) return "event";
  if (scopeName !== SCOPE) return undefined;
  if (Array.isArray(body.products)) return "licensing";
  if (isMap(body.channels ?? null)) return "heartbeat";
  return typeof body.probe === "string" ? "probe" : undefined;
};

const PRODUCTS_MAX = 500;
const PROPERTIES_MAX = 200;
const TEXT_MAX = 8_192;
const CHANNELS_MAX = 64;

const readLicensing = (body: AnyMap): LicensingFact | undefined => {
  const products = propertiesList(body.products);
  if (!products) return undefined;
  const service = propertiesOf(body.service);
  const officeService = propertiesOf(body.office_service);
  const officeProducts = propertiesList(body.office_products);
  const intervalSeconds = amount(body.interval_seconds);
  return {
    kind: "licensing",
    products,
    ...(service && { service }),
    ...(officeService && { officeService }),
    ...(officeProducts && { officeProducts }),
    ...(intervalSeconds !== undefined && { intervalSeconds }),
    ...(body.degraded === true && { degraded: true }),
  };
};

const propertiesList = (value: AnyValue | undefined): Properties[] | undefined =>
  Array.isArray(value)
    ? (value as readonly AnyValue[])
        .slice(0, PRODUCTS_MAX)
        .map(propertiesOf)
        .filter((it) => it !== undefined)
    : undefined;

/** Never a full product key, never an installation ID, whatever an agent sends. */
const SECRET = /^(OA3xOriginalProductKey|OfflineInstallationId)/i;
const SECRET_LENGTH_MIN = "OfflineInstallationId".length;

const propertiesOf = (value: AnyValue | undefined): Properties | undefined => {
  if (!isMap(value ?? null)) return undefined;
  const properties = newMap() as Record<string, Properties[string]>;
  let left = PROPERTIES_MAX;
  for (const key in value as AnyMap) {
    if (left-- === 0) break;
    if (key.length >= SECRET_LENGTH_MIN && SECRET.test(key)) continue;
    const it = (value as AnyMap)[key]!;
    if (typeof it === "string") properties[key] = redactKeys(it).slice(0, TEXT_MAX);
    else if (typeof it === "number" || typeof it === "boolean" || it === null) properties[key] = it;
    else if (typeof it === "bigint") properties[key] = String(it);
  }
  return properties;
};

const readHeartbeat = (body: AnyMap): HeartbeatFact | undefined => {
  const { channels } = body;
  if (!isMap(channels ?? null)) return undefined;
  const sentAt = text(body.sent_at);
  const intervalSeconds = amount(body.interval_seconds);
  return {
    kind: "heartbeat",
    channels: Object.fromEntries(
      Object.entries(channels as AnyMap)
        .slice(0, CHANNELS_MAX)
        .map(([name, it]) => [name, isMap(it) ? channelOf(it) : {}]),
    ),
    spooledRecords: count(body.spooled_records) ?? 0,
    oldestUnsentSeconds: amount(body.oldest_unsent_seconds) ?? 0,
    droppedRecords: counts(body.dropped_records),
    failingSources: counts(body.failing_sources),
    ...(sentAt && { sentAt }),
    ...(intervalSeconds !== undefined && { intervalSeconds }),
  };
};

const channelOf = (it: AnyMap): ChannelProgress => {
  const readUntil = text(it.read_until);
  const oldest = text(it.oldest);
  const gaps = count(it.gaps);
  return { ...(readUntil && { readUntil }), ...(oldest && { oldest }), ...(gaps !== undefined && { gaps }) };
};

const readProbe = (body: AnyMap): ProbeFact | undefined => {
  const probe = text(body.probe);
  const target = text(body.target);
  const outcome = text(body.outcome);
  if (!probe || !target || !outcome) return undefined;
  const latencyMs = amount(body.latency_ms);
  const records = propertiesList(body.records);
  const intervalSeconds = amount(body.interval_seconds);
  return {
    kind: "probe",
    probe,
    target,
    outcome,
    ...(latencyMs !== undefined && { latencyMs }),
    ...(records && { records }),
    ...(body.configured === true && { configured: true }),
    ...(intervalSeconds !== undefined && { intervalSeconds }),
  };
};

const READ = { licensing: readLicensing, heartbeat: readHeartbeat, probe: readProbe } as const;

const text = (value: AnyValue | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value.slice(0, 512) : undefined;
/** No figure of ours is larger; sums over a fleet stay exact then, and fit where they are stored. */
const AMOUNT_MAX = 0xffff_ffff;
const amount = (value: AnyValue | undefined): number | undefined =>
  typeof value === "number" && value >= 0 ? Math.min(value, AMOUNT_MAX) : undefined;
const count = (value: AnyValue | undefined): number | undefined => {
  const read = amount(value);
  return read === undefined ? undefined : Math.round(read);
};
const counts = (value: AnyValue | undefined): Record<string, number> =>
  Object.fromEntries(
    Object.entries(isMap(value ?? null) ? (value as AnyMap) : {})
      .slice(0, CHANNELS_MAX)
      .flatMap(([key, it]) => (count(it) === undefined ? [] : [[key.slice(0, 100), count(it)!]])),
  );
