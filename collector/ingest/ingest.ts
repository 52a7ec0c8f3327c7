import { eventIdentity } from "../../licensing/events/identity.ts";
import { isComputerName, normalise } from "../../licensing/events/normalise.ts";
import type { EventFact, Fact } from "../../licensing/facts.ts";
import { type Reading, readRecord, resourceOf, SERVICE } from "../../licensing/telemetry/otlp-mapping.ts";
import { type Instant, parseWindowsTime } from "../../licensing/time.ts";
import { type LogRecord, type LogsRequest, OtlpError } from "../../otlp/logs.ts";
import { clockOff } from "../state/client-clocks.ts";
import type { EventRow, Transaction } from "../store/store.ts";
import { storedFact } from "../store/stored-event.ts";
import type { AcceptedRecord, Kind, Origin, Outcomes, ReceivedEvent } from "./accepted-record.ts";
import { hostOfRecord, type Sender, senderOf } from "./sender.ts";
import type { Batch } from "./unit-of-work.ts";

/** One request as it came in. */
export interface Submission {
  /**
   * Reads the body. Called within the transaction, so that of many requests only one is held as it came.
   *
   * @throws OtlpError when it is no well-formed request.
   */
  readonly read: () => LogsRequest;
  readonly receivedAt: Instant;
  /** The names in the sender's client certificate; undefined where none was asked for. */
  readonly certified?: readonly string[];
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

/** What became of one request that a transaction took. */
export type Taken =
  | { readonly outcome: "stored"; readonly receipt: Receipt }
  | { readonly outcome: "malformed"; readonly reason: string }
  | { readonly outcome: "forbidden"; readonly reason: string };

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
): Promise<Taken[]> => {
  const arrived: Arrived[] = [];
  const outcomesOf = new Map<Arrived | AcceptedRecord, Outcomes>();
  const taken = submissions.map((it): Taken => {
    const outcomes: Outcomes | undefined = it.imported ? {} : undefined;
    batch.countFor(outcomes);
    const groups = groupsOf(it);
    if ("reason" in groups) return { outcome: "malformed", ...groups };
    const senders = sendersOf(groups, it, rules);
    if ("reason" in senders) return { outcome: "forbidden", ...senders };
    const first = arrived.length;
    const receipt = readSubmission(groups, senders, it, rules, batch, arrived);
    if (!outcomes) return { outcome: "stored", receipt };
    for (const item of arrived.slice(first)) outcomesOf.set(item, outcomes);
    return { outcome: "stored", receipt: { ...receipt, outcomes } };
  });
  const fresh = await tx.insertEvents(arrived.flatMap((it) => (it.kind === "arrived" ? [it.row] : [])));
  const effective = withoutDuplicates(arrived, fresh, batch, outcomesOf);
  await batch.load(tx, effective);
  for (const it of effective) {
    batch.countFor(outcomesOf.get(it));
    batch.apply(it);
  }
  await batch.save(tx);
  return taken;
};

type GroupSender = ReturnType<typeof senderOf>;

/**
 * Who sends each group. A request of which nothing may be taken is refused as a whole: who has the wrong certificate keeps the
 * records until that is fixed. Otherwise what may not be reported is rejected alone, and does not hold up the rest.
 */
const sendersOf = (
  groups: LogsRequest,
  { certified }: Submission,
  { isForwarder }: IngestRules,
): readonly GroupSender[] | { readonly reason: string } => {
  const senders = groups.map(({ resource, scope, records }) => {
    const { host, serviceName } = resourceOf(resource.attributes);
    const agentEvents = () =>
      serviceName === SERVICE && records.some((it) => kindOf(it, readRecord(it, scope.name)) === "event");
    return senderOf({ host, agentEvents }, certified, isForwarder);
  });
  const refusals = senders.filter((it) => "forbidden" in it);
  if (refusals.length > 0 && refusals.length === senders.length) return { reason: refusals[0]!.forbidden };
  return senders;
};

/** Whatever a sender may have found that reading trips over: it concerns that sender alone. */
const groupsOf = ({ read }: Submission): LogsRequest | { reason: string } => {
  try {
    return read();
  } catch (cause) {
    return { reason: cause instanceof OtlpError ? cause.message : "It could not be read." };
  }
};

type Arrived = ReceivedEvent | Exclude<AcceptedRecord, { kind: "event" }>;

/** What has effects, in its order. Only of new events it is read what they mean: duplicates cost little. */
const withoutDuplicates = (
  arrived: readonly Arrived[],
  fresh: readonly boolean[],
  batch: Batch,
  outcomesOf: Map<Arrived | AcceptedRecord, Outcomes>,
): AcceptedRecord[] => {
  const items: AcceptedRecord[] = [];
  let event = 0;
  for (const it of arrived) {
    if (it.kind !== "arrived") {
      items.push(it);
      continue;
    }
    const outcomes = outcomesOf.get(it);
    if (fresh[event++]) {
      const { origin, at, row, fact, time } = it;
      const event = normalise(fact, time);
      const item: AcceptedRecord = { kind: "event", origin, at, row, event, clockOff: clockOff(event) };
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
  groups: LogsRequest,
  senders: readonly GroupSender[],
  { receivedAt, imported = false }: Submission,
  rules: IngestRules,
  batch: Batch,
  items: Arrived[],
): Receipt => {
  let rejected = 0;
  let message: string | undefined;
  for (const [i, { resource, scope, records }] of groups.entries()) {
    const sender = senders[i]!;
    if ("forbidden" in sender) {
      for (const it of records) batch.count(kindOf(it, readRecord(it, scope.name)), "rejected");
      rejected += records.length;
      message ??= sender.forbidden;
      continue;
    }
    const described = { ...resourceOf(resource.attributes), ...sender };
    const received: Received = {
      sender: described,
      own: ownOrigin(described, receivedAt, imported),
      receivedAt,
      imported,
    };
    for (const record of records) {
      const refusal = readRecordOf(record, scope.name, received, rules, batch, items);
      if (refusal === undefined) continue;
      rejected += 1;
      message ??= refusal;
    }
  }
  return message === undefined ? { rejected } : { rejected, message };
};

type DescribedSender = ReturnType<typeof resourceOf> & Sender;

/** What the records of one resource have in common. */
interface Received {
  readonly sender: DescribedSender;
  /** Of what the sender says about itself. */
  readonly own: Origin | undefined;
  readonly receivedAt: Instant;
  readonly imported: boolean;
}

const ownOrigin = (sender: DescribedSender, receivedAt: Instant, imported: boolean): Origin | undefined => {
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
const readRecordOf = (
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
    if (reading.outcome === "uninterpreted")
      batch.putUninterpreted(receivedAt, sender.host ?? "", reading.reason, record);
    return reading.outcome === "rejected" ? reading.reason : undefined;
  }
  const { fact } = reading;
  const computer = fact.kind === "event" ? keyOf(fact.computer) : undefined;
  const found = hostOfRecord(sender, { fact, computer, agent: own?.own === true });
  if ("refused" in found) {
    batch.count(kind, "rejected");
    return found.refused;
  }
  const { host } = found;
  // It becomes a key, a label and a line of a log: what is no name is kept to be looked at, and is no computer.
  if (fact.kind === "event" && host !== sender.host && !isComputerName(host)) {
    batch.count(kind, "uninterpreted");
    batch.putUninterpreted(receivedAt, sender.host ?? "", "computer: not a computer's name", record);
    return undefined;
  }
  const origin = own?.host === host ? own : { host, own: false, receivedAt, imported };
  if (fact.kind === "event") return receiveEvent(fact, origin, rules, batch, items);
  const at = batch.clamp(reading.observedAt ?? receivedAt, receivedAt);
  items.push({ kind: fact.kind, origin, fact, at } as Arrived);
  return undefined;
};

/** The name by which a computer is known, from what an event says; undefined where it says nothing. */
const keyOf = (computer: string): string | undefined => {
  const name = computer.toLowerCase();
  return (name.endsWith(".") ? name.slice(0, -1) : name) || undefined;
};

const receiveEvent = (
  fact: EventFact,
  origin: Origin,
  rules: IngestRules,
  batch: Batch,
  items: Arrived[],
): undefined => {
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
    at,
    fact: storedFact(fact, origin.host),
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
