import { isComputerName, normalise } from "../licensing/event.ts";
import { eventNameOf } from "../licensing/event-names.ts";
import type { EventFact, Fact } from "../licensing/fact.ts";
import { eventIdentity } from "../licensing/identity.ts";
import type { LogRecord, LogsRequest } from "../licensing/otlp.ts";
import { type Instant, parseWindowsTime } from "../licensing/time.ts";
import { type Reading, readRecord, resourceOf } from "../licensing/wire.ts";
import type { Batch } from "./batch.ts";
import type { ArrivedEvent, Item, Kind, Origin, Outcomes } from "./item.ts";
import type { EventRow, Transaction } from "./store.ts";

/** One request as it came in. */
export interface Submission {
  readonly groups: LogsRequest;
  readonly receivedAt: Instant;
  /** Imported history changes tables, deadlines and history, never a counter (rule 11). */
  readonly imported?: boolean;
}

/** What OTLP's partial success tells the sender. */
export interface Receipt {
  readonly rejected: number;
  readonly message?: string;
  /** Of an import: what became of its records. */
  readonly outcomes?: Outcomes;
}

export interface IngestRules {
  /** May this resource report events of other computers? */
  readonly isForwarder: (host: string | undefined) => boolean;
  /** Events older than this are acknowledged and have no effect. */
  readonly eventRetention: number;
}

/**
 * Takes many requests in one transaction: reads every record, inserts the events, lets the batch apply what is new, in the
 * order in which it came. Nothing is acknowledged before this has resolved.
 */
export const ingest = async (
  tx: Transaction,
  batch: Batch,
  submissions: readonly Submission[],
  rules: IngestRules,
): Promise<Receipt[]> => {
  const arrived: Arrived[] = [];
  const outcomesOf = new Map<Arrived | Item, Outcomes>();
  const receipts = submissions.map((it) => {
    const outcomes: Outcomes | undefined = it.imported ? {} : undefined;
    batch.countFor(outcomes);
    const first = arrived.length;
    const receipt = readSubmission(it, rules, batch, arrived);
    if (!outcomes) return receipt;
    for (const item of arrived.slice(first)) outcomesOf.set(item, outcomes);
    return { ...receipt, outcomes };
  });
  const fresh = await tx.insertEvents(arrived.flatMap((it) => (it.kind === "arrived" ? [it.row] : [])));
  const effective = withoutDuplicates(arrived, fresh, batch, outcomesOf);
  await batch.load(tx, effective);
  for (const it of effective) {
    batch.countFor(outcomesOf.get(it));
    batch.apply(it);
  }
  await batch.save(tx);
  return receipts;
};

type Arrived = ArrivedEvent | Exclude<Item, { kind: "event" }>;

/** What has effects, in its order. Only of new events it is read what they mean: duplicates cost little. */
const withoutDuplicates = (
  arrived: readonly Arrived[],
  fresh: readonly boolean[],
  batch: Batch,
  outcomesOf: Map<Arrived | Item, Outcomes>,
): Item[] => {
  const items: Item[] = [];
  let event = 0;
  for (const it of arrived) {
    if (it.kind !== "arrived") {
      items.push(it);
      continue;
    }
    const outcomes = outcomesOf.get(it);
    if (fresh[event++]) {
      const { origin, at, row, fact, time } = it;
      const item: Item = { kind: "event", origin, at, row, event: normalise(fact, time) };
      if (outcomes) outcomesOf.set(item, outcomes);
      items.push(item);
    } else {
      batch.countFor(outcomes);
      batch.count("event", "duplicate");
    }
  }
  return items;
};

const readSubmission = (
  { groups, receivedAt, imported = false }: Submission,
  rules: IngestRules,
  batch: Batch,
  items: Arrived[],
): Receipt => {
  let rejected = 0;
  let message: string | undefined;
  for (const { resource, scope, records } of groups) {
    const sender = resourceOf(resource.attributes);
    const received: Received = { sender, own: ownOrigin(sender, receivedAt, imported), receivedAt, imported };
    for (const record of records) {
      const refusal = takeRecord(record, scope.name, received, rules, batch, items);
      if (refusal === undefined) continue;
      rejected += 1;
      message ??= refusal;
    }
  }
  return message === undefined ? { rejected } : { rejected, message };
};

type Sender = ReturnType<typeof resourceOf>;

/** What the records of one resource have in common. */
interface Received {
  readonly sender: Sender;
  /** Of what the sender says about itself. */
  readonly own: Origin | undefined;
  readonly receivedAt: Instant;
  readonly imported: boolean;
}

const ownOrigin = (sender: Sender, receivedAt: Instant, imported: boolean): Origin | undefined => {
  const { host, zone, osName, agentVersion } = sender;
  if (host === undefined) return undefined;
  const own = sender.serviceName === "activation-agent";
  return {
    host,
    own,
    receivedAt,
    imported,
    ...(own && zone !== undefined && { zone }),
    ...(own && osName !== undefined && { os: osName }),
    ...(own && agentVersion !== undefined && { agentVersion }),
  };
};

/** @returns why the record was refused; undefined for all others. */
const takeRecord = (
  record: LogRecord,
  scope: string,
  { sender, own, receivedAt, imported }: Received,
  rules: IngestRules,
  batch: Batch,
  items: Arrived[],
): string | undefined => {
  const reading = readRecord(record, scope);
  const kind = kindOf(record, reading);
  if (reading.outcome !== "fact") {
    batch.count(kind, reading.outcome);
    if (reading.outcome === "uninterpreted") batch.keepUnread(receivedAt, sender.host ?? "", reading.reason, record);
    return reading.outcome === "rejected" ? reading.reason : undefined;
  }
  const { fact } = reading;
  const host = fact.kind === "event" ? fact.computer.toLowerCase().replace(/\.$/, "") || undefined : sender.host;
  const refusal =
    host === undefined
      ? "the resource has no host.name, so nobody knows whose state this is"
      : sender.host !== undefined && host !== sender.host && !rules.isForwarder(sender.host)
        ? `${sender.host} may not report events of ${host.slice(0, 100)}; list it in otlp.forwarders`
        : undefined;
  if (host === undefined || refusal) {
    batch.count(kind, "rejected");
    return refusal;
  }
  // It becomes a key, a label and a line of a log: what is no name is kept to be looked at, and is no computer.
  if (fact.kind === "event" && !isComputerName(host)) {
    batch.count(kind, "uninterpreted");
    batch.keepUnread(receivedAt, sender.host ?? "", "computer: not a computer's name", record);
    return undefined;
  }
  const origin = own?.host === host ? own : { host, own: false, receivedAt, imported };
  if (fact.kind === "event") return takeEvent(fact, origin, rules, batch, items);
  const at = batch.clamp(reading.observedAt ?? receivedAt, receivedAt);
  items.push({ kind: fact.kind, origin, fact, at } as Arrived);
  return undefined;
};

const takeEvent = (fact: EventFact, origin: Origin, rules: IngestRules, batch: Batch, items: Arrived[]): undefined => {
  const time = parseWindowsTime(fact.time);
  const at = batch.clamp(time?.ms ?? origin.receivedAt, origin.receivedAt);
  if (at < origin.receivedAt - rules.eventRetention) {
    batch.count("event", "expired");
    return;
  }
  const row: EventRow = {
    id: eventIdentity(fact, time),
    computer: origin.host,
    eventId: fact.eventId,
    event: eventNameOf(fact.eventId),
    at,
    fact: JSON.stringify(fact),
  };
  items.push({ kind: "arrived", origin, at, fact, time, row });
};

/** For the count of records: by what it is, or, where it is nothing, by what its name claims. */
const kindOf = (record: LogRecord, reading: Reading): Kind => {
  const kind: Fact["kind"] | undefined = reading.outcome === "fact" ? reading.fact.kind : undefined;
  if (kind) return kind;
  const claimed = {
    "windows.licensing": "licensing",
    "activation.probe": "probe",
    "activation.agent": "heartbeat",
  } as const;
  return claimed[record.eventName as keyof typeof claimed] ?? "event";
};
