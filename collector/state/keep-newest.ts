import type { Instant } from "../../licensing/time.ts";

/**
 * The keepNewest of what is known of clients. Applied once a transaction: looking for the oldest with every request would cost
 * as much as all else of it, where a host has many such clients.
 */
export const keepNewest = <T extends { readonly at: Instant }>(
  clients: Record<string, T>,
  most: number,
): Record<string, T> => {
  const all = Object.entries(clients);
  return all.length <= most ? clients : Object.fromEntries(all.sort(([, a], [, b]) => b.at - a.at).slice(0, most));
};
