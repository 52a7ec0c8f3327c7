import type { Transaction } from "../../store/store.ts";
import type { ChangedComputers } from "../changes/computers.ts";
import { type ClientEntryOf, clientEntry } from "./client-entry.ts";
import { type AgentlessCounting, countAlone, countNames } from "./count-agentless.ts";

/** What one transaction has changed of which computers have an agent. */
interface Changed {
  readonly computers: Pick<ChangedComputers, "all" | "known">;
  readonly clients: readonly ClientEntryOf[];
  /** Computers that may have become known by other facts. */
  readonly namesMadeKnown: ReadonlySet<string>;
  /** Client machine IDs that were looked at: do they belong to one computer with an agent? */
  readonly ownIds: ReadonlyMap<string, boolean>;
}

/**
 * Counts the computers without an agent that one transaction has changed.
 *
 * @returns clients of others' names that are to be written, too.
 */
export const countChanged = async (
  tx: Transaction,
  counting: AgentlessCounting,
  { computers, clients, namesMadeKnown, ownIds }: Changed,
): Promise<ClientEntryOf[]> => {
  const names = new Set<string>(namesMadeKnown);
  for (const [key, it] of computers.all()) if (!it.before) names.add(key);
  for (const { computer, partBefore: before } of clients)
    if (computer !== before.computer || (!before.alone && !before.own)) names.add(computer).add(before.computer);
  for (const it of clients) if (it.partBefore.alone && !names.has(it.computer)) countAlone(counting, it);
  names.delete("");
  if (names.size === 0) return [];
  return countNames(counting, [...names], {
    reader: tx,
    working: clients,
    entryOf: clientEntry,
    knownIds: ownIds,
    isNewComputer: (name) => computers.known(name) !== undefined,
  });
};
