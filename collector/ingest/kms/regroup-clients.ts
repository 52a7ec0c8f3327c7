import { poolOf } from "../../../licensing/kms/rules.ts";
import type { Products } from "../../../licensing/products.ts";
import { clientContributions, countedClient, type KmsClientState, mergedClient } from "../../state/kms/client.ts";
import type { KmsHostState } from "../../state/kms/host-state.ts";
import type { Memory } from "../../state/memory.ts";
import { isClientCounted } from "../../state/recount-position.ts";
import type { KmsClientRow, Transaction } from "../../store/store.ts";
import { addDifference, type Deltas } from "../../store/sums.ts";
import { type AgentlessCounting, countAround } from "./count-agentless.ts";

/** Rows of one transaction. */
const PAGE = 1_000;
const NEED = 5;

/**
 * Moves clients out of the pool of unknown products, once it is known to which pool their product belongs. Goes on in the next
 * transaction where there are more than a page of them.
 */
export const regroupClients = async (
  tx: Transaction,
  work: { memory: Pick<Memory, "recount">; products: Products; deltas: Deltas; agentless: AgentlessCounting },
  { name, host }: { name: string; host: KmsHostState },
): Promise<void> => {
  const { memory, products, deltas } = work;
  /** As far as a recount has come. */
  const contributions = (row: KmsClientRow) =>
    isClientCounted(memory.recount, row) ? clientContributions(countedClient(row), products) : [];
  if (host.regroupBefore === undefined) return;
  const query = { kmsHost: name, pool: "unknown", before: host.regroupBefore, limit: PAGE };
  const page = await tx.kmsClients(query);
  const moved = page.flatMap((row) => {
    const { activationId } = JSON.parse(row.state) as KmsClientState;
    const pool = activationId === undefined ? "unknown" : poolOf(activationId, NEED, products);
    return pool === "unknown" ? [] : [{ row, pool }];
  });
  const known = await tx.kmsClientsByKey(moved.map(({ row, pool }) => ({ ...row, pool })));
  const there = new Map(known.map((it) => [`${it.pool} ${it.key}`, it]));
  const rows: KmsClientRow[] = [];
  for (const { row, pool } of moved) {
    const other = there.get(`${pool} ${row.key}`);
    const merged = mergedClient({ ...row, pool }, other);
    rows.push(merged);
    const before = [row, ...(other ? [other] : [])].flatMap(contributions);
    addDifference(deltas, before, contributions(merged));
  }
  const names = [...moved.map(({ row }) => row.computer), ...known.map((it) => it.computer)];
  await countAround(tx, work.agentless, names, async () => {
    await tx.removeKmsClients(moved.map(({ row }) => row));
    await tx.putKmsClients(rows);
  });
  if (page.length < PAGE) delete host.regroupBefore;
  else host.regroupBefore = page.at(-1)!.lastAt;
};
