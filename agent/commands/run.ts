import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readSettings } from "../../config/file.ts";
import { ConfigurationError } from "../../config/load.ts";
import { closeLog, type Log, openLog } from "../../config/log.ts";
import { VERSION } from "../../config/version.ts";
import { type AgentConfig, readAgentConfig } from "../config.ts";
import { type Agent, startAgent } from "../start.ts";
import type { ExportOptions } from "./export.ts";
import { forgetOldUndo } from "./install-undo.ts";
import { dataFolder, SERVICE_NAME } from "./service-names.ts";

/** @throws ConfigurationError */
export const agentConfigFrom = (path: string | undefined): AgentConfig => {
  const { file, text } = readSettings(path);
  return readAgentConfig(file, text, process.env);
};

/** `agent run`: until a signal, or the service manager, ends it. */
export const runAgent = ({ config, service }: { config?: string; service: boolean }): Promise<number> =>
  service ? runAsService(config) : runInForeground(config);

const runInForeground = async (file: string | undefined): Promise<number> => {
  const config = agentConfigFrom(file);
  const log = logOf(config, { terminal: process.stderr.isTTY === true });
  const asked = signalled();
  const agent = await started(config, log).catch((cause: unknown) => {
    asked.forget();
    throw cause;
  });
  await asked.signal;
  await agent.stop();
  return 0;
};

const runAsService = async (file: string | undefined): Promise<never> => {
  if (process.platform !== "win32")
    throw new ConfigurationError("--service", [
      "it is for Windows' service manager, and this is no Windows; leave it out",
    ]);
  const { runService } = await import("../win32/service.ts");
  // A service starts in System32: relative paths of its configuration, and its log, belong beside the configuration.
  const path = resolve(file ?? join(dataFolder(process.env), "agent.yaml"));
  const folder = dirname(path);
  const broken = Promise.withResolvers<Error>();
  for (const it of ["uncaughtException", "unhandledRejection"] as const)
    process.on(it, (cause: unknown) => broken.resolve(cause instanceof Error ? cause : new Error(String(cause))));
  let log: Log | undefined;
  let runningAfterMs: number | undefined;
  return runService({
    name: SERVICE_NAME,
    start: async () => {
      process.chdir(folder);
      forgetOldUndo(folder);
      const config = agentConfigFrom(path);
      log = logOf(config, { service: join(folder, "log", "agent.log") });
      const agent = await started(config, log);
      // Of this process: the next that is told to the service manager is RUNNING.
      runningAfterMs = Math.round(performance.now());
      return { stop: () => agent.stop(), failed: broken.promise };
    },
    onFailure: (cause) => {
      // A configuration that cannot be read names no log; the reason must be found all the same.
      log ??= openLog({ terminal: false, console: false, file: join(folder, "log", "agent.log") });
      log.error(`The service ends: ${cause.message}`, { stack: cause.stack });
      return cause instanceof ConfigurationError ? 2 : 1;
    },
    onSelftest: () => {
      log?.info("A self-test was asked for; its report is log\\selftest.json");
      const failed = (cause: unknown) => log?.error(`The self-test failed: ${(cause as Error).message}`);
      void import("./selftest-run.ts")
        .then((it) => it.selftestOfService(agentConfigFrom(path), dataFolder(process.env), runningAfterMs))
        .catch(failed);
    },
    flush: async () => log && closeLog(log),
  });
};

const started = async (config: AgentConfig, log: Log): Promise<Agent> => {
  const agent = await startAgent(config, {
    clock: Date.now,
    log,
    version: VERSION,
    environment: process.env,
    random: Math.random,
  });
  log.info(
    config.collector.url === ""
      ? `Reporting to no collector: what is read waits in ${config.spool.directory} for \`activation-monitor agent export\``
      : `Reporting to ${new URL(config.collector.url).origin}; what is not delivered yet waits in ${config.spool.directory}`,
  );
  return agent;
};

const logOf = (
  { log: { level, file, max_size: maxSize } }: AgentConfig,
  { terminal = false, service }: { terminal?: boolean; service?: string },
): Log => {
  const path = file ?? service;
  if (path !== undefined) mkdirSync(dirname(path), { recursive: true });
  return openLog({ terminal, console: service === undefined, level, file: path, maxSize });
};

/** `agent export`. */
export const exportCommand = async (
  { config, ...options }: ExportOptions & { readonly config?: string },
  streams: { readonly out: { write(text: string): unknown }; readonly err: NodeJS.WriteStream; signal: AbortSignal },
): Promise<number> => {
  // A running agent needs none of this in memory.
  const { exportSpool } = await import("./export.ts");
  const terminal = streams.err.isTTY === true;
  return exportSpool(besideConfig(agentConfigFrom(config), config), options, {
    say: (line) => {
      if (terminal) streams.err.write(CLEAR_LINE);
      streams.out.write(`${line}\n`);
    },
    progress: (text) => terminal && streams.err.write(`${CLEAR_LINE}${text}`),
    signal: streams.signal,
  });
};
/** A service runs where its configuration lies: so does the spool whose relative path leads nowhere from here. */
const besideConfig = (config: AgentConfig, file: string | undefined): AgentConfig => {
  const { directory } = config.spool;
  const beside = file === undefined ? directory : resolve(dirname(file), directory);
  return existsSync(directory) || !existsSync(beside)
    ? config
    : { ...config, spool: { ...config.spool, directory: beside } };
};
const CLEAR_LINE = "\r\u001b[K";

/** Held by a timer, which a start that failed must let go: the agent's own timers let the process end. */
const signalled = (): { signal: Promise<void>; forget(): void } => {
  const alive = setInterval(() => {}, 2 ** 30);
  const forget = () => clearInterval(alive);
  const signal = new Promise<void>((resolve) => {
    for (const it of ["SIGINT", "SIGTERM"] as const)
      process.once(it, () => {
        forget();
        resolve();
      });
  });
  return { signal, forget };
};
