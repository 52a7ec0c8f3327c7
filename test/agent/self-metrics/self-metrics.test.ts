import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { VERSION } from "../../../config/version.ts";
import { cli, MAIN } from "../../support/cli.ts";
import { runningCollector } from "../../support/collector.ts";
import { hostReading, KMS01, licensing, product, seriesOf } from "../../support/facts.ts";
import { keeping, ownFolder } from "../../support/keep.ts";
import { freePort } from "../../support/processes.ts";
import { until } from "../../support/until.ts";

const keep = keeping();
const folder = ownFolder("local");

const readings = () => join(folder(), "readings.ndjson");
const read = (host: string, fact: object) => appendFileSync(readings(), `${JSON.stringify({ host, ...fact })}\n`);
/** The real program, on recorded readings. */
const agent = (yaml: string) => {
  if (!existsSync(readings())) writeFileSync(readings(), "");
  const config = join(folder(), "agent.yaml");
  writeFileSync(
    config,
    `host: ${KMS01}\nspool: { directory: ${folder()}/spool }\nrecorded: { files: [${readings()}], interval: 50ms }\nheartbeat: { kms_host_interval: 100ms }\n${yaml}`,
  );
  const child = spawn(process.execPath, [MAIN, "agent", "run", "--config", config], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (it) => {
    log += it;
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  keep({
    stop: () => {
      child.kill("SIGKILL");
      return ended;
    },
  });
  return { child, ended, log: () => log };
};

const CLIENTS = 'activation_local_kms_reported_clients{application="windows"}';

test("scraped, without a collector: the reading of this computer, not of another, and how the agent fares", async () => {
  read("pc1.contoso.com", licensing([product({ LicenseStatus: 5 })]));
  read(KMS01, hostReading(28));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { log } = agent(`collector: { url: "" }\nmetrics: { listen: "127.0.0.1:${port}" }\n`);
  const series = async () => seriesOf(await (await fetch(`${url}/metrics`)).text());
  await until(async () => (await series()).get(CLIENTS) === 28);
  const now = await series();
  expect([...now.keys()].filter((it) => it.includes('status="notification"')).map((it) => now.get(it))).toEqual([0]);
  await until(async () => ((await series()).get("activation_local_agent_spooled_records") ?? 0) > 0);
  expect([...now.keys()].some((it) => it.includes("last_delivery"))).toBe(false);
  expect(now.get("activation_local_reading_timestamp_seconds")).toBeGreaterThan(Date.now() / 1_000 - 60);
  expect(log()).toContain(`${url}/metrics`);
  expect(log()).not.toContain("4318");

  const open = await fetch(`${url}/metrics`, { headers: { accept: "application/openmetrics-text" } });
  expect(open.headers.get("content-type")).toContain("application/openmetrics-text");
  expect(await open.text()).toMatch(/# EOF\n$/);
  expect((await fetch(`${url}/metrics`, { method: "HEAD" })).status).toBe(200);
  expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
  expect((await fetch(`${url}/metrics`, { method: "POST", body: "x" })).status).toBe(405);
});

test("as a file for windows_exporter, beside a collector: whole at any time, new with each reading, gone stale by its own times", async () => {
  const collector = keep(await runningCollector());
  mkdirSync(join(folder(), "textfile"));
  const file = join(folder(), "textfile", "activation.prom");
  const { child, ended } = agent(`collector: { url: "${collector.otlpUrl}" }\nmetrics: { textfile: "${file}" }\n`);
  const series = async () => seriesOf(readFileSync(file, "utf8"));
  await until(async () => (await series()).has(`activation_local_agent_build_info{version="${VERSION}"}`));
  read(KMS01, hostReading(28));
  await until(async () => (await series()).get(CLIENTS) === 28);
  read(KMS01, hostReading(31));
  await until(async () => (await series()).get(CLIENTS) === 31);
  // The file is as new as its last reading; the delivery of that one is told with the next.
  await until(async () => {
    read(KMS01, hostReading(31));
    return ((await series()).get("activation_local_agent_last_delivery_timestamp_seconds") ?? 0) > 0;
  });
  expect(readdirSync(join(folder(), "textfile"))).toEqual(["activation.prom"]);
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  const last = await series();
  expect(last.get("activation_local_agent_timestamp_seconds")).toBeLessThanOrEqual(Date.now() / 1_000);
});

test("a folder that is not there is a source that fails, told in log and heartbeat; the agent goes on", async () => {
  const collector = keep(await runningCollector());
  const { log } = agent(
    `collector: { url: "${collector.otlpUrl}" }\nmetrics: { textfile: "${folder()}/nowhere/a.prom" }\n`,
  );
  const failing = 'activation_agent_failing_sources{zone="unassigned",source="textfile"}';
  await until(async () => {
    const text = await (await fetch(`${collector.webUrl}/metrics`)).text();
    return seriesOf(text).get(failing) === 1;
  });
  expect(log()).toContain("nowhere/a.prom");
});

test("an address that is in use ends the start with a sentence, and frees the spool", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  keep({ stop: () => new Promise((resolve) => other.close(resolve)) });
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as { port: number };
  const config = join(folder(), "agent.yaml");
  writeFileSync(config, `spool: { directory: ${folder()}/spool }\nmetrics: { listen: "127.0.0.1:${port}" }\n`);
  const ran = await cli(["agent", "run", "--config", config]);
  expect(ran.code).toBe(1);
  expect(ran.err).toContain(`metrics.listen: cannot listen on 127.0.0.1:${port}`);
  expect(existsSync(join(folder(), "spool", "lock"))).toBe(false);
});
