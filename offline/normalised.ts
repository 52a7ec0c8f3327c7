import { foldedName, shortText } from "../licensing/events/forms/form.ts";
import type { NormalisedEvent } from "../licensing/events/names.ts";
import { boundedData } from "../licensing/events/xml.ts";
import type { EventFact } from "../licensing/facts.ts";

/**
 * The fact behind a line that `events parse` once printed, so that the same event read from its line, from XML and from an
 * agent has one identity.
 *
 * @throws Error that names the field that is missing or wrong.
 */
export const factOfNormalised = (line: Partial<NormalisedEvent>): EventFact => {
  if (line === null || typeof line !== "object" || Array.isArray(line)) throw new Error("The line is no JSON object.");
  const { event_id, provider, computer, time, channel, record_id, data, info } = line;
  if (!Number.isInteger(event_id) || event_id! < 0) throw new Error("event_id is missing or no number.");
  if (typeof provider !== "string" || provider === "") throw new Error("provider is missing.");
  if (typeof computer !== "string" || computer === "") throw new Error("computer is missing.");
  if (typeof time !== "string") throw new Error("time is missing.");
  const strings = Array.isArray(data) ? data.filter((it) => typeof it === "string") : dataOf(event_id!, info);
  return {
    kind: "event",
    eventId: event_id!,
    provider: shortText(provider)!,
    ...(typeof channel === "string" && { channel: shortText(channel) ?? "" }),
    computer: foldedName(shortText(computer)!),
    ...(Number.isSafeInteger(record_id) && { recordId: record_id! }),
    time: shortText(time) ?? "",
    data: strings.slice(0, 256).map(boundedData),
  };
};

/** 12293 has two strings; a domain has no comma. All others with `info` have one, or one comma list. */
const dataOf = (eventId: number, info: unknown): string[] => {
  if (typeof info !== "string") return [];
  return eventId === 12293 ? info.split(",") : [info];
};
