import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { SECOND } from "../../licensing/time.ts";
import { KMS } from "../sources/event-log.ts";
import { agentConfigFrom } from "./run.ts";
import { explained } from "./selftest-explain.ts";
import { isReport, type Report, wordsOf } from "./selftest-report.ts";
import { makeReport, reportFile } from "./selftest-run.ts";
import { dataFolder, SERVICE_NAME } from "./service-names.ts";

interface Out {
  write(text: string): unknown;
}

export interface SelftestOptions {
  readonly config?: string | undefined;
  readonly json: boolean;
  /** Not this process: the service tests itself, with its own account's rights. */
  readonly asService?: boolean;
  /** Another computer, too, that `targets` has or shall have; the service takes those of its configuration. */
  readonly target?: string;
  /** Not this computer: a report from another one. */
  readonly explain?: string;
}

/**
 * `agent selftest`: calls everything of Windows once that the agent uses, and tells results, rows, timings, rights and
 * locale, so that a computer that we cannot reach can be diagnosed. No names of computers, no keys, no event's content.
 *
 * @throws ConfigurationError; Error when a file is no report, or the service does not answer.
 */
export const selftest = async (options: SelftestOptions, out: Out): Promise<number> => {
  if (options.explain !== undefined) {
    out.write(explained(reportIn(options.explain)));
    return 0;
  }
  const { report, hung } = options.asService
    ? { report: await reportOfService(), hung: false }
    : await makeReport(agentConfigFrom(options.config), { targets: targetsOf(options.target) });
  out.write(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : wordsOf(report));
  // A thread that hangs in Windows would keep the process for ever.
  if (hung) {
    const { endAtOnce } = await import("../win32/terminate-process.ts");
    setTimeout(endAtOnce, 500);
  }
  return report.ok ? 0 : 1;
};

const targetsOf = (host: string | undefined): { host: string; channels: string[] }[] =>
  host === undefined ? [] : [{ host, channels: ["Application", KMS] }];

const ANSWER_WITHIN_MS = 300 * SECOND;
const ASK_EVERY_MS = 250;

const reportOfService = async (): Promise<Report> => {
  if (process.platform !== "win32") throw new Error("There is no Windows service here to ask.");
  const { openServiceManager } = await import("../win32/service-manager.ts");
  const { SELFTEST_CONTROL } = await import("../win32/service.ts");
  const file = reportFile(dataFolder(process.env));
  rmSync(file, { force: true });
  const manager = openServiceManager();
  try {
    manager.control(SERVICE_NAME, SELFTEST_CONTROL);
  } finally {
    manager.close();
  }
  for (const end = Date.now() + ANSWER_WITHIN_MS; Date.now() < end; ) {
    if (existsSync(file) && statSync(file).size > 0) return reportIn(file);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
  throw new Error(`The service wrote no report to ${file} within ${ANSWER_WITHIN_MS / SECOND} seconds; see its log.`);
};

const reportIn = (file: string): Report => {
  let found: unknown;
  try {
    // PowerShell's > writes UTF-16 with a mark.
    const bytes = readFileSync(resolve(file));
    const text = bytes[0] === 0xff && bytes[1] === 0xfe ? bytes.toString("utf16le") : bytes.toString("utf8");
    found = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new Error(`${file} cannot be read as a report of agent selftest --json: ${(cause as Error).message}`, {
      cause,
    });
  }
  if (!isReport(found)) throw new Error(`${file} is no report of agent selftest --json.`);
  return found;
};
