import { EventXmlError, readEvent } from "../xml.ts";
import { fluentBit } from "./fluent-bit.ts";
import { type Beside, type Body, type EventReading, type Form, isBody } from "./form.ts";
import { loki } from "./loki.ts";
import { nxlog } from "./nxlog.ts";
import { getEventLog, getWinEvent } from "./powershell.ts";
import { receiver } from "./receiver.ts";
import { vector } from "./vector.ts";
import { wazuh } from "./wazuh.ts";
import { winlogbeat } from "./winlogbeat.ts";
import { xmlAsJson } from "./xml-as-json.ts";

/** Every form of an event that is read, in the order in which they are tried. */
export const FORMS: readonly Form[] = [
  receiver,
  winlogbeat,
  vector,
  loki,
  nxlog,
  fluentBit,
  wazuh,
  getWinEvent,
  getEventLog,
  xmlAsJson,
];

/** What a body holds: an event or why it cannot be read, and in whose form. */
export interface BodyReading {
  readonly form: string;
  readonly event: EventReading;
}

const JSON_TEXT_MAX = 1024 * 1024;
const XML = /^[\s\ufeff]*(<\?xml[^>]{0,200}>\s*)?<(\w+:)?Event[\s>]/;

/**
 * Reads the event in a body, whichever program wrote it: the event's XML, a map of one of the forms, either of them as text
 * or wrapped in another map. Where a map holds the event's XML besides, the XML is taken: it is as Windows wrote it.
 *
 * @param original the event's XML where it stands beside the body (`log.record.original`); it serves where the body lacks
 *   the data.
 * @returns undefined for what is no Windows event in any form that is known.
 */
export const readEventBody = (body: unknown, beside: Beside = {}, original?: unknown): BodyReading | undefined => {
  const reading = readAny(body, beside, 2);
  if (reading && "kind" in reading.event && reading.event.data.length > 0) return reading;
  return xmlReading(original) ?? reading;
};

const readAny = (body: unknown, beside: Beside, depth: number): BodyReading | undefined => {
  if (typeof body === "string") return readText(body, beside, depth);
  return isBody(body) ? readMap(body, beside, depth) : undefined;
};

const readText = (text: string, beside: Beside, depth: number): BodyReading | undefined => {
  if (XML.test(text)) return { form: "event XML", event: fromXml(text) };
  const map = depth > 0 ? jsonMap(text) : undefined;
  return map && readMap(map, beside, depth - 1);
};

const readMap = (body: Body, beside: Beside, depth: number): BodyReading | undefined => {
  for (const form of FORMS) {
    const event = form.read(body, beside);
    if (event === undefined) continue;
    // Of the commonest form nothing else is looked at.
    if (form === receiver && "kind" in event && event.data.length > 0) return { form: form.name, event };
    return xmlIn(body) ?? { form: form.name, event };
  }
  return xmlIn(body) ?? (depth > 0 ? wrapped(body, beside, depth) : undefined);
};

/** A program puts the event's own XML under a name of its choice. */
const xmlIn = (body: Body): BodyReading | undefined => {
  const { event } = body;
  if (isBody(event)) {
    const reading = xmlReading(event.original);
    if (reading) return reading;
  }
  let left = MEMBERS_MAX;
  for (const key in body) {
    left -= 1;
    if (left < 0) return undefined;
    const reading = xmlReading(body[key]);
    if (reading) return reading;
  }
  return undefined;
};
/** So many members of a map are looked at. */
const MEMBERS_MAX = 100;

/** Only what can be read: a form may hold the parts of an event whose XML was cut off. */
const xmlReading = (text: unknown): BodyReading | undefined => {
  if (typeof text !== "string" || !XML.test(text)) return undefined;
  const event = fromXml(text);
  return "kind" in event ? { form: "event XML", event } : undefined;
};

/** A program wraps a whole record, as a map or as JSON text, under a name of its choice: a search's hit, a line of a file. */
const wrapped = (body: Body, beside: Beside, depth: number): BodyReading | undefined => {
  let left = MEMBERS_MAX;
  for (const key in body) {
    left -= 1;
    if (left < 0) return undefined;
    const reading = readAny(body[key], beside, depth - 1);
    if (reading) return reading;
  }
  return undefined;
};

/** A map written as JSON; undefined for all else. */
export const jsonMap = (text: string): Body | undefined => {
  if (text.length > JSON_TEXT_MAX || !/^[\s\ufeff]*\{/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isBody(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const fromXml = (xml: string): EventReading => {
  try {
    return readEvent(xml.replace(/^\ufeff/, "").trim());
  } catch (cause) {
    if (cause instanceof EventXmlError) return { error: cause.message };
    throw cause;
  }
};
