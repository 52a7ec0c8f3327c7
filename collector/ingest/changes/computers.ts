import { hourOf, type Instant } from "../../../licensing/time.ts";
import { type ComputerState, newComputer } from "../../state/computer.ts";
import { computerRow, presenceOf } from "../../state/computer-row.ts";
import { contributionsOf, counted, countsAlike, seenContribution } from "../../state/contributions.ts";
import type { HasRoom } from "../../state/folded-sums.ts";
import { isComputerCounted, type RecountPosition } from "../../state/recount-position.ts";
import { computerOf, computerText } from "../../state/stored-computer.ts";
import type { ComputerRow, ComputerStateRow, ComputerTouch, Transaction } from "../../store/store.ts";
import { addDifference, type Deltas } from "../../store/sums.ts";

/** A computer's state on its way from one row to the next; `before` is what the store has. */
export interface ComputerEntry {
  readonly state: ComputerState;
  seenAt: Instant;
  readonly before: { readonly state: ComputerState; readonly zone: string; readonly seenAt: Instant } | undefined;
}

/** The transaction that counts. */
interface Counting {
  readonly recount: RecountPosition | undefined;
  readonly deltas: Deltas;
  readonly hasRoom: HasRoom;
  readonly zoneOf: (key: string, state: ComputerState) => string;
}

/** The computers that one transaction touches. */
export class ChangedComputers {
  readonly #entries = new Map<string, ComputerEntry>();

  all(): Iterable<readonly [key: string, ComputerEntry]> {
    return this.#entries;
  }

  known(key: string): ComputerEntry | undefined {
    return this.#entries.get(key);
  }

  /** The working copy; made, where the computer was not read. */
  get(key: string): ComputerEntry {
    const known = this.#entries.get(key);
    if (known) return known;
    const fresh: ComputerEntry = { state: newComputer(), before: undefined, seenAt: 0 };
    this.#entries.set(key, fresh);
    return fresh;
  }

  /** Reads those of these computers that were not read yet. */
  async load(tx: Transaction, keys: readonly string[]): Promise<void> {
    const missing = [...new Set(keys)].filter((it) => !this.#entries.has(it));
    if (missing.length === 0) return;
    for (const row of (await tx.computersByKey(missing)).values()) this.#entries.set(row.key, entryOf(row));
  }

  /**
   * Writes all of them, and the differences that they make. Nearly always what a computer adds is as it was, or it was only seen
   * in another hour: then no other column changes.
   */
  async save(tx: Transaction, counting: Counting): Promise<void> {
    const rows: ComputerRow[] = [];
    const touched: ComputerTouch[] = [];
    for (const [key, it] of this.#entries) {
      const { state, before, seenAt } = it;
      const zone = counting.zoneOf(key, state);
      // The recount has not come here yet: it will count the row as it is then.
      if (!isComputerCounted(counting.recount, key)) rows.push(computerRow(key, state, seenAt, zone));
      else if (before && before.zone === zone && countsAlike(before.state, state)) {
        if (hourOf(before.seenAt) !== hourOf(seenAt) && presenceOf(state) === 0)
          addDifference(counting.deltas, [seenContribution(zone, before.seenAt)], [seenContribution(zone, seenAt)]);
        touched.push({ key, seenAt, state: computerText(state) });
      } else rows.push(countedRow(counting, key, it, zone));
    }
    await tx.putComputers(rows);
    await tx.touchComputers(touched);
  }
}

const countedRow = (
  { deltas, hasRoom }: Counting,
  key: string,
  { state, before, seenAt }: ComputerEntry,
  zone: string,
): ComputerRow => {
  const now = counted(state, { zone, seenAt, hasRoom });
  const known = before ? contributionsOf(before.state, before.zone, before.seenAt) : [];
  addDifference(deltas, known, now.contributions);
  return computerRow(key, now.state, seenAt, zone);
};

const entryOf = ({ zone, seenAt, state: text }: ComputerStateRow): ComputerEntry => {
  const state = computerOf(text);
  return { state, before: { state: { ...state }, zone, seenAt }, seenAt };
};
