import { hash } from "node:crypto";
import type { EventFact } from "../facts.ts";
import { parseWindowsTime } from "../time.ts";
import { listValues } from "./fields.ts";
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
  const fields = listValues(fact.eventId, fact.data) ?? fact.data.map((it) => it.trim());
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
