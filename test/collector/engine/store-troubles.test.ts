import { closeSync, copyFileSync, openSync, rmSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { beforeEach, expect, test } from "@jest/globals";
import winston from "winston";
import { readCollectorConfig } from "../../../collector/config.ts";
import { startCollector } from "../../../collector/start.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { fromAgent, KMS01, request } from "../../support/facts.ts";
import { keeping, ownFolder } from "../../support/keep.ts";
import { until } from "../../support/until.ts";

/** What an unlucky operator meets: nothing is acknowledged that is not kept, and the log says what is wrong. */
const keep = keeping();
const own = ownFolder("troubles");
const file = () => join(own(), "a.db");
let log: string;
beforeEach(() => {
  log = "";
});
const start = async () => {
  const stream = new Writable({
    write: (it, _, done) => {
      log += it;
      done();
    },
  });
  const collector = await startCollector(
    readCollectorConfig("test.yaml", "", {
      ACTIVATION_OTLP_LISTEN: "127.0.0.1:0",
      ACTIVATION_HTTP_LISTEN: "127.0.0.1:0",
      ACTIVATION_STORE_URL: `sqlite:${file()}`,
    }),
    {
      clock: Date.now,
      log: winston.createLogger({ transports: [new winston.transports.Stream({ stream })] }),
      version: "test",
    },
  );
  return keep(collector);
};
const post = async (url: string, from = 0) => {
  const requests = Array.from({ length: 500 }, (_, i) => request({ at: Date.now() - 60_000 + i, client: from + i }));
  const response = await fetch(`${url}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body: encodeLogs([fromAgent(KMS01, requests, Date.now())]) as Uint8Array<ArrayBuffer>,
  });
  return { status: response.status, text: await response.text() };
};

test("a database that was removed while it ran takes nothing more, and the log says so once a minute", async () => {
  const { otlpUrl } = await start();
  expect((await post(otlpUrl)).status).toBe(200);
  rmSync(file());
  for (const from of [1_000, 2_000])
    expect(await post(otlpUrl, from)).toMatchObject({
      status: 503,
      text: expect.stringContaining("was moved or removed"),
    });
  expect(log.match(/The store takes nothing: .*a\.db was moved or removed; restart the collector/g)).toHaveLength(1);
});

test("a database that is cut in half keeps the collector from starting, with a way out", async () => {
  const first = await start();
  await post(first.otlpUrl);
  await first.stop();
  truncateSync(file(), Math.floor(statSync(file()).size / 8_192) * 4_096);
  await expect(start()).rejects.toThrow(/a\.db cannot be opened: .*malformed; restore it from a backup, or move it/);
});

test("a question that a damaged page cannot answer is in the log", async () => {
  const first = await start();
  await post(first.otlpUrl);
  await first.stop();
  const { size } = statSync(file());
  const damaged = openSync(file(), "r+");
  writeSync(damaged, Buffer.alloc(Math.floor(size / 2), 0x5a), 0, Math.floor(size / 2), Math.floor(size / 4));
  closeSync(damaged);
  const { webUrl } = await start();
  expect((await fetch(`${webUrl}/api/v1/events?limit=1000`)).status).toBe(500);
  expect(log).toContain("GET /api/v1/events?limit=1000: ");
});

const overwrite = (with_: Buffer) => {
  const at = openSync(file(), "r+");
  writeSync(at, with_, 0, with_.length, 0);
  closeSync(at);
};
test.each<[string, () => void]>([
  ["was removed", () => rmSync(file())],
  ["has lost its -wal", () => rmSync(`${file()}-wal`)],
  ["was cut to nothing", () => truncateSync(file(), 0)],
  ["was cut", () => truncateSync(file(), 8_192)],
  ["was overwritten by random bytes", () => overwrite(Buffer.alloc(statSync(file()).size, 0x5a))],
  [
    "was replaced by a copy",
    () => {
      copyFileSync(file(), `${file()}.copy`);
      rmSync(file());
      copyFileSync(`${file()}.copy`, file());
    },
  ],
])(
  "a database that %s while it runs takes nothing, serves no figures of the fleet, and is told",
  async (_, hurt) => {
    const first = await start();
    // More than SQLite keeps in its -wal and in its cache.
    for (let i = 0; i < 12; i += 1) expect((await post(first.otlpUrl, i * 500)).status).toBe(200);
    await first.stop();
    const { otlpUrl, webUrl } = await start();
    expect((await post(otlpUrl, 90_000)).status).toBe(200);
    hurt();
    const metrics = await (await fetch(`${webUrl}/metrics`)).text();
    for (let i = 0; i < 3; i += 1) expect((await post(otlpUrl, 100_000 + i * 500)).status).toBe(503);
    for (const text of [metrics, await (await fetch(`${webUrl}/metrics`)).text()]) {
      expect(text).toContain("activation_collector_ready 0\n");
      expect(text).toContain("activation_collector_build_info{");
      expect(text).not.toMatch(/^activation_(?!collector)/m);
    }
    expect((await fetch(`${webUrl}/-/ready`)).status).toBe(503);
    expect(log).toContain("No figures of the fleet are served: ");
  },
  60_000,
);

test("damage that nobody has met yet is found in the background after a start", async () => {
  const first = await start();
  for (let i = 0; i < 12; i += 1) await post(first.otlpUrl, i * 500);
  await first.stop();
  // A page in the middle of the events, which a start does not read.
  const { size } = statSync(file());
  const damaged = openSync(file(), "r+");
  writeSync(damaged, Buffer.alloc(4_096, 0x5a), 0, 4_096, Math.floor(size / 8_192) * 4_096);
  closeSync(damaged);
  const { webUrl } = await start();
  await until(async () => (await fetch(`${webUrl}/-/ready`)).status === 503);
  expect(log).toMatch(/No figures of the fleet are served: .*damaged/);
  expect(await (await fetch(`${webUrl}/metrics`)).text()).toContain("activation_collector_ready 0\n");
}, 60_000);
