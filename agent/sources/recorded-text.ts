import { isBody } from "../../licensing/events/forms/form.ts";
import { isLicensingProvider } from "../../licensing/events/normalise.ts";
import { readRecord, SCOPE } from "../../licensing/telemetry/otlp-mapping.ts";
import type { Instant } from "../../licensing/time.ts";
import { eventsIn } from "../../offline/event-text.ts";
import { type AnyMap, newMap } from "../../otlp/logs.ts";
import type { Observed } from "./source.ts";

export type Format = "xml" | "lines";

const BOM = /^\uFEFF/;
const EVENT_END = "</Event>";

/** What a file begins with, blank lines aside; undefined while there are only such. @throws Error for UTF-16. */
export const formatOf = (start: Buffer): Format | undefined => {
  if ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff) || start[1] === 0)
    throw new Error("it is UTF-16, which is not followed; write UTF-8, or take it once with `collector import`");
  const first = start.toString("utf8").replace(BOM, "").trimStart()[0];
  return first === undefined ? undefined : first === "{" ? "lines" : "xml";
};

/** The end of the last event or line that is complete; 0 when there is none. What is blank is complete. */
export const endOfLast = (chunk: Buffer, format: Format | undefined): number => {
  if (format === undefined) return chunk.length;
  if (format === "lines") return chunk.lastIndexOf("\n") + 1;
  const event = chunk.lastIndexOf(EVENT_END);
  if (event >= 0) return event + EVENT_END.length;
  return isBlank(chunk) ? chunk.length : 0;
};

/** Where to go on in a chunk in which nothing ends: at the last event that begins in it, or behind it. */
export const endOfOverlong = (chunk: Buffer, format: Format | undefined): number => {
  const start = format === "xml" ? Math.max(chunk.lastIndexOf("<Event "), chunk.lastIndexOf("<Event>")) : -1;
  return start > 0 ? start : chunk.length;
};

/** Whether what follows the last event is one that is still being written: neither blank nor the document around events. */
export const isUnfinished = (rest: Buffer): boolean =>
  !/^\s*(<\?xml[^>]*>\s*)?(<Events[^>]*>\s*)?(<\/Events>\s*)?$/.test(rest.toString("utf8").replace(BOM, ""));

const isBlank = (bytes: Buffer): boolean => bytes.toString("latin1").trim() === "";

export interface TextFacts {
  readonly facts: Observed[];
  /** What could not be read, with its place. */
  readonly broken: readonly string[];
}

/** The facts in whole events or lines. A line `{"host": …, "products": […]}` is a reading of license state. */
export const factsIn = (text: string, format: Format | undefined, now: Instant): TextFacts => {
  const readings: Observed[] = [];
  const broken: string[] = [];
  let whole = text.replace(BOM, "");
  // What was left out before ends in the middle of a line.
  if (format === "lines")
    whole = whole.replace(/^[^\s{][^\n]*/, () => {
      broken.push("line 1: not JSON");
      return "";
    });
  const rest = whole.replaceAll(/^\s*\{.*"products".*$/gm, (line) => {
    const reading = readingIn(line, now);
    if (reading) readings.push(reading);
    else broken.push("a reading of license state is malformed");
    return "";
  });
  const events: Observed[] = [];
  for (const it of eventsIn(Buffer.from(rest)))
    if ("error" in it) broken.push(`${it.position}: ${it.error}`);
    else if (isLicensingProvider(it.fact.provider, it.fact.eventSource))
      events.push({ host: it.fact.computer.toLowerCase(), observedAt: now, fact: it.fact });
  return { facts: [...events, ...readings], broken };
};

/** ConvertTo-Json makes a map of a list of one, `{ "value": […], "Count": n }` of some lists, and a list of one instance. */
const asPowerShellWrites = (body: Readonly<Record<string, unknown>>): AnyMap => {
  const all = Object.entries(body).map(([name, it]) => {
    const list = isBody(it) && Array.isArray(it.value) ? it.value : it;
    if (name.endsWith("products")) return [name, isBody(list) ? [list] : list];
    return [name, name.endsWith("service") && Array.isArray(list) ? list[0] : list];
  });
  return Object.fromEntries(all) as AnyMap;
};

const readingIn = (line: string, now: Instant): Observed | undefined => {
  try {
    const { host, observed_at: observed, ...read } = JSON.parse(line) as Record<string, string | undefined>;
    const body = asPowerShellWrites(read);
    const reading = readRecord({ eventName: "windows.licensing", body, attributes: newMap() }, SCOPE);
    if (reading.outcome !== "fact" || typeof host !== "string") return undefined;
    const at = Date.parse(observed ?? "");
    return { host: host.toLowerCase(), observedAt: Number.isNaN(at) ? now : at, fact: reading.fact };
  } catch {
    return undefined;
  }
};
