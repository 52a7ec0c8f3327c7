// npm run bench:agent: what the agent costs a computer, measured with the bundle that the Windows package ships, here on
// Linux, against a real collector over TLS. Prints the table of docs/performance.md, and which goals are missed.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { rootCertificates } from "node:tls";
import { NODE_FLAGS } from "../../agent/commands/service-names.ts";
import { groupsOf } from "../../agent/delivery/sender.ts";
import { httpTransport } from "../../agent/delivery/transport.ts";
import type { Fact } from "../../licensing/facts.ts";
import { DAY, HOUR, MINUTE } from "../../licensing/time.ts";
import { encodeLogs } from "../../otlp/protobuf.ts";
import { bundleAgent, PROGRAM } from "../../packaging/bundle.ts";
import { ROOT } from "../support/cli.ts";
import { type Running, runningCollector } from "../support/collector.ts";
import { until } from "../support/until.ts";
import { fullReading, HOST, quarterlyHeartbeat, readingLine } from "./agent-workload.ts";
import { type CountedWire, countedWire } from "./counted-wire.ts";

const STARTS = 5;
const CYCLES = 400;
const IDLE_MS = 20_000;
const SETTLE_MS = 10_000;
const READINGS_A_DAY = 6;
const HEARTBEATS_A_DAY = 96;

/** Where there is none, as many roots as Node brings. */
const SYSTEM_ROOTS = "/etc/ssl/certs/ca-certificates.crt";
/** Stands for the thread that waits for event logs: like it, it has Node's modules and koffi, and blocks. */
const EVENT_THREAD = `
const { isMainThread, Worker } = require("node:worker_threads");
const wait = 'require("koffi"); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)';
if (isMainThread) new Worker(wait.replace("koffi", ${JSON.stringify(join(ROOT, "node_modules/koffi"))}), { eval: true, execArgv: [] }).unref();
`;

const folder = mkdtempSync(join(tmpdir(), "bench-agent-"));
const at = (name: string) => join(folder, name);

interface Cost {
  readonly cpuSeconds: number;
  readonly residentMb: number;
  readonly privateMb: number;
}
/** From the kernel: CPU of all threads in nanoseconds; resident and anonymous memory. */
const costOf = (pid: number): Cost => {
  const cpu = readdirSync(`/proc/${pid}/task`).reduce(
    (sum, it) => sum + Number(readFileSync(`/proc/${pid}/task/${it}/schedstat`, "utf8").split(" ")[0]),
    0,
  );
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mb = (key: string) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return { cpuSeconds: cpu / 1e9, residentMb: mb("VmRSS"), privateMb: mb("RssAnon") };
};
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

interface RunningAgent {
  readonly ready: Cost;
  cost(): Cost;
  stop(): Promise<void>;
}

/** The agent as the service runs it; resolves when it says that it is ready. */
const startedAgent = async (wire: CountedWire, more: string, preload = "thread.cjs"): Promise<RunningAgent> => {
  const config = at("agent.yaml");
  const spool = mkdtempSync(at("spool-"));
  writeFileSync(
    config,
    `collector: { url: "https://127.0.0.1:${wire.port}" }
host: ${HOST}
zone: core
spool: { directory: ${spool} }
log: { file: ${at("agent.log")} }
${more}\n`,
  );
  const args = [...NODE_FLAGS, "--require", at(preload), at(PROGRAM), "agent", "run", "--config", config];
  // The collector's CA is in the system's store, as an organisation's is in that of Windows: all of the store is read.
  const env = { ...process.env, SSL_CERT_FILE: at("roots.pem") };
  const child: ChildProcess = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let said = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr!.on("data", (it) => {
      said += it;
      if (said.includes("Reporting to")) resolve();
    });
    child.once("exit", () => reject(new Error(`The agent ended: ${said}`)));
  });
  const pid = child.pid!;
  return {
    ready: costOf(pid),
    cost: () => costOf(pid),
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
};

const accepted = async (collector: Running, kind: string): Promise<number> => {
  const text = await (await fetch(`${collector.webUrl}/metrics`)).text();
  const found = new RegExp(`records_total\\{kind="${kind}",outcome="accepted"\\} (\\d+)`).exec(text)?.[1];
  return Number(found ?? 0);
};

interface Row {
  readonly what: string;
  readonly found: number;
  readonly unit: string;
  readonly goal?: number;
}

const sizes = async (): Promise<Row[]> => {
  const { files } = await bundleAgent(ROOT, "0.0.0");
  for (const [name, bytes] of files) writeFileSync(at(name), bytes);
  const msi = at("agent.msi");
  execFileSync(process.execPath, [join(ROOT, "packaging/main.ts"), "--out", msi], { stdio: "ignore" });
  return [
    { what: "package (MSI, node.exe included)", found: statSync(msi).size / 1e6, unit: "MB" },
    { what: "program", found: files.get(PROGRAM)!.length / 1e6, unit: "MB" },
  ];
};

/** The program alone, and with a thread that waits: on Windows that of the event logs does. */
const starting = async (collector: Running, wire: CountedWire): Promise<Row[]> => {
  const [alone, waiting] = [
    await started(collector, wire, "nothing.cjs"),
    await started(collector, wire, "thread.cjs"),
  ];
  return [
    { what: "CPU to ready", found: alone.cpuSeconds, unit: "s", goal: 0.15 },
    { what: "resident after start, without the thread for event logs", found: alone.residentMb, unit: "MB", goal: 60 },
    { what: "private after start, without the thread for event logs", found: alone.privateMb, unit: "MB", goal: 20 },
    { what: "resident after start", found: waiting.residentMb, unit: "MB", goal: 60 },
    { what: "private after start", found: waiting.privateMb, unit: "MB", goal: 20 },
  ];
};

/** Medians of some starts: CPU until it is ready, memory a second after the first delivery. */
const started = async (collector: Running, wire: CountedWire, preload: string): Promise<Cost> => {
  const ready: number[] = [];
  const idle: Cost[] = [];
  for (let i = 0; i < STARTS; i += 1) {
    const before = await accepted(collector, "heartbeat");
    const agent = await startedAgent(wire, "heartbeat: { kms_host_interval: 4m }", preload);
    ready.push(agent.ready.cpuSeconds);
    await until(async () => (await accepted(collector, "heartbeat")) > before);
    await pause(1_000);
    idle.push(agent.cost());
    await agent.stop();
  }
  return {
    cpuSeconds: median(ready),
    residentMb: median(idle.map((it) => it.residentMb)),
    privateMb: median(idle.map((it) => it.privateMb)),
  };
};

const working = async (collector: Running, wire: CountedWire): Promise<Row[]> => {
  const file = at("readings.ndjson");
  writeFileSync(file, "");
  const agent = await startedAgent(wire, `recorded: { files: [${file}], interval: 25ms }`);
  await pause(1_000);
  const before = agent.cost();
  const had = await accepted(collector, "licensing");
  const began = Date.now() - CYCLES * MINUTE;
  for (let i = 1; i <= CYCLES; i += 1) {
    appendFileSync(file, readingLine(began + i * MINUTE));
    await until(async () => (await accepted(collector, "licensing")) >= had + i);
  }
  const after = agent.cost();
  await agent.stop();
  const quiet = await startedAgent(wire, "heartbeat: { kms_host_interval: 15m }");
  // V8 tidies up once, some seconds after a start.
  await pause(SETTLE_MS);
  const still = quiet.cost();
  await pause(IDLE_MS);
  const idleADay = ((quiet.cost().cpuSeconds - still.cpuSeconds) / IDLE_MS) * DAY;
  await quiet.stop();
  const cycle = (after.cpuSeconds - before.cpuSeconds) / CYCLES;
  // A heartbeat is far cheaper than a reading; taken as dear as one, it is an upper bound.
  const aDay = idleADay + (READINGS_A_DAY + HEARTBEATS_A_DAY) * cycle;
  return [
    { what: `resident after ${CYCLES} cycles`, found: after.residentMb, unit: "MB" },
    { what: `private after ${CYCLES} cycles`, found: after.privateMb, unit: "MB" },
    { what: "CPU of a cycle (24 KB gathered and delivered)", found: cycle * 1_000, unit: "ms" },
    { what: "CPU a day of an ordinary client", found: aDay, unit: "s" },
    { what: "CPU on average, of one core", found: (aDay / (DAY / 1_000)) * 100, unit: "%", goal: 0.05 },
  ];
};

/**
 * A day's traffic of an ordinary client, through the agent's own encoder and transport: a reading every four hours, a
 * heartbeat every quarter of an hour; eight of these travel together, or what there is with a reading (`holdHeartbeats`), each
 * time on a new connection, because the collector has ended the last one by then.
 */
const wired = async (wire: CountedWire): Promise<Row[]> => {
  const transport = httpTransport({
    url: `https://127.0.0.1:${wire.port}`,
    token_file: at("token"),
    tls: { ca_file: at("cert.pem") },
  } as Parameters<typeof httpTransport>[0]);
  const computer = {
    host: HOST,
    instanceId: crypto.randomUUID(),
    agentVersion: "0.1.0",
    zone: "core",
    osType: "windows",
  };
  const [bytes, connections] = [wire.bytes, wire.connections];
  const deliveries = Array.from({ length: DAY / (4 * HOUR) }, () => [
    { beats: 8, reading: false },
    { beats: 8, reading: true },
  ]).flat();
  let now = Date.now() - DAY;
  for (const { beats, reading } of deliveries) {
    const facts: { at: number; fact: Fact }[] = [];
    for (let i = 0; i < beats; i += 1) {
      now += 15 * MINUTE;
      facts.push({ at: now, fact: quarterlyHeartbeat(now) });
    }
    if (reading) facts.push({ at: now, fact: fullReading(now) });
    const records = facts.map((it, i) => ({
      uid: `${computer.instanceId}-${now}-${i}`,
      host: HOST,
      observedAt: it.at,
      fact: it.fact,
    }));
    const sent = await transport.send(encodeLogs(groupsOf(records, () => computer)), AbortSignal.timeout(5_000));
    if (sent.outcome !== "accepted" || sent.rejected > 0) throw new Error(`Not accepted: ${JSON.stringify(sent)}`);
    await wire.cut();
  }
  transport.close();
  return [
    { what: "connections a day of an ordinary client (TLS)", found: wire.connections - connections, unit: "" },
    { what: "bytes a day of an ordinary client (TLS)", found: (wire.bytes - bytes) / 1e3, unit: "KB", goal: 80 },
  ];
};

const bench = async (): Promise<Row[]> => {
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", at("key.pem"), "-out", at("cert.pem")];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...files, ...subject], {
    stdio: "ignore",
  });
  const roots = existsSync(SYSTEM_ROOTS) ? readFileSync(SYSTEM_ROOTS, "utf8") : rootCertificates.join("\n");
  writeFileSync(at("roots.pem"), `${roots}\n${readFileSync(at("cert.pem"), "utf8")}`);
  writeFileSync(at("thread.cjs"), EVENT_THREAD);
  writeFileSync(at("nothing.cjs"), "");
  writeFileSync(at("token"), "0123456789abcdef0123456789abcdef\n");
  const tls = `tls: { cert_file: ${at("cert.pem")}, key_file: ${at("key.pem")} }`;
  const collector = await runningCollector(`otlp: { ${tls} }\n`);
  const wire = await countedWire(Number(new URL(collector.otlpUrl).port));
  try {
    return [
      ...(await sizes()),
      ...(await starting(collector, wire)),
      ...(await working(collector, wire)),
      ...(await wired(wire)),
    ];
  } finally {
    wire.stop();
    await collector.stop();
  }
};

try {
  const rows = await bench();
  const digits = (value: number) => (value < 1 ? value.toFixed(3) : value.toFixed(1));
  process.stdout.write("| | measured | goal |\n| --- | --- | --- |\n");
  for (const { what, found, goal, unit } of rows)
    process.stdout.write(`| ${what} | ${digits(found)} ${unit} | ${goal === undefined ? "" : `≤ ${goal} ${unit}`} |\n`);
  const missed = rows.filter(({ found, goal }) => goal !== undefined && found > goal);
  for (const { what } of missed) process.stderr.write(`Goal missed: ${what}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
