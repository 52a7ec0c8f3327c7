import { areTwins, timePrecision, twinRange } from "../../licensing/events/identity.ts";
import { SECOND } from "../../licensing/time.ts";
import type { EventRange, EventRow, Transaction } from "../store/store.ts";
import { factOf } from "../store/stored-event.ts";
import type { ReceivedEvent } from "./accepted-record.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** Events of one number and one computer within a second: more are no twins of one. */
const CANDIDATES_MAX = 50;

/**
 * Some forms keep an event's time less finely than Windows wrote it, so that the same event has another identity. Such an event
 * has a twin in the store when it has come by a finer way, too: of the two the first counts, the other is a duplicate.
 *
 * @param inserted events that this transaction has just inserted, in their order; those that are twins are removed again.
 * @returns the twins, each with the event that stays in its place.
 */
export const removeTwins = async (
  tx: Transaction,
  work: UnitOfWork,
  inserted: readonly ReceivedEvent[],
): Promise<ReadonlyMap<ReceivedEvent, StoredTwin>> => {
  const twins = new Map<ReceivedEvent, StoredTwin>();
  const suspects = suspectsOf(work, inserted);
  if (suspects.length === 0) return twins;
  /** What is removed, by its identity: what stays in its place may be removed, too. */
  const removed = new Map<string, StoredTwin>();
  const found = await candidatesOf(tx, suspects);
  for (const [i, { event }] of suspects.entries()) {
    const own = keyOf(event.row.id);
    const twin = found[i]!.find((it) => {
      const key = keyOf(it.id);
      return key !== own && !removed.has(key) && areTwins(event.fact, factOf(it));
    });
    if (!twin) continue;
    twins.set(event, twin);
    removed.set(own, twin);
  }
  if (twins.size > 0) await tx.removeEvents([...twins.keys()].map((it) => it.row.id));
  for (const [event, twin] of twins) twins.set(event, lastOf(removed, twin));
  return twins;
};

/** An event that was stored already, or came in the same transaction. */
export type StoredTwin = Pick<EventRow, "id" | "at">;

const lastOf = (removed: ReadonlyMap<string, StoredTwin>, twin: StoredTwin): StoredTwin => {
  for (let it = twin; ; ) {
    const next = removed.get(keyOf(it.id));
    if (!next) return it;
    it = next;
  }
};

/** An event that may have a twin. */
interface Suspect {
  readonly event: ReceivedEvent;
  /** Its time is as Windows wrote it. */
  readonly isFine: boolean;
}

/** Events with a coarse time; those with a fine one only of computers of which coarse ones have come. */
const suspectsOf = (work: UnitOfWork, inserted: readonly ReceivedEvent[]): Suspect[] => {
  const suspects: Suspect[] = [];
  for (const event of inserted) {
    const precision = timePrecision(event.fact, event.time);
    if (precision === undefined) continue;
    const isFine = precision === 0.0001;
    if (!isFine) work.addCoarse(event.origin.host);
    if (!isFine || work.hasCoarse(event.origin.host)) suspects.push({ event, isFine });
  }
  return suspects;
};

/** For each suspect the stored events among which its twin is, if it has one. */
const candidatesOf = async (tx: Transaction, suspects: readonly Suspect[]): Promise<EventRow[][]> => {
  const ranges: EventRange[] = [];
  const suspectOf: number[] = [];
  for (const [i, { event, isFine }] of suspects.entries()) {
    const { computer, eventId } = event.row;
    const [from, until] = twinRange(event.fact, event.time);
    const add = (from: number, until: number) => {
      ranges.push({ computer, eventId, from, until });
      suspectOf.push(i);
    };
    add(from, until);
    // A coarse time is a fine one without its last digits: it is that of the same millisecond, or of the second.
    const second = Math.floor(from / SECOND) * SECOND;
    if (isFine && second !== from) add(second, second + 1);
  }
  const candidates: EventRow[][] = suspects.map(() => []);
  for (const [i, rows] of (await tx.eventsWithin(ranges, CANDIDATES_MAX)).entries())
    candidates[suspectOf[i]!]!.push(...rows);
  return candidates;
};

const keyOf = (id: Uint8Array): string => Buffer.from(id).toString("hex");
