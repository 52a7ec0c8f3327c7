import { type Instant, parseWindowsTime } from "../../licensing/time.ts";
import { type ClockDoubt, clockDoubtText } from "../summary/clock-doubt.ts";
import type { AcceptedRecord, ReceivedEvent } from "./accepted-record.ts";

/** The part of the watch over the collector's clock that requests tell something, and ask. */
export interface ClockWatch {
  vote(agent: string, sentAt: Instant, receivedAt: Instant): void;
  /** Why nothing may be stored by this clock. */
  refusal(): ClockDoubt | undefined;
}

/** An agent's heartbeat says when it was sent; of an import it is unknown when it left that clock. */
export const recordVote = (clock: ClockWatch, record: AcceptedRecord | ReceivedEvent): void => {
  if (record.kind !== "heartbeat" || !record.origin.own || record.origin.imported) return;
  const { sentAt } = record.fact;
  const at = sentAt === undefined ? undefined : parseWindowsTime(sentAt)?.ms;
  if (at !== undefined) clock.vote(record.origin.host, at, record.origin.receivedAt);
};

/** Nothing is stored by a wrong clock: events would count as expired, or be kept with a wrong time for good. */
export const refusedByClock = (doubt: ClockDoubt) =>
  ({
    outcome: "failed",
    limit: true,
    reason: `this computer's clock is doubted: ${clockDoubtText(doubt)}; set it, and what is kept meanwhile is sent again`,
  }) as const;
