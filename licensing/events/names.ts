/** An event with its fields named, as `events parse` prints it and the API serves it: the contract's JSON. */
export interface NormalisedEvent {
  event: EventName;
  event_id: number;
  provider: string;
  channel?: string;
  computer: string;
  record_id?: number;
  time?: string;
  hresult?: string;
  status_flags?: string;
  activated?: boolean;
  kms_count?: number;
  activation_interval_minutes?: number;
  renewal_interval_minutes?: number;
  required_count?: number;
  kms_host?: string;
  kms_port?: number;
  client_fqdn?: string;
  client_machine_id?: string;
  client_time?: string;
  client_is_vm?: boolean;
  license_status?: number;
  minutes_to_expiration?: number;
  activation_id?: string;
  application_id?: string;
  dns_domain?: string;
  trigger?: string;
  info?: string;
  data?: readonly string[];
  problems?: string[];
}

export type EventName = (typeof KNOWN)[keyof typeof KNOWN] | "other";

const KNOWN = {
  12288: "kms_request_sent",
  12289: "kms_response_processed",
  12290: "kms_request_processed",
  12291: "kms_start_failed",
  12292: "kms_timer_failed",
  12293: "kms_dns_publish_failed",
  12294: "kms_dns_published",
  8198: "activation_failed",
} as const;

export const KNOWN_EVENT_IDS: readonly number[] = Object.keys(KNOWN).map(Number);

/** `other` for an id that no table of ours names. */
export const eventNameOf = (eventId: number): EventName => KNOWN[eventId as keyof typeof KNOWN] ?? "other";

/** Every event name there is, for those who validate a query. */
export const EVENT_NAMES: readonly EventName[] = [...Object.values(KNOWN), "other"];
