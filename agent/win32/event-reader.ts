import { ERROR, type EventLogApi, type Handle, type LogInfo, NONE, SUBSCRIBE } from "./wevtapi.ts";
import { WindowsError } from "./windows-error.ts";

/** What is to be read of one log. */
export interface LogQuery {
  readonly channel: string;
  /** XPath of what is wanted. */
  readonly query: string;
  /** The same, bounded in age: for the first time, when there is no bookmark. */
  readonly firstQuery: string;
}

/** Records that were gone before they could be read. */
export interface Gap {
  /** How many at most; absent where nothing tells. */
  readonly records?: number;
  readonly reason: string;
}

export interface Batch {
  /** XML of each event. */
  readonly events: readonly string[];
  /** Where to go on; absent while nothing was ever read. */
  readonly bookmark?: string;
  /** When the log was looked at and had nothing more … */
  readonly drainedAt?: number;
  /** … and the newest record, of whomever, that it held then. */
  readonly readTo?: number;
  readonly gap?: Gap;
  /** TimeCreated of the oldest event that the log held when it was opened, if this batch is the first after that. */
  readonly oldest?: string;
  readonly opened: boolean;
}

/** Where to go on. */
export interface Position {
  /** As Windows wrote it; without one at the log's start. */
  readonly bookmark?: string;
  /** Up to this record number nothing that is wanted was missed: a filter makes bookmarks old in a busy log. */
  readonly readTo?: number;
}

export interface EventReader {
  /**
   * The events after the bookmark, a batch of them. Asked with another bookmark than the last one returned (because what it
   * returned did not fit into the spool), it goes back there: only what is durable counts.
   *
   * @throws WindowsError
   */
  read(position: Position): Batch;
  close(): void;
}

/** So many events at once, until Windows says that they are too large. */
const BATCH_MAX = 64;
/** 4317 is what a pull subscription may say instead of "nothing more"; said again and again, something else is wrong. */
const ODD_ENDS_MAX = 10;
const REOPENINGS_MAX = 8;

/** After these the subscription is of no use any more; the bookmark is, and a new one goes on from it. */
const REOPEN: ReadonlySet<number> = new Set([
  ERROR.queryStale,
  ERROR.positionInvalid,
  ERROR.rpcInvalidBound,
  ERROR.invalidHandle,
  ERROR.rpcUnavailable,
  ERROR.rpcFailed,
]);

/** Reads one log by a pull subscription; `signal` is set when there is something new. */
export const eventReader = (
  api: EventLogApi,
  { session, signal, log }: { session: Handle; signal: Handle; log: LogQuery },
  clock: () => number,
): EventReader => {
  let open: { subscription: Handle; mark: Handle; bookmark: string | undefined } | undefined;
  let size = BATCH_MAX;
  let oddEnds = 0;

  const close = (): void => {
    if (!open) return;
    api.close(open.subscription);
    api.close(open.mark);
    open = undefined;
  };

  const openAfter = ({ bookmark, readTo }: Position): Pick<Batch, "gap" | "oldest" | "opened"> => {
    close();
    const mark = api.openBookmark(bookmark);
    try {
      const { subscription, gap } = subscribe(api, { session, signal, log, bookmark, readTo, mark });
      open = { subscription, mark, bookmark };
      const oldest = timeIn(api.oldestEvent(session, log.channel));
      return { opened: true, ...(gap && { gap }), ...(oldest !== undefined && { oldest }) };
    } catch (cause) {
      if (!open) api.close(mark);
      close();
      throw cause;
    }
  };

  return {
    read: ({ bookmark, readTo }) => {
      let about: Pick<Batch, "gap" | "oldest" | "opened"> = { opened: false };
      for (let reopenings = 0; ; ) {
        if (!open || open.bookmark !== bookmark) {
          const now = openAfter({
            ...(bookmark !== undefined && { bookmark }),
            ...(readTo !== undefined && { readTo }),
          });
          about = { ...about, ...now, ...(about.gap && { gap: about.gap }) };
        }
        const { subscription, mark } = open!;
        const startedAt = clock();
        const newest = newestOf(api, session, log.channel);
        const found = api.next(subscription, size);
        if ("error" in found) {
          if (
            found.error === ERROR.noMoreItems ||
            (found.error === ERROR.invalidOperation && ++oddEnds < ODD_ENDS_MAX)
          ) {
            if (found.error === ERROR.noMoreItems) oddEnds = 0;
            size = BATCH_MAX;
            return {
              events: [],
              ...(bookmark !== undefined && { bookmark }),
              drainedAt: startedAt,
              ...(newest !== undefined && { readTo: newest }),
              ...about,
            };
          }
          const again = REOPEN.has(found.error) || found.error === ERROR.invalidOperation;
          oddEnds = 0;
          // The cursor may have moved although nothing came, so even a smaller batch begins at the bookmark again.
          close();
          if (found.error === ERROR.rpcInvalidBound && size > 1) {
            size = Math.ceil(size / 2);
            continue;
          }
          reopenings += 1;
          if (!again || reopenings === REOPENINGS_MAX) throw new WindowsError("EvtNext", found.error);
          continue;
        }
        oddEnds = 0;
        const last = found.events.at(-1);
        try {
          const rendered = found.events.map((it) => renderedOr(api, it));
          const lost = rendered.filter((it) => it === undefined).length;
          const next = last === undefined ? bookmark : api.moveBookmark(mark, last);
          open!.bookmark = next;
          return {
            events: rendered.filter((it) => it !== undefined),
            ...(next !== undefined && { bookmark: next }),
            ...about,
            ...(lost > 0 && { gap: { records: lost, reason: "Windows could not render them" } }),
          };
        } catch (cause) {
          // What was taken out of the subscription has not been told to anybody: back to the bookmark.
          close();
          reopenings += 1;
          if (!(cause instanceof WindowsError) || reopenings === REOPENINGS_MAX) throw cause;
        } finally {
          for (const it of found.events) api.close(it);
        }
      }
    },
    close,
  };
};

/** Not knowing it costs nothing but a gap that may be none. */
const newestOf = (api: EventLogApi, session: Handle, channel: string): number | undefined => {
  try {
    return api.infoOf(session, channel).newest;
  } catch (cause) {
    if (cause instanceof WindowsError) return undefined;
    throw cause;
  }
};

/** One event that cannot be rendered takes no other with it. */
const renderedOr = (api: EventLogApi, event: Handle): string | undefined => {
  try {
    return api.xmlOf(event);
  } catch (cause) {
    if (cause instanceof WindowsError) return undefined;
    throw cause;
  }
};

/**
 * Behind the bookmark, strictly. Where its event is gone: behind its place if the log still reaches there, from the oldest
 * record if the log was cleared. Never "future events", which would lose silently.
 */
const subscribe = (
  api: EventLogApi,
  at: {
    session: Handle;
    signal: Handle;
    log: LogQuery;
    bookmark: string | undefined;
    readTo: number | undefined;
    mark: Handle;
  },
): { subscription: Handle; gap?: Gap } => {
  const { session, signal, log, bookmark, readTo, mark } = at;
  const from = (flags: number, query = log.query): Handle =>
    api.subscribe({
      session,
      signal,
      channel: log.channel,
      query,
      bookmark: flags === SUBSCRIBE.startAtOldest ? NONE : mark,
      flags,
    });
  if (bookmark === undefined) return { subscription: from(SUBSCRIBE.startAtOldest, log.firstQuery) };
  try {
    return { subscription: from(SUBSCRIBE.startAfterBookmark | SUBSCRIBE.strict) };
  } catch (cause) {
    if (!(cause instanceof WindowsError) || !GONE.has(cause.code)) throw cause;
    const { startAtOldest, gap } = gapAfter(recordIn(bookmark), readTo, api.infoOf(session, log.channel));
    const subscription = from(startAtOldest ? SUBSCRIBE.startAtOldest : SUBSCRIBE.startAfterBookmark);
    return { subscription, ...(gap && { gap }) };
  }
};

/** What a strict bookmark says whose event is not there any more. */
const GONE: ReadonlySet<number> = new Set([ERROR.notFound, ERROR.queryStale, ERROR.positionInvalid]);

/** Where to go on behind a record that is gone, and what may be missing. Pure. */
export const gapAfter = (
  record: number | undefined,
  readTo: number | undefined,
  { oldest, newest }: LogInfo,
): { startAtOldest: boolean; gap?: Gap } => {
  if (record === undefined) return { startAtOldest: true, gap: { reason: "the bookmark names no record" } };
  const known = Math.max(record, readTo ?? 0);
  // A number that the log has not reached, or has without the event: its numbers began anew.
  if (known > newest || record >= oldest)
    return { startAtOldest: true, gap: { reason: "the log was cleared or made anew" } };
  const missing = oldest - 1 - known;
  return { startAtOldest: false, ...(missing > 0 && { gap: { records: missing, reason: "the log overwrote them" } }) };
};

export const recordIn = (bookmark: string): number | undefined => {
  const [, record] = /\bRecordId=['"](\d{1,15})['"]/.exec(bookmark) ?? [];
  return record === undefined ? undefined : Number(record);
};

const timeIn = (xml: string | undefined): string | undefined =>
  xml === undefined ? undefined : /<TimeCreated\s[^>]*SystemTime=['"]([^'"]{1,40})['"]/.exec(xml)?.[1];
