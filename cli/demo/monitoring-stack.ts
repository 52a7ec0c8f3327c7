import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { buildAlerts } from "../../alerts/build.ts";
import { grafanaStart } from "./grafana.ts";

const PROMETHEUS_PORT = 9090;
const ALERTMANAGER_PORT = 9093;
const GRAFANA_PORT = 3000;

type Out = { write(text: string): unknown };

/**
 * Starts Prometheus, Alertmanager and Grafana, as far as they are on the PATH, with the generated configuration, each on its
 * usual port or, where another program has that, on a free one.
 */
export const startMonitoringStack = async (webUrl: string, data: string, out: Out): Promise<ChildProcess[]> => {
  const generated = resolve(data, "generated");
  const [prometheus, alertmanager, grafana] = (await Promise.all(
    [PROMETHEUS_PORT, ALERTMANAGER_PORT, GRAFANA_PORT].map(addressOf),
  )) as [Address, Address, Address];
  const files = buildAlerts(
    generated,
    { dashboards: grafana.url, runbook: pathToFileURL(join(generated, "runbook.md")).href },
    { collectors: [new URL(webUrl).host], alertmanager: alertmanager.host, receivers: "none" },
  );
  for (const { file, edited } of files)
    if (edited) out.write(`${edited} was edited and stays as it is; compare it with ${file}\n`);
  const drawn = grafanaStart({
    generated,
    data: resolve(data, "grafana"),
    prometheusUrl: prometheus.url,
    collectorUrl: webUrl,
    port: grafana.port,
    env: process.env,
  });
  mkdirSync(resolve(data, "log"), { recursive: true });
  const start = (title: string, address: Address, command: string, args: readonly string[], env = {}) => {
    const log = join(data, "log", `${title.toLowerCase()}.log`);
    const output = openSync(log, "w");
    const child = spawn(command, args, { stdio: ["ignore", output, output], env: { ...process.env, ...env } });
    child.on("error", (cause) => out.write(`${title} cannot be started: ${cause.message}\n`));
    child.on("exit", (code) => {
      if (code) out.write(`${title} ended with code ${code}; ${log} tells why. The rest goes on without it.\n`);
    });
    const usual = address.taken === undefined ? "" : `   (port ${address.taken} is in use)`;
    out.write(`${title.padEnd(12)} ${address.url}${usual}\n`);
    return [child];
  };
  const missing = (title: string) => {
    out.write(`${title.padEnd(12)} not on the PATH; its configuration is in ${data}/generated\n`);
    return [];
  };
  const run = (title: string, address: Address, names: readonly string[], args: readonly string[]) => {
    const name = names.find((it) => spawnSync(it, ["--version"], { stdio: "ignore" }).status === 0);
    return name ? start(title, address, name, args) : missing(title);
  };
  return [
    ...run(
      "Prometheus",
      prometheus,
      ["prometheus"],
      [
        `--config.file=${join(generated, "prometheus.yaml")}`,
        `--storage.tsdb.path=${resolve(data, "prometheus")}`,
        `--web.listen-address=${prometheus.host}`,
      ],
    ),
    ...run(
      "Alertmanager",
      alertmanager,
      ["alertmanager", "prometheus-alertmanager"],
      [
        `--config.file=${join(generated, "alertmanager.yaml")}`,
        `--storage.path=${resolve(data, "alertmanager")}`,
        `--web.listen-address=${alertmanager.host}`,
        "--cluster.listen-address=",
      ],
    ),
    ...(drawn ? start("Grafana", grafana, drawn.command, drawn.args, drawn.env) : missing("Grafana")),
  ];
};

interface Address {
  readonly port: number;
  readonly host: string;
  readonly url: string;
  /** The usual port, where another program has it. */
  readonly taken?: number;
}

const addressOf = async (usual: number): Promise<Address> => {
  const port = await freePort(usual).catch(() => freePort(0));
  const host = `127.0.0.1:${port}`;
  return { port, host, url: `http://${host}`, ...(port !== usual && { taken: usual }) };
};

const freePort = (wanted: number): Promise<number> =>
  new Promise((found, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(wanted, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => found(port));
    });
  });
