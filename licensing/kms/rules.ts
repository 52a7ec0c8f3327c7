// The counting rules as functions. Quoted titles are headings of docs/counting-rules.md.
import { code32 } from "../events/fields.ts";
import type { Application, Products } from "../products.ts";
import { DAY, HOUR, type Instant, MINUTE } from "../time.ts";

/** What needs a count of its own before a KMS host activates it (planning guide, "activation threshold"). */
export const PRODUCT_CLASSES = ["client", "server", "office", "office2010"] as const;
export type ProductClass = (typeof PRODUCT_CLASSES)[number];
export const REQUIRED: Readonly<Record<ProductClass, number>> = { client: 25, server: 5, office: 5, office2010: 5 };

/** Which count a class is judged by: Windows clients and servers share one. */
export const POOL_OF_CLASS: Readonly<Record<ProductClass, Application>> = {
  client: "windows",
  server: "windows",
  office: "office",
  office2010: "office2010",
};

/** SL_E_VL_NOT_ENOUGH_COUNT */
export const COUNT_TOO_LOW = "0xC004F038";
/**
 * "Valid requests count": handled, or counted and still refused because the count is too low. Everything else is a failure.
 */
export const isValidRequest = (hresult: string): boolean => hresult === "0x00000000" || hresult === COUNT_TOO_LOW;
/** The count was reached and the client activated, whichever way the code is written. */
export const isSuccess = (hresult: string): boolean => code32(hresult) === "0x00000000";

/** "Valid requests count": a clock in the future must not poison a table; an event cannot be younger than its receipt. */
export const clampTime = (at: Instant, receivedAt: Instant): Instant => Math.min(at, receivedAt);

/** "The table is simulated": other needs than 5 and 25 are taken for forged. */
export const isPlausibleNeed = (need: number): boolean => need === 5 || need === 25;

/** "Pools". An unknown ID that needs 25 is Windows; one that needs 5 could be a server or Office. */
export const poolOf = (activationId: string, need: number, products: Products): Application => {
  const known = products.find(activationId)?.application;
  return known && known !== "unknown" ? known : need === 25 ? "windows" : "unknown";
};

/** By which need a request is judged; undefined where the product is not known. */
export const classOf = (pool: Application, need: number): ProductClass | undefined => {
  if (pool === "unknown") return undefined;
  return pool === "windows" ? (need === 25 ? "client" : "server") : pool;
};

/** An activation is valid for 180 days from when it was given (planning guide, "KMS activation renewal"). */
export const ACTIVATION_VALIDITY = 180 * DAY;

/** "Only what is used": as long as an activation that it gave is valid. */
export const isInUse = (lastAskedAt: Instant | undefined, now: Instant): boolean =>
  lastAskedAt !== undefined && lastAskedAt + ACTIVATION_VALIDITY > now;

/** What a KMS host tells its clients unless it was set otherwise (`slmgr /sri`). */
const DEFAULT_RENEWAL = 7 * DAY;

/** "Renewal overdue": two of the client's own renewal intervals and a day after its last success. */
export const renewalOverdueAt = (lastSuccess: Instant, intervalMinutes: number | undefined): Instant =>
  lastSuccess + 2 * (intervalMinutes ? intervalMinutes * MINUTE : DEFAULT_RENEWAL) + DAY;

/** How often agents read a KMS host unless they say otherwise. */
const READING_INTERVAL = 4 * HOUR;
/**
 * "The effective count": the reported count while it is fresh, for two of its own intervals; then the table, once it is
 * complete.
 */
export const effectiveCount = (count: {
  readonly reported?: { readonly count: number; readonly at: Instant; readonly intervalSeconds?: number };
  readonly table?: { readonly size: number; readonly complete: boolean };
  readonly now: Instant;
}): { count: number; source: "reported" | "ledger" } | undefined => {
  const { reported, table, now } = count;
  const interval = (reported?.intervalSeconds ?? READING_INTERVAL / 1_000) * 1_000;
  if (reported && now <= reported.at + 2 * interval) return { count: reported.count, source: "reported" };
  return table?.complete ? { count: table.size, source: "ledger" } : undefined;
};

/** One reported count, what was expected of it, and a suspicion that waits for its second reading. */
export interface LossWatch {
  readonly at: Instant;
  readonly count: number;
  /** The table was complete then: every entry that could end since is known. */
  readonly complete?: true;
  readonly suspected?: { readonly at: Instant; readonly from: Instant; readonly expected: number };
}

/**
 * "Reported counts": the table was lost when the reported count drops by more than the expiries between two readings,
 * confirmed by a second reading. `expiries` counts the entries that could have ended in an interval; where the table is not
 * complete at both of its ends it is unknown, and nothing is concluded.
 *
 * @returns the watch to keep, and once confirmed when the drop was first seen and the instant after which requests count.
 */
export const watchForLoss = (
  before: LossWatch | undefined,
  reading: { readonly at: Instant; readonly count: number },
  expiries: ((from: Instant, until: Instant) => number) | undefined,
): { watch: LossWatch; lost?: { seenAt: Instant; bornAt: Instant } } => {
  const watch: LossWatch = { at: reading.at, count: reading.count, ...(expiries && { complete: true }) };
  if (!before?.complete || !expiries || reading.at <= before.at) return { watch };
  if (before.suspected) {
    const { from, at, expected } = before.suspected;
    const left = expected - expiries(at, reading.at);
    return reading.count < left ? { watch, lost: { seenAt: at, bornAt: from } } : { watch };
  }
  const expected = before.count - expiries(before.at, reading.at);
  return reading.count < expected
    ? { watch: { ...watch, suspected: { at: reading.at, from: before.at, expected } } }
    : { watch };
};

/** Table 1 and the guide's text: hosts are autonomous, so each must stay above its thresholds alone. */
export const headroom = (count: number, productClass: ProductClass): number => count - REQUIRED[productClass];
