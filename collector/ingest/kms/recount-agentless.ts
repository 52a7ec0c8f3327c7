import { clientPart, computerNamed } from "../../state/kms/agentless.ts";
import type { KmsClientState } from "../../state/kms/client.ts";
import type { ClientKey, KmsClientRow, Transaction } from "../../store/store.ts";
import { clientEntry, clientRow } from "./client-entry.ts";
import { type AgentlessCounting, countEntries, firstOf, PARTS_MAX } from "./count-agentless.ts";

/**
 * Counts the computers without an agent whose first client is on this page of all clients, and marks their clients anew: an
 * older version has not marked them, and may have kept what is no computer's name.
 */
export const recountAgentless = async (
  tx: Transaction,
  counting: Omit<AgentlessCounting, "recount">,
  page: readonly KmsClientRow[],
): Promise<void> => {
  const named = page.map((row) => ({ row, computer: computerNamed((JSON.parse(row.state) as KmsClientState).runs) }));
  await tx.putKmsClients(
    named.filter(({ row, computer }) => row.computer !== computer).map(({ row, computer }) => ({ ...row, computer })),
  );
  const names = [...new Set(named.map((it) => it.computer))].filter((it) => it !== "");
  const onPage = new Set(page.map(keyOf));
  const entries = (await tx.kmsClientsOfComputers(names, PARTS_MAX)).map(clientEntry);
  const begun = [...Map.groupBy(entries, (it) => it.computer).values()].filter((it) =>
    onPage.has(keyOf(firstOf(it.map((entry) => clientPart(entry, entry.state))))),
  );
  const marked = await countEntries({ ...counting, recount: undefined }, begun.flat(), {
    reader: tx,
    isNewComputer: () => false,
  });
  await tx.putKmsClients(marked.map(clientRow));
};

const keyOf = ({ key, kmsHost, pool }: ClientKey): string => `${key} ${kmsHost} ${pool}`;
