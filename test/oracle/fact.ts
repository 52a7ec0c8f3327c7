/** The facts of a small world as plain values: what really happened, before any program reads it. */

/** Milliseconds since the epoch, UTC. */
export type Instant = number;

/** What the agent of one computer writes into the resource of its requests. */
export interface Sender {
  readonly host: string;
  readonly zone: string;
  readonly os: string;
  readonly agentVersion: string;
  readonly instance: string;
}

interface Common {
  /** Unique in its world; the same fact sent again has the same number. */
  readonly uid: number;
  /** The event's time, or when a reading or a heartbeat was made. */
  readonly at: Instant;
  readonly sender: Sender;
  /** Sent by an import of archived facts. "Imported history": it changes no counter. */
  readonly imported: boolean;
}

/** 12290: a KMS host handled a request. */
export interface RequestHandled extends Common {
  readonly kind: "request_handled";
  readonly host: string;
  readonly recordId: number;
  readonly hresult: string;
  readonly need: number;
  readonly name: string;
  readonly cmid: string;
  /** The client's own clock, a whole minute. */
  readonly clientTime: Instant;
  readonly status: number;
  readonly minutes: number;
  readonly activationId: string;
}

/** 12288: a client sent a request. */
export interface RequestSent extends Common {
  readonly kind: "request_sent";
  readonly computer: string;
  readonly recordId: number;
  readonly hresult: string;
  /** The KMS host by the name or address that the client uses. */
  readonly target: string;
  readonly cmid: string;
  readonly clientTime: Instant;
  readonly status: number;
  readonly minutes: number;
  readonly activationId: string;
  readonly need: number;
}

/** 12289: a client processed an answer. It names neither the KMS host nor the product. */
export interface ResponseProcessed extends Common {
  readonly kind: "response_processed";
  readonly computer: string;
  readonly recordId: number;
  readonly hresult: string;
  readonly flags: number;
  readonly activated: boolean;
  readonly count: number;
  readonly renewalMinutes: number;
  readonly clientTime: Instant;
}

/** One license of a reading of WMI. */
export interface LicenseRow {
  readonly activationId: string;
  readonly name: string;
  readonly application: "windows" | "office" | "office2010";
  readonly channel: "kms_client" | "kms_host" | "mak" | "retail";
  readonly partialProductKey: string;
  readonly status: number;
  readonly minutes: number;
  readonly addon: boolean;
  /** Only on a KMS host: the count of this row's application. */
  readonly reportedClients?: number;
  /** Only on a KMS host: the need of the clients that asked. */
  readonly requiredClients?: number;
}

/** A reading of WMI. */
export interface Reading extends Common {
  readonly kind: "reading";
  readonly computer: string;
  /** The computer's own client machine ID, where the reading tells it. */
  readonly cmid?: string;
  readonly isKmsHost: boolean;
  readonly rows: readonly LicenseRow[];
  readonly rearmsLeft: number;
  readonly intervalSeconds: number;
}

/** How far an agent read one event log. */
export interface Progress {
  readonly readUntil: Instant;
  readonly oldest: Instant;
  readonly gaps: number;
}

export interface Heartbeat extends Common {
  readonly kind: "heartbeat";
  readonly computer: string;
  readonly application: Progress;
  /** Only on a KMS host. */
  readonly kms?: Progress;
  readonly droppedEvents: number;
}

export type Fact = RequestHandled | RequestSent | ResponseProcessed | Reading | Heartbeat;

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Each fact once, as a collector stores it. A fact that came both live and by an import is live. */
export const distinctFacts = (facts: readonly Fact[]): Fact[] => {
  const known = new Map<number, Fact>();
  for (const it of facts) if (known.get(it.uid)?.imported !== false) known.set(it.uid, it);
  return [...known.values()];
};

/** The facts of one kind. */
export const ofKind = <K extends Fact["kind"]>(facts: readonly Fact[], kind: K): Extract<Fact, { kind: K }>[] =>
  facts.filter((it): it is Extract<Fact, { kind: K }> => it.kind === kind);
