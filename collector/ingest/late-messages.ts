import { normalise } from "../../licensing/events/normalise.ts";
import type { Instant } from "../../licensing/time.ts";
import { BELONGS_WITHIN, type Message, requestSent, responseProcessed, withSettled } from "../state/attempts.ts";
import type { EventRange, EventRow, Transaction } from "../store/store.ts";
import { factOf, isImported } from "../store/stored-event.ts";
import type { AcceptedRecord } from "./accepted-record.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

export const REQUEST = 12288;
export const ANSWER = 12289;
/** Requests and answers of one computer within some minutes: more are no computer's own. */
const ROWS_MAX = 100;

/** An event that belongs among messages that may have been settled. */
interface LateEvent {
  readonly computer: string;
  readonly at: Instant;
}

/**
 * Requests and answers that arrive late belong among others of their minute that have been settled and forgotten. These are
 * read from the stored events, so that each answer goes to the request that it would have gone to in the order of time.
 *
 * @param records new records, before they are handled. Nothing is read for those that are newer than all that is known of
 *   their computer.
 */
export const loadLateMessages = async (
  tx: Transaction,
  work: UnitOfWork,
  records: readonly AcceptedRecord[],
): Promise<void> => {
  const late: LateEvent[] = [];
  const handledNext = new Set<string>();
  for (const record of records) {
    if (record.kind !== "event" || (record.row.eventId !== REQUEST && record.row.eventId !== ANSWER)) continue;
    const { at, origin } = record;
    const known = work.knownComputer(origin.host);
    if (!known || at >= known.seenAt) continue;
    late.push({ computer: origin.host, at });
  }
  if (late.length === 0) return;
  for (const it of records) if (it.kind === "event") handledNext.add(keyOf(it.row));
  await loadMessages(tx, work, { late, handledNext, now: Math.max(...records.map((it) => it.origin.receivedAt)) });
};

/** Reads the messages around these events that are not known any more, as messages that have been counted. */
export const loadMessages = async (
  tx: Transaction,
  work: UnitOfWork,
  { late, handledNext, now }: { late: readonly LateEvent[]; handledNext: ReadonlySet<string>; now: Instant },
): Promise<void> => {
  const ranges = rangesOf(late);
  const pages = await tx.eventsWithin(ranges, ROWS_MAX);
  const found = Map.groupBy(pages.flat(), (it) => it.computer);
  for (const [computer, rows] of found) {
    const known = work.knownComputer(computer);
    const messages = rows.filter((it) => !handledNext.has(keyOf(it))).flatMap((it) => messageOf(it, now) ?? []);
    if (known && messages.length > 0) known.state.attempts = withSettled(known.state.attempts, messages);
  }
};

/** The minutes around these events: ranges of one computer that follow each other without a gap, or with one. */
const rangesOf = (late: readonly LateEvent[]): EventRange[] => {
  const ranges: { computer: string; from: Instant; until: Instant }[] = [];
  for (const [computer, events] of Map.groupBy(late, (it) => it.computer)) {
    let readUntil = 0;
    for (const { at } of events.toSorted((a, b) => a.at - b.at)) {
      const from = Math.max(at - BELONGS_WITHIN, readUntil);
      readUntil = at + BELONGS_WITHIN;
      if (from < readUntil) ranges.push({ computer, from, until: readUntil });
    }
  }
  return ranges.flatMap((it) => [REQUEST, ANSWER].map((eventId) => ({ ...it, eventId })));
};

const messageOf = (row: EventRow, now: Instant): Message | undefined => {
  const event = normalise(factOf(row));
  const arrival = { at: row.at, receivedAt: now, imported: isImported(row) };
  return (event.event === "kms_request_sent" ? requestSent(event, arrival) : responseProcessed(event, arrival)).message;
};

const keyOf = ({ id }: Pick<EventRow, "id">): string => Buffer.from(id).toString("hex");
