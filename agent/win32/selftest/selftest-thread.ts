import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAwake } from "../awake-deadline.ts";
import type { LogQuery } from "../events/event-reader.ts";

export interface SelftestSetup {
  readonly logs: readonly LogQuery[];
  /** Name of the service that is looked up, and the one that the service manager's events carry. */
  readonly service: { readonly name: string; readonly displayName: string };
  /** Other computers that this process may read; the report numbers them. */
  readonly targets: readonly { readonly host: string; readonly channels: readonly string[] }[];
  /** The data folder, in which writing is tried; the temporary one where there is none. */
  readonly folder?: string;
}

/** One call or a few, and what came of it. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly milliseconds: number;
  readonly found?: Readonly<Record<string, string | number | boolean | null>>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** Runs the checks in a thread; one that does not come back is the last one, and is told. */
export const runChecks = async (
  setup: SelftestSetup,
  deadlineMs: number,
): Promise<{ checks: Check[]; hung: boolean }> => {
  const checks: Check[] = [];
  const worker = new Worker(new URL(`./selftest-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: setup,
  });
  let at = "";
  let cancel = (): void => {};
  const failed = (message: string): void => {
    checks.push({ name: at, ok: false, milliseconds: deadlineMs, error: { code: 0, message } });
  };
  const hung = await new Promise<boolean>((resolve) => {
    const wait = (): void => {
      cancel();
      cancel = afterAwake(deadlineMs, () => {
        failed(`It did not come back within ${deadlineMs / 1_000} seconds.`);
        resolve(true);
      });
    };
    wait();
    worker.on("message", (it: Check | { begins: string } | { end: true }) => {
      wait();
      if ("end" in it) resolve(false);
      else if ("begins" in it) at = it.begins;
      else checks.push(it);
    });
    worker.on("error", (cause) => {
      failed((cause as Error).message);
      resolve(false);
    });
  });
  cancel();
  worker.unref();
  return { checks, hung };
};
