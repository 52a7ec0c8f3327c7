import { type AnyMap, type AnyValue, isMap } from "../../otlp/logs.ts";
import { boundedData, DATA_MAX, EventXmlError, readEvent } from "../events/xml.ts";
import type { EventFact } from "../facts.ts";
import { MINUTE } from "../time.ts";

/**
 * An event as the OpenTelemetry Collector's windowseventlog receiver has emitted it over the years, and as our own agent
 * does: the XML (`raw: true`); a map whose `event_data` is flat (`param1`, `param2` …); a map whose `event_data` holds a
 * list; or, from old releases, a map with an empty `event_data`, where the data stands in the rendered message only.
 *
 * @returns undefined for what is no Windows event.
 */
export const eventOfReceiver = (body: AnyValue, timeUnixNano?: bigint): EventFact | { error: string } | undefined => {
  if (typeof body === "string")
    return /^\s*(<\?xml[^>]*>\s*)?<(\w+:)?Event[\s>]/.test(body) ? fromXml(body) : undefined;
  if (!isMap(body)) return undefined;
  const id = isMap(body.event_id) ? body.event_id.id : body.event_id;
  const provider = isMap(body.provider) ? body.provider.name : body.provider;
  const source = isMap(body.provider) ? body.provider.event_source : undefined;
  if (id === undefined || (provider === undefined && source === undefined)) return undefined;
  const eventId = wholeNumber(id);
  if (eventId === undefined) return { error: "event_id is no number" };
  const computer = textOf(body.computer);
  if (!computer) return { error: "computer is missing" };
  const time = textOf(body.system_time) ?? isoOf(timeUnixNano);
  if (!time) return { error: "system_time is missing" };
  const channel = textOf(body.channel);
  const recordId = wholeNumber(body.record_id);
  const eventSource = textOf(source);
  const fact = { kind: "event", eventId, provider: textOf(provider) ?? "", computer, time } as Writable<EventFact>;
  if (eventSource) fact.eventSource = eventSource;
  if (channel) fact.channel = channel;
  if (recordId !== undefined) fact.recordId = recordId;
  fact.data = (dataOf(body.event_data) ?? dataOfMessage(eventId, body.message)).slice(0, DATA_MAX).map(boundedData);
  return fact;
};
type Writable<T> = { -readonly [K in keyof T]: T[K] };

const fromXml = (xml: string): EventFact | { error: string } => {
  try {
    return readEvent(xml.trim());
  } catch (cause) {
    if (cause instanceof EventXmlError) return { error: cause.message };
    throw cause;
  }
};

const dataOf = (eventData: AnyValue | undefined): string[] | undefined => {
  if (Array.isArray(eventData) && eventData.length > 0) return (eventData as readonly AnyValue[]).map(dataText);
  if (!isMap(eventData)) return undefined;
  const { data } = eventData;
  if (Array.isArray(data)) return (data as readonly AnyValue[]).map(dataText);
  const inOrder = paramsInOrder(eventData);
  if (inOrder) return inOrder;
  const params = Object.entries(eventData).filter(([key]) => key.toLowerCase() !== "binary");
  if (params.length === 0) return undefined;
  const numbers = params.map(([key]) => Number(/^param(\d{1,3})$/.exec(key)?.[1] ?? Number.NaN));
  if (numbers.some((it) => Number.isNaN(it) || it < 1 || it > DATA_MAX)) return params.map(([, it]) => dataText(it));
  const values: string[] = Array(Math.max(...numbers)).fill("");
  numbers.forEach((number, i) => {
    values[number - 1] = dataText(params[i]![1]);
  });
  return values;
};

const PARAMS = Array.from({ length: DATA_MAX }, (_, i) => `param${i + 1}`);

/** What nearly every event is: texts named param1, param2 and so on in their order, and nothing else. */
const paramsInOrder = (eventData: AnyMap): string[] | undefined => {
  const values: string[] = [];
  for (const key in eventData) {
    const value = eventData[key];
    if (key !== PARAMS[values.length] || typeof value !== "string") return undefined;
    values.push(value);
  }
  return values.length === 0 ? undefined : values;
};

/** `{"": "text"}`, `{"Name": "text"}` or the text itself. */
const dataText = (it: AnyValue): string => {
  const value = isMap(it) ? (Object.values(it as AnyMap)[0] ?? "") : it;
  return typeof value === "string" ? value : value === null || typeof value === "object" ? "" : String(value);
};

/** Fields of the comma list by id, and what its last field looks like; the message around it is in any language. */
const LISTS: Readonly<Record<number, readonly [fields: number, last: RegExp]>> = {
  12288: [10, /^\s*\d{1,5}(?!\d)/],
  12289: [8, /^\s*\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4} +\d{1,2}:\d{2}(?:\s*[AP]M)?/i],
  12290: [9, /^\s*\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?/i],
};
const LIST_START = /0x[0-9A-Fa-f]{1,8}\s*,/g;

/**
 * The comma list in a rendered message: it begins with a hexadecimal code. A message can only be trusted so far: a list with
 * another number of fields is no list.
 */
const dataOfMessage = (eventId: number, message: AnyValue | undefined): string[] => {
  const layout = LISTS[eventId];
  const text = isMap(message ?? null) ? (message as AnyMap).message : message;
  if (typeof text !== "string" || layout === undefined) return [];
  const [fields, lastField] = layout;
  for (const line of text.slice(0, 20_000).split(/[\r\n]+/)) {
    for (const { index } of line.matchAll(LIST_START)) {
      const values = line.slice(index).split(",", fields);
      const last = values.length === fields ? lastField.exec(values.at(-1)!)?.[0] : undefined;
      if (last === undefined) continue;
      const list = [...values.slice(0, -1), last].join(",");
      // What follows at once, but for words, is a field too many.
      if (!/^\s*,/.test(line.slice(index + list.length))) return [list.trim()];
    }
  }
  return [];
};

const textOf = (value: AnyValue | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value.slice(0, 512) : undefined;

const wholeNumber = (value: AnyValue | undefined): number | undefined => {
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
};

const isoOf = (nanos: bigint | undefined): string | undefined => {
  if (nanos === undefined || nanos === 0n || nanos > BigInt(MINUTE) * 10n ** 16n) return undefined;
  const at = new Date(Number(nanos / 1_000_000n));
  if (Number.isNaN(at.getTime())) return undefined;
  const ticks = String((nanos / 100n) % 10_000_000n).padStart(7, "0");
  return `${at.toISOString().slice(0, 19)}.${ticks}Z`;
};
