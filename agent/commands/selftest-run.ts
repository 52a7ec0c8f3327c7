import { mkdirSync } from "node:fs";
import { release } from "node:os";
import { dirname, join } from "node:path";
import { VERSION } from "../../config/version.ts";
import type { AgentConfig } from "../config.ts";
import { queryOf } from "../sources/event-log.ts";
import { saveAtomically } from "../spool/atomic-write.ts";
import type { Check, SelftestSetup } from "../win32/selftest/selftest-thread.ts";
import type { Report } from "./selftest-report.ts";
import { DISPLAY_NAME, dataFolder, SERVICE_NAME } from "./service-names.ts";

/**
 * `ok` is about what the agent needs of Windows: the way to the collector has findings of its own, slc.dll may be empty on a healthy
 * computer, and some checks only compare or look around.
 */
const MAY_FAIL =
  /^(slc\.dll|collector|protection|proxy|names|power|restarts of the service)$|^target |, (ID only|without filter)$/;

/** Where the service puts its own report. */
export const reportFile = (folder: string): string => join(folder, "log", "selftest.json");

/** What the service does when it is asked: a report with its account's rights, beside its log. */
export const selftestOfService = async (
  config: AgentConfig,
  folder: string,
  runningAfterMs: number | undefined,
): Promise<void> => {
  const file = reportFile(folder);
  const { report } = await makeReport(config, { targets: config.targets, runningAfterMs });
  mkdirSync(dirname(file), { recursive: true });
  saveAtomically(file, `${JSON.stringify(report, undefined, 2)}\n`);
};

/** @throws Error off Windows. */
export const makeReport = async (
  config: AgentConfig,
  { targets, runningAfterMs }: { targets: SelftestSetup["targets"]; runningAfterMs?: number | undefined },
): Promise<{ report: Report; hung: boolean }> => {
  if (process.platform !== "win32")
    throw new Error(
      "There is no Windows here to test. Run this on the computer in question, or explain its report here: --explain FILE",
    );
  const { environment } = await import("../win32/environment.ts");
  const { runChecks } = await import("../win32/selftest/selftest-thread.ts");
  const { checkCollector } = await import("./selftest-collector.ts");
  const logs = config.events.channels.map((it) => queryOf(it, config.events.max_age, Date.now()));
  const service = { name: SERVICE_NAME, displayName: DISPLAY_NAME };
  const setup: SelftestSetup = { logs, service, targets, folder: dataFolder(process.env) };
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
    checks: [...collector, ...startOf(runningAfterMs), ...checks],
  };
  return { report, hung };
};

/** The service manager gives a service 30 seconds (ServicesPipeTimeout) from the process's start. */
const startOf = (runningAfterMs: number | undefined): Check[] =>
  runningAfterMs === undefined
    ? []
    : [{ name: "start of the service", ok: true, milliseconds: 0, found: { running_after_ms: runningAfterMs } }];
