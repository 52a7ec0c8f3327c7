import type { Instant } from "../../licensing/time.ts";
import { computerRow } from "../state/computer-row.ts";
import { contributionsOf, withRetirement } from "../state/contributions.ts";
import { clientContributions, countedClient } from "../state/kms-client.ts";
import { continueReplay } from "../state/kms-replay.ts";
import { type Memory, SETTINGS } from "../state/memory.ts";
import { replayLate } from "../state/replay-plan.ts";
import { computerOf } from "../state/stored-computer.ts";
import type { ComputerRow, KmsClientRow, Transaction } from "../store/store.ts";
import { addDifference, type Contribution, type Deltas, Sums } from "../store/sums.ts";

/** Rows in memory at once. */
const PAGE = 2_000;
/** Counters have no rows to be counted from: what was counted stays. */
const COUNTERS = new Set(["requests", "request_failures", "attempts", "failures", "changes", "dropped", "gaps"]);

/** A start waits for a replay of so many requests; a longer one goes on while the collector runs. */
const REPLAY_ROWS = 50_000;

/** Every KMS host's tables anew: settings say to which pool a product's requests belong. */
export const replayAll = async (tx: Transaction, { hosts, products }: Memory): Promise<void> => {
  let left = REPLAY_ROWS;
  for (const [name, host] of hosts) {
    replayLate(host, 0);
    if (left > 0) left -= await continueReplay(tx, { name, host, products, rows: left });
  }
  await tx.putKmsHosts([...hosts].map(([key, host]) => ({ key, state: JSON.stringify(host) })));
};

/**
 * Every sum from the rows it is made of: after a change of the settings by which they were counted, and as the audit of the
 * incremental sums. Computers move to the zone that they belong to now.
 */
export const recount = async (
  tx: Transaction,
  memory: Memory,
  { settings, now }: { settings: string; now: Instant },
): Promise<void> => {
  const sums = new Sums();
  sums.put(memory.sums.entries().filter(([key]) => COUNTERS.has(key.split("\u001f")[0]!)));
  const count = (contributions: readonly Contribution[]) => {
    const deltas: Deltas = new Map();
    addDifference(deltas, [], contributions);
    sums.apply(deltas);
  };
  for (let after = "", more = true; more; ) {
    const rows = await tx.computers({ after, limit: PAGE });
    const counted = rows.map((row) => {
      const state = withRetirement(computerOf(row.state), memory.retirement.isRetired(row, now));
      const zone = memory.zoneOf(row.key, state.zone);
      count(contributionsOf(state, zone, row.seenAt));
      return computerRow(row.key, state, row.seenAt, zone);
    });
    await tx.putComputers(counted.filter((it, i) => !isSameRow(it, rows[i]!)));
    after = rows.at(-1)?.key ?? "";
    more = rows.length === PAGE;
  }
  for (let after: KmsClientRow | undefined, more = true; more; ) {
    const rows = await tx.allKmsClients({ ...(after && { after }), limit: PAGE });
    for (const row of rows) count(clientContributions(countedClient(row), memory.products));
    after = rows.at(-1);
    more = rows.length === PAGE;
  }
  await tx.replaceSums(sums.entries());
  await tx.putState([{ key: SETTINGS, state: settings }]);
  memory.sums.clear();
  memory.sums.put(sums.entries());
  memory.settings = settings;
};

/** Its state follows from the others: it is the same when they are. */
const isSameRow = (a: ComputerRow, b: ComputerRow): boolean =>
  a.zone === b.zone &&
  a.presence === b.presence &&
  a.deadline === b.deadline &&
  a.deadlineStatus === b.deadlineStatus &&
  a.deadlineProduct === b.deadlineProduct &&
  a.overdueAt === b.overdueAt;
