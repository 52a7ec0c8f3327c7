import { type WrittenField, writtenFields } from "../licensing/events/fields.ts";
import { eventNameOf } from "../licensing/events/names.ts";
import { canonicalProvider, KMS_CHANNEL } from "../licensing/events/normalise.ts";
import type {
  ChannelProgress,
  EventFact,
  Fact,
  HeartbeatFact,
  LicensingFact,
  ProbeFact,
  Properties,
} from "../licensing/facts.ts";
import type { Computer } from "../licensing/telemetry/otlp-mapping.ts";
import { parseWindowsTime } from "../licensing/time.ts";
import type { Pseudonyms } from "./pseudonyms.ts";
import { redactProperties } from "./redact-properties.ts";
import { redactTarget } from "./redact-target.ts";
import { isEventWord, isProductWord, noWord, scrub } from "./scrub.ts";

/**
 * A fact without names of computers, users, domains, addresses, client machine IDs. It keeps what counts, duplicates and
 * deadlines are computed from: codes, times, counts, product IDs, and which name is the same as which. What is not known to
 * be harmless is replaced, so that an unforeseen field tells nothing.
 */
export const redactFact = (fact: Fact, names: Pseudonyms): Fact => {
  switch (fact.kind) {
    case "event":
      return redactEvent(fact, names);
    case "licensing":
      return redactLicensing(fact, names);
    case "probe":
      return redactProbe(fact, names);
    case "heartbeat":
      return redactHeartbeat(fact, names);
  }
};

/** The sender. */
export const redactComputer = (it: Computer, names: Pseudonyms, zones: Zones): Computer => ({
  host: names.name(it.host),
  instanceId: names.guid(it.instanceId),
  agentVersion: scrub(it.agentVersion, noWord, names),
  ...(it.osType && { osType: scrub(it.osType, (word) => word === "windows" || word === "linux", names) }),
  ...(it.osName && { osName: scrub(it.osName, isProductWord, names) }),
  ...(it.osVersion && { osVersion: scrub(it.osVersion, noWord, names) }),
  ...(it.zone && { zone: redactZone(it.zone, names, zones) }),
});

/** What becomes of zones: all are replaced, or only those in whose name a name that was replaced so far can be read. */
export type Zones = "all" | "telling";

/** A zone is no computer, user or domain, and alerts are routed by it; but people name zones after domains. */
export const redactZone = (zone: string, names: Pseudonyms, zones: Zones): string =>
  zones === "all" || names.tells(zone) ? names.word(zone).replace(/^x/, "zone") : zone;

const redactEvent = (fact: EventFact, names: Pseudonyms): EventFact => ({
  ...withoutTexts(fact),
  kind: "event",
  eventId: fact.eventId,
  provider: providerOf(fact.provider, names),
  ...(fact.eventSource !== undefined && { eventSource: providerOf(fact.eventSource, names) }),
  ...(fact.channel !== undefined && { channel: channelOf(fact.channel, names) }),
  computer: names.name(fact.computer),
  time: parseWindowsTime(fact.time) ? fact.time : unreadable(fact.time, names),
  data: redactData(fact, names),
});

const redactData = ({ eventId, data }: EventFact, names: Pseudonyms): readonly string[] =>
  writtenFields(eventNameOf(eventId), data)?.map((it) => redactField(it, names)) ??
  data.map((it) => scrub(it, isEventWord, names));

const redactField = ({ name, text, understood }: WrittenField, names: Pseudonyms): string => {
  if (text === "") return "";
  if (!understood) return unreadable(text, names);
  if (name === "client_fqdn") return names.name(text);
  if (name === "dns_domain") return names.domain(text);
  if (name === "client_machine_id") return names.guid(text.replace(/[{}]/g, ""));
  if (name === "unused") return /^\d{1,10}$/.test(text) ? text : "0";
  return name === "kms_host" ? redactTarget(text, names) : text;
};

/** What was no name, code or time before is none afterwards either: a question mark stands in none. */
const unreadable = (text: string, names: Pseudonyms): string => `?${names.word(text)}`;

const providerOf = (provider: string, names: Pseudonyms): string =>
  provider === "" || canonicalProvider(provider) ? provider : names.word(provider);

const CHANNELS = new Set(["Application", KMS_CHANNEL, "ForwardedEvents", "System"]);
const channelOf = (channel: string, names: Pseudonyms): string =>
  CHANNELS.has(channel) ? channel : names.word(channel);

const redactLicensing = (fact: LicensingFact, names: Pseudonyms): LicensingFact => {
  const properties = (it: LicensingFact["products"][number]) => redactProperties(it, names);
  return {
    ...withoutTexts(fact),
    kind: "licensing",
    products: fact.products.map(properties),
    ...(fact.service && { service: properties(fact.service) }),
    ...(fact.officeService && { officeService: properties(fact.officeService) }),
    ...(fact.officeProducts && { officeProducts: fact.officeProducts.map(properties) }),
  };
};

const PROBE_WORDS = new Set(
  `dns_srv tcp rpc ok up down answered refused timeout unreachable failed error unresolved closed rejected malformed
  nxdomain no_records servfail known unknown unexpected unresolvable`.match(/\w+/g),
);
const probeText = (text: string, names: Pseudonyms): string => scrub(text, (word) => PROBE_WORDS.has(word), names);

const redactProbe = (fact: ProbeFact, names: Pseudonyms): ProbeFact => ({
  ...withoutTexts(fact),
  kind: "probe",
  probe: probeText(fact.probe, names),
  target: redactTarget(fact.target, names),
  outcome: probeText(fact.outcome, names),
  ...(fact.records && { records: fact.records.map((it) => redactRecord(it, names)) }),
});

/** One SRV record. */
const redactRecord = (record: Properties, names: Pseudonyms): Properties =>
  Object.fromEntries(
    Object.entries(record).flatMap(([key, value]): [string, Properties[string]][] => {
      if (!/^(domain|target|port|priority|weight|address|state|resolution|ttl)$/.test(key)) return [];
      if (typeof value !== "string") return [[key, value]];
      return [[key, key === "state" || key === "resolution" ? probeText(value, names) : redactTarget(value, names)]];
    }),
  );

/** Numbers and truth values identify no one. */
const withoutTexts = <F extends Fact>(fact: F): Partial<F> =>
  Object.fromEntries(
    Object.entries(fact).filter(([, it]) => typeof it === "number" || typeof it === "boolean"),
  ) as Partial<F>;

const KINDS = new Set(["event", "licensing", "probe", "heartbeat"]);

const redactHeartbeat = (fact: HeartbeatFact, names: Pseudonyms): HeartbeatFact => ({
  ...withoutTexts(fact),
  kind: "heartbeat",
  channels: keys(fact.channels, (it) => channelOf(it, names), progressOf),
  spooledRecords: fact.spooledRecords,
  oldestUnsentSeconds: fact.oldestUnsentSeconds,
  droppedRecords: keys(fact.droppedRecords, (it) => (KINDS.has(it) ? it : names.word(it))),
  failingSources: keys(fact.failingSources, (it) => scrub(it, noWord, names)),
  ...timeOf("sentAt", fact.sentAt),
});

const progressOf = (it: ChannelProgress): ChannelProgress => ({
  ...timeOf("readUntil", it.readUntil),
  ...timeOf("oldest", it.oldest),
  ...(it.gaps !== undefined && { gaps: it.gaps }),
});

const timeOf = (key: string, text: string | undefined): Record<string, string> =>
  text !== undefined && parseWindowsTime(text) ? { [key]: text } : {};

const keys = <T>(
  map: Readonly<Record<string, T>>,
  rename: (key: string) => string,
  value: (it: T) => T = (it) => it,
): Record<string, T> => Object.fromEntries(Object.entries(map).map(([key, it]) => [rename(key), value(it)]));
