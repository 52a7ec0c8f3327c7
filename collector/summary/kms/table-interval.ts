import {
  CLIENT_LIFETIME,
  capacityOf,
  type Ledger,
  type LedgerEntry,
  tableSize,
} from "../../../licensing/kms/ledger.ts";
import type { Instant } from "../../../licensing/time.ts";

/** A table of clients as of an instant: its entries, freshest first, and how many of them still count. */
export interface Table {
  readonly entries: readonly LedgerEntry[];
  readonly size: number;
}

/** Needs 5: what an unknown product that is no Windows client needs, doubled. */
const SMALLEST_CAPACITY = 10;

export const tableOf = (ledger: Ledger, at: Instant | undefined): Table => ({
  entries: ledger.entries,
  size: at === undefined ? 0 : tableSize(ledger, at),
});

/**
 * The table as it would be if all clients of unknown products that need 5 belonged to it (docs/counting-rules.md, "Pools"):
 * the freshest of both, each client once, as many as it can hold.
 */
export const tableWith = (ledger: Ledger, unknown: Ledger | undefined, at: Instant | undefined): Table => {
  if (!unknown || at === undefined || tableSize(unknown, at) === 0) return tableOf(ledger, at);
  const newest = new Map<string, Instant>(ledger.entries);
  for (const [cmid, last] of unknown.entries) newest.set(cmid, Math.max(newest.get(cmid) ?? last, last));
  const capacity = Math.max(capacityOf(ledger), SMALLEST_CAPACITY);
  const entries = [...newest].sort(([, a], [, b]) => b - a).slice(0, capacity);
  return tableOf({ ...ledger, entries }, at);
};

/** Below the threshold only if the upper end is, above it if the lower end is: from the end that is nearer to it. */
export const headroomOf = (least: number, most: number, required: number): number | undefined => {
  if (most < required) return most - required;
  return least >= required ? least - required : undefined;
};

/**
 * When the count falls below `required` if no client renews; in the past once it has fallen. Undefined if so many clients were
 * never known, and while it is not known on which side of the threshold the count is.
 */
export const fallsBelow = (least: Table, most: Table, required: number): Instant | undefined => {
  const headroom = headroomOf(least.size, most.size, required);
  if (headroom === undefined) return undefined;
  const deciding = (headroom < 0 ? most : least).entries[required - 1];
  return deciding && deciding[1] + CLIENT_LIFETIME;
};
