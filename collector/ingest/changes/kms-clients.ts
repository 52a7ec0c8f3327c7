import { poolOf } from "../../../licensing/kms/rules.ts";
import type { Products } from "../../../licensing/products.ts";
import { PerClient } from "../../state/kms/client.ts";
import type { Memory } from "../../state/memory.ts";
import type { ClientKey, KmsClientRow, Transaction } from "../../store/store.ts";
import type { AcceptedRecord } from "../accepted-record.ts";
import { type ClientEntryOf, clientEntry, newClientEntry } from "../kms/client-entry.ts";

/** The clients of KMS hosts that one transaction touches. */
export class ChangedClients {
  readonly #clients = new PerClient<ClientEntryOf>();

  /** Where the store has it, or this transaction has made it. */
  known(kmsHost: string, pool: string, key: string): ClientEntryOf | undefined {
    return this.#clients.get(kmsHost, pool, key);
  }

  /** The working copy; made, where the client was not read. */
  get(kmsHost: string, pool: string, key: string): ClientEntryOf {
    const known = this.#clients.get(kmsHost, pool, key);
    if (known) return known;
    const fresh = newClientEntry({ kmsHost, pool, key });
    this.#put(fresh);
    return fresh;
  }

  /** Those that have asked, with those that this transaction has only read. */
  served(): ClientEntryOf[] {
    return this.#clients.values().filter((it) => it.lastAt > 0);
  }

  /** The clients of these IDs at every KMS host: the stored rows, as this transaction has changed them, and new ones. */
  ofIds(ids: readonly string[], rows: readonly KmsClientRow[]): Map<string, ClientEntryOf[]> {
    const wanted = new Set(ids);
    const stored = rows.filter((it) => !this.known(it.kmsHost, it.pool, it.key)).map(clientEntry);
    return Map.groupBy([...this.served().filter((it) => wanted.has(it.key)), ...stored], (it) => it.key);
  }

  /** Each further request of this client is compared with what other KMS hosts and agents see of its ID. */
  markShared(client: ClientEntryOf): void {
    client.state.shared = true;
    this.#put(client);
  }

  async load(tx: Transaction, keys: readonly ClientKey[]): Promise<void> {
    for (const row of await tx.kmsClientsByKey(keys)) this.#put(clientEntry(row));
  }

  #put(client: ClientEntryOf): void {
    this.#clients.set(client.kmsHost, client.pool, client.key, client);
  }
}

/** A client may be known to so many KMS hosts when its name for one of them is to be learned. */
const HOSTS_ASKED = 20;

/** The clients that these records may change, or that tell which KMS host they name. */
export const clientsNamed = (
  records: readonly AcceptedRecord[],
  work: { products: Products; memory: Pick<Memory, "hosts">; hosts(): Iterable<readonly [string, unknown]> },
): ClientKey[] => {
  const clients = new PerClient<ClientKey>();
  const want = (kmsHost: string, pool: string, key: string) => clients.set(kmsHost, pool, key, { kmsHost, pool, key });
  for (const record of records) {
    if (record.kind !== "event") continue;
    const { event, client_machine_id: cmid, activation_id: id, required_count: need, kms_host: target } = record.event;
    if (!cmid || !id || need === undefined) continue;
    const pool = poolOf(id, need, work.products);
    if (event === "kms_request_processed") want(record.origin.host, pool, cmid);
    // To learn which KMS host the client calls by another name.
    if (event === "kms_request_sent" && target && !work.memory.hosts.has(target.toLowerCase())) {
      let asked = 0;
      for (const [host] of work.hosts()) if (asked++ < HOSTS_ASKED) want(host, pool, cmid);
    }
  }
  return clients.values();
};
