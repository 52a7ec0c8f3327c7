import { DAY, SECOND } from "../../../licensing/time.ts";
import { ERROR, type EventLogApi, type Handle, NONE, SUBSCRIBE } from "../wevtapi.ts";
import { WindowsError } from "../windows-error.ts";
import { gapAfter, isGone, type Position, recordIn } from "./event-position.ts";
import {
  type Batch,
  batchSize,
  type Cursor,
  closeCursor,
  type EventReader,
  type LogQuery,
  newestOf,
  takeBatch,
} from "./event-reader.ts";
import { queryReader } from "./query-reader.ts";

/** A kernel event that Windows sets when a subscription has something to deliver. */
export interface Signal {
  readonly handle: Handle;
  /** Whether it was set since the last call; resets it. */
  taken(): boolean;
}

/** A query proves this often that no signal was lost: of a log that is read whole cheaply, of a filtered one by a scan. */
const PROVEN_AFTER_MS = { whole: 30 * SECOND, filtered: DAY } as const;
const EVERYTHING = "*";

interface Live extends Cursor {
  /** There may be something to take: set by the signal, cleared by "no more items". */
  pending: boolean;
  proven: { readonly at: number; readonly newest: number | undefined };
}

/**
 * Reads one log of this computer: what is there already by a query, what comes by a pull subscription. EvtNext is called only
 * after a signal: without one it answers ERROR_INVALID_OPERATION, which says that there is nothing, and no more than that.
 * https://learn.microsoft.com/windows/win32/api/winevt/nf-winevt-evtsubscribe
 */
export const subscriptionReader = (
  api: EventLogApi,
  { signal, log }: { signal: Signal; log: LogQuery },
  clock: () => number,
): EventReader => {
  const size = batchSize();
  const past = queryReader(api, { session: NONE, log, size }, clock);
  const provenAfterMs = log.query === EVERYTHING ? PROVEN_AFTER_MS.whole : PROVEN_AFTER_MS.filtered;
  let live: Live | undefined;

  const close = (): void => {
    closeCursor(api, live);
    live = undefined;
    past.close();
  };
  const catchUp = (position: Position): Batch => {
    closeCursor(api, live);
    live = undefined;
    const batch = past.read(position);
    if (batch.drainedAt === undefined) return batch;
    const at = { bookmark: batch.bookmark, readTo: batch.readTo };
    const proven = { at: batch.drainedAt, newest: batch.readTo };
    live = { ...subscribed(api, { signal: signal.handle, log, ...at }), pending: true, proven };
    return batch;
  };
  /** Records came without a signal, or the log begins anew. */
  const isDoubtful = ({ proven, bookmark }: Live, newest: number | undefined, now: number): boolean => {
    if (newest === undefined || newest === proven.newest) return false;
    if (proven.newest !== undefined && newest < proven.newest) return true;
    const read = log.query === EVERYTHING && bookmark !== undefined ? recordIn(bookmark) : undefined;
    return newest !== read && now - proven.at >= provenAfterMs;
  };

  return {
    read: (position) => {
      if (!live || live.bookmark !== position.bookmark) return catchUp(position);
      const place: Batch = {
        events: [],
        ...(live.bookmark !== undefined && { bookmark: live.bookmark }),
        opened: false,
      };
      const startedAt = clock();
      const newest = newestOf(api, NONE, log.channel);
      const drained: Batch = { ...place, drainedAt: startedAt, ...(newest !== undefined && { readTo: newest }) };
      live.pending = signal.taken() || live.pending;
      if (!live.pending) return isDoubtful(live, newest, startedAt) ? catchUp(position) : drained;
      try {
        const found = takeBatch(api, live, size.now);
        if (!("error" in found)) return { opened: false, ...found };
        if (found.error === ERROR.timeout) return place;
        if (found.error === ERROR.noMoreItems || found.error === ERROR.invalidOperation) {
          live.pending = false;
          return drained;
        }
        if (found.error === ERROR.rpcInvalidBound) size.halve();
      } catch (cause) {
        if (!(cause instanceof WindowsError)) throw cause;
      }
      // Whatever it was: a query goes on from the bookmark, and says what is wrong if it fails too.
      return catchUp(position);
    },
    close,
  };
};

/** Behind the bookmark, strictly; where its event is gone, from where the query that came before it began. */
const subscribed = (
  api: EventLogApi,
  {
    signal,
    log,
    bookmark,
    readTo,
  }: { signal: Handle; log: LogQuery; bookmark: string | undefined; readTo: number | undefined },
): Cursor => {
  const mark = api.openBookmark(bookmark);
  const from = (flags: number, query = log.query): Cursor => {
    const after = flags === SUBSCRIBE.startAtOldest ? NONE : mark;
    const set = api.subscribe({ session: NONE, signal, channel: log.channel, query, bookmark: after, flags });
    return { set, mark, bookmark };
  };
  try {
    if (bookmark === undefined) return from(SUBSCRIBE.startAtOldest, log.firstQuery);
    try {
      return from(SUBSCRIBE.startAfterBookmark | SUBSCRIBE.strict);
    } catch (cause) {
      if (!isGone(cause)) throw cause;
      const { startAtOldest } = gapAfter(recordIn(bookmark), readTo, api.infoOf(NONE, log.channel));
      return from(startAtOldest ? SUBSCRIBE.startAtOldest : SUBSCRIBE.startAfterBookmark);
    }
  } catch (cause) {
    api.close(mark);
    throw cause;
  }
};
