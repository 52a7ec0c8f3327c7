import type { Instant } from "../../licensing/time.ts";

/**
 * The newest of what is known of clients; of the same instant, those whose keys come first. Applied once a transaction:
 * looking for the oldest with every request would cost as much as all else of it, where a host has many such clients.
 */
export const keepNewest = <T extends { readonly at: Instant }>(
  clients: Record<string, T>,
  most: number,
): Record<string, T> => {
  const all = Object.entries(clients);
  return all.length <= most
    ? clients
    : Object.fromEntries(all.sort(([a, x], [b, y]) => y.at - x.at || (a < b ? -1 : 1)).slice(0, most));
};
