import { eventIdentity } from "../../licensing/events/identity.ts";
import { normalise } from "../../licensing/events/normalise.ts";
import type { EventFact } from "../../licensing/facts.ts";
import { clampTime } from "../../licensing/kms/rules.ts";
import { readName } from "../../licensing/names.ts";
import { readRecord, SERVICE } from "../../licensing/telemetry/otlp-mapping.ts";
import { OWN_CHANNEL } from "../../licensing/telemetry/own-channel.ts";
import { type Instant, parseWindowsTime } from "../../licensing/time.ts";
import { type LogRecord, type LogsRequest, OtlpError } from "../../otlp/logs.ts";
import { clockOff } from "../state/client-clocks.ts";
import type { EventRow, Transaction } from "../store/store.ts";
import { storedFact } from "../store/stored-event.ts";
import {
  type AcceptedRecord,
  byTime,
  kindOf,
  type Origin,
  type Outcomes,
  type ReceivedEvent,
} from "./accepted-record.ts";
import { type ClockWatch, recordVote, refusedByClock } from "./clock-votes.ts";
import { takable, tooManyComputers } from "./computer-limit.ts";
import { type DescribedSender, type GroupSender, sendersOf } from "./group-senders.ts";
import { settleAllAttempts } from "./handle-attempt.ts";
import { handleRecord } from "./handlers.ts";
import { countImported, mayBeImported } from "./imported-events.ts";
import { adoptNames } from "./kms/kms-host-names.ts";
import { loadLateMessages } from "./late-messages.ts";
import { hostOfRecord } from "./sender.ts";
import { recordSharedIds } from "./shared-ids.ts";
import { removeTwins, type StoredTwin } from "./twins.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

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
  /**
   * Imported history changes tables, deadlines and history, never a counter (docs/counting-rules.md, "Imported history").
   */
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
  | { readonly outcome: "forbidden"; readonly reason: string }
  /** A limit is reached that may be raised, or that time may end: its sender keeps it and tries again. */
  | { readonly outcome: "failed"; readonly reason: string; readonly limit: true };

export interface IngestRules {
  /** May this resource report events of other computers? */
  readonly isForwarder: (host: string | undefined) => boolean;
  /** Events older than this are acknowledged and have no effect. */
  readonly eventRetention: number;
  /** Whose time is doubted, and by whom. */
  readonly clock: ClockWatch;
}

/**
 * Takes many requests in one transaction: reads every record, inserts the events, handles what is new in the order of time.
 * Nothing is acknowledged before this has resolved and the transaction is on disk.
 */
export const ingest = async (
  tx: Transaction,
  work: UnitOfWork,
  { submissions, rules, now }: { submissions: readonly Submission[]; rules: IngestRules; now: Instant },
): Promise<Taken[]> => {
  const read: { received: ReceivedRecord[] }[] = [];
  const answers = submissions.map((it): Taken => {
    const received: ReceivedRecord[] = [];
    read.push({ received });
    const groups = groupsOf(it);
    if ("reason" in groups) return { outcome: "malformed", ...groups };
    const senders = sendersOf(groups, it.certified, rules.isForwarder);
    if ("reason" in senders) return { outcome: "forbidden", ...senders };
    return { outcome: "stored", receipt: readSubmission(groups, senders, it, { rules, work, received }) };
  });
  for (const it of read.flatMap(({ received }) => received)) recordVote(rules.clock, it);
  const doubt = rules.clock.refusal();
  if (doubt !== undefined) return submissions.map(() => refusedByClock(doubt));
  const canTake = await takable(tx, work.memory, read);
  const taken = answers.map(
    (it, i): Taken => (canTake[i] ? it : { outcome: "failed", reason: tooManyComputers(work.memory), limit: true }),
  );
  const received = read.flatMap((it, i) => (canTake[i] ? it.received : []));
  const events = received.filter((it) => it.kind === "received");
  const isNew = await tx.insertEvents(events.map((it) => it.row));
  const twins = await removeTwins(
    tx,
    work,
    events.filter((_, i) => isNew[i]),
  );
  const { records, duplicates } = newRecords(received, (i) => isNew[i]!, { work, twins });
  const live = duplicates.filter((it) => mayBeImported(work, it));
  await work.load(
    tx,
    records.sort(byTime),
    live.map((it) => it.origin.host),
  );
  await loadLateMessages(tx, work, records);
  for (const it of records) handleRecord(work, it);
  if (live.length > 0) await countImported(tx, work, live);
  adoptNames(work);
  settleAllAttempts(work, now);
  await work.countAnew(tx, now);
  await recordSharedIds(tx, work);
  await work.save(tx);
  return taken;
};

/** Whatever a sender may have found that reading trips over: it concerns that sender alone. */
const groupsOf = ({ read }: Submission): LogsRequest | { reason: string } => {
  try {
    return read();
  } catch (cause) {
    return { reason: cause instanceof OtlpError ? cause.message : "It could not be read." };
  }
};

type ReceivedRecord = ReceivedEvent | Exclude<AcceptedRecord, { kind: "event" }>;

/** Only of new events it is read what they mean: duplicates cost little. */
const newRecords = (
  received: readonly ReceivedRecord[],
  isNew: (event: number) => boolean,
  { work, twins }: { work: UnitOfWork; twins: ReadonlyMap<ReceivedEvent, StoredTwin> },
): { records: AcceptedRecord[]; duplicates: ReceivedEvent[] } => {
  const records: AcceptedRecord[] = [];
  const duplicates: ReceivedEvent[] = [];
  let index = 0;
  for (const it of received) {
    if (it.kind !== "received") records.push(it);
    else if (isNew(index++) && !twins.has(it)) {
      const { origin, at, row, fact, time } = it;
      const event = normalise(fact, time);
      records.push({ kind: "event", origin, at, row, event, clockOff: clockOff(event) });
      if (origin.imported) work.importedUntil = Math.max(work.importedUntil, at);
    } else {
      duplicates.push(asStored(it, twins.get(it)));
      work.count("event", "duplicate", it.origin);
    }
  }
  return { records, duplicates };
};

/** A duplicate as the store has it. */
const asStored = (event: ReceivedEvent, twin: StoredTwin | undefined): ReceivedEvent =>
  twin ? { ...event, at: twin.at, row: { ...event.row, id: twin.id, at: twin.at } } : event;

/** What reading one request needs. */
interface RequestContext {
  readonly rules: IngestRules;
  readonly work: UnitOfWork;
  readonly received: ReceivedRecord[];
}

const readSubmission = (
  groups: LogsRequest,
  senders: readonly GroupSender[],
  { receivedAt, imported = false }: Submission,
  context: RequestContext,
): Receipt => {
  const outcomes: Outcomes | undefined = imported ? {} : undefined;
  let rejected = 0;
  let message: string | undefined;
  const base = { receivedAt, imported, ...(outcomes && { outcomes }) };
  for (const [i, { scope, records }] of groups.entries()) {
    const sender = senders[i]!;
    if ("forbidden" in sender) {
      for (const it of records) context.work.count(kindOf(it, readRecord(it, scope.name)), "rejected", base);
      rejected += records.length;
      message ??= sender.forbidden;
      continue;
    }
    const group: ReceivedGroup = { sender, base, own: ownOrigin(sender, base), scope: scope.name };
    for (const record of records) {
      const refusal = readRecordOf(record, group, context);
      if (refusal === undefined) continue;
      rejected += 1;
      message ??= refusal;
    }
  }
  return { rejected, ...(message !== undefined && { message }), ...(outcomes && { outcomes }) };
};

type Base = Pick<Origin, "receivedAt" | "imported" | "outcomes">;

/** What the records of one resource and scope have in common. */
interface ReceivedGroup {
  readonly sender: DescribedSender;
  readonly base: Base;
  /** Of what the sender says about itself. */
  readonly own: Origin | undefined;
  readonly scope: string;
}

const ownOrigin = (sender: DescribedSender, base: Base): Origin | undefined => {
  const { host, zone, addresses, osType, osName, agentVersion } = sender;
  if (host === undefined) return undefined;
  // An agent names zone and system of its own computer only, and of those that it reads itself: not of those it forwards.
  const own = sender.serviceName === SERVICE && [osType, osName, zone].some((it) => it !== undefined);
  return {
    ...base,
    host,
    own,
    ...(own && zone !== undefined && { zone }),
    ...(own && addresses !== undefined && { addresses }),
    ...(own && osName !== undefined && { os: osName }),
    ...(own && agentVersion !== undefined && { agentVersion }),
  };
};

/** @returns why the record was rejected; undefined for all others. */
const readRecordOf = (
  record: LogRecord,
  { sender, own, base, scope }: ReceivedGroup,
  { rules, work, received }: RequestContext,
): string | undefined => {
  const reading = readRecord(record, scope);
  const kind = kindOf(record, reading);
  if (reading.outcome !== "fact") {
    work.count(kind, reading.outcome, base);
    if (reading.outcome === "uninterpreted")
      work.putUninterpreted(base.receivedAt, sender.host ?? "", reading.reason, record);
    return reading.outcome === "rejected" ? reading.reason : undefined;
  }
  const { fact } = reading;
  const computer = fact.kind === "event" ? keyOf(fact.computer) : undefined;
  const ownChannel = record.attributes[OWN_CHANNEL] === true;
  const found = hostOfRecord(sender, { fact, computer, agent: own?.own === true, ownChannel });
  if ("refused" in found) {
    work.count(kind, "rejected", base);
    return found.refused;
  }
  const { host } = found;
  // It becomes a key, a label and a line of a log: what is no name is kept to be looked at, and is no computer.
  const name = fact.kind === "event" && host !== sender.host ? readName(host) : undefined;
  if (name && "reason" in name) {
    work.count(kind, "uninterpreted", base);
    work.putUninterpreted(base.receivedAt, sender.host ?? "", `computer: ${name.reason}`, record);
    return undefined;
  }
  const origin = own?.host === host ? own : { ...base, host, own: false };
  if (fact.kind === "event") return receiveEvent(fact, origin, { rules, work, received });
  const at = clamped(work, reading.observedAt ?? base.receivedAt, base.receivedAt);
  received.push({ kind: fact.kind, origin, fact, at } as ReceivedRecord);
  return undefined;
};

/** An event's time may lie this far ahead of its receipt before it counts as a correction: clocks differ a little. */
const CLOCK_TOLERANCE_MS = 1_000;

/** No time lies after its receipt; larger corrections are counted. */
const clamped = (work: UnitOfWork, at: Instant, receivedAt: Instant): Instant => {
  if (at > receivedAt + CLOCK_TOLERANCE_MS) work.counters.timeCorrections += 1;
  return clampTime(at, receivedAt);
};

/** The name by which a computer is known, from what an event says; undefined where it says nothing. */
const keyOf = (computer: string): string | undefined => {
  const name = computer.toLowerCase();
  return (name.endsWith(".") ? name.slice(0, -1) : name) || undefined;
};

const receiveEvent = (fact: EventFact, origin: Origin, { rules, work, received }: RequestContext): undefined => {
  const time = parseWindowsTime(fact.time);
  const at = clamped(work, time?.ms ?? origin.receivedAt, origin.receivedAt);
  if (at < origin.receivedAt - rules.eventRetention) {
    work.count("event", "expired", origin);
    return;
  }
  const row: EventRow = {
    id: eventIdentity(fact, time),
    computer: origin.host,
    eventId: fact.eventId,
    at,
    fact: storedFact(fact, origin.host, origin.imported || undefined),
  };
  received.push({ kind: "received", origin, at, fact, time, row });
};
