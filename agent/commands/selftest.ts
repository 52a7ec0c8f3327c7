import { release, userInfo } from "node:os";
import { VERSION } from "../../config/version.ts";
import { queryOf } from "../sources/event-log.ts";
import type { Check } from "../win32/selftest-thread.ts";
import { agentConfigFrom } from "./run.ts";

interface Out {
  write(text: string): unknown;
}

/** What may be missing on a healthy computer: no Office, and on a client nothing else. */
const MAY_FAIL = /^slc\.dll$/;

/**
 * `agent selftest`: calls everything of Windows once that the agent uses, and tells results, rows, timings, rights and
 * locale, so that a computer nobody of us can reach can be judged. No names of computers, no keys, no event's content.
 *
 * @throws ConfigurationError
 */
export const selftest = async (
  { config: file, json }: { readonly config?: string | undefined; readonly json: boolean },
  out: Out,
): Promise<number> => {
  const config = agentConfigFrom(file);
  if (process.platform !== "win32")
    throw new Error("There is no Windows here to test. Run this on the computer in question.");
  const { endAtOnce } = await import("../win32/terminate-process.ts");
  const { environment } = await import("../win32/environment.ts");
  const { runChecks } = await import("../win32/selftest-thread.ts");
  const logs = config.events.channels.map((it) => queryOf(it, config.events.max_age, Date.now()));
  const { checks, hung } = await runChecks({ logs }, config.windows.deadline);
  const ok = checks.every((it) => it.ok || MAY_FAIL.test(it.name));
  const report = {
    ok,
    version: VERSION,
    node: process.version,
    architecture: process.arch,
    windows: release(),
    account: userInfo().username,
    ...environment(),
    time: new Date().toISOString(),
    checks,
  };
  out.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : words(report.ok, checks));
  // A thread that hangs in Windows would keep the process for ever.
  if (hung) setTimeout(endAtOnce, 500);
  return ok ? 0 : 1;
};

const words = (ok: boolean, checks: readonly Check[]): string =>
  [
    ...checks.map((it) => {
      const found = Object.entries(it.found ?? {}).map(([key, value]) => `${key.replaceAll("_", " ")} ${value}`);
      const said = it.ok ? found.join(", ") : (it.error?.message ?? "");
      return `${it.ok ? "ok    " : "FAILED"}  ${it.name.padEnd(44)} ${`${it.milliseconds} ms`.padStart(10)}  ${said}`.trimEnd();
    }),
    ok
      ? "Everything that the agent calls works here."
      : "Something that the agent calls does not work here; see above.",
    "",
  ].join("\n");
