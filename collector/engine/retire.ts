import type { Instant } from "../../licensing/time.ts";
import type { Memory } from "../ingest/changes.ts";
import type { ComputerState } from "../state/computer.ts";
import { computerRow } from "../state/computer-row.ts";
import { contributionsOf, withRetirement } from "../state/contributions.ts";
import type { ComputerRow, Store } from "../store/store.ts";
import { addDifference, type Deltas } from "../store/sums.ts";

/** So many computers in one transaction: others are not held up for long. */
const PAGE = 500;

/**
 * Retires the computers whose silence has become long enough since the last time (contract, rule 15). A computer comes back
 * with its next fact; which names are retired changes with the configuration only, and then everything is counted anew.
 *
 * @param since the instant of the last time: only computers whose silence became long enough after it are looked at.
 */
export const retireSilent = async (store: Store, memory: Memory, since: Instant, now: Instant): Promise<void> => {
  for (const silence of memory.retirement.silences)
    for (let after: ComputerRow | undefined, more = true; more; ) {
      const range = { from: Math.max(0, since - silence), until: now - silence };
      const deltas: Deltas = new Map();
      const rows = await store.transact(async (tx) => {
        const page = await store.read.computersBySeen({ ...range, ...(after && { after }), limit: PAGE });
        const retired = page.filter((it) => memory.retirement.isRetired(it, now)).map((it) => retire(it, deltas));
        await tx.saveComputers(retired);
        await tx.addSums(deltas);
        return page;
      });
      memory.sums.apply(deltas);
      after = rows.at(-1);
      more = rows.length === PAGE;
    }
};

const retire = (row: ComputerRow, deltas: Deltas): ComputerRow => {
  const { key, zone, seenAt } = row;
  const before = JSON.parse(row.state) as ComputerState;
  const now = withRetirement(before, true);
  addDifference(deltas, contributionsOf(before, zone, seenAt), contributionsOf(now, zone, seenAt));
  return computerRow(key, now, seenAt, zone);
};
