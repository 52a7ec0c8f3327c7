import { normalise } from "../../licensing/events/normalise.ts";
import { CLIENT_LIFETIME } from "../../licensing/kms/ledger.ts";
import { APPLICATIONS, type Application, type Products } from "../../licensing/products.ts";
import { rebuildPool, requestOf } from "../state/kms-host.ts";
import type { KmsHostState } from "../state/kms-host-state.ts";
import type { Store, Transaction } from "../store/store.ts";
import { factOf } from "../store/stored-event.ts";
import type { Memory } from "./changes.ts";

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

/** Key of what is collectorState of `kms.products`: the products by which the tables were made. */
export const PRODUCTS_KEY = "products";

/** Every KMS host's tables anew, because `kms.products` now says to which pool a product's requests belong. */
export const rebuildAll = (store: Store, { hosts, products }: Memory, configured: string): Promise<void> =>
  store.transact(async (tx) => {
    for (const [name, host] of hosts) await rebuildTables(tx, name, host, products);
    await tx.saveKmsHosts([...hosts].map(([key, host]) => ({ key, state: JSON.stringify(host) })));
    await tx.putState([{ key: PRODUCTS_KEY, state: configured }]);
  });
