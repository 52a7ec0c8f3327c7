import { redactKeys } from "../../licensing/product-keys.ts";

const LENGTH_MAX = 20_000;

/**
 * What is kept of a record that nobody understands, as JSON without product keys. No more of it is written than is kept: a
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
