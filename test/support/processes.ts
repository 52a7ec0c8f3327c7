import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createNetServer } from "node:net";
import { until } from "./until.ts";

/** A port that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createNetServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

export interface Process {
  readonly child: ChildProcess;
  /** Ends it and waits until it has ended. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts a real program and waits until `url` answers; the test that starts it stops it. */
export const started = async (command: string, args: readonly string[], url?: string): Promise<Process> => {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (it) => {
    log = (log + it).slice(-4_000);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("close", resolve);
    child.on("error", reject);
  });
  const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
    child.kill(signal);
    return ended;
  };
  if (url === undefined) return { child, stop };
  try {
    await until(async () => {
      if (child.exitCode !== null) throw new Error(log);
      return (await fetch(url)).ok;
    });
  } catch (cause) {
    await stop("SIGKILL");
    throw new Error(`${command} did not start: ${log}`, { cause });
  }
  return { child, stop };
};

export const prometheus = (config: string, data: string, port: number): Promise<Process> =>
  started(
    "prometheus",
    [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`],
    `http://127.0.0.1:${port}/-/ready`,
  );

export const alertmanager = (config: string, data: string, port: number): Promise<Process> =>
  started(
    "prometheus-alertmanager",
    [
      `--config.file=${config}`,
      `--storage.path=${data}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ],
    `http://127.0.0.1:${port}/-/ready`,
  );

export interface Notice {
  readonly path: string;
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Where Alertmanager's pages arrive. */
export const webhook = async (): Promise<{ url: string; notices: Notice[]; stop(): Promise<void> }> => {
  const notices: Notice[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (it) => chunks.push(it));
    request.on("end", () => {
      const { alerts } = JSON.parse(Buffer.concat(chunks).toString()) as { alerts: Omit<Notice, "path">[] };
      for (const { status, labels, annotations } of alerts)
        notices.push({ path: request.url ?? "", status, labels, annotations });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    notices,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
