import { isBody } from "../licensing/events/forms/form.ts";
import { readEventBody } from "../licensing/events/forms/read-body.ts";
import type { NormalisedEvent } from "../licensing/events/names.ts";
import { splitEvents } from "../licensing/events/split.ts";
import { readEvent } from "../licensing/events/xml.ts";
import type { EventFact } from "../licensing/facts.ts";
import { readRecord } from "../licensing/telemetry/otlp-mapping.ts";
import { decodeLogsJson } from "../otlp/json.ts";
import { jsonTexts } from "./json-texts.ts";
import { factOfNormalised } from "./normalised.ts";
import { describeUnsupported } from "./unsupported.ts";

export type Found =
  | { readonly fact: EventFact; readonly position: string }
  | { readonly error: string; readonly position: string };

/**
 * Every event in an exported text: event XML as Event Viewer, wevtutil, event forwarding and evtxexport write it (one, an
 * `<Events>` document, one after the other), or JSON (a line each, one after the other, or an array) of normalised events and
 * of every form that shippers of event logs write. UTF-8 or UTF-16, told by the byte order mark or by the zero bytes. What is
 * broken is told with its line and takes nothing else with it; the same fault is told three times, and then how often.
 */
export function* eventsIn(bytes: Uint8Array): Generator<Found> {
  const text = decode(bytes);
  yield* withoutRepetition(isJson(text) ? inJson(text) : inXml(text));
}

/** Does a text begin as JSON of maps does? */
export const isJson = (text: string): boolean => /^\s*(?:\{|\[\s*[{\]])/.test(text);

function* inXml(text: string): Generator<Found> {
  let events = 0;
  for (const part of splitEvents(text)) {
    events += 1;
    if ("error" in part) yield part;
    else yield attempt(part.position, () => readEvent(part.xml));
  }
  if (events === 0 && !/<(?:\w+:)?Events[\s/>]/.test(text) && text.trim() !== "")
    yield { error: describeUnsupported(text), position: "line 1" };
}

function* inJson(text: string): Generator<Found> {
  for (const part of jsonTexts(text)) {
    if ("error" in part) yield part;
    else yield* inValue(part.json, part.position);
  }
}

function* inValue(json: string, position: string): Generator<Found> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    yield { error: `Not JSON: ${(cause as Error).message.slice(0, 200)}`, position };
    return;
  }
  if (isBody(value) && (value.resourceLogs ?? value.resource_logs) !== undefined) yield* inRequest(json, position);
  else if (!isBody(value)) yield { error: "The line is no JSON object.", position };
  else yield* inMap(value, position);
}

/** Lists in which programs answer: our own API, a search, Windows PowerShell. */
const LISTS = ["items", "hits", "value", "Events", "events", "Event", "records", "logs"];

function* inMap(map: Readonly<Record<string, unknown>>, position: string): Generator<Found> {
  if (isNormalised(map)) {
    yield attempt(position, () => factOfNormalised(map as Partial<NormalisedEvent>));
    return;
  }
  const read = readEventBody(map);
  if (read) {
    const { event, form } = read;
    yield "error" in event ? { error: `${form}: ${event.error}.`, position } : { fact: event, position };
    return;
  }
  const name = LISTS.find((it) => Array.isArray(map[it]) || (it === "hits" && isBody(map[it])));
  const list = name && isBody(map[name]) ? (map[name] as Record<string, unknown>)[name] : name && map[name];
  if (!Array.isArray(list)) {
    yield { error: NO_FORM, position };
    return;
  }
  for (const [i, it] of list.entries())
    if (isBody(it) && !LISTS.some((key) => Array.isArray(it[key]))) yield* inMap(it, `${position}, item ${i + 1}`);
}

const NO_FORM =
  "No event in a form that is known: neither what events parse prints nor Winlogbeat's, NXLog's, Fluent Bit's, Vector's, Wazuh's or Get-WinEvent's.";

/** What `events parse` prints: fields on one level. The receiver's map has its time elsewhere. */
const isNormalised = (map: Readonly<Record<string, unknown>>): boolean =>
  map.event_id !== undefined &&
  !isBody(map.event_id) &&
  map.system_time === undefined &&
  (typeof map.time === "string" || (typeof map.event === "string" && map.provider !== undefined));

/** OTLP/JSON, as the OpenTelemetry Collector's file exporter writes it. */
function* inRequest(json: string, position: string): Generator<Found> {
  try {
    for (const { scope, records } of decodeLogsJson(json))
      for (const record of records) {
        const reading = readRecord(record, scope.name);
        if (reading.outcome === "uninterpreted") yield { error: `${reading.reason}.`, position };
        else if (reading.outcome === "fact" && reading.fact.kind === "event") yield { fact: reading.fact, position };
      }
  } catch (cause) {
    yield { error: (cause as Error).message.slice(0, 300), position };
  }
}

const attempt = (position: string, read: () => EventFact): Found => {
  try {
    return { fact: read(), position };
  } catch (cause) {
    return { error: (cause as Error).message.slice(0, 300), position };
  }
};

const TOLD_MAX = 3;
const FAULTS_MAX = 1_000;

/** A file with one fault in every line tells it three times, and then how often. */
function* withoutRepetition(all: Generator<Found>): Generator<Found> {
  const times = new Map<string, number>();
  for (const found of all) {
    if (!("error" in found)) {
      yield found;
      continue;
    }
    const before = times.get(found.error) ?? 0;
    if (before === 0 && times.size >= FAULTS_MAX) continue;
    times.set(found.error, before + 1);
    if (before < TOLD_MAX) yield found;
  }
  for (const [error, count] of times)
    if (count > TOLD_MAX) yield { error, position: `and ${count - TOLD_MAX} more places` };
}

/** @throws nothing: bytes that are no text read as replacement characters, and then as broken events. */
export const decode = (bytes: Uint8Array): string => new TextDecoder(encodingOf(bytes)).decode(bytes);

const encodingOf = ([a, b, c, d]: Uint8Array): string => {
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  // Without a mark: `<` or `{` and a zero byte.
  if (b === 0 && d === 0 && a !== 0 && c !== 0) return "utf-16le";
  if (a === 0 && c === 0 && b !== 0 && d !== 0) return "utf-16be";
  return "utf-8";
};
