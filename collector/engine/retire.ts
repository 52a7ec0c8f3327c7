import type { Instant } from "../../licensing/time.ts";
import { computerRow } from "../state/computer-row.ts";
import { contributionsOf, withRetirement } from "../state/contributions.ts";
import type { Memory } from "../state/memory.ts";
import { computerOf } from "../state/stored-computer.ts";
import type { ComputerRow, Transaction } from "../store/store.ts";
import { addDifference, type Deltas } from "../store/sums.ts";
import { rowsOf } from "./piece-size.ts";

/** So many computers in one transaction: others are not held up for long. */
const PIECE = 500;

/** A range of silence that is being looked through for computers to retire, as far as it has come. */
export interface RetirementRange {
  readonly from: Instant;
  readonly until: Instant;
  readonly after?: Pick<ComputerRow, "seenAt" | "key">;
}

/** @param since the instant of the last time: only computers whose silence became long enough after it are looked at. */
export const retirementRanges = (memory: Memory, since: Instant, now: Instant): RetirementRange[] =>
  memory.retirement.silences.map((it) => ({ from: Math.max(0, since - it), until: now - it }));

/**
 * Retires a piece of the computers whose silence has become long enough (docs/counting-rules.md, "Retired means gone"). A
 * computer comes back with its next fact; which names are retired changes with the configuration only, and then everything is
 * counted anew.
 *
 * @returns where to go on; undefined at the end of the range.
 */
export const retirePiece = async (
  tx: Transaction,
  memory: Memory,
  { range, now, deltas, share }: { range: RetirementRange; now: Instant; deltas: Deltas; share: number },
): Promise<RetirementRange | undefined> => {
  const limit = rowsOf(PIECE, share);
  const page = await tx.computersBySeen({ ...range, limit });
  const own: Deltas = new Map();
  const retired = page.filter((it) => memory.retirement.isRetired(it, now)).map((it) => retire(it, own));
  await tx.putComputers(retired);
  await tx.addSums(own);
  for (const [key, by] of own) deltas.set(key, (deltas.get(key) ?? 0) + by);
  const last = page.at(-1);
  return page.length === limit && last ? { ...range, after: last } : undefined;
};

const retire = (row: ComputerRow, deltas: Deltas): ComputerRow => {
  const { key, zone, seenAt } = row;
  const before = computerOf(row.state);
  const now = withRetirement(before, true);
  addDifference(deltas, contributionsOf(before, zone, seenAt), contributionsOf(now, zone, seenAt));
  return computerRow(key, now, seenAt, zone);
};
