import type { EventFact } from "../../facts.ts";
import { readName } from "../../names.ts";
import { redactKeys } from "../../product-keys.ts";
import { boundedData, DATA_MAX } from "../xml.ts";
import { isoTime } from "./times.ts";

/** A map as JSON or OTLP brings it. Its values may have any type. */
export type Body = Readonly<Record<string, unknown>>;
export const isBody = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/** An event, or why a map that has this form holds none. */
export type EventReading = EventFact | { readonly error: string };

/** What stands beside a body and helps where the body is silent. */
export interface Beside {
  /** When the record says that it happened, as ISO 8601. */
  readonly time?: () => string | undefined;
}

/** One way in which a program writes events of the Windows event log. */
export interface Form {
  readonly name: string;
  /** The members by which a map of this form is known, for docs/events.md. */
  readonly knownBy: string;
  /** To which part of a second it keeps the time, for docs/events.md. */
  readonly time: string;
  /** @returns undefined for a map of another form. */
  readonly read: (body: Body, beside: Beside) => EventReading | undefined;
}

/** The value at a path, whether the maps are nested or their keys are joined by dots. */
export const at = (body: Body, path: string): unknown => {
  if (Object.hasOwn(body, path)) return body[path];
  let from = path.indexOf(".");
  while (from > 0) {
    const head = path.slice(0, from);
    const inner = Object.hasOwn(body, head) ? body[head] : undefined;
    if (isBody(inner)) return at(inner, path.slice(from + 1));
    from = path.indexOf(".", from + 1);
  }
  return undefined;
};

const TEXT_MAX = 512;

/** A short text without product keys; undefined for what is none, or empty. */
export const shortText = (value: unknown): string | undefined => {
  // Cut after the keys are out: half a key is no key that would be found.
  if (typeof value === "string") {
    if (value === "") return undefined;
    return value.length <= TEXT_MAX ? redactKeys(value) : redactKeys(value.slice(0, 2 * TEXT_MAX)).slice(0, TEXT_MAX);
  }
  return typeof value === "number" || typeof value === "bigint" ? String(value) : undefined;
};

/** The first of several places that holds a text. */
export const textAt = (body: Body, ...paths: readonly string[]): string | undefined => {
  for (const path of paths) {
    const text = shortText(at(body, path));
    if (text !== undefined) return text;
  }
  return undefined;
};

/** A whole number that is none below zero, written as a number or as a text. */
export const wholeNumber = (value: unknown): number | undefined => {
  const number = typeof value === "string" && /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
};

/** One insertion string, whatever type a program guessed for it. */
export const dataText = (value: unknown): string => {
  if (typeof value === "string") return value;
  return value === null || value === undefined || typeof value === "object" ? "" : String(value);
};

/** A list of insertion strings: texts, `{"Name": text}`, `{"Value": text}`. Undefined where there is no list. */
export const dataList = (value: unknown): string[] | undefined => {
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, DATA_MAX).map((it: unknown) => dataText(isBody(it) ? Object.values(it)[0] : it));
};

/** What an event's parts are, as a form has found them. */
export interface Parts {
  readonly eventId: unknown;
  readonly provider: string | undefined;
  readonly eventSource?: string | undefined;
  readonly channel: string | undefined;
  readonly computer: string | undefined;
  readonly recordId: unknown;
  readonly time: unknown;
  readonly data: readonly string[];
}

/** What a form calls the parts that every event has, for messages. */
export type PartNames = Readonly<Record<"eventId" | "computer" | "time", string>>;

/** An event from its parts. Every text is bounded and free of product keys, a computer's name is folded. */
export const eventFrom = (parts: Parts, names: PartNames, beside: Beside): EventReading => {
  const eventId = wholeNumber(parts.eventId);
  if (eventId === undefined || eventId > 0xffff_ffff) return { error: `${names.eventId} is no number` };
  if (!parts.computer) return { error: `${names.computer} is missing` };
  // A time that cannot be read is kept as it is, to be told with the event.
  const time = isoTime(parts.time) ?? shortText(parts.time) ?? beside.time?.();
  if (!time) return { error: `${names.time} is missing` };
  const recordId = wholeNumber(parts.recordId);
  const fact = { kind: "event", eventId, provider: parts.provider ?? "" } as Writable<EventFact>;
  if (parts.eventSource) fact.eventSource = parts.eventSource;
  if (parts.channel) fact.channel = parts.channel;
  if (recordId !== undefined) fact.recordId = recordId;
  fact.computer = foldedName(parts.computer);
  fact.time = time;
  fact.data = (parts.data.length > DATA_MAX ? parts.data.slice(0, DATA_MAX) : parts.data).map(boundedData);
  return fact;
};
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A computer's name as it was written, without dots at its end and full-width letters; what is no name stays to be told. */
export const foldedName = (text: string): string => {
  const read = readName(text);
  return "name" in read ? read.name : text;
};
