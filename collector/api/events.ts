import { type EventName, eventNameOf, KNOWN_EVENT_IDS, type NormalisedEvent } from "../../licensing/events/names.ts";
import { normalise } from "../../licensing/events/normalise.ts";
import type { Instant } from "../../licensing/time.ts";
import { firstIdAt } from "../store/event-id.ts";
import type { EventQuery, EventRow, Reader } from "../store/store.ts";
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

/** Rows of one read, where most of them may not match. */
const READ = 250;
/** One query looks at so many rows at most; its cursor says how far it looked. */
export const EVENTS_LOOKED_AT_MAX = 2_000;

/** Stored events, oldest first. */
export const findEvents = async (reader: Reader, query: EventsQuery): Promise<Page<NormalisedEvent>> => {
  const { computer, event, since, limit, cursor } = query;
  const after = cursor === undefined ? undefined : Buffer.from(cursor, "hex");
  // The index knows a computer's events by their number; across computers there is none.
  if (event !== undefined && computer === undefined) return searchAll(reader, event, { since, limit, after });
  const rows = await reader.events({
    from: firstIdAt(since),
    limit,
    ...(computer !== undefined && { computer }),
    ...(event !== undefined && { eventIds: eventIdsOf(event) }),
    ...(after !== undefined && { after }),
  });
  return { items: rows.map(itemOf), next_cursor: rows.length === limit ? cursorAt(rows.at(-1)!) : null };
};

const searchAll = async (
  reader: Reader,
  event: EventName,
  { since, limit, after }: { since: Instant; limit: number; after: Uint8Array | undefined },
): Promise<Page<NormalisedEvent>> => {
  const items: NormalisedEvent[] = [];
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
      if (eventNameOf(row.eventId) !== event) continue;
      items.push(itemOf(row));
      if (items.length === limit) return { items, next_cursor: cursorAt(row) };
    }
    if (rows.length < READ) return { items, next_cursor: null };
  }
  return { items, next_cursor: last ? cursorAt(last) : null };
};

const eventIdsOf = (event: EventName): NonNullable<EventQuery["eventIds"]> =>
  event === "other"
    ? { without: KNOWN_EVENT_IDS }
    : { only: KNOWN_EVENT_IDS.filter((it) => eventNameOf(it) === event) };

const itemOf = (row: EventRow): NormalisedEvent => normalise(factOf(row));
const cursorAt = (row: EventRow): string => Buffer.from(row.id).toString("hex");
