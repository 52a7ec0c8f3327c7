import { isListOf } from "../../licensing/events/fields.ts";
import type { EventFact } from "../../licensing/facts.ts";
import type { EventRow } from "./store.ts";

type Whence = Pick<EventFact, "provider" | "eventSource" | "channel">;

/** Where nearly all events of an id come from: that goes without saying in their rows. Never changed, only added to. */
const USUAL: Readonly<Record<number, Whence>> = {
  12288: {
    provider: "Microsoft-Windows-Security-SPP",
    eventSource: "Software Protection Platform Service",
    channel: "Application",
  },
  12289: {
    provider: "Microsoft-Windows-Security-SPP",
    eventSource: "Software Protection Platform Service",
    channel: "Application",
  },
  12290: { provider: "Microsoft-Windows-Security-SPP", eventSource: "KmsRequests", channel: "Key Management Service" },
};

/** What the columns of the row do not say. A KMS host writes its comma list and then each field of it: once is enough. */
interface Stored extends Partial<Whence>, Pick<EventFact, "recordId" | "time" | "data"> {
  readonly computer?: string;
  /** The data began with all of it as one comma list. */
  readonly listed?: true;
  /** It has come by imports only. */
  readonly imported?: true;
}

/** An event's fact as text for its row: as little as will give the same fact back. `key` is the row's computer. */
export const storedFact = (fact: EventFact, key: string, imported?: true): string => {
  const { eventId, provider, eventSource, channel, recordId, time } = fact;
  const usual = USUAL[eventId];
  const isUsual = provider === usual?.provider && eventSource === usual.eventSource && channel === usual.channel;
  const computer = fact.computer === key ? undefined : fact.computer;
  const [listed, data] = isListOf(fact.data) ? [true, fact.data.slice(1)] : [undefined, fact.data];
  return isUsual
    ? JSON.stringify({ computer, recordId, time, listed, imported, data })
    : JSON.stringify({ provider, eventSource, channel, computer, recordId, time, listed, imported, data });
};

/** The fact as it was read. */
export const factOf = ({ computer, eventId, fact }: Pick<EventRow, "computer" | "eventId" | "fact">): EventFact => {
  const { listed, imported: _, data, ...rest } = JSON.parse(fact) as Stored;
  const whence = rest.provider === undefined ? USUAL[eventId]! : (rest as Whence);
  return { kind: "event", eventId, computer, ...whence, ...rest, data: listed ? [data.join(","), ...data] : data };
};

export const isImported = ({ fact }: EventRow): boolean => (JSON.parse(fact) as Stored).imported === true;

/** The row of an event that has come live, too. */
export const withoutImport = (row: EventRow): EventRow => {
  const { imported: _, ...fact } = JSON.parse(row.fact) as Stored;
  return { ...row, fact: JSON.stringify(fact) };
};
