import type { MachineIdRow } from "../store.ts";

/** A row as SQLite has it. */
export interface StoredMachineId {
  readonly key: Uint8Array;
  readonly lastAt: number;
  readonly shared: number;
  readonly state: string;
}

export const MACHINE_ID = "select key, last_at as lastAt, shared, state from machine_ids";

const GUID_BYTES = 16;
const GUID_LENGTH = 36;

/** A client machine ID as the key of its row: 16 bytes, in the order of its digits. What is no GUID keeps its letters. */
export const machineIdKey = (id: string): Uint8Array => {
  const bytes = id.length === GUID_LENGTH ? Buffer.from(id.replaceAll("-", ""), "hex") : undefined;
  return bytes?.length === GUID_BYTES ? bytes : Buffer.from(id);
};

/** The client machine ID of a row, in lower case. */
export const machineIdOf = (key: Uint8Array): string => {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.length);
  if (key.length !== GUID_BYTES) return bytes.toString();
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};

export const machineIdRow = ({ key, lastAt, shared, state }: StoredMachineId): MachineIdRow => ({
  key: machineIdOf(key),
  lastAt,
  shared: shared === 1,
  state,
});
