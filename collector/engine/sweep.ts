import type { Instant } from "../../licensing/time.ts";
import type { CollectorConfig } from "../config.ts";
import type { AgentlessCounting } from "../ingest/kms/count-agentless.ts";
import { forgetClients, forgetComputers } from "../ingest/kms/forget-agentless.ts";
import { contributionsOf } from "../state/contributions.ts";
import { clientContributions, countedClient } from "../state/kms/client.ts";
import type { Memory } from "../state/memory.ts";
import { goneProbers } from "../state/probes.ts";
import { computerOf } from "../state/stored-computer.ts";
import { firstIdAt } from "../store/event-id.ts";
import type { Transaction } from "../store/store.ts";
import { addDifference, type Deltas } from "../store/sums.ts";
import { rowsOf } from "./piece-size.ts";

/** One piece of a sweep removes so many rows of a kind at most, so that requests have their turn in between. */
const PIECE = 2_000;

export interface Swept {
  readonly deltas: Deltas;
  readonly probers: readonly string[];
  /** There may be more to remove. */
  readonly more: boolean;
}

/**
 * Removes a piece of what is older than the retention, with what it added to the sums. A KMS host forgets clients after 30
 * days; what is kept longer explains the past.
 */
export const sweepPiece = async (
  tx: Transaction,
  memory: Memory,
  {
    retention,
    now,
    share,
    agentless,
  }: { retention: CollectorConfig["retention"]; now: Instant; share: number; agentless: AgentlessCounting },
): Promise<Swept> => {
  const deltas: Deltas = new Map();
  const rows = rowsOf(PIECE, share);
  const events = await tx.deleteEvents(firstIdAt(now - retention.events), rows);
  const readings = await tx.deleteKmsReadings(now - retention.events, rows);
  const computers = await tx.deleteComputers(now - retention.computers, rows);
  const clients = await tx.deleteKmsClients(now - retention.events, rows);
  const ids = await tx.deleteMachineIds(now - retention.events, rows);
  const counting = { ...agentless, deltas };
  await forgetClients(tx, counting, clients);
  const names = computers.map((it) => it.key);
  await forgetComputers(tx, counting, names);
  for (const it of computers) addDifference(deltas, contributionsOf(computerOf(it.state), it.zone, it.seenAt), []);
  for (const it of clients) addDifference(deltas, clientContributions(countedClient(it), memory.products), []);
  await tx.addSums(deltas);
  const probers = goneProbers(memory.probers, now);
  await tx.deleteState(probers.map((it) => it.key));
  const more = [events, readings, ids, computers.length, clients.length].some((it) => it === rows);
  if (!more) await tx.deleteTombstones(memory.revision);
  return { deltas, probers: probers.map((it) => it.name), more };
};
