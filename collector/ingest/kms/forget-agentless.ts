import { clientPart } from "../../state/kms/agentless.ts";
import type { KmsClientState } from "../../state/kms/client.ts";
import type { KmsClientRow, Transaction } from "../../store/store.ts";
import { addDifference } from "../../store/sums.ts";
import { clientEntry, clientRow } from "./client-entry.ts";
import { type AgentlessCounting, contributionsOfParts, countNames, PARTS_MAX } from "./count-agentless.ts";

/** Takes away what clients added that were removed from the store: the others of their names may still be a computer. */
export const forgetClients = async (
  tx: Transaction,
  counting: AgentlessCounting,
  removed: readonly KmsClientRow[],
): Promise<void> => {
  const names = [...new Set(removed.map((it) => it.computer))].filter((it) => it !== "");
  const left = Map.groupBy(await tx.kmsClientsOfComputers(names, PARTS_MAX), (it) => it.computer);
  const gone = Map.groupBy(removed, (it) => it.computer);
  for (const name of names) {
    const after = left.get(name) ?? [];
    const of = (rows: readonly KmsClientRow[]) => contributionsOfParts(counting, rows.map(partOf));
    addDifference(counting.deltas, of([...after, ...(gone.get(name) ?? [])]), of(after));
  }
};

const partOf = (row: KmsClientRow) => clientPart(row, JSON.parse(row.state) as KmsClientState);

/** Computers were removed from the store: what asks under their names has no agent any more. */
export const forgetComputers = async (
  tx: Transaction,
  counting: AgentlessCounting,
  names: readonly string[],
): Promise<void> => {
  if (names.length === 0) return;
  const marked = await countNames(counting, names, {
    reader: tx,
    working: [],
    entryOf: clientEntry,
    isNewComputer: () => false,
  });
  await tx.putKmsClients(marked.map(clientRow));
};
