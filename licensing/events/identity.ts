import { createHash, hash } from "node:crypto";
import type { EventFact } from "../facts.ts";
import { type Instant, parseWindowsTime } from "../time.ts";
import { listValues, separated } from "./fields.ts";
import { eventNameOf } from "./names.ts";
import { canonicalProvider } from "./normalise.ts";

const TIME_BYTES = 6;
const HASH_BYTES = 10;

/**
 * The 16 bytes by which an event is known, the same by whatever way it comes (contract, "Identity of an event"): six bytes
 * of its time in milliseconds, so that events lie in the store in the order in which they happened, and ten of a SHA-256
 * over computer, provider, id, time to 100 ns and the trimmed fields. Neither `Binary` nor the localised message takes
 * part. A time without parts of a millisecond, as old systems log it and some forms round it, cannot tell two events apart:
 * then the record ID joins in.
 */
export const eventIdentity = (fact: EventFact, time = parseWindowsTime(fact.time)): Uint8Array => {
  const fields = canonicalFields(fact);
  const canonical = [
    fact.computer.trim().toLowerCase(),
    canonicalProvider(fact.provider, fact.eventSource) ?? fact.provider,
    String(fact.eventId),
    time?.ticks ?? fact.time,
    ...(isCoarse(time?.ticks ?? fact.time) ? [String(fact.recordId ?? "")] : []),
    ...fields,
  ].join("\u001f");
  const id = new Uint8Array(TIME_BYTES + HASH_BYTES);
  const ms = Math.max(0, Math.min(time?.ms ?? 0, 2 ** 48 - 1));
  for (let i = 0, left = ms; i < TIME_BYTES; i += 1, left = Math.floor(left / 256)) id[TIME_BYTES - 1 - i] = left % 256;
  // As text of one character a byte: a buffer outside the heap for each event costs more than its hash.
  const digest = hash("sha256", canonical, "binary");
  for (let i = 0; i < HASH_BYTES; i += 1) id[TIME_BYTES + i] = digest.charCodeAt(i);
  return id;
};

const isCoarse = (ticks: string): boolean => !/\.\d{3}(?!0000)\d{4}Z$/.test(ticks);

/** The fields by which an event is known: of a comma list each one, of others the insertion strings. */
const canonicalFields = (fact: EventFact): readonly string[] =>
  listValues(fact.eventId, fact.data) ?? separated(eventNameOf(fact.eventId), fact.data).map((it) => it.trim());

/**
 * How finely a form has kept the time of an event, in milliseconds: 0.0001 as Windows writes it, 0.001 (NXLog), 1
 * (Winlogbeat, Windows PowerShell) or 1,000 (Fluent Bit). Old systems and some forms fill up with zeros: of seven digits the last
 * four tell. A fine time that happens to end in four zeros, one in ten thousand, is taken for a coarse one: then the collector
 * looks for a twin in vain, no more.
 */
export type TimePrecision = 0.0001 | 0.001 | 1 | 1_000;

/** Undefined for a time that cannot be read: it has no twin. */
export const timePrecision = (fact: EventFact, time = parseWindowsTime(fact.time)): TimePrecision | undefined => {
  if (!time) return undefined;
  const digits = time.ticks.slice(-8, -1);
  if (digits === "0000000") return 1_000;
  if (digits.endsWith("0000")) return 1;
  return digits.endsWith("0") && !ALL_DIGITS.test(fact.time) ? 0.001 : 0.0001;
};
/** Who writes seven digits knows the seventh: one fine time in ten ends in 0. */
const ALL_DIGITS = /\.\d{7}/;

/** The instants between which the same event may lie in the store when a form has kept its time less finely: `[from, until)`. */
export const twinRange = (fact: EventFact, time = parseWindowsTime(fact.time)): [from: Instant, until: Instant] => {
  const ms = time?.ms ?? 0;
  return [ms, ms + Math.max(1, timePrecision(fact, time) ?? 1)];
};

/**
 * What two records of one event have in common although their times were kept to different parts of a second: ten bytes of a
 * SHA-256 over computer, provider, id and canonical fields, and, unless `precision` is 1,000, the time to a millisecond.
 * Records of one event by a fine and a coarse way agree when both are asked for the coarser of their precisions.
 */
export const coarseIdentity = (
  fact: EventFact,
  precision: TimePrecision = 1,
  time = parseWindowsTime(fact.time),
): Uint8Array => {
  const unit = precision === 1_000 ? 1_000 : 1;
  const canonical = [
    "coarse",
    fact.computer.trim().toLowerCase(),
    canonicalProvider(fact.provider, fact.eventSource) ?? fact.provider,
    String(fact.eventId),
    time ? String(Math.floor(time.ms / unit) * unit) : fact.time,
    ...canonicalFields(fact),
  ].join("\u001f");
  return new Uint8Array(createHash("sha256").update(canonical).digest().subarray(0, HASH_BYTES));
};

/**
 * Are these two records of one event, though their times were kept to different parts of a second? They say the same, happened
 * within the coarser precision, at least one time is coarse, and no two record IDs say otherwise.
 */
export const areTwins = (a: EventFact, b: EventFact): boolean => {
  const timeA = parseWindowsTime(a.time);
  const timeB = parseWindowsTime(b.time);
  const [precisionA, precisionB] = [timePrecision(a, timeA), timePrecision(b, timeB)];
  if (!timeA || !timeB || !precisionA || !precisionB) return false;
  const coarser = Math.max(precisionA, precisionB) as TimePrecision;
  // Two fine times that differ are two events; a coarse and a fine one agree up to where the coarse one ends.
  if (coarser === 0.0001 && timeA.ticks !== timeB.ticks) return false;
  if (agreed(timeA.ticks, coarser) !== agreed(timeB.ticks, coarser)) return false;
  if (a.recordId !== undefined && b.recordId !== undefined && a.recordId !== b.recordId) return false;
  return Buffer.from(coarseIdentity(a, 1_000, timeA)).equals(coarseIdentity(b, 1_000, timeB));
};

/** The time as far as this precision tells it. */
const agreed = (ticks: string, precision: TimePrecision): string =>
  ticks.slice(0, { 1000: -9, 1: -5, 0.001: -2, 0.0001: -1 }[precision]);
