import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { encodeLogs } from "../../otlp/protobuf.ts";
import { type Running, runningCollector } from "../support/collector.ts";
import { fromAgent, hostReading, KMS01, licensing, product, request, seriesOf } from "../support/facts.ts";
import { postTo } from "../support/http.ts";
import { keeping } from "../support/keep.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { until } from "../support/until.ts";

/** Collectors in processes of their own on one PostgreSQL: any agent reaches any of them, and each serves the same figures. */
const keep = keeping();
let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.remove());
let url: string;
beforeEach(async () => {
  await server.start();
  url = await server.database();
});

const collector = async () => keep(await runningCollector("", undefined, { ACTIVATION_STORE_URL: url }));
const now = Date.now();
/** One request of `client`, which is also a computer that reports its license. */
const report = (n: number): Uint8Array[] => [
  encodeLogs([fromAgent(KMS01, [request({ at: now - 600_000 + n, client: n, recordId: n })], now)]),
  encodeLogs([fromAgent(`pc${n}.contoso.com`, [licensing([product({ LicenseStatus: (n % 2) + 1 })])], now)]),
];
const post = async (it: Running, n: number): Promise<number[]> => {
  const statuses: number[] = [];
  for (const body of report(n)) statuses.push((await postTo(it.otlpUrl, body)).status);
  return statuses;
};
/** Every fleet figure; those that pass with the clock or belong to one process are left out. */
const figures = async (it: Running) =>
  [...seriesOf(await (await fetch(`${it.webUrl}/metrics`)).text())]
    .filter(([key]) => !/^(activation_collector_|process_|nodejs_)|_seconds/.test(key))
    .sort(([a], [b]) => (a < b ? -1 : 1));
/** Those that reported a license: the KMS host is one more. */
const computers = async (it: Running) => {
  const { items } = (await (await fetch(`${it.webUrl}/api/v1/computers?limit=1000`)).json()) as {
    items: { computer: string }[];
  };
  return items.map((item) => item.computer).filter((name) => name.startsWith("pc"));
};
const countsOf = async (it: Running) => [(await computers(it)).length, await clients(it)];
const clients = async (it: Running) =>
  (await figures(it)).find(([key]) => key.startsWith("activation_kms_distinct_clients{"))?.[1];

test("two collectors take reports in turn, and both serve the figures of one", async () => {
  const both = [await collector(), await collector()] as const;
  const alone = keep(await runningCollector());
  for (const it of [both[0], alone]) await postTo(it.otlpUrl, encodeLogs([fromAgent(KMS01, [hostReading(40)], now)]));
  for (let n = 0; n < 40; n += 1) {
    expect(await post(both[n % 2]!, n)).toEqual([200, 200]);
    expect(await post(alone, n)).toEqual([200, 200]);
  }
  // What was reported to the other one counts once.
  for (let n = 0; n < 10; n += 1) await post(both[(n + 1) % 2]!, n);
  const expected = await figures(alone);
  expect(expected.length).toBeGreaterThan(30);
  for (const it of both) expect(await figures(it)).toEqual(expected);
  expect(await Promise.all(both.map(clients))).toEqual([40, 40]);
}, 60_000);

test("a collector that is killed under load loses nothing that it acknowledged, and counts nothing twice", async () => {
  const first = await collector();
  const second = await collector();
  const acknowledged = new Set<number>();
  const send = async (it: Running, n: number) => {
    const statuses = await post(it, n).catch(() => []);
    if (statuses.length === 2 && statuses.every((status) => status === 200)) acknowledged.add(n);
  };
  const load = Array.from({ length: 120 }, (_, n) => n);
  const sending = Promise.all(load.map((n) => send(n % 2 === 0 ? first : second, n)));
  await until(async () => acknowledged.size > 20);
  await first.kill();
  await sending;
  const after = new Set(acknowledged);
  expect(after.size).toBeGreaterThanOrEqual(60);
  expect(await computers(second)).toEqual(expect.arrayContaining([...after].map((n) => `pc${n}.contoso.com`)));
  expect(await clients(second)).toBeGreaterThanOrEqual(after.size);
  // Agents send again what was not acknowledged, to the collector that is left.
  for (const n of load.filter((it) => !after.has(it))) await post(second, n);
  const third = await collector();
  for (const it of [second, third]) expect(await countsOf(it)).toEqual([120, 120]);
  expect(await figures(third)).toEqual(await figures(second));
}, 60_000);

test.each([
  ["is restarted", "SIGINT"],
  ["crashes", "SIGQUIT"],
] as const)(
  "PostgreSQL %s: 503 meanwhile, then the collectors go on by themselves",
  async (_, signal) => {
    const both = [await collector(), await collector()] as const;
    for (let n = 0; n < 10; n += 1) expect(await post(both[n % 2]!, n)).toEqual([200, 200]);
    const before = await figures(both[0]);
    await server.stop(signal);
    for (const it of both) {
      const refused = await postTo(it.otlpUrl, report(10)[0]!);
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    }
    // A short loss leaves no gap in the series; a collector that has never been scraped says that it is not ready.
    expect(await figures(both[0])).toEqual(before);
    const unready = await (await fetch(`${both[1].webUrl}/metrics`)).text();
    expect(unready).toMatch(/^activation_collector_ready 0$/m);
    expect(unready).not.toContain("activation_licenses");
    expect((await fetch(`${both[0].webUrl}/api/v1/kms-hosts`)).status).toBe(503);
    await server.start();
    for (let n = 10; n < 20; n += 1)
      await until(async () => (await post(both[n % 2]!, n)).every((status) => status === 200));
    for (const it of both) expect(await countsOf(it)).toEqual([20, 20]);
    expect(await figures(both[0])).toEqual(await figures(both[1]));
    for (const it of both) expect(it.log()).toContain("The store takes nothing: ");
  },
  60_000,
);

test("no log tells the password", async () => {
  url = url.replace("admin@", "admin:verysecret@");
  const it = await collector();
  await server.stop();
  await post(it, 1);
  await server.start();
  expect(it.log()).not.toContain("verysecret");
});
