import type { NormalisedEvent } from "../../licensing/events/names.ts";
import type { EventFact, Fact, HeartbeatFact, LicensingFact, ProbeFact } from "../../licensing/facts.ts";
import { RECORD_KINDS, RECORD_OUTCOMES } from "../../licensing/telemetry/label-values.ts";
import type { Reading } from "../../licensing/telemetry/otlp-mapping.ts";
import type { Instant, parseWindowsTime } from "../../licensing/time.ts";
import type { LogRecord } from "../../otlp/logs.ts";
import type { EventRow } from "../store/store.ts";

export { RECORD_KINDS as KINDS, RECORD_OUTCOMES };
export type Kind = (typeof RECORD_KINDS)[number];
export type RecordOutcome = (typeof RECORD_OUTCOMES)[number];

/** How many records of one request had which outcome. */
export type Outcomes = Partial<Record<RecordOutcome, number>>;

/** Who a fact is about and who says it. */
export interface Origin {
  readonly host: string;
  /** Said by the computer's own agent: only then do zone, system and version count. */
  readonly own: boolean;
  readonly zone?: string;
  readonly addresses?: string;
  readonly os?: string;
  readonly agentVersion?: string;
  readonly receivedAt: Instant;
  readonly imported: boolean;
  /** Of an import: its outcomes are told to the sender. */
  readonly outcomes?: Outcomes;
}

/** A record that was understood, on its way to its handler. `at` never lies after the receipt. */
export type AcceptedRecord = { readonly origin: Origin; readonly at: Instant } & (
  | {
      readonly kind: "event";
      readonly event: NormalisedEvent;
      readonly row: EventRow;
      /** Of a request in a KMS host's log: how far its client's clock is off, in quarters of an hour. */
      readonly clockOff: number;
    }
  | { readonly kind: "licensing"; readonly fact: LicensingFact }
  | { readonly kind: "heartbeat"; readonly fact: HeartbeatFact }
  | { readonly kind: "probe"; readonly fact: ProbeFact }
);
export type RecordOf<K extends Kind> = Extract<AcceptedRecord, { kind: K }>;
export type AcceptedEvent = RecordOf<"event">;

/** An event before it is known whether it is new: what it means is read only then. */
export interface ReceivedEvent {
  readonly kind: "received";
  readonly origin: Origin;
  readonly at: Instant;
  readonly fact: EventFact;
  readonly time: ReturnType<typeof parseWindowsTime>;
  readonly row: EventRow;
}

/**
 * Senders may bring their records in any order; of one instant heartbeats come last, because they speak of what came before.
 */
export const byTime = (a: AcceptedRecord, b: AcceptedRecord): number =>
  a.at - b.at || ORDER[a.kind] - ORDER[b.kind] || recordId(a) - recordId(b);
const ORDER: Readonly<Record<Kind, number>> = { event: 0, licensing: 1, probe: 2, heartbeat: 3 };
const recordId = (it: AcceptedRecord): number => (it.kind === "event" ? (it.event.record_id ?? 0) : 0);

/** For the count of records: by what it is, or, where it is nothing, by what its name claims. */
export const kindOf = (record: LogRecord, reading: Reading): Kind => {
  const kind: Fact["kind"] | undefined = reading.outcome === "fact" ? reading.fact.kind : undefined;
  if (kind) return kind;
  const claimed = {
    "windows.licensing": "licensing",
    "activation.probe": "probe",
    "activation.agent": "heartbeat",
  } as const;
  return claimed[record.eventName as keyof typeof claimed] ?? "event";
};
