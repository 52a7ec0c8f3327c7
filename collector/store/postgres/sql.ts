import type { PoolClient } from "pg";
import { toText } from "./text.ts";

type Scalar = string | number | Uint8Array | null;
export type Value = Scalar | readonly Scalar[];

export interface Rows<T> {
  readonly rows: T[];
  readonly count: number;
}
/** Runs one statement in one round trip; each connection prepares it once. */
export type Sql = <T>(text: string, values?: readonly Value[]) => Promise<Rows<T>>;

const names = new Map<string, string>();
const nameOf = (text: string): string => {
  const name = names.get(text) ?? `s${names.size}`;
  names.set(text, name);
  return name;
};

const encoded = (value: Value): unknown => {
  if (typeof value === "string") return toText(value);
  return Array.isArray(value) ? value.map((it) => (typeof it === "string" ? toText(it) : it)) : value;
};

/** Statements on one connection; `failed` says what an error means. */
export const sqlOn =
  (client: PoolClient, failed: (cause: unknown) => unknown): Sql =>
  async (text, values = []) => {
    try {
      const { rows, rowCount } = await client.query({ name: nameOf(text), text, values: values.map(encoded) });
      return { rows, count: rowCount ?? 0 };
    } catch (cause) {
      throw failed(cause);
    }
  };
