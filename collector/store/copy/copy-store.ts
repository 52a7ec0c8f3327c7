import { COPYING } from "../copying.ts";
import type { ClientKey, MachineIdRow, Reader, Store, Transaction } from "../store.ts";
import type { SumKey } from "../sums.ts";

/** So many rows in one transaction, and so many bytes of those that may be large. */
const PAGE = 1_000;
const BYTES = 4 * 1024 * 1024;
/** As many as a store keeps. */
const UNINTERPRETED_MAX = 10_000;

/** How far a copy has come. It is stored in the same transaction as the rows. */
interface Position {
  /** The source as it was at the beginning: a collector that has written to it since makes the copy worthless. */
  readonly source: string;
  readonly step: number;
  /** The last row that was copied, in the words of the step. */
  readonly after?: unknown;
  readonly rows: number;
}

/** One page of one kind of rows: reads it, and says what writes it. */
interface Page {
  readonly rows: number;
  /** Undefined after the last page. */
  readonly after: unknown;
  write(tx: Transaction): Promise<void>;
}
type Step = (source: Reader, after: never) => Promise<Page>;

export interface CopyProgress {
  readonly what: string;
  /** Rows of all kinds so far. */
  readonly rows: number;
}

/**
 * Copies everything of a store to an empty one, in transactions of some thousand rows. A copy that was interrupted goes on
 * where it stopped. No collector may write to the source meanwhile.
 *
 * @returns how many rows there are.
 * @throws Error in one sentence when the target is not empty, or the source has changed; StoreUnavailable.
 */
export const copyStore = async (
  source: Store,
  target: Store,
  { signal, progress }: { signal: AbortSignal; progress: (it: CopyProgress) => void },
): Promise<number> => {
  const identity = await source.snapshot(async (view) => `revision ${await view.revision()}`);
  let position = await target.transact((tx) => begin(tx, identity));
  while (position.step < STEPS.length) {
    signal.throwIfAborted();
    const [what, read] = STEPS[position.step]!;
    progress({ what, rows: position.rows });
    const page: Page = await source.snapshot(async (view) => {
      if (`revision ${await view.revision()}` !== identity) throw new Error(CHANGED);
      return read(view, position.after as never);
    });
    const isOver = page.after === undefined;
    const next: Position = {
      source: identity,
      step: isOver ? position.step + 1 : position.step,
      ...(!isOver && { after: page.after }),
      rows: position.rows + page.rows,
    };
    await target.transact(async (tx) => {
      await page.write(tx);
      if (next.step < STEPS.length) await tx.putState([{ key: COPYING, state: JSON.stringify(next) }]);
      else await tx.deleteState([COPYING]);
    });
    position = next;
  }
  return position.rows;
};

const CHANGED =
  "the source has changed since the copy began; stop its collectors, empty the target database, and begin again";

const begin = async (tx: Transaction, source: string): Promise<Position> => {
  const known = await tx.state(COPYING);
  if (known !== undefined) {
    const position = JSON.parse(known) as Position;
    if (position.source !== source) throw new Error(CHANGED);
    return position;
  }
  const { kmsHosts, collectorState } = await tx.changedSince(0);
  const computers = await tx.computers({ after: "", limit: 1 });
  if (kmsHosts.length + collectorState.length + computers.length > 0)
    throw new Error("the target is not empty; give --to a new database");
  const position: Position = { source, step: 0, rows: 0 };
  await tx.putState([{ key: COPYING, state: JSON.stringify(position) }]);
  return position;
};

/** A page of rows whose last one tells where the next page begins. */
const pageOf = <T>(
  rows: readonly T[],
  position: (row: T) => unknown,
  write: (tx: Transaction, rows: readonly T[]) => unknown,
): Page => ({
  rows: rows.length,
  after: rows.length === 0 ? undefined : position(rows.at(-1)!),
  write: async (tx) => {
    await write(tx, rows);
  },
});

const STEPS: readonly (readonly [what: string, step: Step])[] = [
  [
    "events",
    async (source, after: string | undefined) =>
      pageOf(
        await source.events({ ...(after !== undefined && { after: Buffer.from(after, "hex") }), limit: PAGE }),
        (it) => Buffer.from(it.id).toString("hex"),
        (tx, rows) => tx.insertEvents(rows),
      ),
  ],
  [
    "computers",
    async (source, after: string | undefined) =>
      pageOf(
        await source.computers({ after: after ?? "", limit: PAGE, bytes: BYTES }),
        (it) => it.key,
        (tx, rows) => tx.putComputers(rows),
      ),
  ],
  [
    "KMS clients",
    async (source, after: ClientKey | undefined) =>
      pageOf(
        await source.allKmsClients({ ...(after && { after }), limit: PAGE, bytes: BYTES }),
        ({ key, kmsHost, pool }) => ({ key, kmsHost, pool }),
        (tx, rows) => tx.putKmsClients(rows),
      ),
  ],
  [
    "machine IDs",
    async (source, after: string | undefined) =>
      pageOf<MachineIdRow>(
        await source.allMachineIds({ after: after ?? "", limit: PAGE }),
        (it) => it.key,
        (tx, rows) => tx.putMachineIds(rows),
      ),
  ],
  [
    "readings of KMS hosts",
    async (source, after: { kmsHost: string; at: number } | undefined) =>
      pageOf(
        await source.allKmsReadings({ after: after ?? { kmsHost: "", at: 0 }, limit: PAGE }),
        ({ kmsHost, at }) => ({ kmsHost, at }),
        (tx, rows) => tx.putKmsReadings(rows),
      ),
  ],
  [
    "sums",
    async (source, after: SumKey | undefined) =>
      pageOf(
        await source.sums({ after: after ?? "", limit: PAGE }),
        ([key]) => key,
        (tx, rows) => tx.addSums(rows.filter(([, sum]) => sum !== 0)),
      ),
  ],
  [
    "states",
    async (source) => {
      const { kmsHosts, collectorState } = await source.changedSince(0);
      const states = collectorState.filter((it) => it.state !== "" && it.key !== COPYING);
      const uninterpreted = (await source.newestUninterpreted(UNINTERPRETED_MAX)).toReversed();
      return {
        rows: kmsHosts.length + states.length + uninterpreted.length,
        after: undefined,
        write: async (tx) => {
          await tx.putKmsHosts(kmsHosts);
          await tx.putState(states);
          await tx.putUninterpreted(uninterpreted);
        },
      };
    },
  ],
];
