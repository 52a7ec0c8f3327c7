import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { readAgentConfig } from "./agent/config.ts";
import { simulateFleet } from "./agent/fleet/command.ts";
import { SIMULATED_MAK, SIMULATED_ZONES } from "./agent/fleet/simulate.ts";
import { startAgent } from "./agent/start.ts";
import { buildAlerts } from "./alerts/build.ts";
import { readCollectorConfig } from "./collector/config.ts";
import { startCollector } from "./collector/start.ts";
import { type Log, openLog } from "./settings/log.ts";
import { VERSION } from "./settings/version.ts";
import { grafanaStart } from "./start-grafana.ts";

const COMPUTERS = 400;
const DATA = "data";

/**
 * `npm start`: a collector on the embedded store, a small simulated fleet, and Prometheus, Alertmanager and Grafana where they
 * are on the PATH, with the generated configuration. Everything ends with Ctrl-C.
 */
export const startAll = async (out: { write(text: string): unknown }): Promise<number> => {
  const log = openLog({ terminal: true, level: "warn" });
  const ended = new AbortController();
  for (const it of ["SIGINT", "SIGTERM"] as const) process.once(it, () => ended.abort());
  mkdirSync(DATA, { recursive: true });
  const config = readCollectorConfig(
    "(npm start)",
    JSON.stringify({ store: { url: `sqlite:./${DATA}/demo.db` }, zones: SIMULATED_ZONES, mak: SIMULATED_MAK }),
    process.env,
  );
  const collector = await startCollector(config, { clock: Date.now, log, version: VERSION });
  const children: { name: string; child: ChildProcess }[] = [];
  try {
    out.write(
      `Collector    ${collector.webUrl}   (status page, /metrics, /api/v1/…)\nOTLP         ${collector.otlpUrl}/v1/logs\n`,
    );
    children.push(...neighbours(collector.webUrl, out));
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
    for (const { child } of children) child.kill("SIGTERM");
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
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  await agent.stop();
};

const PROMETHEUS_PORT = 9090;
const ALERTMANAGER_PORT = 9093;
const GRAFANA_PORT = 3000;

const neighbours = (webUrl: string, out: { write(text: string): unknown }): { name: string; child: ChildProcess }[] => {
  const generated = resolve(DATA, "generated");
  const dashboards = `http://127.0.0.1:${GRAFANA_PORT}`;
  buildAlerts(
    generated,
    { dashboards, runbook: pathToFileURL(join(generated, "runbook.md")).href },
    { collector: new URL(webUrl).host, alertmanager: `127.0.0.1:${ALERTMANAGER_PORT}` },
  );
  const start = (title: string, url: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const child = spawn(command, args, { stdio: "ignore", detached: false, env: { ...process.env, ...env } });
    child.on("exit", (code) => {
      if (code)
        out.write(
          `${title} ended with code ${code}: is ${url} in use? Stop what listens there; the collector goes on without it.\n`,
        );
    });
    out.write(`${title.padEnd(12)} ${url}\n`);
    return [{ name: title, child }];
  };
  const missing = (title: string) => {
    out.write(`${title.padEnd(12)} not on the PATH; its configuration is in ${DATA}/generated\n`);
    return [];
  };
  const run = (names: readonly string[], args: readonly string[], title: string, url: string) => {
    const name = names.find((it) => spawnSync(it, ["--version"], { stdio: "ignore" }).status === 0);
    return name ? start(title, url, name, args) : missing(title);
  };
  const prometheusUrl = `http://127.0.0.1:${PROMETHEUS_PORT}`;
  const grafana = grafanaStart({
    generated,
    data: resolve(DATA, "grafana"),
    prometheusUrl,
    port: GRAFANA_PORT,
    env: process.env,
  });
  return [
    ...run(
      ["prometheus"],
      [
        `--config.file=${join(generated, "prometheus.yaml")}`,
        `--storage.tsdb.path=${resolve(DATA, "prometheus")}`,
        `--web.listen-address=127.0.0.1:${PROMETHEUS_PORT}`,
      ],
      "Prometheus",
      prometheusUrl,
    ),
    ...run(
      ["alertmanager", "prometheus-alertmanager"],
      [
        `--config.file=${join(generated, "alertmanager.yaml")}`,
        `--storage.path=${resolve(DATA, "alertmanager")}`,
        `--web.listen-address=127.0.0.1:${ALERTMANAGER_PORT}`,
        "--cluster.listen-address=",
      ],
      "Alertmanager",
      `http://127.0.0.1:${ALERTMANAGER_PORT}`,
    ),
    ...(grafana ? start("Grafana", dashboards, grafana.command, grafana.args, grafana.env) : missing("Grafana")),
  ];
};
