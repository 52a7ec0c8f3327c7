import type { ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { readAgentConfig } from "../../agent/config.ts";
import { simulateFleet } from "../../agent/simulation/run-simulation.ts";
import { SIMULATED_MAK, SIMULATED_ZONES } from "../../agent/simulation/simulate.ts";
import { startAgent } from "../../agent/start.ts";
import { readCollectorConfig } from "../../collector/config.ts";
import { startCollector } from "../../collector/start.ts";
import { type Log, openLog } from "../../config/log.ts";
import { VERSION } from "../../config/version.ts";
import { startMonitoringStack } from "./monitoring-stack.ts";

const COMPUTERS = 400;
const DATA = "data";

/**
 * `npm start`: a collector on the embedded store, a small simulated fleet, and Prometheus, Alertmanager and Grafana where they
 * are on the PATH, with the generated configuration. Everything ends with Ctrl-C.
 */
export const startAll = async (out: { write(text: string): unknown }): Promise<number> => {
  const log = openLog({ terminal: true, level: "warn" });
  const ended = new AbortController();
  const children: ChildProcess[] = [];
  // However this process ends, what it started ends with it; an impatient second Ctrl-C must not leave Prometheus behind.
  process.once("exit", () => {
    for (const it of children) it.kill("SIGTERM");
  });
  for (const it of ["SIGINT", "SIGTERM"] as const)
    process.on(it, () => (ended.signal.aborted ? process.exit(1) : ended.abort()));
  mkdirSync(DATA, { recursive: true });
  const config = readCollectorConfig(
    "(npm start)",
    JSON.stringify({ store: { url: `sqlite:./${DATA}/demo.db` }, zones: SIMULATED_ZONES, mak: SIMULATED_MAK }),
    process.env,
  );
  const collector = await startCollector(config, { clock: Date.now, log, version: VERSION });
  try {
    out.write(
      `Collector    ${collector.webUrl}   (status page, /metrics, /api/v1/…)\nOTLP         ${collector.otlpUrl}/v1/logs\n`,
    );
    children.push(...(await startMonitoringStack(collector.webUrl, DATA, out)));
    if (process.platform === "win32") await followThisComputer(collector.otlpUrl, { log, out, signal: ended.signal });
    else {
      out.write(
        `Fleet        ${COMPUTERS} simulated computers, because there is no Windows here to read. Ctrl-C ends everything.\n`,
      );
      await simulateFleet(
        { hosts: COMPUTERS, seed: 1, url: collector.otlpUrl, once: false, speed: 1, since: 0 },
        ended.signal,
        () => {},
      );
    }
    return 0;
  } finally {
    for (const it of children) it.kill("SIGTERM");
    await collector.stop();
  }
};

/** An agent as it runs on every computer, but in this process. */
const followThisComputer = async (
  url: string,
  { log, out, signal }: { log: Log; out: { write(text: string): unknown }; signal: AbortSignal },
): Promise<void> => {
  const text = JSON.stringify({ collector: { url }, spool: { directory: join(DATA, "spool") } });
  const config = readAgentConfig("(npm start)", text, process.env);
  const parts = { clock: Date.now, log, version: VERSION, environment: process.env, random: Math.random };
  const agent = await startAgent(config, parts);
  out.write("Agent        reads this computer's event logs and license state. Ctrl-C ends everything.\n");
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  await agent.stop();
};
