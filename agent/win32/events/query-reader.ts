import { ERROR, type EventLogApi, type Handle } from "../wevtapi.ts";
import { WindowsError } from "../windows-error.ts";
import { type Gap, gapAfter, isGone, type Position, recordIn } from "./event-position.ts";
import {
  type Batch,
  type BatchSize,
  batchSize,
  type Cursor,
  closeCursor,
  type EventReader,
  type LogQuery,
  newestOf,
  REOPEN,
  takeBatch,
} from "./event-reader.ts";

const REOPENINGS_MAX = 8;

export interface QueryReaderParts {
  readonly session: Handle;
  readonly log: LogQuery;
  readonly size?: BatchSize;
}

interface Query extends Cursor {
  readonly openedAt: number;
  readonly newest: number | undefined;
}
type Opened = Pick<Batch, "gap" | "oldest" | "opened">;

/**
 * Reads one log by EvtQuery and EvtSeek, which have a defined end: "no more items" means that everything up to the opening of
 * the query was read. A subscription may say the same before anything was delivered to it.
 * https://learn.microsoft.com/windows/win32/wes/bookmarking-events
 */
export const queryReader = (
  api: EventLogApi,
  { session, log, size = batchSize() }: QueryReaderParts,
  clock: () => number,
): EventReader => {
  let open: Query | undefined;
  const close = (): void => {
    closeCursor(api, open);
    open = undefined;
  };
  const openAfter = ({ bookmark, readTo }: Position): Opened => {
    close();
    const [openedAt, newest] = [clock(), newestOf(api, session, log.channel)];
    const mark = api.openBookmark(bookmark);
    let set: Handle | undefined;
    try {
      set = api.query(session, log.channel, bookmark === undefined ? log.firstQuery : log.query);
      const gap = bookmark === undefined ? undefined : seek(api, { session, log, set, mark, bookmark, readTo });
      open = { set, mark, bookmark, openedAt, newest };
      const oldest = timeIn(api.oldestEvent(session, log.channel));
      return { opened: true, ...(gap && { gap }), ...(oldest !== undefined && { oldest }) };
    } catch (cause) {
      if (!open) {
        api.close(mark);
        if (set !== undefined) api.close(set);
      }
      close();
      throw cause;
    }
  };
  return {
    read: (position) => {
      let about: Opened = { opened: false };
      const { bookmark } = position;
      for (let reopenings = 0; ; ) {
        if (!open || open.bookmark !== bookmark) about = { ...about, ...openAfter(position) };
        const { openedAt, newest } = open!;
        const found = batchOr(() => takeBatch(api, open!, size.now));
        if (!("error" in found)) return { ...about, ...found, ...joined(about.gap, found.gap) };
        const place = { events: [], ...(bookmark !== undefined && { bookmark }), ...about };
        // The service ran out of time between two matches: its cursor goes on from where it is.
        if (found.error === ERROR.timeout) return place;
        close();
        if (found.error === ERROR.noMoreItems) {
          size.reset();
          return { ...place, drainedAt: openedAt, ...(newest !== undefined && { readTo: newest }) };
        }
        // The cursor may have moved although nothing came, so even a smaller batch begins at the bookmark again.
        if (found.error === ERROR.rpcInvalidBound && size.halve()) continue;
        reopenings += 1;
        if (!("retry" in found || REOPEN.has(found.error)) || reopenings === REOPENINGS_MAX)
          throw new WindowsError(found.call ?? "EvtNext", found.error);
      }
    },
    close,
  };
};

type Failed = { readonly error: number; readonly call?: string; readonly retry?: true };

/** A bookmark that did not move is tried again from the start, like any other error of the cursor. */
const batchOr = (
  work: () => Pick<Batch, "events" | "bookmark" | "gap"> | { error: number },
): Pick<Batch, "events" | "bookmark" | "gap"> | Failed => {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof WindowsError)) throw cause;
    return { error: cause.code, call: cause.call, retry: true };
  }
};

const joined = (one: Gap | undefined, other: Gap | undefined): { gap?: Gap } => {
  const gap = one ?? other;
  return gap ? { gap } : {};
};

/**
 * Behind the bookmark, if its event is still there. Where it is gone: behind its place if the log still reaches there, else
 * from the oldest record. The strict step asks for the event itself, since there may be none behind it.
 */
const seek = (
  api: EventLogApi,
  at: {
    session: Handle;
    log: LogQuery;
    set: Handle;
    mark: Handle;
    bookmark: string;
    readTo: number | undefined;
  },
): Gap | undefined => {
  try {
    api.seekBookmark(at.set, at.mark, { offset: 0, strict: true });
  } catch (cause) {
    if (!isGone(cause)) throw cause;
    const info = api.infoOf(at.session, at.log.channel);
    const { startAtOldest, gap } = gapAfter(recordIn(at.bookmark), at.readTo, info);
    if (startAtOldest) api.seekFirst(at.set);
    else api.seekBookmark(at.set, at.mark, { offset: 1, strict: false });
    return gap;
  }
  api.seekBookmark(at.set, at.mark, { offset: 1, strict: false });
  return undefined;
};

const timeIn = (xml: string | undefined): string | undefined =>
  xml === undefined ? undefined : /<TimeCreated\s[^>]*SystemTime=['"]([^'"]{1,40})['"]/.exec(xml)?.[1];
