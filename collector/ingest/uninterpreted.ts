import { redactKeys } from "../../licensing/product-keys.ts";
import { hourOf } from "../../licensing/time.ts";
import type { UninterpretedRow } from "../store/store.ts";

/** One transaction keeps so many records, and so much text; one hour so much: a small body could make a large database. */
const ROWS_MAX = 200;
const TEXT_MAX = 1024 * 1024;
export const HOUR_MAX = 16 * 1024 * 1024;

/** How much text was kept in an hour. */
export interface UninterpretedUse {
  readonly hour: number;
  readonly text: number;
}

/** The records of one transaction that no handler understands, as far as the bounds allow. */
export interface UninterpretedRecords {
  readonly rows: readonly UninterpretedRow[];
  readonly used: UninterpretedUse;
  put(row: Omit<UninterpretedRow, "record">, record: unknown): void;
}

export const uninterpretedRecords = (before: UninterpretedUse = { hour: 0, text: 0 }): UninterpretedRecords => {
  const rows: UninterpretedRow[] = [];
  let own = 0;
  let used = before;
  return {
    rows,
    get used() {
      return used;
    },
    put: (row, record) => {
      const hour = hourOf(row.receivedAt);
      if (hour !== used.hour) used = { hour, text: 0 };
      if (rows.length >= ROWS_MAX || own >= TEXT_MAX || used.text >= HOUR_MAX) return;
      const text = uninterpretedText(record);
      rows.push({ ...row, record: text });
      own += text.length;
      used = { hour, text: used.text + text.length };
    },
  };
};

const LENGTH_MAX = 20_000;

/**
 * What is kept of a record that no handler understands, as JSON without product keys. No more of it is written than is kept: a
 * record of twenty megabytes of bytes would be two hundred as JSON. Bytes are told by their number: intruders have used
 * event logs to store payloads.
 */
export const uninterpretedText = (record: unknown): string => {
  let left = LENGTH_MAX;
  const kept = (text: string): string => {
    const part = redactKeys(text).slice(0, Math.max(0, left));
    left -= part.length;
    return part;
  };
  const beginning = (value: unknown): unknown => {
    left -= 1;
    if (typeof value === "string") return kept(value);
    if (typeof value === "bigint") return String(value);
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof Uint8Array) return `(${value.length} bytes)`;
    if (Array.isArray(value)) {
      const list: unknown[] = [];
      for (let i = 0; i < value.length && left > 0; i += 1) list.push(beginning(value[i]));
      return list;
    }
    const pairs: [string, unknown][] = [];
    for (const key in value) {
      if (left <= 0) break;
      pairs.push([kept(key), beginning((value as Record<string, unknown>)[key])]);
    }
    return Object.fromEntries(pairs);
  };
  return JSON.stringify(beginning(record)).slice(0, LENGTH_MAX);
};
