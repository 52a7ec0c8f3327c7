import type { NormalisedEvent } from "../licensing/events/names.ts";
import { splitEvents } from "../licensing/events/split.ts";
import { readEvent } from "../licensing/events/xml.ts";
import type { EventFact } from "../licensing/facts.ts";
import { factOfNormalised } from "./normalised.ts";

export type Found =
  | { readonly fact: EventFact; readonly position: string }
  | { readonly error: string; readonly position: string };

/**
 * Every event in an exported text: event XML as Event Viewer, wevtutil, event forwarding and evtxexport write it (one, an
 * `<Events>` document, one after the other), or NDJSON of normalised events. UTF-8 or UTF-16, told by the byte order mark
 * or by the zero bytes. What is broken is told with its line and takes nothing else with it.
 */
export function* eventsIn(bytes: Uint8Array): Generator<Found> {
  const text = decode(bytes);
  if (/^\s*\{/.test(text)) yield* linesOf(text);
  else yield* xmlOf(text);
}

function* xmlOf(text: string): Generator<Found> {
  let events = 0;
  for (const part of splitEvents(text)) {
    events += 1;
    if ("error" in part) yield part;
    else yield attempt(part.position, () => readEvent(part.xml));
  }
  if (events === 0 && !/<(?:\w+:)?Events[\s/>]/.test(text) && text.trim() !== "")
    yield { error: "There is no event in it: neither event XML nor NDJSON.", position: "line 1" };
}

function* linesOf(text: string): Generator<Found> {
  let line = 0;
  for (const json of text.split("\n")) {
    line += 1;
    if (json.trim() === "") continue;
    yield attempt(`line ${line}`, () => factOfNormalised(JSON.parse(json) as NormalisedEvent));
  }
}

const attempt = (position: string, read: () => EventFact): Found => {
  try {
    return { fact: read(), position };
  } catch (cause) {
    return { error: (cause as Error).message.slice(0, 300), position };
  }
};

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
