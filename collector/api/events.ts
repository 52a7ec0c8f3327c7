import { type EventName, eventNameOf, type NormalisedEvent } from "../../licensing/events/names.ts";
import { normalise } from "../../licensing/events/normalise.ts";
import type { Instant } from "../../licensing/time.ts";
import { firstIdAt } from "../store/event-id.ts";
import type { EventPosition, EventRow, Reader } from "../store/store.ts";
import { factOf } from "../store/stored-event.ts";
import type { Page } from "./lists.ts";

export interface EventsQuery {
  readonly computer?: string | undefined;
  readonly event?: EventName | undefined;
  readonly since: Instant;
  readonly limit: number;
  /** `next_cursor` of the page before. */
  readonly cursor?: string | undefined;
}

/** Rows of one read. One event takes some two megabytes at most (licensing/events/xml.ts). */
const READ = 50;
/** One answer holds so much of stored events at most: a page that is full has fewer items than it may. */
const FACTS_BYTES_MAX = 8 * 1024 * 1024;
/** One query looks at so many rows at most; its cursor says how far it looked. */
export const EVENTS_LOOKED_AT_MAX = 2_000;

/** A computer has events of so many numbers at most that are looked for; those of the licensing services are some sixty. */
const NUMBERS_MAX = 250;

/** Stored events, oldest first. Every query reads a bounded number of rows, each through an index. */
export const findEvents = async (reader: Reader, query: EventsQuery): Promise<Page<NormalisedEvent>> => {
  const { computer, event, since, limit, cursor } = query;
  const after = cursor === undefined ? undefined : Buffer.from(cursor, "hex");
  if (computer !== undefined) return findOfComputer(reader, computer, { event, since, limit, after });
  // The index knows a computer's events by their number; across computers there is none.
  return searchAll(reader, event, { since, limit, after });
};

/** The index has a computer's events of each number in the order of their time: those of several numbers are merged. */
const findOfComputer = async (
  reader: Reader,
  computer: string,
  {
    event,
    since,
    limit,
    after,
  }: { event: EventName | undefined; since: Instant; limit: number; after: Uint8Array | undefined },
): Promise<Page<NormalisedEvent>> => {
  const stored = await reader.eventNumbers(computer, NUMBERS_MAX);
  const numbers = event === undefined ? stored : stored.filter((it) => eventNameOf(it) === event);
  const start = after === undefined ? lastBefore(since) : await positionOf(reader, after);
  const size = Math.min(READ, Math.max(Math.ceil(limit / Math.max(numbers.length, 1)), MERGED_MIN));
  const series = numbers.map((it) => newSeries(reader, { computer, number: it, start, size }));
  const rows: EventRow[] = [];
  let bytes = 0;
  while (rows.length < limit && bytes <= FACTS_BYTES_MAX) {
    let first: { readonly row: EventRow; readonly series: Series } | undefined;
    for (const it of series) {
      const row = await it.peek();
      if (row && (!first || isBefore(row, first.row))) first = { row, series: it };
    }
    if (!first) return { items: rows.map(itemOf), next_cursor: null };
    rows.push(first.row);
    bytes += first.row.fact.length;
    first.series.take();
  }
  return { items: rows.map(itemOf), next_cursor: cursorAt(rows.at(-1)!) };
};

/** So many rows of one number are read at once. */
const MERGED_MIN = 8;

/** One computer's events of one number, read in pieces as they are needed. */
interface Series {
  /** The next row, undefined at the end. */
  peek(): Promise<EventRow | undefined>;
  take(): void;
}

const newSeries = (
  reader: Reader,
  { computer, number, start, size }: { computer: string; number: number; start: EventPosition; size: number },
): Series => {
  let rows: readonly EventRow[] = [];
  let next = 0;
  let after = start;
  let isEnd = false;
  return {
    peek: async () => {
      if (next === rows.length && !isEnd) {
        rows = await reader.eventsInOrder(computer, number, { after, limit: size });
        next = 0;
        isEnd = rows.length < size;
        after = rows.at(-1) ?? after;
      }
      return rows[next];
    },
    take: () => {
      next += 1;
    },
  };
};

const isBefore = (a: EventPosition, b: EventPosition): boolean =>
  a.at < b.at || (a.at === b.at && Buffer.compare(a.id, b.id) < 0);

/** No identity is greater than this one. */
const LAST_ID = Buffer.alloc(16, 0xff);
const lastBefore = (since: Instant): EventPosition => ({ at: since - 1, id: LAST_ID });

/** The event may be gone by now; then its identity tells its time. */
const positionOf = async (reader: Reader, id: Uint8Array): Promise<EventPosition> => {
  const [row] = await reader.eventsById([id]);
  return row ?? { at: Buffer.from(id).readUIntBE(0, 6), id };
};

const searchAll = async (
  reader: Reader,
  event: EventName | undefined,
  { since, limit, after }: { since: Instant; limit: number; after: Uint8Array | undefined },
): Promise<Page<NormalisedEvent>> => {
  const items: NormalisedEvent[] = [];
  let bytes = 0;
  let last: EventRow | undefined;
  for (let looked = 0; looked < EVENTS_LOOKED_AT_MAX; looked += READ) {
    const behind = last?.id ?? after;
    const rows = await reader.events({
      from: firstIdAt(since),
      limit: READ,
      ...(behind !== undefined && { after: behind }),
    });
    for (const row of rows) {
      last = row;
      if (event !== undefined && eventNameOf(row.eventId) !== event) continue;
      items.push(itemOf(row));
      bytes += row.fact.length;
      if (items.length === limit || bytes > FACTS_BYTES_MAX) return { items, next_cursor: cursorAt(row) };
    }
    if (rows.length < READ) return { items, next_cursor: null };
  }
  return { items, next_cursor: last ? cursorAt(last) : null };
};

const itemOf = (row: EventRow): NormalisedEvent => normalise(factOf(row));
const cursorAt = (row: EventRow): string => Buffer.from(row.id).toString("hex");
