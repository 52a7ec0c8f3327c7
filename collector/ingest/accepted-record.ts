import type { NormalisedEvent } from "../../licensing/events/names.ts";
import type { EventFact, HeartbeatFact, LicensingFact, ProbeFact } from "../../licensing/facts.ts";
import { RECORD_KINDS, RECORD_OUTCOMES } from "../../licensing/telemetry/label-values.ts";
import type { Instant, parseWindowsTime } from "../../licensing/time.ts";
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
