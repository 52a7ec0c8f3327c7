import { isLicensingProvider, normalise } from "../licensing/event.ts";
import { eventNameOf } from "../licensing/event-names.ts";
import type { EventFact, Fact } from "../licensing/fact.ts";
import { eventIdentity } from "../licensing/identity.ts";
import type { LogRecord, LogsRequest } from "../licensing/otlp.ts";
import { type Instant, parseWindowsTime } from "../licensing/time.ts";
import { type Reading, readRecord, resourceOf } from "../licensing/wire.ts";
import type { Batch } from "./batch.ts";
import type { Item, Kind, Origin, Outcomes } from "./item.ts";
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
  const items: Item[] = [];
  const outcomesOf = new Map<Item, Outcomes>();
  const receipts = submissions.map((it) => {
    const outcomes: Outcomes | undefined = it.imported ? {} : undefined;
    batch.countFor(outcomes);
    const first = items.length;
    const receipt = readSubmission(it, rules, batch, items);
    if (!outcomes) return receipt;
    for (const item of items.slice(first)) outcomesOf.set(item, outcomes);
    return { ...receipt, outcomes };
  });
  const events = items.filter((it) => it.kind === "event");
  const fresh = await tx.insertEvents(events.map((it) => it.row));
  const isNew = new Map(events.map((it, i) => [it, fresh[i]!]));
  const effective = items.filter((it) => {
    if (it.kind !== "event" || isNew.get(it)) return true;
    batch.countFor(outcomesOf.get(it));
    batch.count("event", "duplicate");
    return false;
  });
  await batch.load(tx, effective);
  for (const it of effective) {
    batch.countFor(outcomesOf.get(it));
    batch.apply(it);
  }
  await batch.save(tx);
  return receipts;
};

const readSubmission = (
  { groups, receivedAt, imported = false }: Submission,
  rules: IngestRules,
  batch: Batch,
  items: Item[],
): Receipt => {
  let rejected = 0;
  let message: string | undefined;
  for (const { resource, scope, records } of groups) {
    const sender = resourceOf(resource.attributes);
    for (const record of records) {
      const refusal = takeRecord(record, scope.name, sender, { receivedAt, imported }, rules, batch, items);
      if (refusal === undefined) continue;
      rejected += 1;
      message ??= refusal;
    }
  }
  return message === undefined ? { rejected } : { rejected, message };
};

type Sender = ReturnType<typeof resourceOf>;

/** @returns why the record was refused; undefined for all others. */
const takeRecord = (
  record: LogRecord,
  scope: string,
  sender: Sender,
  { receivedAt, imported }: { receivedAt: Instant; imported: boolean },
  rules: IngestRules,
  batch: Batch,
  items: Item[],
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
  const own = sender.serviceName === "activation-agent" && sender.host === host;
  const origin: Origin = {
    host,
    own,
    receivedAt,
    imported,
    ...(own && sender.zone !== undefined && { zone: sender.zone }),
    ...(own && sender.osName !== undefined && { os: sender.osName }),
    ...(own && sender.agentVersion !== undefined && { agentVersion: sender.agentVersion }),
  };
  if (fact.kind === "event") return takeEvent(fact, origin, rules, batch, items);
  const at = batch.clamp(reading.observedAt ?? receivedAt, receivedAt);
  items.push({ kind: fact.kind, origin, fact, at } as Item);
  return undefined;
};

const takeEvent = (fact: EventFact, origin: Origin, rules: IngestRules, batch: Batch, items: Item[]): undefined => {
  if (!isLicensingProvider(fact.provider, fact.eventSource)) {
    batch.count("event", "ignored");
    return;
  }
  const time = parseWindowsTime(fact.time);
  const at = batch.clamp(time?.ms ?? origin.receivedAt, origin.receivedAt);
  if (at < origin.receivedAt - rules.eventRetention) {
    batch.count("event", "expired");
    return;
  }
  const event = normalise(fact);
  const row: EventRow = {
    id: eventIdentity(fact),
    computer: origin.host,
    eventId: fact.eventId,
    event: eventNameOf(fact.eventId),
    at,
    fact: JSON.stringify(fact),
  };
  items.push({ kind: "event", origin, event, at, row });
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
