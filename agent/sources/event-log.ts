import { isLicensingProvider, LICENSING_PROVIDERS } from "../../licensing/events/normalise.ts";
import { EventXmlError, readEvent } from "../../licensing/events/xml.ts";
import { type Clock, HOUR, type Instant, iso, parseWindowsTime, SECOND } from "../../licensing/time.ts";
import { type Position, recordIn } from "../win32/events/event-position.ts";
import type { Batch, LogQuery } from "../win32/events/event-reader.ts";
import { WindowsError } from "../win32/windows-error.ts";
import { bookmarkObject } from "./bookmarks.ts";
import { isOwnEvent, underPresentName } from "./own-channel.ts";
import type { Observed, Read, Source } from "./source.ts";

/** Where a log is read: a thread that waits for Windows, or one that another computer is asked through. */
export interface EventLogs {
  read(channel: string, position: Position): Promise<Batch>;
}

export interface EventLogOptions {
  readonly channel: string;
  /** The computer whose log it is. */
  readonly host: string;
  readonly maxAgeMs: number;
  readonly clock: Clock;
  readonly logs: EventLogs;
  /** Unique among all sources; bookmarks are kept under it. */
  readonly name: string;
  readonly label: string;
  /** Whether this error of Windows says that there is no such log and that there need not be one. */
  readonly isAbsent?: (code: number) => boolean;
  /** What was read of this computer's own licensing, each time. */
  readonly onEvents: (eventIds: readonly number[]) => void;
}

/** It carries nothing but requests, so it is read whole: an odd event in it is a finding. */
export const KMS = "Key Management Service";
/** An event bears its writer's time, and reaches the log a moment later. */
const SETTLED = 2 * SECOND;

/** No documentation tells a larger number than 32 bits hold; a date has no such limit. */
const TIMEDIFF_MAX = 0xffff_ffff;

/** XPath of a log's licensing events; the first time bounded in age (learn.microsoft.com/windows/win32/wes/consuming-events). */
export const queryOf = (channel: string, maxAgeMs: number, now: Instant): LogQuery => {
  const providers = channel === KMS ? "" : `Provider[${LICENSING_PROVIDERS.map((it) => `@Name='${it}'`).join(" or ")}]`;
  const age =
    maxAgeMs <= TIMEDIFF_MAX
      ? `TimeCreated[timediff(@SystemTime) <= ${maxAgeMs}]`
      : `TimeCreated[@SystemTime >= '${iso(now - maxAgeMs)}']`;
  return {
    channel,
    query: providers ? `*[System[${providers}]]` : "*",
    firstQuery: `*[System[${providers ? `${providers} and ` : ""}${age}]]`,
  };
};

/** Kept in the bookmark: where Windows goes on, and what was lost so far, which must not begin anew with the process. */
interface Place {
  readonly xml?: string;
  readonly gaps: number;
  /** Read without a gap since then. */
  readonly since?: Instant;
  /** With the bookmark at this record, nothing was missed up to that one. */
  readonly seen?: Seen;
}

interface Seen {
  readonly at: Instant;
  readonly mark: number;
  readonly readTo: number;
}
/** Kept on disk no more often than this: a computer that has nothing to tell should not wake its disk. */
const SEEN_KEPT_MS = HOUR;

/** One event log of Windows: events as facts, how far it was read, what was lost. */
export const eventLogSource = (options: EventLogOptions): Source => {
  const { channel, host, maxAgeMs, clock, logs, name, label, onEvents } = options;
  let seen: Seen | undefined;
  return {
    name,
    label,
    read: async (bookmark): Promise<Read> => {
      const before = placeOf(bookmark);
      const batch = await logs.read(channel, positionOf(before, seen)).catch((cause: unknown) => {
        if (cause instanceof WindowsError && options.isAbsent?.(cause.code)) return undefined;
        throw cause;
      });
      // Read again at the next look; it is neither failing nor known up to now.
      if (!batch) return { facts: [] };
      const now = clock();
      seen = seenIn(batch, now) ?? seen;
      const { facts, warnings } = factsIn(batch, { host, channel, now });
      onEvents(facts.flatMap(({ fact }) => (fact.kind === "event" ? [fact.eventId] : [])));
      const place = placeAfter(before, batch, now, maxAgeMs);
      const until = batch.drainedAt === undefined ? newestOf(batch) : batch.drainedAt - SETTLED;
      return {
        facts,
        bookmark: JSON.stringify(place),
        more: batch.drainedAt === undefined,
        warnings: [...warnings, ...(batch.gap ? [lostText(batch.gap)] : [])],
        ...(until !== undefined && {
          readUntil: [
            {
              host,
              channel,
              at: until,
              gaps: place.gaps,
              ...(place.since !== undefined && { oldest: Math.min(place.since, until) }),
            },
          ],
        }),
      };
    },
  };
};

/** A bookmark that is damaged says nothing: the log is read from its start, as far back as `max_age` reaches. */
const placeOf = (bookmark: string | undefined): Place => {
  const { xml, gaps, since, seen } = bookmarkObject(bookmark) ?? {};
  return {
    gaps: isCount(gaps) ? gaps : 0,
    ...(typeof xml === "string" && { xml }),
    ...(isCount(since) && { since }),
    ...(isSeen(seen) && { seen }),
  };
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isSeen = (value: unknown): value is Seen => {
  const { at, mark, readTo } = Object(value) as Partial<Seen>;
  return isCount(at) && isCount(mark) && isCount(readTo);
};

const placeAfter = (before: Place, batch: Batch, now: Instant, maxAgeMs: number): Place => {
  const oldest = batch.oldest === undefined ? undefined : parseWindowsTime(batch.oldest)?.ms;
  const first = Math.max(oldest ?? now, now - maxAgeMs);
  const since = batch.gap && batch.opened ? (oldest ?? now) : (before.since ?? first);
  return {
    gaps: before.gaps + (batch.gap ? 1 : 0),
    since,
    ...seenAfter(before.seen, seenIn(batch, now)),
    ...(batch.bookmark !== undefined && { xml: batch.bookmark }),
  };
};

const seenIn = ({ bookmark, readTo }: Batch, at: Instant): Seen | undefined => {
  const mark = bookmark === undefined ? undefined : recordIn(bookmark);
  return mark === undefined || readTo === undefined ? undefined : { at, mark, readTo };
};

const seenAfter = (before: Seen | undefined, now: Seen | undefined): { seen?: Seen } => {
  const kept = now && (before?.mark !== now.mark || now.at >= before.at + SEEN_KEPT_MS) ? now : before;
  return kept ? { seen: kept } : {};
};

/** What was seen counts only for the very bookmark it was seen with: one that went back knows less. */
const positionOf = ({ xml, seen: kept }: Place, latest: Seen | undefined): Position => {
  if (xml === undefined) return {};
  const seen = [latest, kept].find((it) => it?.mark === recordIn(xml));
  return { bookmark: xml, ...(seen && { readTo: seen.readTo }) };
};

const factsIn = (
  batch: Batch,
  { host, channel, now }: { host: string; channel: string; now: Instant },
): { facts: Observed[]; warnings: string[] } => {
  const facts: Observed[] = [];
  let illegible: string | undefined;
  for (const xml of batch.events) {
    try {
      const fact = readEvent(xml);
      if (!isLicensingProvider(fact.provider, fact.eventSource)) continue;
      const of = isOwnEvent(fact, channel) ? underPresentName(fact, host) : { host: fact.computer.toLowerCase() };
      facts.push({ ...of, observedAt: now, fact });
    } catch (cause) {
      if (!(cause instanceof EventXmlError)) throw cause;
      illegible ??= cause.message;
    }
  }
  return { facts, warnings: illegible === undefined ? [] : [`An event was left out. ${illegible}`] };
};

const newestOf = (batch: Batch): Instant | undefined => {
  const time = /<TimeCreated\s[^>]*SystemTime=['"]([^'"]{1,40})['"]/.exec(batch.events.at(-1) ?? "")?.[1];
  return time === undefined ? undefined : parseWindowsTime(time)?.ms;
};

const lostText = ({ records, reason }: NonNullable<Batch["gap"]>): string =>
  `${records === undefined ? "Records" : `Up to ${records} records`} may be lost: ${reason}.`;
