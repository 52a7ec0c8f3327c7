import { type AnyMap, type AnyValue, isMap, newMap } from "../../otlp/logs.ts";
import type { ChannelProgress, HeartbeatFact, LicensingFact, ProbeFact, Properties } from "../facts.ts";
import { labelText } from "../labels.ts";
import { redactKeys } from "../product-keys.ts";

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
    const name = redactKeys(key);
    if (typeof it === "string") properties[name] = redactKeys(it).slice(0, TEXT_MAX);
    else if (typeof it === "number" || typeof it === "boolean" || it === null) properties[name] = it;
    else if (typeof it === "bigint") properties[name] = String(it);
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
        .map(([name, it]) => [labelText(name), isMap(it) ? channelOf(it) : {}]),
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

/** Readers of the bodies of our own records, by kind; undefined for a body that is malformed. */
export const FACT_READERS = { licensing: readLicensing, heartbeat: readHeartbeat, probe: readProbe } as const;

const text = (value: AnyValue | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? labelText(value, 512) : undefined;
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
      .flatMap(([key, it]) => (count(it) === undefined ? [] : [[labelText(key), count(it)!]])),
  );
