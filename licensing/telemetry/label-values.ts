import { PRODUCT_CLASSES } from "../kms/rules.ts";
import { CHANNELS, STATUSES } from "../license.ts";
import { ZONE_KINDS } from "../planning.ts";
import { REASONS } from "../reasons.ts";
import { CRITERIA } from "../worksheet.ts";

/** Changes of a computer's license state that are counted. */
export const CHANGES = ["to_notification", "to_licensed", "channel_drift", "rearmed", "rearm_failed"] as const;
/** Outcomes of an activation attempt. */
export const ATTEMPT_OUTCOMES = ["activated", "refused", "no_answer"] as const;
/** Ways of activation, other than KMS, whose attempts events tell: Active Directory, AVMA, tokens. */
export const OTHER_WAYS = ["adba", "avma", "token"] as const satisfies readonly (typeof CHANNELS)[number][];
/** Kinds of records that a collector receives. */
export const RECORD_KINDS = ["event", "licensing", "probe", "heartbeat"] as const;
/** What became of a record. */
export const RECORD_OUTCOMES = ["accepted", "duplicate", "ignored", "expired", "rejected", "uninterpreted"] as const;

/** What a collector holds only so much of. */
export const LIMITS = [
  "computers",
  "kms_hosts",
  "kms_host_details",
  "zones",
  "probers",
  "products",
  "licenses",
  "keys",
  "failing_sources",
  "kms_targets",
  "deadlines",
  "renewals",
  "methods",
  "notifications",
  "distinct_clients",
  "asked_products",
  "kms_computers",
  "kms_licenses",
  "kms_renewals",
  "uninterpreted",
] as const;

/** The labels of the catalogue's metrics whose values are a fixed set, by what they describe. */
export const LABEL_VALUES = {
  status: STATUSES,
  channel: CHANNELS,
  reason: REASONS,
  productClass: PRODUCT_CLASSES,
  zoneKind: ZONE_KINDS,
  change: CHANGES,
  attempt: ATTEMPT_OUTCOMES,
  computer: ["reporting", "stale", "retired"],
  record: RECORD_KINDS,
  recordOutcome: RECORD_OUTCOMES,
  limit: LIMITS,
  srv: ["known", "unknown", "unexpected", "unresolvable"],
  application: ["windows", "office", "office2010", "unknown"],
  genuine: ["genuine", "local_genuine", "non_genuine"],
  cadence: ["daily", "four_hourly", "hourly", "persistent", "toast"],
  rearms: ["0", "1", "2", "3", "more"],
  criterion: CRITERIA.map((it) => it.criterion),
  method: ["kms", "mak", "none", ""],
} as const;
export type LabelName = keyof typeof LABEL_VALUES;

/** The values of each label as people read them, in one language. A language that lacks a value does not compile. */
export type LabelWords = {
  readonly [Label in LabelName]: Readonly<Record<(typeof LABEL_VALUES)[Label][number], string>>;
};
