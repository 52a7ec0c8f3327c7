import type { ClientKey } from "../store/store.ts";

/**
 * How far a recount of all sums has come. It walks through old sums, computers and KMS clients in the order of their keys, in
 * many transactions between which requests are taken. A row that it has passed is counted, and its changes are added to the sums;
 * a row that lies before it is counted when it gets there. So the sums are exact at its end.
 */
export type RecountPosition = { readonly settings: string } & (
  | { readonly step: "sums"; readonly after: string }
  | { readonly step: "computers"; readonly after: string }
  | { readonly step: "clients"; readonly after?: ClientKey }
);

export const isComputerCounted = (position: RecountPosition | undefined, key: string): boolean => {
  if (position === undefined || position.step === "clients") return true;
  return position.step === "computers" && compare(key, position.after) <= 0;
};

export const isClientCounted = (position: RecountPosition | undefined, client: ClientKey): boolean => {
  if (position === undefined) return true;
  if (position.step !== "clients" || position.after === undefined) return false;
  const { key, kmsHost, pool } = position.after;
  const order = compare(client.key, key) || compare(client.kmsHost, kmsHost) || compare(client.pool, pool);
  return order <= 0;
};

/** The order of the store: that of UTF-8. */
const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
