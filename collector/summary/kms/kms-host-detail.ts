import { knownUntil } from "../../../licensing/kms/coverage.ts";
import { CLIENT_LIFETIME } from "../../../licensing/kms/ledger.ts";
import type { ProductClass } from "../../../licensing/kms/rules.ts";
import { NEW_SIMULATION, waitingClients } from "../../../licensing/kms/simulation.ts";
import type { Status } from "../../../licensing/license.ts";
import { APPLICATIONS, type Application, type Products } from "../../../licensing/products.ts";
import { type Instant, iso } from "../../../licensing/time.ts";
import { skewedClients } from "../../state/client-clocks.ts";
import type { KmsClientState } from "../../state/kms/client.ts";
import { clientsKnown, type KmsHostState } from "../../state/kms/host-state.ts";
import { cmidOfRefused, keyViews } from "../../state/kms/keys.ts";
import type { Reader } from "../../store/store.ts";
import type { KmsHostItem } from "./kms-host-item.ts";

/** What `GET /api/v1/kms-hosts/{host}` answers. */
export interface KmsHostDetail extends Partial<KeysAndClocks> {
  readonly kms_host: string;
  readonly items: readonly KmsHostItem[];
  /** The clients that asked last, with the time when the host forgets them. */
  readonly table: readonly TableClient[];
  readonly waiting: readonly {
    readonly client_machine_id: string;
    readonly client_fqdn: string;
    readonly product_class: ProductClass;
    readonly last_request: string;
  }[];
  readonly aliases: readonly string[];
}

export interface TableClient {
  readonly application: string;
  readonly client_machine_id: string;
  readonly client_fqdn?: string | undefined;
  readonly last_request: string;
  readonly leaves_at: string;
  readonly in_table: boolean;
}

/** Of one KMS host: its keys, whom it refused for them, and whose clock differs from its own. */
export interface KeysAndClocks {
  readonly keys: readonly {
    readonly application: Application;
    readonly partial_product_key: string;
    readonly product_group: string;
    readonly status?: Status | undefined;
    readonly reactivations?: number | undefined;
  }[];
  readonly refused: readonly {
    readonly client_machine_id: string;
    readonly client_fqdn: string;
    readonly product: string;
    readonly activation_id: string;
    readonly last_request: string;
  }[];
  readonly clock_skewed: readonly {
    readonly client_machine_id: string;
    readonly client_fqdn: string;
    readonly minutes_off: number;
    readonly last_request: string;
  }[];
}

const TABLE_MAX = 200;

/** A KMS host with its clients by name. */
export const kmsHostDetail = async (
  name: string,
  host: KmsHostState | undefined,
  items: readonly KmsHostItem[],
  { products, reader, now }: { products: Products; reader: Reader; now: Instant },
): Promise<KmsHostDetail> => ({
  kms_host: name,
  items,
  table: host ? await tableOf(name, host, reader) : [],
  waiting: APPLICATIONS.flatMap((it) => waitingClients(host?.pools[it]?.simulation ?? NEW_SIMULATION))
    .filter((it) => it.at + CLIENT_LIFETIME > (host ? (knownUntil(host.coverage) ?? now) : now))
    .map((it) => ({
      client_machine_id: it.cmid,
      client_fqdn: it.name,
      product_class: it.productClass,
      last_request: iso(it.at),
    })),
  ...(host && keysAndClocks(host, products, now)),
  aliases: Object.keys(host?.aliases ?? {}).sort(),
});

const tableOf = async (name: string, host: KmsHostState, reader: Reader): Promise<TableClient[]> => {
  const table: TableClient[] = [];
  for (const pool of APPLICATIONS) {
    const state = host.pools[pool];
    if (!state) continue;
    const inTable = new Set(state.simulation.ledger.entries.map(([cmid]) => cmid));
    for (const row of await reader.kmsClients({ kmsHost: name, pool, limit: TABLE_MAX }))
      table.push({
        application: pool,
        client_machine_id: row.key,
        client_fqdn: (JSON.parse(row.state) as KmsClientState).runs.at(-1)?.[0],
        last_request: iso(row.lastAt),
        leaves_at: iso(row.lastAt + CLIENT_LIFETIME),
        in_table: inTable.has(row.key),
      });
  }
  return table;
};

const keysAndClocks = (host: KmsHostState, products: Products, now: Instant): KeysAndClocks => ({
  keys: keyViews(host, products).map(({ key, label, use }) => ({
    application: key.application,
    partial_product_key: key.partialProductKey,
    product_group: label,
    status: key.status,
    reactivations: use?.reactivations,
  })),
  refused: oldestFirst(Object.entries(host.refused)).map(([key, it]) => ({
    client_machine_id: cmidOfRefused(key),
    client_fqdn: it.name,
    product: products.label(it.activationId),
    activation_id: it.activationId,
    last_request: iso(it.at),
  })),
  clock_skewed: oldestFirst(skewedClients(host.clocks, clientsKnown(host, now), now)).map(([cmid, it]) => ({
    client_machine_id: cmid,
    client_fqdn: it.name,
    minutes_off: it.quarters * 15,
    last_request: iso(it.at),
  })),
});

/** Of the same instant in the order of their machine IDs. */
const oldestFirst = <T extends { readonly at: Instant }>(clients: readonly (readonly [cmid: string, client: T])[]) =>
  clients.toSorted(([a, x], [b, y]) => x.at - y.at || (a < b ? -1 : 1));
