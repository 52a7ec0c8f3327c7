import { normalise } from "../licensing/event.ts";
import { CLIENT_LIFETIME } from "../licensing/ledger.ts";
import { APPLICATIONS, type Application, type Products } from "../licensing/products.ts";
import { type KmsHostState, rebuildPool, requestOf } from "./kms-host.ts";
import type { Transaction } from "./store.ts";
import { factOf } from "./stored-event.ts";

const REQUEST = 12290;

/** The tables of one KMS host anew, from the requests of its last 30 days: something arrived late or was lost. */
export const rebuildTables = async (
  tx: Transaction,
  name: string,
  host: KmsHostState,
  products: Products,
): Promise<void> => {
  const newest = Math.max(0, ...APPLICATIONS.map((it) => host.pools[it]?.lastRequest ?? 0));
  const rows = await tx.eventsOf(name, REQUEST, newest - CLIENT_LIFETIME);
  const requests = rows.map((it) => requestOf(normalise(factOf(it)), it.at, products)).filter((it) => it !== undefined);
  const pools = new Set([...Object.keys(host.pools), ...requests.map((it) => it.pool)]);
  for (const pool of pools) rebuildPool(host, pool as Application, requests);
};
