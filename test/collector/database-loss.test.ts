import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import winston from "winston";
import { readCollectorConfig } from "../../collector/config.ts";
import { startCollector } from "../../collector/start.ts";
import { encodeLogs } from "../../otlp/protobuf.ts";
import { fromAgent, hostReading, KMS01, licensing, request, seriesOf } from "../support/facts.ts";
import { getFrom, postTo } from "../support/http.ts";
import { keeping } from "../support/keep.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
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

const start = async () =>
  keep(
    await startCollector(
      readCollectorConfig("test.yaml", "", {
        ACTIVATION_OTLP_LISTEN: "127.0.0.1:0",
        ACTIVATION_HTTP_LISTEN: "127.0.0.1:0",
        ACTIVATION_STORE_URL: url,
      }),
      { clock: () => Date.now() + ahead, log: winston.createLogger({ silent: true }), version: "test" },
    ),
  );
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
