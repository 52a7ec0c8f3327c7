import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { DAY, iso } from "../../../licensing/time.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { cli } from "../../support/cli.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { fromAgent, KMS01, request } from "../../support/facts.ts";
import { freePort, started } from "../../support/processes.ts";

let collector: Running;
let folder: string;
/** Noon UTC of 80 days ago. */
const START = Math.floor(Date.now() / DAY) * DAY - 80 * DAY + DAY / 2;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "export-"));
  collector = await runningCollector();
  // 30 clients renew each week; five weeks ago ten of them vanish.
  const facts = Array.from({ length: 11 }, (_, week) =>
    Array.from({ length: week < 6 ? 30 : 20 }, (_, client) =>
      request({ at: START + week * 7 * DAY + client * 1_000, client, recordId: week * 100 + client }),
    ),
  ).flat();
  const body = Buffer.from(encodeLogs([fromAgent(KMS01, facts, Date.now())]));
  const headers = { "content-type": "application/x-protobuf" };
  expect((await fetch(`${collector.otlpUrl}/v1/logs`, { method: "POST", headers, body })).status).toBe(200);
}, 60_000);
afterAll(async () => {
  await collector.stop();
  rmSync(folder, { recursive: true });
});

test("a real Prometheus shows the imported past", async () => {
  const file = join(folder, "past.om");
  const ran = await cli(["collector", "export", "--openmetrics", "--out", file, "--url", collector.webUrl]);
  expect(ran).toMatchObject({ code: 0, err: "", out: expect.stringContaining("samples of 1 KMS hosts") });
  expect(readFileSync(file, "utf8")).toMatch(/# EOF\n$/);
  const data = join(folder, "data");
  execFileSync("promtool", ["tsdb", "create-blocks-from", "openmetrics", file, data], { stdio: "pipe" });
  const port = await freePort();
  writeFileSync(join(folder, "prometheus.yml"), "");
  const server = await started(
    "prometheus",
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${data}`,
      "--storage.tsdb.retention.time=1y",
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    `http://127.0.0.1:${port}/-/ready`,
  );
  try {
    const value = async (query: string, at: number): Promise<number | undefined> => {
      const url = new URL(`http://127.0.0.1:${port}/api/v1/query`);
      url.search = new URLSearchParams({ query, time: iso(at) }).toString();
      const { data } = (await (await fetch(url)).json()) as { data: { result: { value: [number, string] }[] } };
      const found = data.result[0]?.value[1];
      return found === undefined ? undefined : Number(found);
    };
    const midnight = (day: number) => START + DAY / 2 + day * DAY;
    const host = `kms_host="${KMS01}",zone="core"`;
    expect(await value(`activation_kms_table_clients{${host},application="windows"}`, midnight(10))).toBeUndefined();
    expect(await value(`activation_kms_table_clients{${host},application="windows"}`, midnight(36))).toBe(30);
    expect(await value(`activation_kms_headroom{${host},product_class="client"}`, midnight(36))).toBe(5);
    expect(await value(`activation_kms_distinct_clients{${host},application="windows"}`, midnight(60))).toBe(30);
    expect(await value(`activation_kms_headroom{${host},product_class="client"}`, midnight(70))).toBe(-5);
    const falls = `activation_kms_below_threshold_timestamp_seconds{${host},product_class="client"}`;
    // The 25th freshest client: the fifth of those that vanished after the sixth week.
    expect(await value(falls, midnight(60))).toBe((START + 5 * 7 * DAY + 25_000 + 30 * DAY) / 1_000);
  } finally {
    await server.stop();
  }
}, 60_000);

test("without --openmetrics it is wrong usage", async () => {
  const ran = await cli(["collector", "export", "--out", join(folder, "x"), "--url", collector.webUrl]);
  expect(ran).toMatchObject({ code: 2, err: expect.stringContaining("--openmetrics") });
});
