import { normalise } from "../../licensing/events/normalise.ts";
import { requestSent, responseProcessed, withoutImportMark } from "../state/attempts.ts";
import { requestOf } from "../state/kms/request.ts";
import type { EventRow, Transaction } from "../store/store.ts";
import { factOf, isImported, withoutImport } from "../store/stored-event.ts";
import type { Origin, ReceivedEvent } from "./accepted-record.ts";
import { countActivationFailed, countResult } from "./handle-attempt.ts";
import { countEffect } from "./handle-effect.ts";
import { countRequest } from "./kms/handle-kms-request.ts";
import { ANSWER, loadMessages, REQUEST } from "./late-messages.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** Has this event, which is stored already, perhaps come by an import only? */
export const mayBeImported = ({ importedUntil }: UnitOfWork, { origin, at }: ReceivedEvent): boolean =>
  !origin.imported && at <= importedUntil;

/**
 * Events that are stored already, but from an import, and that arrive live now: an import is never counted, so they are
 * counted now, as if they had arrived live first.
 */
export const countImported = async (
  tx: Transaction,
  work: UnitOfWork,
  live: readonly ReceivedEvent[],
): Promise<void> => {
  const origins = new Map(live.map((it) => [key(it.row.id), it.origin]));
  const rows = (await tx.eventsById([...new Map(live.map((it) => [key(it.row.id), it.row.id])).values()])).filter(
    isImported,
  );
  await tx.replaceFacts(rows.map(withoutImport));
  const late = rows.filter((it) => it.eventId === REQUEST || it.eventId === ANSWER);
  if (late.length > 0) {
    const now = Math.max(...live.map((it) => it.origin.receivedAt));
    await loadMessages(tx, work, { late, handledNext: new Set(), now });
  }
  for (const row of rows) countRow(work, row, origins.get(key(row.id))!);
};

const key = (id: Uint8Array): string => Buffer.from(id).toString("hex");

const countRow = (work: UnitOfWork, row: EventRow, origin: Origin): void => {
  const event = normalise(factOf(row));
  const arrival = { at: row.at, receivedAt: origin.receivedAt, imported: false };
  const request = requestOf(event, row.at, work.products);
  if (request) {
    countRequest(work, origin, request);
    return;
  }
  const { state } = work.computer(origin.host);
  if (event.event !== "kms_request_sent" && event.event !== "kms_response_processed") {
    const count = event.event === "activation_failed" ? countActivationFailed : countEffect;
    count(work, { state }, { event, origin, at: row.at });
    return;
  }
  const { result, message } =
    event.event === "kms_request_sent" ? requestSent(event, arrival) : responseProcessed(event, arrival);
  if (result) countResult(work, origin.host, state, { at: row.at, result });
  if (message) state.attempts = withoutImportMark(state.attempts, message);
};
