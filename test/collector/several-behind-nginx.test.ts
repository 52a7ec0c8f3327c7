import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { encodeLogs } from "../../otlp/protobuf.ts";
import { type Running, runningCollector } from "../support/collector.ts";
import { fromAgent, hostReading, KMS01, licensing, request, seriesOf } from "../support/facts.ts";
import { getFrom, postTo } from "../support/http.ts";
import { keeping } from "../support/keep.ts";
import { nginxBefore } from "../support/nginx.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { freePort } from "../support/processes.ts";
import { until } from "../support/until.ts";

/** Two collectors on one PostgreSQL behind Debian's nginx, as agents reach them. */
const keep = keeping();
let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.remove());

const now = Date.now();
/** A computer's report, and its request to the KMS host. */
const report = (n: number) =>
  encodeLogs([
    fromAgent(`pc${n}.contoso.com`, [licensing()], now),
    fromAgent(KMS01, [request({ at: now - 600_000 + n, client: n, recordId: n })], now),
  ]);
/** Over all series but that of the KMS host's own license. */
const sumOf = (series: ReadonlyMap<string, number>, name: string) =>
  [...series]
    .filter(([key]) => key.startsWith(`${name}{`) && !key.includes('channel="kms_host"'))
    .reduce((sum, [, value]) => sum + value, 0);
const counts = async (it: Running) => {
  const { text } = await getFrom(`${it.webUrl}/metrics`);
  const series = seriesOf(text);
  return {
    isWhole: text.endsWith("\n"),
    ready: series.get("activation_collector_ready"),
    licenses: sumOf(series, "activation_licenses"),
    clients: sumOf(series, "activation_kms_distinct_clients"),
  };
};

test("one of two collectors behind nginx is killed under load and starts again: nothing is lost, counted twice or torn", async () => {
  const url = await server.database();
  const ports = [await freePort(), await freePort()];
  const collectorAt = async (port: number) =>
    keep(
      await runningCollector("", undefined, {
        ACTIVATION_STORE_URL: url,
        ACTIVATION_OTLP_LISTEN: `127.0.0.1:${port}`,
      }),
    );
  const first = await collectorAt(ports[0]!);
  const second = await collectorAt(ports[1]!);
  const nginx = keep(await nginxBefore(ports));
  expect((await postTo(nginx.url, encodeLogs([fromAgent(KMS01, [hostReading(40)], now)]))).status).toBe(200);

  let isOver = false;
  let sent = 0;
  const acknowledged = new Set<number>();
  const unexpected: number[] = [];
  /** As an agent: what is not acknowledged is sent again. */
  const sender = async () => {
    while (!isOver) {
      const n = sent++;
      for (let isKept = false; !isKept; ) {
        const answer = await postTo(nginx.url, report(n));
        await answer.arrayBuffer();
        isKept = answer.status === 200;
        if (isKept) acknowledged.add(n);
        else if (![502, 503, 504].includes(answer.status)) unexpected.push(answer.status);
      }
    }
  };
  /** The replica that stays alone: each of its scrapes is one state, which holds what was acknowledged before it began. */
  const scraper = async () => {
    let before = 0;
    for (let scrapes = 0; ; scrapes += 1) {
      const least = acknowledged.size;
      const most = () => sent;
      const it = await counts(second);
      expect(it).toMatchObject({ isWhole: true, ready: 1 });
      // A report's license and its KMS request are in one transaction: a scrape has both or none.
      expect(it.licenses).toBe(it.clients);
      expect(it.licenses).toBeGreaterThanOrEqual(Math.max(before, least));
      expect(it.licenses).toBeLessThanOrEqual(most());
      before = it.licenses;
      if (isOver) return scrapes;
    }
  };
  const load = Promise.all([...Array.from({ length: 6 }, sender), scraper()]);
  const more = async (by: number) => {
    const goal = acknowledged.size + by;
    await Promise.race([load, until(async () => acknowledged.size >= goal)]);
  };
  await more(60);
  await first.kill();
  await more(60);
  const again = await collectorAt(ports[0]!);
  await more(60);
  // nginx gives the one that has come back its share.
  await until(async () => /_requests_total\{code="200"\} [1-9]/.test((await getFrom(`${again.webUrl}/metrics`)).text));
  isOver = true;
  expect((await load).at(-1)).toBeGreaterThan(5);
  expect(unexpected).toEqual([]);
  expect(acknowledged.size).toBe(sent);
  for (const it of [again, second])
    expect(await counts(it)).toEqual({ isWhole: true, ready: 1, licenses: sent, clients: sent });
}, 60_000);
