import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { spoolSnapshot } from "../../../agent/spool/snapshot.ts";
import { normalise } from "../../../licensing/events/normalise.ts";
import { SECOND } from "../../../licensing/time.ts";
import { cli, MAIN } from "../../support/cli.ts";
import { runningCollector } from "../../support/collector.ts";
import { request, seriesOf } from "../../support/facts.ts";
import { keeping, ownFolder } from "../../support/keep.ts";
import { freePort } from "../../support/processes.ts";
import { until } from "../../support/until.ts";

/** A disk of two megabytes in memory; where mounting is not permitted there is nothing to try it on. */
const canMount = spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;
const onSmallDisk = canMount ? test : test.skip;
const keep = keeping();
afterEach(() => {
  if (canMount) spawnSync("umount", ["--lazy", disk()]);
});
const folder = ownFolder("small-disk");
const disk = () => join(folder(), "disk");
const spool = () => join(disk(), "spool");

beforeEach(() => {
  mkdirSync(disk());
  if (canMount) spawnSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk()]);
});

const NOW = Date.now() - 3_600 * SECOND;
const lines = (from: number, to: number) =>
  Array.from(
    { length: to - from },
    (_, i) => `${JSON.stringify(normalise(request({ at: NOW + from + i, client: from + i, recordId: from + i })))}\n`,
  ).join("");
const fillDisk = () => {
  const { bavail, bsize } = statfsSync(disk());
  // Blocks are set aside before they are written: the last ones are found by trying.
  for (let left = bavail * bsize; left > 0; left = Math.floor(left / 2))
    try {
      appendFileSync(join(disk(), "ballast"), Buffer.alloc(left));
    } catch {
      // Full.
    }
};
const log = () => join(folder(), "kms.ndjson");
const agentTo = (port: number, more = "") => {
  const config = join(folder(), "agent.yaml");
  writeFileSync(
    config,
    `collector: { url: "http://127.0.0.1:${port}" }\nhost: agent.contoso.com\nspool: { directory: ${spool()}${more} }\nlog: { file: ${disk()}/agent.log }\nrecorded: { files: [${log()}], interval: 50ms, live: true }\nheartbeat: { kms_host_interval: 100ms }\n`,
  );
  const child = spawn(process.execPath, [MAIN, "agent", "run", "--config", config], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let told = "";
  child.stderr.on("data", (it) => {
    told += it;
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  keep({
    stop: () => {
      child.kill("SIGKILL");
      return ended;
    },
  });
  return { child, ended, told: () => told };
};
const collectorAt = async (port: number) =>
  keep(await runningCollector("", join(folder(), "collector"), { ACTIVATION_OTLP_LISTEN: `127.0.0.1:${port}` }));
const distinct = async (url: string) => {
  const series = seriesOf(await (await fetch(`${url}/metrics`)).text());
  return [...series].find(([key]) => key.startsWith("activation_kms_distinct_clients{"))?.[1] ?? 0;
};
const spooledEvents = () => [...spoolSnapshot(spool())].flat().filter((it) => it.fact.kind === "event").length;

onSmallDisk("started on a full disk: what is spooled is sent, which makes room, and reading goes on", async () => {
  const port = await freePort();
  writeFileSync(log(), lines(1, 1_001));
  const first = agentTo(port);
  await until(async () => spooledEvents() === 1_000);
  first.child.kill("SIGKILL");
  await first.ended;
  appendFileSync(log(), lines(1_001, 2_001));
  fillDisk();
  const second = agentTo(port);
  await until(async () => second.told().includes("Reporting to"));
  const { webUrl } = await collectorAt(port);
  await until(async () => (await distinct(webUrl)) >= 1_000);
  rmSync(join(disk(), "ballast"));
  await until(async () => (await distinct(webUrl)) === 2_000);
  second.child.kill("SIGTERM");
  expect(await second.ended).toBe(0);
});

onSmallDisk(
  "full while it runs: no torn pieces, no heap of empty segments; once the collector is back everything arrives",
  async () => {
    const port = await freePort();
    // More than the disk holds.
    writeFileSync(log(), lines(1, 9_001));
    const agent = agentTo(port);
    await until(async () => agent.told().includes("ENOSPC"));
    expect(readdirSync(spool()).filter((it) => it.endsWith(".spool")).length).toBeLessThanOrEqual(2);
    const { webUrl } = await collectorAt(port);
    await until(async () => (await distinct(webUrl)) === 9_000, 60_000);
    agent.child.kill("SIGTERM");
    expect(await agent.ended).toBe(0);
  },
  90_000,
);

test("a spool smaller than one reading: said at the start, and everything arrives all the same", async () => {
  const port = await freePort();
  const { webUrl } = await collectorAt(port);
  writeFileSync(log(), lines(1, 3_001));
  const { told } = agentTo(port, ", max_size: 100KiB");
  const checked = await cli(["check-config", join(folder(), "agent.yaml")]);
  expect(checked).toMatchObject({ code: 0, out: expect.stringContaining("spool.max_size") });
  await until(async () => (await distinct(webUrl)) === 3_000, 60_000);
  expect(told()).toContain("spool.max_size (0.1 MiB) is less than one reading");
}, 90_000);
