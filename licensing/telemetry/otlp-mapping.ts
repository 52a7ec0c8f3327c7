import { type AnyMap, type AnyValue, isMap, type LogRecord } from "../../otlp/logs.ts";
import { mentionsLicensing } from "../events/forms/mentions.ts";
import { jsonMap, readEventBody } from "../events/forms/read-body.ts";
import { isLicensingProvider, KMS_CHANNEL } from "../events/normalise.ts";
import type { EventFact, Fact } from "../facts.ts";
import { labelText } from "../labels.ts";
import { nameKey } from "../names.ts";
import { ADDRESSES_MAX, tellingAddresses } from "../networks.ts";
import { nameHoldsKey } from "../product-keys.ts";
import { type Instant, MINUTE, parseWindowsTime } from "../time.ts";
import { ZONE_NAME } from "../zones.ts";
import { FACT_READERS } from "./read-facts.ts";

export const SCOPE = "activation-monitor";
export const SERVICE = "activation-agent";

/** Who sends: the resource of a request. `host` is the FQDN, the computer's key; `hostId` never is, clones share it. */
export interface Computer {
  readonly host: string;
  readonly hostId?: string;
  /** Its IP addresses, without loopback and link-local ones; ten at most. */
  readonly addresses?: readonly string[];
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
  ...(it.addresses && it.addresses.length > 0 && { "host.ip": it.addresses }),
  ...(it.osType && { "os.type": it.osType }),
  ...(it.osName && { "os.name": it.osName }),
  ...(it.osVersion && { "os.version": it.osVersion }),
  ...(it.zone && { "activation.zone": it.zone }),
});

export interface Resource {
  readonly host?: string;
  /** Its IP addresses, valid and sorted, separated by spaces. */
  readonly addresses?: string;
  readonly osType?: string;
  readonly osName?: string;
  readonly zone?: string;
  readonly agentVersion?: string;
  readonly serviceName?: string;
}

/** Who reported, from anybody: what is no name stays out, and texts are fit to be labels. */
export const resourceOf = (attributes: AnyMap): Resource => {
  const written = (key: string): string | undefined => {
    const value = attributes[key];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const label = (key: string): string | undefined => {
    const value = written(key);
    return value === undefined ? undefined : labelText(value);
  };
  const host = nameKey(written("host.name") ?? "");
  const zone = written("activation.zone");
  const addresses = addressesIn(attributes["host.ip"]);
  const osType = label("os.type");
  const osName = label("os.name");
  const agentVersion = label("service.version");
  const serviceName = label("service.name");
  const resource: { -readonly [K in keyof Resource]: Resource[K] } = {};
  if (host) resource.host = host;
  if (addresses) resource.addresses = addresses;
  if (osType) resource.osType = osType;
  if (osName) resource.osName = osName;
  if (zone && ZONE_NAME.test(zone) && !nameHoldsKey(zone)) resource.zone = zone;
  if (agentVersion) resource.agentVersion = agentVersion;
  if (serviceName) resource.serviceName = serviceName;
  return resource;
};

/** Of a list, or of one address; of a list that is far too long only the beginning is looked at. */
const addressesIn = (value: AnyValue | undefined): string => {
  if (value === undefined) return "";
  const written = Array.isArray(value) ? value.slice(0, 4 * ADDRESSES_MAX) : [value];
  return tellingAddresses(written.filter((it): it is string => typeof it === "string")).join(" ");
};

/** The event name of each kind of record. */
export const RECORD_NAMES = {
  event: "windows.event",
  licensing: "windows.licensing",
  probe: "activation.probe",
  heartbeat: "activation.agent",
} as const satisfies Record<Fact["kind"], string>;

const KINDS = new Map(Object.entries(RECORD_NAMES).map(([kind, name]) => [name as string, kind as Fact["kind"]]));

const nanosOf = (at: Instant): bigint => BigInt(Math.round(at)) * 1_000_000n;

/** A fact as OTLP log record. `uid` stays the same when the record is sent again. */
export const recordOf = (fact: Fact, uid: string, observedAt: Instant): LogRecord => ({
  timeUnixNano: nanosOf(fact.kind === "event" ? (parseWindowsTime(fact.time)?.ms ?? observedAt) : observedAt),
  observedTimeUnixNano: nanosOf(observedAt),
  eventName: RECORD_NAMES[fact.kind],
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
    channel: fact.channel,
    record_id: fact.recordId,
    system_time: fact.time,
    event_data: Object.fromEntries(fact.data.map((it, i) => [`param${i + 1}`, it])),
  });

/** What one record is: a fact; another's (`ignored`); malformed (`rejected`); or a record of ours that is not understood. */
export type Reading =
  | { readonly outcome: "fact"; readonly fact: Fact; readonly uid?: string; readonly observedAt?: Instant }
  | { readonly outcome: "ignored" | "rejected" | "uninterpreted"; readonly reason: string };

/**
 * Reads a record of our agent, of an OpenTelemetry Collector or of another shipper. The event name decides; gateways may drop
 * it, so the scope and the shape of the body are looked at too. An event of a licensing provider or of the Key Management
 * Service log is never ignored, whatever its form.
 */
export const readRecord = (record: LogRecord, scopeName: string): Reading => {
  const kind = kindOf(record, scopeName);
  if (kind === undefined || kind === "event") return readEventRecord(record, scopeName, kind === "event");
  const body = mapOf(record.body);
  const fact = body && FACT_READERS[kind](body);
  return fact
    ? factReading(record, fact)
    : { outcome: "rejected", reason: `the body of ${RECORD_NAMES[kind]} is malformed` };
};

const readEventRecord = (record: LogRecord, scopeName: string, isNamed: boolean): Reading => {
  const { body, attributes } = record;
  const beside = { time: () => isoOf(record.timeUnixNano) };
  // Some shippers put all into the attributes, and the message alone into the body.
  const read = readEventBody(body, beside, attributes["log.record.original"]) ?? readEventBody(attributes, beside);
  if (read === undefined) return unknownRecord(record, scopeName, isNamed);
  const { event } = read;
  if ("error" in event) {
    if (!isNamed && scopeName !== SCOPE && !isMentionedIn(record))
      return { outcome: "ignored", reason: `no event that can be read: ${event.error}` };
    return { outcome: "uninterpreted", reason: `${read.form}: ${event.error}` };
  }
  if (isLicensingProvider(event.provider, event.eventSource)) return factReading(record, event);
  if (event.channel !== KMS_CHANNEL) return { outcome: "ignored", reason: "an event of another provider" };
  // Anybody may write into this log, and payloads have been hidden there.
  const provider = labelText(event.provider || (event.eventSource ?? ""));
  return { outcome: "uninterpreted", reason: `an event of ${provider} does not belong in the ${KMS_CHANNEL} log` };
};

/** Written without spreading, because every record comes here. */
const factReading = ({ attributes, observedTimeUnixNano, timeUnixNano }: LogRecord, fact: Fact): Reading => {
  const uid = attributes["log.record.uid"];
  const at = observedTimeUnixNano ?? timeUnixNano;
  const reading: { outcome: "fact"; fact: Fact; uid?: string; observedAt?: Instant } = { outcome: "fact", fact };
  if (typeof uid === "string") reading.uid = uid;
  if (at !== undefined) reading.observedAt = Number(at / 1_000_000n);
  return reading;
};

/**
 * What has no form that is known: kept where it is ours, of a kind that a newer agent may send, or names what we watch;
 * malformed where it is ours and no map; others' records are not our business.
 */
const unknownRecord = (record: LogRecord, scopeName: string, isNamed: boolean): Reading => {
  const { body } = record;
  if (isNamed)
    return isMap(body) || (typeof body === "string" && body.trim() !== "")
      ? { outcome: "uninterpreted", reason: "an event in no form that is known" }
      : { outcome: "rejected", reason: `the body of ${RECORD_NAMES.event} is malformed` };
  if (scopeName === SCOPE) {
    if (!isMap(body)) return { outcome: "rejected", reason: "the body is no map" };
    return {
      outcome: "uninterpreted",
      reason: `no record of a known kind: ${labelText(nameOf(record) || "without name")}`,
    };
  }
  if (isMentionedIn(record))
    return { outcome: "uninterpreted", reason: "it names a licensing provider, in no form that is known" };
  return { outcome: "ignored", reason: "neither an event nor a record of an activation agent" };
};

const isMentionedIn = ({ body, attributes }: LogRecord): boolean =>
  mentionsLicensing(body) || mentionsLicensing(attributes);

/** Before there was a field for it, the name stood in an attribute. */
const nameOf = ({ eventName, attributes }: LogRecord): string => {
  if (eventName) return eventName;
  const attribute = attributes["event.name"];
  return typeof attribute === "string" ? attribute : "";
};

const mapOf = (body: AnyValue): AnyMap | undefined => {
  if (typeof body === "string") return jsonMap(body) as AnyMap | undefined;
  return isMap(body) ? body : undefined;
};

const kindOf = (record: LogRecord, scopeName: string): Fact["kind"] | undefined => {
  const named = KINDS.get(nameOf(record));
  if (named || scopeName !== SCOPE) return named;
  const body = mapOf(record.body);
  if (!body) return undefined;
  if (Array.isArray(body.products)) return "licensing";
  if (isMap(body.channels ?? null)) return "heartbeat";
  return typeof body.probe === "string" ? "probe" : undefined;
};

const isoOf = (nanos: bigint | undefined): string | undefined => {
  if (nanos === undefined || nanos === 0n || nanos > BigInt(MINUTE) * 10n ** 16n) return undefined;
  const at = new Date(Number(nanos / 1_000_000n));
  if (Number.isNaN(at.getTime())) return undefined;
  const ticks = String((nanos / 100n) % 10_000_000n).padStart(7, "0");
  return `${at.toISOString().slice(0, 19)}.${ticks}Z`;
};
