import { spawn } from "node:child_process";
import { once } from "node:events";
import { Writable } from "node:stream";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import winston from "winston";
import { readCollectorConfig } from "../../collector/config.ts";
import { startCollector } from "../../collector/start.ts";
import { encodeLogs } from "../../otlp/protobuf.ts";
import { MAIN } from "../support/cli.ts";
import { fromAgent, hostReading, KMS01, licensing, request, seriesOf } from "../support/facts.ts";
import { getFrom, postTo } from "../support/http.ts";
import { keeping } from "../support/keep.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { freePort } from "../support/processes.ts";
import { type TcpProxy, tcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

/** A collector whose database is away, slow or cut off: what it answers meanwhile, and that it goes on by itself. */
const keep = keeping();
let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.remove());

let proxy: TcpProxy;
let url: string;
/** The collector's clock is ahead of the real one by so many milliseconds. */
let ahead: number;
beforeEach(async () => {
  proxy = keep(await tcpProxy(server.port));
  url = (await server.database()).replace(`:${server.port}/`, `:${proxy.port}/`);
  ahead = 0;
});

let log: string;
beforeEach(() => {
  log = "";
});
const starting = ({ port = 0, signal }: { port?: number; signal?: AbortSignal } = {}) => {
  const stream = new Writable({
    write: (it, _, done) => {
      log += it;
      done();
    },
  });
  const environment = {
    ACTIVATION_OTLP_LISTEN: "127.0.0.1:0",
    ACTIVATION_HTTP_LISTEN: `127.0.0.1:${port}`,
    ACTIVATION_STORE_URL: url,
  };
  return startCollector(readCollectorConfig("test.yaml", "", environment), {
    clock: () => Date.now() + ahead,
    log: winston.createLogger({ transports: [new winston.transports.Stream({ stream })] }),
    version: "test",
    ...(signal && { signal }),
  });
};
const start = async () => keep(await starting());
const report = (n: number) => encodeLogs([fromAgent(`pc${n}.contoso.com`, [licensing()], Date.now())]);
const host = () =>
  encodeLogs([fromAgent(KMS01, [hostReading(40), request({ at: Date.now() - 60_000, client: 1 })], Date.now())]);
/** Series of the fleet: those that belong to no process. */
const fleet = (text: string) =>
  [...seriesOf(text).keys()].filter((key) => !/^(activation_collector_|process_|nodejs_)/.test(key));

test.each(["refuse", "hold"] as const)(
  "a collector without its database (%s) serves the last figures for 60 s, then none, is not ready, and recovers",
  async (mode) => {
    const { otlpUrl, webUrl } = await start();
    const metrics = async () => (await getFrom(`${webUrl}/metrics`)).text;
    const ready = async () => (await getFrom(`${webUrl}/-/ready`)).status;
    expect((await postTo(otlpUrl, host())).status).toBe(200);
    const before = fleet(await metrics());
    expect(before.length).toBeGreaterThan(30);

    proxy.set(mode);
    expect(fleet(await metrics())).toEqual(before);
    ahead = 50_000;
    expect(fleet(await metrics())).toEqual(before);
    expect(await ready()).toBe(200);
    ahead = 80_000;
    const text = await metrics();
    expect(fleet(text)).toEqual([]);
    expect(seriesOf(text).get("activation_collector_ready")).toBe(0);
    expect([...seriesOf(text).keys()]).toContain("process_cpu_seconds_total");
    expect(await ready()).toBe(503);
    expect((await getFrom(`${webUrl}/-/healthy`)).status).toBe(200);

    proxy.set("pass");
    await until(async () => seriesOf(await metrics()).get("activation_collector_ready") === 1);
    expect(fleet(await metrics())).toEqual(before);
    expect(await ready()).toBe(200);
    await until(async () => (await postTo(otlpUrl, report(1))).status === 200);
  },
  60_000,
);

test("a collector that is never asked notices by itself that its database is away", async () => {
  const { webUrl } = await start();
  const ready = async () => (await getFrom(`${webUrl}/-/ready`)).status;
  proxy.set("refuse");
  const accepted = proxy.accepted;
  await until(async () => proxy.accepted > accepted, 30_000);
  ahead = 61_000;
  await until(async () => (await ready()) === 503);
  proxy.set("pass");
  await until(async () => (await ready()) === 200, 30_000);
}, 60_000);

test("a collector that starts while its database is away waits for it, says so, and can be ended meanwhile", async () => {
  proxy.set("refuse");
  url = url.replace("admin@", "admin:verysecret@");
  const port = await freePort();
  const web = `http://127.0.0.1:${port}`;
  const ending = new AbortController();
  const waiting = starting({ port, signal: ending.signal });
  const ended = expect(waiting).rejects.toThrow("The start was ended.");
  await until(async () => (await getFrom(`${web}/-/ready`)).text === "waiting for the database\n");
  ending.abort();
  await ended;
  await expect(fetch(web)).rejects.toThrow();

  const later = starting({ port });
  await until(async () => (await getFrom(`${web}/-/ready`)).text === "waiting for the database\n");
  expect((await getFrom(`${web}/-/ready`)).status).toBe(503);
  expect((await getFrom(`${web}/-/healthy`)).status).toBe(200);
  const text = (await getFrom(`${web}/metrics`)).text;
  expect(fleet(text)).toEqual([]);
  expect(seriesOf(text).get("activation_collector_ready")).toBe(0);
  expect((await getFrom(`${web}/api/v1/kms-hosts`)).status).toBe(503);
  expect(log).toMatch(/Waiting for the database: .*d\d+ on 127.0.0.1/);
  expect(log).not.toContain("verysecret");
  proxy.set("pass");
  const { otlpUrl } = keep(await later);
  expect((await getFrom(`${web}/-/ready`)).status).toBe(200);
  expect((await postTo(otlpUrl, report(1))).status).toBe(200);
}, 60_000);

test("SIGTERM ends a collector that waits for its database", async () => {
  proxy.set("refuse");
  const environment = {
    ACTIVATION_OTLP_LISTEN: "127.0.0.1:0",
    ACTIVATION_HTTP_LISTEN: "127.0.0.1:0",
    ACTIVATION_STORE_URL: url,
  };
  const child = spawn(process.execPath, [MAIN, "collector", "run"], { env: { ...process.env, ...environment } });
  const ended = once(child, "exit");
  let said = "";
  child.stderr.on("data", (it) => {
    said += it;
  });
  await until(async () => said.includes("Waiting for the database"));
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
}, 60_000);

test("a database that cuts connections is not stormed: senders get 503 with Retry-After, and nothing is lost or counted twice", async () => {
  const { otlpUrl, webUrl } = await start();
  const acknowledged = new Set<number>();
  const answers: unknown[] = [];
  let next = 0;
  /** Eight senders at once, each with a new report after the other. */
  const load = async (isOver: () => boolean) => {
    const sender = async () => {
      while (!isOver()) {
        const n = next++ % 500;
        const answer = await postTo(otlpUrl, report(n));
        await answer.arrayBuffer();
        if (answer.status === 200) acknowledged.add(n);
        else answers.push([answer.status, Number(answer.headers.get("retry-after")) > 0]);
      }
    };
    await Promise.all(Array.from({ length: 8 }, sender));
  };
  const during = async (ms: number) => {
    const end = Date.now() + ms;
    await load(() => Date.now() > end);
  };

  proxy.delay(20);
  await during(1_000);
  expect(answers).toEqual([]);
  expect(acknowledged.size).toBeGreaterThan(10);
  proxy.delay(0);

  const [accepted, since] = [proxy.accepted, Date.now()];
  const cutting = setInterval(proxy.cut, 40);
  await during(3_000);
  clearInterval(cutting);
  proxy.set("refuse");
  await during(3_000);
  expect(answers.length).toBeGreaterThan(100);
  for (const it of answers) expect(it).toEqual([503, true]);
  expect(proxy.accepted - accepted).toBeLessThanOrEqual(6 + (Date.now() - since) / 1_000);

  proxy.set("pass");
  await until(async () => (await postTo(otlpUrl, report(0))).status === 200);
  acknowledged.add(0);
  const { items } = JSON.parse((await getFrom(`${webUrl}/api/v1/computers?limit=1000`)).text);
  const names = items.map((it: { computer: string }) => it.computer);
  expect(names).toEqual(expect.arrayContaining([...acknowledged].map((n) => `pc${n}.contoso.com`)));
  const licenses = [...seriesOf((await getFrom(`${webUrl}/metrics`)).text)].filter(([key]) =>
    key.startsWith("activation_licenses{"),
  );
  expect(licenses.reduce((sum, [, value]) => sum + value, 0)).toBe(names.length);
}, 60_000);
