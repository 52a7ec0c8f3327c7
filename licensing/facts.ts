/**
 * What an agent can report, exactly as it was read. Facts carry no meaning: the collector interprets them, so that a rule
 * can be corrected without touching the fleet.
 */
export type Fact = EventFact | LicensingFact | ProbeFact | HeartbeatFact;

/** One record of a Windows event log. `data` holds the insertion strings in their order, `time` the text of TimeCreated. */
export interface EventFact {
  readonly kind: "event";
  readonly eventId: number;
  readonly provider: string;
  readonly eventSource?: string;
  readonly channel?: string;
  readonly computer: string;
  readonly recordId?: number;
  readonly time: string;
  readonly data: readonly string[];
}

/** The properties of one WMI instance. Unsigned numbers are numbers, datetimes text, a property without value null. */
export type Properties = Readonly<Record<string, string | number | boolean | null>>;

/** One reading of SoftwareLicensingService, SoftwareLicensingProduct and, where they exist, Office's own classes. */
export interface LicensingFact {
  readonly kind: "licensing";
  readonly service?: Properties;
  readonly products: readonly Properties[];
  readonly officeService?: Properties;
  readonly officeProducts?: readonly Properties[];
  /** Seconds until the next reading: what makes a reported count fresh or old. */
  readonly intervalSeconds?: number;
  /** Read through slc.dll because WMI did not answer: fewer properties. */
  readonly degraded?: boolean;
}

/** A look at the network: SRV records, a TCP connect, an RPC bind. */
export interface ProbeFact {
  readonly kind: "probe";
  readonly probe: string;
  readonly target: string;
  readonly outcome: string;
  readonly latencyMs?: number;
  readonly records?: readonly Properties[];
  /** The target stands in the agent's own configuration: it was not found by itself. */
  readonly configured?: boolean;
  /** Seconds until the next probe: what makes a result fresh or old. */
  readonly intervalSeconds?: number;
}

/** How far each channel was read, and how the agent itself fares. Times are ISO 8601 text, counters since its start. */
export interface HeartbeatFact {
  readonly kind: "heartbeat";
  readonly channels: Readonly<Record<string, ChannelProgress>>;
  readonly spooledRecords: number;
  readonly oldestUnsentSeconds: number;
  readonly droppedRecords: Readonly<Record<string, number>>;
  readonly failingSources: Readonly<Record<string, number>>;
  readonly sentAt?: string;
  readonly intervalSeconds?: number;
}

export interface ChannelProgress {
  /** Everything up to this instant was read. */
  readonly readUntil?: string;
  /** The time of the oldest record that the log still holds. */
  readonly oldest?: string;
  /** Places where records were lost before they could be read. */
  readonly gaps?: number;
}
