import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Engine } from "../../collector/engine/engine.ts";
import { openSqlite } from "../../collector/store/sqlite/store.ts";
import { DAY, MINUTE } from "../../licensing/time.ts";
import { engineOn, submissionOf } from "../support/engine-on.ts";
import { fromAgent, heartbeat, KMS01, licensing, request } from "../support/facts.ts";

/**
 * One attack on the engine: fills a database, then does what walks through it, while requests go on. Prints one line of JSON:
 * the longest step, the slowest request in between, memory.
 */
const [, , name, given] = process.argv as unknown as [string, string, string, string];
const COUNT = Number(given);
const T = Date.parse("2026-11-20T12:00:00Z");
let now = T;
const folder = mkdtempSync(join(tmpdir(), `torture-${name}-`));
const file = join(folder, "a.db");
const open = (yaml = "") => engineOn(openSqlite(file), () => now, yaml, { startsWithin: 500 });

let longestStep = 0;
let slowestRequest = 0;
let steps = 0;
let reports = 0;
let peakRss = 0;
const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
  const started = performance.now();
  const result = await work();
  peakRss = Math.max(peakRss, process.memoryUsage.rss());
  return [result, performance.now() - started];
};
const step = async <T>(work: () => Promise<T>): Promise<T> => {
  const [result, ms] = await timed(work);
  steps += 1;
  longestStep = Math.max(longestStep, ms);
  return result;
};
/** An honest agent's report, which must not wait. */
const report = async (engine: Engine): Promise<void> => {
  reports += 1;
  const facts = [licensing(), heartbeat(now + reports, { failingSources: { wmi: 1 } })];
  const [taken, ms] = await timed(() =>
    engine.ingest([submissionOf([fromAgent(`honest${reports % 50}.contoso.com`, facts, now)], now)]),
  );
  if (taken[0]?.outcome !== "stored") throw new Error(`A report was answered with ${JSON.stringify(taken)}`);
  slowestRequest = Math.max(slowestRequest, ms);
};
const finishWork = async (engine: Engine): Promise<void> => {
  while (await step(() => engine.continueWork())) await report(engine);
};
const sql = (text: string): void => {
  const db = new DatabaseSync(file);
  db.exec(`pragma journal_mode = wal; begin; ${text}; commit`);
  db.close();
};
const numbers = `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${COUNT})`;

/** As many computers as asked for, each with the state of one that has reported. */
const fillComputers = async (): Promise<void> => {
  const engine = await open();
  await engine.ingest([submissionOf([fromAgent("pc0.contoso.com", [licensing(), heartbeat(T)], T)], T)]);
  await engine.close();
  sql(`${numbers} insert into computers (key, zone, seen_at, presence, deadline, deadline_status, deadline_product, overdue_at, state)
    select 'pc' || i || '.contoso.com', zone, seen_at, presence, deadline, deadline_status, deadline_product, overdue_at, state
    from n, computers where key = 'pc0.contoso.com'`);
};
const older = () => sql("update collector_state set state = 'older' where key = 'settings'");

const ATTACKS: Readonly<Record<string, () => Promise<Engine>>> = {
  /** Sums of invented names that an older version stored. */
  names: async () => {
    const first = await open();
    await first.ingest([submissionOf([fromAgent("pc0.contoso.com", [licensing()], T)], T)]);
    await first.close();
    sql(`${numbers} insert into sums (key, sum)
      select 'failing' || char(31) || 'core' || char(31) || 'an invented name ' || i, 1 from n`);
    older();
    const engine = await step(() => open());
    await finishWork(engine);
    return engine;
  },
  /** Everything counted anew. */
  recount: async () => {
    await fillComputers();
    older();
    const engine = await open();
    await finishWork(engine);
    return engine;
  },
  /** Computers that one sweep has to forget; the recount that counts them first is not measured. */
  forgotten: async () => {
    await fillComputers();
    older();
    const engine = await open("retire: { after: 900d }");
    while (await engine.continueWork());
    now = T + 401 * DAY;
    let over = false;
    const sweep = engine.sweep().finally(() => {
      over = true;
    });
    // Each request waits for the piece of the sweep that is being removed.
    while (!over) await report(engine);
    await sweep;
    longestStep = slowestRequest;
    return engine;
  },
  /** Requests of one KMS host, and one that comes late. */
  requests: async () => {
    const engine = await open();
    const every = Math.floor((29 * DAY) / COUNT);
    const PIECE = 5_000;
    for (let first = 0; first < COUNT; first += PIECE) {
      const facts = Array.from({ length: PIECE }, (_, i) =>
        request({
          at: T - 29 * DAY + (first + i) * every,
          client: (first + i) % 200_000,
          recordId: first + i,
          need: 5,
        }),
      );
      await engine.ingest([submissionOf([fromAgent(KMS01, facts, T)], T)]);
    }
    [longestStep, slowestRequest, peakRss] = [0, 0, 0];
    const late = request({ at: T - 29 * DAY - MINUTE, client: 999_999, recordId: COUNT + 1 });
    await step(() => engine.ingest([submissionOf([fromAgent(KMS01, [late], T)], T)]));
    await finishWork(engine);
    return engine;
  },
};

const engine = await ATTACKS[name]!();
const [metrics, scrapeMs] = await timed(() => engine.metrics("text"));
const figure = (of: string): number => Number(new RegExp(`^activation_${of} (\\d+)$`, "m").exec(metrics)?.[1]);
process.stdout.write(
  `${JSON.stringify({
    name,
    count: COUNT,
    steps,
    longestStepMs: Math.round(longestStep),
    reports,
    slowestReportMs: Math.round(slowestRequest),
    scrapeMs: Math.round(scrapeMs),
    peakRssMb: Math.round(peakRss / 1_048_576),
    ready: figure("collector_ready"),
    computers: figure("collector_computers"),
  })}\n`,
);
await engine.close();
rmSync(folder, { recursive: true });
