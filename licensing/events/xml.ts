import { SaxesParser } from "saxes";
import type { EventFact } from "../facts.ts";
import { readName } from "../names.ts";
import { redactKeys } from "../product-keys.ts";

/** What is wrong with an event's XML, in one sentence. */
export class EventXmlError extends Error {}

const XML_MAX = 1024 * 1024;
const DEPTH_MAX = 32;
export const DATA_MAX = 256;
const DATA_LENGTH_MAX = 8_192;

/**
 * Reads one `<Event>` as Windows renders it (Event schema, learn.microsoft.com/windows/win32/wes), with or without
 * RenderingInfo in any language. Only System and EventData are looked at; `Binary` is never kept, because intruders have
 * used the Key Management Service log to store payloads in it. Event XML is hostile input: no DOCTYPE, bounded size, depth
 * and number of data elements.
 *
 * @throws EventXmlError
 */
export const readEvent = (xml: string): EventFact => {
  if (xml.length > XML_MAX) throw new EventXmlError(`The event has ${xml.length} characters; 1048576 are allowed.`);
  const read = collect(xml);
  const eventId = Number(read.text.get("EventID"));
  if (!/^\d{1,10}$/.test(read.text.get("EventID") ?? "") || eventId > 0xffff_ffff)
    throw new EventXmlError("System/EventID is missing or not a number.");
  const { provider, time } = read;
  if (!provider) throw new EventXmlError("System/Provider has no Name.");
  if (!time) throw new EventXmlError("System/TimeCreated has no SystemTime.");
  const computer = read.text.get("Computer");
  if (!computer) throw new EventXmlError("System/Computer is missing.");
  const channel = read.text.get("Channel");
  const recordId = read.text.get("EventRecordID");
  return {
    kind: "event",
    eventId,
    provider,
    ...(read.eventSource && { eventSource: read.eventSource }),
    ...(channel && { channel }),
    computer: computerName(computer),
    ...(recordId && /^\d{1,15}$/.test(recordId) && { recordId: Number(recordId) }),
    time,
    data: read.data,
  };
};

interface Collected {
  readonly text: Map<string, string>;
  provider?: string;
  eventSource?: string;
  time?: string;
  readonly data: string[];
}

const SYSTEM_TEXT = new Set(["EventID", "EventRecordID", "Channel", "Computer"]);

const collect = (xml: string): Collected => {
  const read: Collected = { text: new Map(), data: [] };
  const path: string[] = [];
  let text = "";
  const parser = new SaxesParser();
  parser.on("error", (cause) => {
    throw new EventXmlError(`Not well-formed XML: ${redactKeys(cause.message).slice(0, 200).replace(/\.$/, "")}.`);
  });
  parser.on("doctype", () => {
    throw new EventXmlError("The event has a DOCTYPE, which no event has.");
  });
  parser.on("opentag", ({ name, attributes }) => {
    path.push(localName(name));
    if (path.length > DEPTH_MAX) throw new EventXmlError(`The event nests deeper than ${DEPTH_MAX} elements.`);
    text = "";
    const at = path.join("/");
    const attribute = (wanted: string) => bounded(String((attributes as Record<string, unknown>)[wanted] ?? ""));
    if (at === "Event/System/Provider") {
      read.provider = attribute("Name");
      read.eventSource = attribute("EventSourceName");
    } else if (at === "Event/System/TimeCreated") read.time = attribute("SystemTime");
  });
  const onText = (part: string) => {
    text += part;
  };
  parser.on("text", onText);
  parser.on("cdata", onText);
  parser.on("closetag", () => {
    const at = path.join("/");
    const name = path.pop()!;
    if (at === "Event/EventData/Data") {
      if (read.data.length === DATA_MAX) throw new EventXmlError(`The event has more than ${DATA_MAX} data elements.`);
      read.data.push(boundedData(text));
    } else if (at === `Event/System/${name}` && SYSTEM_TEXT.has(name)) read.text.set(name, bounded(text.trim()));
    text = "";
  });
  parser.write(legible(xml)).close();
  return read;
};

/**
 * The texts of `<Data>` elements without an event around them, as some programs ship them.
 *
 * @throws EventXmlError
 */
export const readDataElements = (xml: string): string[] => {
  if (xml.length > XML_MAX) throw new EventXmlError(`The data has ${xml.length} characters; 1048576 are allowed.`);
  return collect(`<Event><EventData>${xml}</EventData></Event>`).data;
};

/** Characters that XML 1.0 has no place for, written as they are or as references: exporters copy them out of a record's data. */
const ILLEGIBLE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcef]|1[0-9a-f]));|\p{Cs}/giu;

/** One such character takes no event with it: it reads as U+FFFD, as an undecodable byte does. */
const legible = (xml: string): string => xml.replaceAll(ILLEGIBLE, "\ufffd");

const localName = (name: string): string => name.slice(name.indexOf(":") + 1);
const bounded = (text: string): string => redactKeys(text.slice(0, 1_024)).slice(0, 512);
/** As it was written, without dots at its end and full-width letters; what is no name stays, to be told. */
const computerName = (text: string): string => {
  const read = readName(text);
  return "name" in read ? read.name : text;
};
/** What is kept of one insertion string: bounded, and without product keys. */
export const boundedData = (text: string): string => {
  const kept = redactKeys(text);
  return kept.length > DATA_LENGTH_MAX ? kept.slice(0, DATA_LENGTH_MAX) : kept;
};
