import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MAIN } from "./cli.ts";

export interface Running {
  readonly otlpUrl: string;
  readonly webUrl: string;
  readonly folder: string;
  stop(): Promise<void>;
  /** Ends it at once, as a crash does; its folder stays until `stop`. */
  kill(): Promise<void>;
  /** What it has logged so far. */
  log(): string;
}

/**
 * A collector as in production, in a process of its own, on free ports and a database of its own; `stop` ends it and removes
 * its folder. Not in the test's process: its engine is a thread, and V8 does not survive hundreds of threads that come and go.
 */
export const runningCollector = async (
  yaml = "",
  folder = mkdtempSync(join(tmpdir(), "collector-")),
  environment: Readonly<Record<string, string>> = {},
): Promise<Running> => {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "collector.yaml");
  writeFileSync(config, yaml);
  const child = spawn(process.execPath, [MAIN, "collector", "run", "--config", config], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...process.env,
      ACTIVATION_OTLP_LISTEN: "127.0.0.1:0",
      ACTIVATION_HTTP_LISTEN: "127.0.0.1:0",
      ACTIVATION_STORE_URL: `sqlite:${join(folder, "activation.db")}`,
      ...environment,
    },
  });
  const ended = once(child, "exit");
  let log = "";
  child.stderr!.on("data", (it: Buffer) => {
    log += it;
  });
  const { otlpUrl, webUrl } = await addresses(child);
  return {
    otlpUrl,
    webUrl,
    folder,
    log: () => log,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** As its log tells them. @throws Error with its log, when it ends instead. */
const addresses = (child: ChildProcess): Promise<{ otlpUrl: string; webUrl: string }> =>
  new Promise((resolve, reject) => {
    let log = "";
    child.stderr!.on("data", (it: Buffer) => {
      log += it;
      const [, otlpUrl, webUrl] = /OTLP on (\S+), pages and metrics on ([^\s"]+)/.exec(log) ?? [];
      if (otlpUrl && webUrl) resolve({ otlpUrl, webUrl });
    });
    child.on("exit", () => reject(new Error(`The collector ended: ${log}`)));
  });
