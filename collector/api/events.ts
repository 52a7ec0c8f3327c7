import type { EventName, NormalisedEvent } from "../../licensing/events/names.ts";
import { normalise } from "../../licensing/events/normalise.ts";
import type { Instant } from "../../licensing/time.ts";
import type { Reader } from "../store/store.ts";
import { factOf } from "../store/stored-event.ts";
import type { Page } from "./lists.ts";

export interface EventsQuery {
  readonly computer?: string | undefined;
  readonly event?: EventName | undefined;
  readonly since: Instant;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Stored events, oldest first. */
export const findEvents = async (
  reader: Reader,
  { computer, event, since, limit, cursor }: EventsQuery,
): Promise<Page<NormalisedEvent>> => {
  const rows = await reader.events({
    since,
    limit,
    ...(computer !== undefined && { computer }),
    ...(event !== undefined && { event }),
    ...(cursor !== undefined && { after: Buffer.from(cursor, "hex") }),
  });
  return {
    items: rows.map((it) => normalise(factOf(it))),
    next_cursor: rows.length === limit ? Buffer.from(rows.at(-1)!.id).toString("hex") : null,
  };
};
