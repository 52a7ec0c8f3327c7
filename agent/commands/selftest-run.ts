import { mkdirSync } from "node:fs";
import { release } from "node:os";
import { dirname, join } from "node:path";
import { VERSION } from "../../config/version.ts";
import type { AgentConfig } from "../config.ts";
import { queryOf } from "../sources/event-log.ts";
import { saveAtomically } from "../spool/atomic-write.ts";
import type { Report } from "./selftest-report.ts";
import { dataFolder, SERVICE_NAME } from "./service-names.ts";

/** `ok` is about Windows: the collector's way has findings of its own, and slc.dll may be empty on a healthy computer. */
const MAY_FAIL = /^(slc\.dll|collector)$/;

/** Where the service puts its own report. */
export const reportFile = (folder: string): string => join(folder, "log", "selftest.json");

/** What the service does when it is asked: a report with its account's rights, beside its log. */
export const selftestOfService = async (config: AgentConfig, folder: string): Promise<void> => {
  const file = reportFile(folder);
  const { report } = await makeReport(config);
  mkdirSync(dirname(file), { recursive: true });
  saveAtomically(file, `${JSON.stringify(report, undefined, 2)}\n`);
};

/** @throws Error off Windows. */
export const makeReport = async (config: AgentConfig): Promise<{ report: Report; hung: boolean }> => {
  if (process.platform !== "win32")
    throw new Error(
      "There is no Windows here to test. Run this on the computer in question, or explain its report here: --explain FILE",
    );
  const { environment } = await import("../win32/environment.ts");
  const { runChecks } = await import("../win32/selftest/selftest-thread.ts");
  const { checkCollector } = await import("./selftest-collector.ts");
  const logs = config.events.channels.map((it) => queryOf(it, config.events.max_age, Date.now()));
  const setup = { logs, service: SERVICE_NAME, folder: dataFolder(process.env) };
  const collector = await checkCollector(config.collector);
  const { checks, hung } = await runChecks(setup, config.windows.deadline);
  const report = {
    format: 2 as const,
    ok: checks.every((it) => it.ok || MAY_FAIL.test(it.name)),
    version: VERSION,
    node: process.version,
    architecture: process.arch,
    windows: release(),
    ...environment(),
    time: new Date().toISOString(),
    checks: [...collector, ...checks],
  };
  return { report, hung };
};
