import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import winston from "winston";
import { readAgentConfig } from "../../agent/config.ts";
import { recordedSource } from "../../agent/sources/recorded.ts";
import { spoolSnapshot } from "../../agent/spool/snapshot.ts";
import { startAgent } from "../../agent/start.ts";
import { normalise } from "../../licensing/events/normalise.ts";
import { HOUR, SECOND } from "../../licensing/time.ts";
import { cli, MAIN } from "../support/cli.ts";
import { type Running, runningCollector } from "../support/collector.ts";
import { KMS01, licensing, request, seriesOf } from "../support/facts.ts";
import { until } from "../support/until.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "agent-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const NOW = Date.now() - 60 * SECOND;
const line = (client: number) =>
  `${JSON.stringify(normalise(request({ at: NOW + client, client, recordId: client })))}\n`;

describe("a recording that is followed", () => {
  const read = async (source: ReturnType<typeof recordedSource>, bookmark?: string) => {
    const it = await source.read(bookmark, AbortSignal.timeout(1_000));
    return {
      ...it,
      clients: it.facts.map(({ fact }) => (fact.kind === "event" ? normalise(fact).record_id : fact.kind)),
    };
  };
  test("what is appended is read once; a torn last line waits; a replaced file begins anew", async () => {
    const file = join(folder, "log.ndjson");
    writeFileSync(file, line(1) + line(2).slice(0, 50));
    const source = recordedSource(file, Date.now, false);
    const first = await read(source);
    expect(first.clients).toEqual([1]);
    appendFileSync(file, line(2).slice(50) + line(3));
    const second = await read(source, first.bookmark);
    expect(second.clients).toEqual([2, 3]);
    expect(second.readUntil).toEqual([
      { host: KMS01, channel: "Key Management Service", at: NOW + 3, oldest: NOW + 1 },
    ]);
    expect((await read(source, second.bookmark)).clients).toEqual([]);
    writeFileSync(file, line(9));
    expect(await read(source, second.bookmark)).toMatchObject({ clients: [9], gaps: 1 });
  });
  test("XML and license state, too; of a live file the end is the present", async () => {
    const file = join(folder, "log.xml");
    const xml = (id: number) =>
      `<Event><System><Provider Name="Microsoft-Windows-Security-SPP"/><EventID>12290</EventID><TimeCreated SystemTime="${new Date(NOW).toISOString()}"/><EventRecordID>${id}</EventRecordID><Channel>Key Management Service</Channel><Computer>${KMS01}</Computer></System></Event>`;
    writeFileSync(file, `${xml(1)}\n${xml(2)}${xml(3).slice(0, 40)}`);
    const source = recordedSource(file, () => NOW + 5, true);
    expect(await read(source)).toMatchObject({ clients: [1, 2], readUntil: [{ at: NOW + 5 }] });
    const readings = join(folder, "state.ndjson");
    writeFileSync(readings, `${JSON.stringify({ host: "PC1", products: licensing().products })}\n${line(1)}`);
    expect(await read(recordedSource(readings, Date.now, false))).toMatchObject({ clients: [1, "licensing"] });
  });
});

describe("the agent and a collector", () => {
  let collector: Running;
  beforeEach(async () => {
    collector = await runningCollector();
  });
  afterEach(() => collector.stop());
  const run = (log: string) => {
    const config = join(folder, "agent.yaml");
    writeFileSync(
      config,
      `collector: { url: "${collector.otlpUrl}" }\nzone: core\nhost: agent.contoso.com\nspool: { directory: ${folder}/spool }\nrecorded: { files: [${log}], interval: 50ms, live: true }\nheartbeat: { kms_host_interval: 100ms }\n`,
    );
    const child = spawn(process.execPath, [MAIN, "agent", "run", "--config", config], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    return { child, ended };
  };
  const value = async (name: string) => {
    const series = seriesOf(await (await fetch(`${collector.webUrl}/metrics`)).text());
    return [...series].find(([key]) => key.startsWith(`activation_${name}{`))?.[1];
  };

  test("killed in mid-stream and started again: nothing is lost, nothing counts twice, the count is known until now", async () => {
    const log = join(folder, "kms.ndjson");
    writeFileSync(log, Array.from({ length: 200 }, (_, i) => line(i + 1)).join(""));
    const first = run(log);
    await until(async () => ((await value("kms_distinct_clients")) ?? 0) > 0);
    appendFileSync(log, Array.from({ length: 50 }, (_, i) => line(i + 201)).join(""));
    first.child.kill("SIGKILL");
    await first.ended;
    appendFileSync(log, line(251));
    const second = run(log);
    await until(async () => (await value("kms_distinct_clients")) === 251);
    await until(async () => (await value("kms_ledger_complete")) === 1);
    const series = seriesOf(await (await fetch(`${collector.webUrl}/metrics`)).text());
    expect(
      series.get(
        `activation_kms_requests_total{kms_host="${KMS01}",zone="unassigned",application="windows",status="licensed"}`,
      ),
    ).toBe(251);
    // The zone is that of the agent's own computer, not of the KMS host whose recorded log it reads.
    expect(series.get('activation_computers{zone="core",state="reporting",source="agent"}')).toBe(1);
    // That host and its clients have no agent.
    expect(series.get('activation_computers{zone="unassigned",state="reporting",source="kms"}')).toBe(252);
    second.child.kill("SIGTERM");
    expect(await second.ended).toBe(0);
  });

  test("a clock that is set back does not silence an agent", async () => {
    let ahead = HOUR;
    const agent = await startAgent(
      readAgentConfig(
        "agent.yaml",
        `collector: { url: "${collector.otlpUrl}" }\nspool: { directory: ${folder}/spool }\nheartbeat: { kms_host_interval: 100ms }`,
        {},
      ),
      {
        clock: () => Date.now() + ahead,
        log: winston.createLogger({ silent: true }),
        version: "1",
        environment: {},
        random: () => 0,
      },
    );
    try {
      const beats = async () => {
        const series = seriesOf(await (await fetch(`${collector.webUrl}/metrics`)).text());
        const of = (outcome: string) =>
          series.get(`activation_collector_records_total{kind="heartbeat",outcome="${outcome}"}`) ?? 0;
        return of("accepted") + of("duplicate");
      };
      await until(async () => (await beats()) > 1);
      ahead = 0;
      const before = await beats();
      await until(async () => (await beats()) > before + 2);
    } finally {
      await agent.stop();
    }
  });

  test("a full disk: what is spooled is sent all the same, and reading goes on once there is room", async () => {
    const log = join(folder, "kms.ndjson");
    const { port } = new URL(collector.otlpUrl);
    writeFileSync(log, line(1));
    const agent = run(log);
    await until(async () => (await value("kms_distinct_clients")) === 1);
    await collector.stop();
    appendFileSync(log, line(2));
    const spooled = () => [...spoolSnapshot(join(folder, "spool"))].flat().some((it) => it.fact.kind === "event");
    await until(async () => spooled());
    const limitFiles = (bytes: string) => execFileSync("prlimit", [`--pid=${agent.child.pid}`, `--fsize=${bytes}:`]);
    limitFiles("0");
    appendFileSync(log, line(3));
    collector = await runningCollector("", undefined, { ACTIVATION_OTLP_LISTEN: `127.0.0.1:${port}` });
    await until(async () => (await value("kms_distinct_clients")) === 1);
    limitFiles("unlimited");
    await until(async () => (await value("kms_distinct_clients")) === 2);
    agent.child.kill("SIGTERM");
    expect(await agent.ended).toBe(0);
  });
});

test("configuration: every mistake is listed, and check-config knows whose file it is", async () => {
  const file = join(folder, "agent.yaml");
  writeFileSync(
    file,
    'collector: { url: "ftp://x", tls: { cert_file: a } }\nspool: { max_size: 3 }\nlicense: { schedule: never }\ncolour: red\n',
  );
  const ran = await cli(["check-config", file]);
  expect(ran.code).toBe(2);
  for (const it of ["collector.url", "collector.tls", "spool.max_size", "license.schedule", "colour"])
    expect(ran.err).toContain(it);
  writeFileSync(file, "zone: core\n");
  expect(await cli(["check-config", file])).toMatchObject({
    code: 0,
    out: expect.stringContaining("valid agent configuration"),
  });
});
