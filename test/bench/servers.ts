import { fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../support/processes.ts";

/** A server under measurement, in a process of its own. */
export interface Server {
  readonly pid: number;
  readonly url: string;
  /** From its start to its first ready answer. */
  readonly startSeconds: number;
  stop(): Promise<void>;
}

export interface CollectorServer extends Server {
  /** Where its pages and /metrics are. */
  readonly web: string;
}

/** As `npm run cli` starts it in a checkout, so that what is measured is what runs. */
const programIn = (checkout: string): string[] =>
  (JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as { scripts: { cli: string } }).scripts.cli
    .split(" ")
    .slice(1)
    .map((it) => (it.startsWith("-") ? it : join(checkout, it)));

/** The name of a collector's database in its folder. */
export const DATABASE = "activation.db";

/** The real program as in production; the same folder again finds the same database. */
export const collectorServer = async (
  folder: string,
  checkout: string,
  storeUrl = `sqlite:${join(folder, DATABASE)}`,
): Promise<CollectorServer> => {
  const [otlp, web] = [await freePort(), await freePort()];
  const started = await program(
    process.execPath,
    [...programIn(checkout), "collector", "run"],
    `http://127.0.0.1:${web}/-/ready`,
    {
      ACTIVATION_OTLP_LISTEN: `127.0.0.1:${otlp}`,
      ACTIVATION_HTTP_LISTEN: `127.0.0.1:${web}`,
      ACTIVATION_STORE_URL: storeUrl,
    },
  );
  return { ...started, url: `http://127.0.0.1:${otlp}`, web: `http://127.0.0.1:${web}` };
};

export const bareServer = async (): Promise<Server> => {
  const begun = performance.now();
  const child = fork(new URL("./bare-server.ts", import.meta.url));
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  return {
    pid: child.pid!,
    url: `http://127.0.0.1:${port}`,
    startSeconds: (performance.now() - begun) / 1_000,
    stop: async () => {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
};

const PUSHGATEWAY = "prometheus-pushgateway";
export const hasPushgateway = (): boolean => spawnSync(PUSHGATEWAY, ["--version"], { stdio: "ignore" }).status === 0;

/** Debian's prometheus-pushgateway, with its consistency check (its default) or without. */
export const pushgatewayServer = async (folder: string, check: boolean): Promise<Server> => {
  const port = await freePort();
  const args = [`--web.listen-address=127.0.0.1:${port}`, `--persistence.file=${join(folder, "pushgateway")}`];
  if (!check) args.push("--push.disable-consistency-check");
  const url = `http://127.0.0.1:${port}`;
  return { ...(await program(PUSHGATEWAY, args, `${url}/-/ready`, {})), url };
};

const READY_WITHIN_MS = 60_000;

const program = async (
  command: string,
  args: readonly string[],
  ready: string,
  env: NodeJS.ProcessEnv,
): Promise<{ pid: number; startSeconds: number; stop(): Promise<void> }> => {
  const begun = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...env } });
  let log = "";
  child.stderr.on("data", (it) => {
    log = (log + it).slice(-4_000);
  });
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
    child.on("error", (cause) => {
      log += cause.message;
      resolve();
    });
  });
  const stop = async () => {
    child.kill();
    await ended;
  };
  while (!(await answers(ready))) {
    if (child.exitCode !== null || child.pid === undefined || performance.now() - begun > READY_WITHIN_MS) {
      await stop();
      throw new Error(`${command} did not become ready: ${log}`);
    }
  }
  return { pid: child.pid!, startSeconds: (performance.now() - begun) / 1_000, stop };
};

/** Asked without a pause: each question takes about a millisecond. */
const answers = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.ok;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return false;
  }
};
