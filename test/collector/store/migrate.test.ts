import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { copyStore } from "../../../collector/store/copy/copy-store.ts";
import { openPostgres } from "../../../collector/store/postgres/store.ts";
import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import { cli } from "../../support/cli.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { seriesOf } from "../../support/facts.ts";
import { keeping, ownFolder } from "../../support/keep.ts";
import { type Postgres, startPostgres } from "../../support/postgres.ts";

/** `collector migrate`: everything of a SQLite store in a database of PostgreSQL, with the same figures afterwards. */
const keep = keeping();
const folder = ownFolder("migrate");
let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.remove());
let url: string;
beforeEach(async () => {
  url = await server.database();
});
const file = () => join(folder(), "c/activation.db");
const sqlite = () => `sqlite:${file()}`;
const collectorOn = async (store: string): Promise<Running> => {
  const it = await runningCollector("", join(folder(), "c"), { ACTIVATION_STORE_URL: store });
  // `stop` would remove its folder.
  keep({ stop: it.kill });
  return it;
};
const migrate = (to = url) => cli(["collector", "migrate", "--to", to], { env: { ACTIVATION_STORE_URL: sqlite() } });
const simulate = (it: Running) => cli(["fleet", "simulate", "--once", "--hosts", "60", "--url", it.otlpUrl]);
/** Figures of the fleet but for those that the clock moves, and answers of the API. */
const figures = async (it: Running) => {
  const text = await (await fetch(`${it.webUrl}/metrics`)).text();
  const json = async (path: string) => (await (await fetch(`${it.webUrl}/api/v1/${path}`)).json()) as unknown;
  return {
    series: [...seriesOf(text)]
      .filter(([key]) => !/^(activation_collector_|process_|nodejs_)|_oldest_unsent_/.test(key))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
    computers: await json("computers?limit=1000"),
    kmsHosts: await json("kms-hosts"),
    events: await json("events?limit=1000"),
  };
};

test("the figures and the API's answers are the same before and after; a running collector is not copied", async () => {
  const before = await collectorOn(sqlite());
  expect((await simulate(before)).code).toBe(0);
  const expected = await figures(before);
  expect(expected.series.length).toBeGreaterThan(100);
  const running = await migrate();
  expect([running.code, running.err]).toEqual([1, expect.stringMatching(/another collector or import is using it/)]);
  await before.kill();
  const copied = await migrate();
  expect([copied.code, copied.err]).toEqual([0, ""]);
  expect(copied.out).toMatch(/^[\d,]+ rows were copied\. Set store\.url/);
  const after = await collectorOn(url);
  expect(await figures(after)).toEqual(expected);
  const again = await migrate();
  expect([again.code, again.err]).toEqual([1, expect.stringMatching(/the target is not empty/)]);
}, 90_000);

test("a copy that was interrupted goes on where it stopped, and no collector starts on a part of it", async () => {
  const { source, rows } = await filled();
  const target = await openPostgres({ url, filling: true });
  keep({ stop: async () => target.close() });
  let wasInterrupted = 0;
  for (let done = false; !done; ) {
    const interrupted = new AbortController();
    let transactions = 0;
    try {
      const copied = await copyStore(source, target, {
        signal: interrupted.signal,
        progress: () => {
          transactions += 1;
          if (transactions > 3) interrupted.abort();
        },
      });
      expect(copied).toBe(rows);
      done = true;
    } catch (cause) {
      expect((cause as Error).name).toBe("AbortError");
      wasInterrupted += 1;
      await expect(openPostgres({ url })).rejects.toThrow(/`collector migrate` has not finished/);
    }
  }
  expect(wasInterrupted).toBeGreaterThan(1);
  const [computers, sums] = await target.snapshot(async (view) => [
    await view.computers({ after: "", limit: 9_999 }),
    await view.sums({ after: "", limit: 9 }),
  ]);
  expect([computers.length, sums]).toEqual([2_500, [["a", 7]]]);
  const collector = await openPostgres({ url });
  await collector.close();
});

test("a source that has changed since is not copied any further", async () => {
  const { source } = await filled();
  const target = await openPostgres({ url, filling: true });
  keep({ stop: async () => target.close() });
  const interrupted = new AbortController();
  const copy = (signal: AbortSignal) => copyStore(source, target, { signal, progress: () => interrupted.abort() });
  await expect(copy(interrupted.signal)).rejects.toThrow();
  await source.transact((tx) => tx.addSums([["a", 1]]));
  await expect(copy(new AbortController().signal)).rejects.toThrow(/the source has changed since the copy began/);
});

/** A store of 2,500 computers and one sum. */
const filled = async () => {
  const source = openSqlite(join(folder(), "source.db"));
  keep({ stop: async () => source.close() });
  const rest = { zone: "core", seenAt: 1, presence: 0, deadline: null, deadlineStatus: null } as const;
  const computers = Array.from({ length: 2_500 }, (_, i) => ({
    ...{ ...rest, deadlineProduct: null, overdueAt: null, state: "{}" },
    key: `pc${i}`,
  }));
  await source.transact(async (tx) => {
    await tx.putComputers(computers);
    await tx.addSums([["a", 7]]);
  });
  return { source, rows: 2_501 };
};
