import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { readSettings } from "../settings/file.ts";
import { openLog } from "../settings/log.ts";
import { VERSION } from "../settings/version.ts";
import { type AgentConfig, readAgentConfig } from "./config.ts";
import { type ExportOptions, exportSpool } from "./export.ts";
import { startAgent } from "./start.ts";

/** @throws ConfigurationError */
export const agentConfigFrom = (path: string | undefined): AgentConfig => {
  const { file, text } = readSettings(path);
  return readAgentConfig(file, text, process.env);
};

/** `agent run`: until a signal ends it. */
export const runAgent = async (file: string | undefined): Promise<number> => {
  const config = agentConfigFrom(file);
  const { level, file: logFile, max_size: maxSize } = config.log;
  const log = openLog({ terminal: process.stderr.isTTY === true, level, file: logFile, maxSize });
  const asked = signalled();
  const agent = await startAgent(config, {
    clock: Date.now,
    log,
    version: VERSION,
    environment: process.env,
    random: Math.random,
  }).catch((cause: unknown) => {
    asked.forget();
    throw cause;
  });
  log.info(
    config.collector.url === ""
      ? "Reporting to no collector"
      : `Reporting to ${config.collector.url}; what is not delivered yet waits in ${config.spool.directory}`,
  );
  await asked.signal;
  await agent.stop();
  return 0;
};

/** `agent export`. */
export const exportCommand = async (
  { config, ...options }: ExportOptions & { readonly config?: string },
  streams: { readonly out: { write(text: string): unknown }; readonly err: NodeJS.WriteStream; signal: AbortSignal },
): Promise<number> => {
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
