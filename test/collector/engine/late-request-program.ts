import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import type { Changed, Store, Transaction } from "../../../collector/store/store.ts";
import { MINUTE } from "../../../licensing/time.ts";
import { engineOn, submissionOf } from "../../support/engine-on.ts";
import { fromAgent, KMS01, request } from "../../support/facts.ts";
import { ANSWERS_EVERY, DELIVERY, type Figures, SERVER, START } from "./late-request-facts.ts";

/**
 * One collector's engine on a database with very many requests of one KMS host. `fill FILE COUNT` stores servers' requests,
 * `late FILE` takes one older request of a client, `finish FILE` goes on where that ended.
 */
const [, , command, file, count] = process.argv as unknown as [string, string, string, string, string | undefined];
const now = () => START + 85 * 24 * 60 * MINUTE;

let rows = 0;
let mostRows = 0;
/** Counts the rows that each transaction reads. */
const counting = (store: Store): Store => ({
  ...store,
  transact: async (work) => {
    rows = 0;
    try {
      return await store.transact((tx) => work(counted(tx)));
    } finally {
      mostRows = Math.max(mostRows, rows);
    }
  },
});
const counted = (tx: Transaction): Transaction =>
  Object.fromEntries(
    Object.entries(tx).map(([name, method]) => [
      name,
      async (...given: unknown[]) => {
        const result: unknown = await (method as (...given: unknown[]) => unknown)(...given);
        if (!name.startsWith("insert")) rows += rowsIn(result);
        return result;
      },
    ]),
  ) as unknown as Transaction;
const rowsIn = (result: unknown): number => {
  if (Array.isArray(result)) return result.length;
  if (result instanceof Map) return result.size;
  if (typeof result !== "object" || result === null || !("sums" in result)) return 0;
  const { kmsHosts, collectorState, sums } = result as Changed;
  return kmsHosts.length + collectorState.length + [...sums].length;
};

const engine = await engineOn(counting(openSqlite(file)), now);
/** A start reads all sums; what follows must not. */
mostRows = 0;

if (command === "fill") {
  const every = Math.floor((80 * 24 * 60 * MINUTE) / Number(count));
  for (let first = 0; first < Number(count); first += DELIVERY) {
    const facts = Array.from({ length: DELIVERY }, (_, i) =>
      request({
        at: START + (first + i) * every,
        client: (first + i) % ANSWERS_EVERY,
        recordId: 10 + first + i,
        need: 5,
        product: SERVER,
      }),
    );
    await engine.ingest([submissionOf([fromAgent(KMS01, facts, now())], now())]);
  }
} else {
  if (command === "late") {
    const late = request({ at: START - MINUTE, client: 99_999_999, recordId: 9 });
    await engine.ingest([submissionOf([fromAgent(KMS01, [late], now())], now())]);
  }
  let pieces = 1;
  for (; await engine.continueWork(); pieces += 1) {
    process.stdout.write(`piece ${pieces}\n`);
    // The parent may end this process here.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const figures: Figures = { pieces, mostRows, metrics: await engine.metrics("text") };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
await engine.close();
