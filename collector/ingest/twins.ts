import { areTwins, timePrecision, twinRange } from "../../licensing/events/identity.ts";
import { SECOND } from "../../licensing/time.ts";
import type { Transaction } from "../store/store.ts";
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
 * @returns the twins.
 */
export const removeTwins = async (
  tx: Transaction,
  work: UnitOfWork,
  inserted: readonly ReceivedEvent[],
): Promise<ReadonlySet<ReceivedEvent>> => {
  const twins = new Set<ReceivedEvent>();
  const removed = new Set<string>();
  for (const it of inserted) {
    const precision = timePrecision(it.fact, it.time);
    if (precision === undefined) continue;
    const isFine = precision === 0.0001;
    if (!isFine) work.addCoarse(it.origin.host);
    if (isFine && !work.hasCoarse(it.origin.host)) continue;
    if (!(await hasTwin(tx, it, { isFine, removed }))) continue;
    twins.add(it);
    removed.add(keyOf(it.row.id));
  }
  await tx.removeEvents([...twins].map((it) => it.row.id));
  return twins;
};

const hasTwin = async (
  tx: Transaction,
  { fact, time, row }: ReceivedEvent,
  { isFine, removed }: { isFine: boolean; removed: ReadonlySet<string> },
): Promise<boolean> => {
  const [from, until] = twinRange(fact, time);
  // A coarse time is never later than the fine one, and at most a second earlier.
  const first = isFine ? Math.floor(from / SECOND) * SECOND : from;
  const candidates = await tx.eventsInOrder(row.computer, row.eventId, {
    after: { at: first, id: new Uint8Array() },
    before: until,
    limit: CANDIDATES_MAX,
  });
  const own = keyOf(row.id);
  return candidates.some((it) => {
    const key = keyOf(it.id);
    return key !== own && !removed.has(key) && areTwins(fact, factOf(it));
  });
};

const keyOf = (id: Uint8Array): string => Buffer.from(id).toString("hex");
