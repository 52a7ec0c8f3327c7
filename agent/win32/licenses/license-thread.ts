import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { MINUTE, SECOND } from "../../../licensing/time.ts";
import { afterAwake } from "../awake-deadline.ts";
import { WindowsError } from "../windows-error.ts";
import type { Row } from "../wmi.ts";

export interface LicenseRequest {
  /** Another computer; this one if absent. */
  readonly server?: string;
  /** Not WMI, because it does not come back. */
  readonly onlySlc?: true;
}
export interface LicenseSetup extends LicenseRequest {
  /** A query that brings no row for so long is given up. */
  readonly queryMs: number;
}

/** A call that may take its time begins; each has a deadline of its own. */
export interface LicenseStep {
  readonly begins: string;
}

/** What WMI said, or slc.dll where WMI did not answer (`degraded`, with WMI's failure), or only the failure. */
export interface LicenseReply {
  readonly os?: Row;
  readonly service?: Row;
  readonly products?: Row[];
  readonly officeService?: Row;
  readonly officeProducts?: Row[];
  readonly degraded?: true;
  readonly failure?: { readonly call: string; readonly code: number };
}

/** `hung`: WMI said nothing at all, in words. */
export type LicenseState = LicenseReply & { readonly products: Row[]; readonly hung?: string };

/** A call of the reading did not come back from Windows. Its thread cannot be ended: it hangs until the call comes back. */
export class HungError extends Error {
  readonly call: string;
  /** Resolves when the call came back after all. */
  readonly cameBack: Promise<void>;
  constructor(call: string, seconds: number, cameBack: Promise<void>) {
    super(`Reading license state: ${call} did not come back within ${seconds} seconds.`);
    this.call = call;
    this.cameBack = cameBack;
  }
}

export const CONNECT = "ConnectServer";
/** Windows gives up on ConnectServer after two minutes by itself (WBEM_FLAG_CONNECT_USE_MAX_WAIT). */
const CONNECT_MS = 2 * MINUTE + 30 * SECOND;
/** A query gives itself up before its thread counts as hung. */
const QUERY_SHARE = 0.8;

/**
 * Reads license state in a thread of its own. Each call has `deadlineMs`, counted while the computer is awake.
 *
 * @throws WindowsError what Windows said; HungError when it said nothing in time.
 */
export const readLicenseState = async (request: LicenseRequest, deadlineMs: number): Promise<LicenseState> => {
  const workerData: LicenseSetup = { ...request, queryMs: deadlineMs * QUERY_SHARE };
  const worker = new Worker(new URL(`./license-worker${extname(import.meta.url)}`, import.meta.url), { workerData });
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  let cancel = (): void => {};
  try {
    const { products, failure, ...rest } = await new Promise<LicenseReply>((resolve, reject) => {
      const wait = (call: string): void => {
        cancel();
        const withinMs = call === CONNECT ? Math.max(CONNECT_MS, deadlineMs) : deadlineMs;
        cancel = afterAwake(withinMs, () => reject(new HungError(call, withinMs / SECOND, ended)));
      };
      wait("the start");
      worker.on("message", (it: LicenseStep | LicenseReply) => ("begins" in it ? wait(it.begins) : resolve(it)));
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("The thread that reads license state ended without a word.")));
    });
    if (!products) throw new WindowsError(failure!.call, failure!.code);
    return { ...rest, products, ...(failure && { failure }) };
  } finally {
    cancel();
    worker.unref();
  }
};
