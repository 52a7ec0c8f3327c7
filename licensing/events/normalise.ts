import type { EventFact } from "../facts.ts";
import { readName } from "../names.ts";
import { parseWindowsTime } from "../time.ts";
import { readFields, writtenFields } from "./fields.ts";
import { eventNameOf, type NormalisedEvent } from "./names.ts";

const SPP = "Microsoft-Windows-Security-SPP";
const SLC = "Microsoft-Windows-Security-Licensing-SLC";
const OSPP = "Office Software Protection Platform Service";

/** Display and source forms of the licensing providers (winevt-kb's tables of sppsvc.exe and slsvc.exe), lower case, and the usual ones as they are. */
const PROVIDERS = new Map([
  [SPP, SPP],
  [SLC, SLC],
  [OSPP, OSPP],
  ["microsoft-windows-security-spp", SPP],
  ["security-spp", SPP],
  ["software protection platform service", SPP],
  ["kmsrequests", SPP],
  ["microsoft-windows-security-licensing-slc", SLC],
  ["security-licensing-slc", SLC],
  ["software licensing service", SLC],
  ["office software protection platform service", OSPP],
  ["office software protection platform", OSPP],
]);

/** The names under which Windows itself may list them: what an XPath filter asks for. */
export const LICENSING_PROVIDERS: readonly string[] = [
  SPP,
  SLC,
  OSPP,
  "Office Software Protection Platform",
  "Software Protection Platform Service",
  "Software Licensing Service",
];

/** The one name of a licensing provider, whatever form a source gives it in; undefined for all other providers. */
export const canonicalProvider = (provider: string, eventSource?: string): string | undefined =>
  PROVIDERS.get(provider) ??
  PROVIDERS.get(provider.trim().toLowerCase()) ??
  (provider.trim() === "" ? PROVIDERS.get(eventSource?.trim().toLowerCase() ?? "") : undefined);

/** Ids are not unique across providers: SQL Server Integration Services logs 12288 and 12289 too. */
export const isLicensingProvider = (provider: string, eventSource?: string): boolean =>
  canonicalProvider(provider, eventSource) !== undefined;

export const KMS_CHANNEL = "Key Management Service";
/** An event that concerns us: of a licensing provider, or in the log of KMS requests, whatever its provider. */
export const isLicensingEvent = ({ provider, eventSource, channel }: EventFact): boolean =>
  channel === KMS_CHANNEL || isLicensingProvider(provider, eventSource);

/** Windows' own words about KMS, each where it belongs: there is no room in it for a payload. */
const isOfKmsHost = ({ eventId, data }: EventFact): boolean => {
  const fields = writtenFields(eventNameOf(eventId), data);
  return fields?.every((it) => it.understood) ?? false;
};

/** Single labels and names with underscores are computers as well; an address with colons or a sentence is none. */
export const isComputerName = (text: string): boolean => "name" in readName(text);

/**
 * Names the fields of an event. A field that cannot be understood stays out, with the reason in `problems`; nothing here
 * throws, because an event is kept whatever it says. Layouts: Table 11 of the planning guide and domain facts on the
 * variants of one, nine and ten data elements.
 */
export const normalise = (fact: EventFact, time = parseWindowsTime(fact.time)): NormalisedEvent => {
  const problems: string[] = [];
  if (!time) problems.push("time: not a time that Windows writes");
  const computer = readName(fact.computer);
  if ("reason" in computer) problems.push(`computer: ${computer.reason}`);
  // Anybody may write into this log, and payloads have been hidden there: only the request that belongs there is read.
  const strange = !isLicensingProvider(fact.provider, fact.eventSource);
  const foreign = fact.channel === KMS_CHANNEL && (strange || (fact.eventId !== 12290 && !isOfKmsHost(fact)));
  if (foreign)
    problems.push(
      `event ${fact.eventId}${strange ? " of another provider" : ""} does not belong in the ${KMS_CHANNEL} log; its data is not shown`,
    );
  const name = foreign ? "other" : eventNameOf(fact.eventId);
  const event = { event: name, event_id: fact.eventId, provider: fact.provider } as NormalisedEvent;
  if (fact.channel !== undefined) event.channel = fact.channel;
  event.computer = fact.computer;
  if (fact.recordId !== undefined) event.record_id = fact.recordId;
  if (time) event.time = time.ticks;
  if (!foreign) readFields(event, fact.data, problems);
  if (problems.length > 0) event.problems = problems;
  return event;
};
