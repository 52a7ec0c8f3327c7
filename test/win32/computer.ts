import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { openWine, type Ran, type Wine, type WineHome, type WineProgram } from "../support/wine.ts";
import { bundle } from "./bundle.ts";
import { NATIVE, type StandIns, standIns } from "./stand-ins.ts";

/** A Windows computer in Wine whose event logs and WMI say what a test lets them say, and the agent that runs on it. */
export interface Computer extends StandIns {
  readonly wine: Wine;
  /** `agent …` to its end. */
  agent(args: readonly string[], options?: { yaml?: string; timeoutMs?: number }): Promise<Ran>;
  /** `agent run` with a configuration; it reports to `url`. */
  run(url: string, yaml?: string): Promise<WineProgram>;
  /** The agent's own log file, which a killed process leaves. */
  agentLog(): string;
  close(): Promise<void>;
}

const PROGRAM = "Z:\\computer\\app\\node.exe";
const BUNDLE = "Z:\\computer\\app\\activation-monitor.cjs";

export const windowsComputer = async (home: WineHome, locale: string): Promise<Computer> => {
  const wine = await openWine(home, locale);
  const said = standIns(wine, home);
  const app = join(wine.folder, "app");
  mkdirSync(join(app, "koffi/win32_x64"), { recursive: true });
  for (const [name, bytes] of await bundle()) writeFileSync(join(app, name), bytes);
  linkSync(home.nodeExe, join(app, "node.exe"));
  copyFileSync(home.koffiNode, join(app, "koffi/win32_x64/koffi.node"));

  const config = join(wine.folder, "agent.yaml");
  return {
    wine,
    ...said,
    agent: (args, { yaml = "", timeoutMs } = {}) => {
      writeFileSync(config, yaml);
      return wine.run([PROGRAM, BUNDLE, "agent", ...args, "--config", "Z:\\computer\\agent.yaml"], {
        native: NATIVE,
        ...(timeoutMs !== undefined && { timeoutMs }),
      });
    },
    run: (url, yaml = "") => {
      const base = {
        collector: { url },
        zone: "core",
        host: HOST,
        spool: { directory: "Z:\\computer\\spool" },
        log: { file: "Z:\\computer\\agent.log", level: "debug" },
        license: { debounce: "100ms" },
        heartbeat: { interval: "1s", kms_host_interval: "1s" },
      };
      writeFileSync(config, stringify({ ...base, ...parse(yaml) }));
      return wine.start([PROGRAM, BUNDLE, "agent", "run", "--config", "Z:\\computer\\agent.yaml"], { native: NATIVE });
    },
    agentLog: () => {
      const file = join(wine.folder, "agent.log");
      return existsSync(file) ? readFileSync(file, "utf8") : "";
    },
    close: () => wine.close(),
  };
};

/** The computer's name in its own events. */
export const HOST = "kms01.contoso.com";
