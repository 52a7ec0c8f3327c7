import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isLicensingProvider } from "../../licensing/events/normalise.ts";
import { readRecord, SCOPE } from "../../licensing/telemetry/otlp-mapping.ts";
import { type Clock, parseWindowsTime } from "../../licensing/time.ts";
import { eventsIn } from "../../offline/event-text.ts";
import { newMap } from "../../otlp/logs.ts";
import type { Observed, Read, Source } from "./source.ts";

/** So much is read at once: a long recording does not have to fit into memory. */
const CHUNK = 4 * 1024 * 1024;

interface Place {
  readonly inode: number;
  readonly offset: number;
}
type Until = NonNullable<Read["readUntil"]>[number];

/**
 * Follows a file of event XML or NDJSON as `tail -f` would: what is appended is read, a file that was replaced or cut is
 * read from its start, an event that is still being written waits for its end. A line `{"host": …, "products": […]}` is a
 * reading of license state. Of a `live` file the end is the present; of another one its newest event is.
 */
export const recordedSource = (file: string, clock: Clock, live: boolean): Source => {
  const channels = new Map<string, Until>();
  return {
    name: `recorded ${file}`,
    read: async (bookmark) => {
      const known = bookmark === undefined ? undefined : (JSON.parse(bookmark) as Place);
      const fd = openSync(file, "r");
      try {
        const { ino, size } = fstatSync(fd);
        const replaced = known !== undefined && (known.inode !== ino || known.offset > size);
        const offset = known && !replaced ? known.offset : 0;
        const bytes = Buffer.alloc(Math.min(CHUNK, size - offset));
        readSync(fd, bytes, 0, bytes.length, offset);
        const whole = bytes.subarray(0, endOfLast(bytes));
        const now = clock();
        const facts = factsOf(whole.toString(), now);
        for (const it of facts) note(channels, it);
        const end = offset + whole.length;
        return {
          facts,
          bookmark: JSON.stringify({ inode: ino, offset: end } satisfies Place),
          more: whole.length > 0 && bytes.length === CHUNK,
          gaps: replaced ? 1 : 0,
          readUntil: [...channels.values()].map((it) => (live && bytes.length < CHUNK ? { ...it, at: now } : it)),
        };
      } finally {
        closeSync(fd);
      }
    },
  };
};

/** The end of the last event or line that is complete. */
const endOfLast = (bytes: Buffer): number => {
  if (bytes[0] === "{".charCodeAt(0)) return bytes.lastIndexOf("\n") + 1;
  const event = bytes.lastIndexOf("</Event>");
  return event < 0 ? 0 : event + "</Event>".length;
};

const factsOf = (text: string, now: number): Observed[] => {
  const readings: Observed[] = [];
  const rest = text.replaceAll(/^\{.*"products".*$/gm, (line) => {
    readings.push(...readingOf(line, now));
    return "";
  });
  const events = [...eventsIn(Buffer.from(rest))].flatMap((it): Observed[] => {
    if ("error" in it || !isLicensingProvider(it.fact.provider, it.fact.eventSource)) return [];
    return [{ host: it.fact.computer.toLowerCase(), observedAt: now, fact: it.fact }];
  });
  return [...events, ...readings];
};

const readingOf = (line: string, now: number): Observed[] => {
  try {
    const { host, observed_at: observed, ...body } = JSON.parse(line) as { host?: string; observed_at?: string };
    const reading = readRecord({ eventName: "windows.licensing", body, attributes: newMap() }, SCOPE);
    if (reading.outcome !== "fact" || typeof host !== "string") return [];
    const at = Date.parse(observed ?? "");
    return [{ host: host.toLowerCase(), observedAt: Number.isNaN(at) ? now : at, fact: reading.fact }];
  } catch {
    return [];
  }
};

const note = (channels: Map<string, Until>, { host, fact }: Observed): void => {
  if (fact.kind !== "event" || fact.channel === undefined) return;
  const at = parseWindowsTime(fact.time)?.ms;
  if (at === undefined) return;
  const key = `${host} ${fact.channel}`;
  const known = channels.get(key);
  channels.set(key, {
    host,
    channel: fact.channel,
    at: Math.max(known?.at ?? at, at),
    oldest: Math.min(known?.oldest ?? at, at),
  });
};
