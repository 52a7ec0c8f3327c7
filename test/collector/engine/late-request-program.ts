import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import { MINUTE } from "../../../licensing/time.ts";
import { countedRows } from "../../support/counted-rows.ts";
import { engineOn, submissionOf } from "../../support/engine-on.ts";
import { fromAgent, KMS01, request } from "../../support/facts.ts";
import { ANSWERS_EVERY, DELIVERY, type Figures, SERVER, START } from "./late-request-facts.ts";

/**
 * One collector's engine on a database with very many requests of one KMS host. `fill FILE COUNT` stores servers' requests,
 * `late FILE` takes one older request of a client, `finish FILE` goes on where that ended.
 */
const [, , command, file, count] = process.argv as unknown as [string, string, string, string, string | undefined];
const now = () => START + 85 * 24 * 60 * MINUTE;

const { store, mostRows } = countedRows(openSqlite(file));
const engine = await engineOn(store, now);

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
  const figures: Figures = { pieces, mostRows: mostRows(), metrics: await engine.metrics("text") };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
await engine.close();
