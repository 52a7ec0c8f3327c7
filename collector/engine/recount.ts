import type { Instant } from "../../licensing/time.ts";
import { KINDS } from "../ingest/accepted-record.ts";
import { isWithoutRoom } from "../ingest/kms/count-client.ts";
import { recountAgentless } from "../ingest/kms/recount-agentless.ts";
import type { UnitOfWork } from "../ingest/unit-of-work.ts";
import { computerRow } from "../state/computer-row.ts";
import { counted, withRetirement } from "../state/contributions.ts";
import { clientContributions, countedClient, type KmsClientState } from "../state/kms/client.ts";
import { replayLate } from "../state/kms/replay-plan.ts";
import { isCounter, type Memory, RECOUNT, SETTINGS } from "../state/memory.ts";
import type { RecountPosition } from "../state/recount-position.ts";
import { computerOf } from "../state/stored-computer.ts";
import type { ComputerRow, KmsClientRow, StateRow, Transaction } from "../store/store.ts";
import {
  addDelta,
  addDifference,
  type Contribution,
  type Deltas,
  type SumKey,
  sumKey,
  sumParts,
} from "../store/sums.ts";
import { rowsOf } from "./piece-size.ts";

/** Rows in memory at once: one piece takes some 50 ms, and requests have their turn after it. */
const PAGE = 1_000;
/** Old sums are only looked at and removed. */
const SUMS_PAGE = 10_000;

/** Where a recount stands after a piece of it; undefined at its end. */
type Next = RecountPosition | undefined;

/**
 * Every sum from the rows it is made of: after a change of the settings by which they were counted, of what is counted, and as
 * the audit of the incremental sums. Computers move to the zone that they belong to now. Runs in pieces, between which requests
 * are taken; until its end there are no figures of the fleet.
 */
export const beginRecount = async (tx: Transaction, memory: Memory): Promise<RecountPosition> => {
  const position: RecountPosition = { settings: memory.ownSettings, step: "sums", after: "" };
  await tx.putState([{ key: RECOUNT, state: JSON.stringify(position) }]);
  return position;
};

/** Every KMS host's tables anew: settings say to which pool a product's requests belong. Goes on between the requests. */
export const replayAll = async (tx: Transaction, { hosts }: Memory): Promise<void> => {
  for (const [key, host] of hosts) {
    replayLate(host, 0);
    await tx.putKmsHosts([{ key, state: JSON.stringify(host) }]);
  }
};

/** One piece. What it adds to the sums stands in `unit.deltas` as well, for the memory after the commit. */
export const recountPiece = async (
  tx: Transaction,
  unit: UnitOfWork,
  { position, now, share }: { position: RecountPosition; now: Instant; share: number },
): Promise<Next> => {
  const deltas: Deltas = new Map();
  const next = await STEPS[position.step](tx, unit, { position: position as never, now, deltas, share });
  await tx.addSums(deltas);
  for (const [key, by] of deltas) addDelta(unit.deltas, key, by);
  const { settings } = position;
  const state: readonly StateRow[] = next
    ? [{ key: RECOUNT, state: JSON.stringify(next) }]
    : [{ key: SETTINGS, state: settings }];
  await tx.putState(state);
  if (!next) await tx.deleteState([RECOUNT]);
  return next;
};

interface Piece<P = RecountPosition> {
  readonly position: P;
  readonly now: Instant;
  readonly deltas: Deltas;
  /** Of a whole piece. */
  readonly share: number;
}
type At<S extends RecountPosition["step"]> = Extract<RecountPosition, { step: S }>;

/** Removes old sums but for counters, whose names are bounded now. */
const removeSums = async (
  tx: Transaction,
  _: UnitOfWork,
  { position, deltas, share }: Piece<At<"sums">>,
): Promise<Next> => {
  const limit = rowsOf(SUMS_PAGE, share);
  const page = await tx.sums({ after: position.after, limit });
  const removed: SumKey[] = [];
  for (const [key, sum] of page) {
    const kept = isCounter(key) ? boundedCounter(key) : undefined;
    if (kept === key) continue;
    if (kept === undefined) {
      removed.push(key);
      continue;
    }
    addDelta(deltas, key, -sum);
    addDelta(deltas, kept, sum);
  }
  await tx.removeSums(removed);
  const last = page.at(-1);
  const { settings } = position;
  if (page.length === limit && last) return { settings, step: "sums", after: last[0] };
  // An engine that knows the removed sums must read everything.
  await tx.deleteTombstones(await tx.revision());
  return { settings, step: "computers", after: "" };
};

/** Earlier versions counted what agents dropped under whatever name they gave. */
const boundedCounter = (key: SumKey): SumKey => {
  const [group, zone, kind] = sumParts(key);
  return group !== "dropped" || KINDS.some((it) => it === kind) ? key : sumKey("dropped", zone!, "other");
};

const countComputers = async (
  tx: Transaction,
  unit: UnitOfWork,
  { position, now, deltas, share }: Piece<At<"computers">>,
): Promise<Next> => {
  const { memory, hasRoom } = unit;
  const page = await tx.computers({ after: position.after, limit: rowsOf(PAGE, share), bytes: BYTES });
  const changed: ComputerRow[] = [];
  for (const row of page) {
    const state = withRetirement(computerOf(row.state), memory.retirement.isRetired(row, now));
    const zone = memory.zoneOf(row.key, state);
    const it = counted(state, { zone, seenAt: row.seenAt, hasRoom });
    add(deltas, it.contributions);
    const recounted = computerRow(row.key, it.state, row.seenAt, zone);
    if (!isSameRow(recounted, row) || state.folded || it.state.folded) changed.push(recounted);
  }
  await tx.putComputers(changed);
  const last = page.at(-1);
  const { settings } = position;
  // Within this transaction: a fleet that grows faster than it is counted must not keep a recount from ending.
  const isEnd = !last || (await tx.computers({ after: last.key, limit: 1 })).length === 0;
  return isEnd ? { settings, step: "clients" } : { settings, step: "computers", after: last.key };
};

const countClients = async (
  tx: Transaction,
  unit: UnitOfWork,
  { position, deltas, share }: Piece<At<"clients">>,
): Promise<Next> => {
  const page = await tx.allKmsClients({
    ...(position.after && { after: position.after }),
    limit: rowsOf(PAGE, share),
    bytes: BYTES,
  });
  const changed: KmsClientRow[] = [];
  for (const row of page) {
    const client = countedClient(row);
    const folded = isWithoutRoom(unit, client);
    add(deltas, clientContributions({ ...client, folded }, unit.products));
    if (folded !== client.folded) changed.push(withFolded(row, folded));
  }
  await tx.putKmsClients(changed);
  await recountAgentless(tx, { ...unit.agentless, deltas }, page);
  const last = page.at(-1);
  if (!last || (await tx.allKmsClients({ after: last, limit: 1 })).length === 0) return undefined;
  const { key, kmsHost, pool } = last;
  return { settings: position.settings, step: "clients", after: { key, kmsHost, pool } };
};

/** Rows of a page take so much memory at most. */
const BYTES = 4 * 1024 * 1024;

const withFolded = (row: KmsClientRow, folded: boolean): KmsClientRow => {
  const { folded: _, ...state } = JSON.parse(row.state) as KmsClientState;
  return { ...row, state: JSON.stringify(folded ? { ...state, folded: true } : state) };
};

const add = (deltas: Deltas, contributions: readonly Contribution[]): void => addDifference(deltas, [], contributions);

const STEPS: {
  readonly [S in RecountPosition["step"]]: (tx: Transaction, unit: UnitOfWork, piece: Piece<At<S>>) => Promise<Next>;
} = { sums: removeSums, computers: countComputers, clients: countClients };

/** Its state follows from the others: it is the same when they are. */
const isSameRow = (a: ComputerRow, b: ComputerRow): boolean =>
  a.zone === b.zone &&
  a.presence === b.presence &&
  a.deadline === b.deadline &&
  a.deadlineStatus === b.deadlineStatus &&
  a.deadlineProduct === b.deadlineProduct &&
  a.overdueAt === b.overdueAt;
