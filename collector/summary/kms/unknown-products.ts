import { CLIENT_LIFETIME } from "../../../licensing/kms/ledger.ts";
import { poolOf } from "../../../licensing/kms/rules.ts";
import type { Products } from "../../../licensing/products.ts";
import type { KmsClientState } from "../../state/kms/client.ts";
import type { Reader } from "../../store/store.ts";
import type { HostSummary } from "./kms-hosts.ts";

/** The clients that are looked at; each uses one product. */
const CLIENTS_MAX = 200;
/** What an unknown product needs; one that needs 25 is Windows. */
const NEED = 5;

/** The activation IDs of unknown products that clients of a host use, most clients first. */
export const unknownProducts = async (
  { name, judgedAt, applications }: HostSummary,
  reader: Reader,
  products: Products,
): Promise<string[]> => {
  if (judgedAt === undefined || !applications.some((it) => it.application === "unknown")) return [];
  const clients = new Map<string, number>();
  for (const row of await reader.kmsClients({ kmsHost: name, pool: "unknown", limit: CLIENTS_MAX })) {
    const { activationId } = JSON.parse(row.state) as KmsClientState;
    if (row.lastAt + CLIENT_LIFETIME <= judgedAt || activationId === undefined) continue;
    if (poolOf(activationId, NEED, products) !== "unknown") continue;
    clients.set(activationId, (clients.get(activationId) ?? 0) + 1);
  }
  return [...clients].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([id]) => id);
};
