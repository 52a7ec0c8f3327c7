import { ERROR, type EventLogApi, type Handle } from "../wevtapi.ts";
import { WindowsError } from "../windows-error.ts";
import type { Gap, Position } from "./event-position.ts";

/** What is to be read of one log. */
export interface LogQuery {
  readonly channel: string;
  /** XPath of what is wanted. */
  readonly query: string;
  /** The same, bounded in age: for the first time, when there is no bookmark. */
  readonly firstQuery: string;
}

export interface Batch {
  /** XML of each event. */
  readonly events: readonly string[];
  /** Where to go on; absent while nothing was ever read. */
  readonly bookmark?: string;
  /** When the log was looked at and had nothing more. Absent while there may be more, also when Windows ran out of time … */
  readonly drainedAt?: number;
  /** … and the newest record, of any provider, that it held then. */
  readonly readTo?: number;
  readonly gap?: Gap;
  /** TimeCreated of the oldest event that the log held when it was opened, if this batch is the first after that. */
  readonly oldest?: string;
  readonly opened: boolean;
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

/** A result set or a subscription, and the bookmark of the last event that was taken out of it. */
export interface Cursor {
  readonly set: Handle;
  readonly mark: Handle;
  bookmark: string | undefined;
}

/** So many events at once, until Windows says that they are too large. */
const BATCH_MAX = 64;

/** How many events are asked for. 1734 halves it; the end of the log sets it back. */
export interface BatchSize {
  readonly now: number;
  /** @returns false where one event alone is too large. */
  halve(): boolean;
  reset(): void;
}

export const batchSize = (): BatchSize => {
  let now = BATCH_MAX;
  return {
    get now() {
      return now;
    },
    halve: () => {
      const before = now;
      now = Math.ceil(now / 2);
      return now < before;
    },
    reset: () => {
      now = BATCH_MAX;
    },
  };
};

/** After these a result set or a subscription is of no use any more; the bookmark is, and a new one goes on from it. */
export const REOPEN: ReadonlySet<number> = new Set([
  ERROR.queryStale,
  ERROR.positionInvalid,
  ERROR.rpcInvalidBound,
  ERROR.invalidHandle,
  ERROR.invalidOperation,
  ERROR.rpcUnavailable,
  ERROR.rpcFailed,
]);

/**
 * Takes the next events out of a cursor, renders them and moves its bookmark.
 *
 * @returns the batch, or the error of EvtNext. @throws WindowsError when the bookmark cannot be moved: the events taken out
 * are not delivered then, so the cursor must be opened again.
 */
export const takeBatch = (
  api: EventLogApi,
  cursor: Cursor,
  size: number,
): Pick<Batch, "events" | "bookmark" | "gap"> | { error: number } => {
  const found = api.next(cursor.set, size);
  if ("error" in found) return found;
  try {
    const rendered = found.events.map((it) => renderedOr(api, it));
    const lost = rendered.filter((it) => it === undefined).length;
    const last = found.events.at(-1);
    if (last !== undefined) cursor.bookmark = api.moveBookmark(cursor.mark, last);
    return {
      events: rendered.filter((it) => it !== undefined),
      ...(cursor.bookmark !== undefined && { bookmark: cursor.bookmark }),
      ...(lost > 0 && { gap: { records: lost, reason: "Windows could not render them" } }),
    };
  } finally {
    for (const it of found.events) api.close(it);
  }
};

export const closeCursor = (api: EventLogApi, cursor: Cursor | undefined): void => {
  if (!cursor) return;
  api.close(cursor.set);
  api.close(cursor.mark);
};

/** The newest record number. Not knowing it costs nothing but a gap that may be none. */
export const newestOf = (api: EventLogApi, session: Handle, channel: string): number | undefined => {
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
