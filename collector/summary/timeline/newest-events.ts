import type { NormalisedEvent } from "../../../licensing/events/names.ts";
import { normalise } from "../../../licensing/events/normalise.ts";
import { DAY, HOUR, type Instant, MINUTE } from "../../../licensing/time.ts";
import type { EventRange, EventRow, Reader } from "../../store/store.ts";
import { factOf } from "../../store/stored-event.ts";

/** An event of the store with its instant. */
export interface StoredEvent {
  readonly event: NormalisedEvent;
  readonly at: Instant;
}

/** The newest events are looked for in ever longer times before. */
const SPANS = [6 * HOUR, DAY, 3 * DAY, 10 * DAY, 35 * DAY];
/** Event numbers of one computer; those of the licensing services are some sixty. */
const NUMBERS_MAX = 250;
/** Ranges of one read, and rows of each; one event takes some two megabytes at most, nearly all take a few hundred bytes. */
const RANGES = 10;
const OF_RANGE = 40;
const BYTES_MAX = 8 * 1024 * 1024;

/**
 * The newest events of one computer's log with these numbers, in no order. It reads a bounded number of rows through the index;
 * where a time has more events than that, only its newest half is looked at, and nothing before.
 */
export const newestEvents = async (
  reader: Reader,
  computer: string,
  { numbers, now, limit }: { readonly numbers: readonly number[]; readonly now: Instant; readonly limit: number },
): Promise<StoredEvent[]> => {
  const stored = (await reader.eventNumbers(computer, NUMBERS_MAX)).filter((it) => numbers.includes(it));
  const rows: EventRow[] = [];
  // No event lies after its receipt.
  let until = now + 1;
  for (const span of SPANS) {
    let from = now - span;
    let read = await readRanges(reader, rangesOf(computer, stored, from, until));
    const isFull = read.full;
    while (read.full && until - from > MINUTE) {
      from = until - Math.ceil((until - from) / 2);
      read = await readRanges(reader, rangesOf(computer, stored, from, until));
    }
    rows.push(...read.rows);
    if (isFull || rows.length >= limit || bytesOf(rows) > BYTES_MAX) break;
    until = from;
  }
  return rows.map(eventOf);
};

const rangesOf = (computer: string, numbers: readonly number[], from: Instant, until: Instant): EventRange[] =>
  numbers.map((eventId) => ({ computer, eventId, from, until }));

const readRanges = async (
  reader: Reader,
  ranges: readonly EventRange[],
): Promise<{ readonly rows: readonly EventRow[]; readonly full: boolean }> => {
  const rows: EventRow[] = [];
  let full = false;
  for (let i = 0; i < ranges.length && bytesOf(rows) <= BYTES_MAX; i += RANGES)
    for (const of of await reader.eventsWithin(ranges.slice(i, i + RANGES), OF_RANGE)) {
      rows.push(...of);
      full ||= of.length === OF_RANGE;
    }
  return { rows, full };
};

const bytesOf = (rows: readonly EventRow[]): number => rows.reduce((sum, it) => sum + it.fact.length, 0);

export const eventOf = (row: EventRow): StoredEvent => ({ event: normalise(factOf(row)), at: row.at });

/** The events of a few ranges, so many of each at most. */
export const eventsOf = async (reader: Reader, ranges: readonly EventRange[], limit: number): Promise<StoredEvent[]> =>
  ranges.length === 0 ? [] : (await reader.eventsWithin(ranges, limit)).flat().map(eventOf);
