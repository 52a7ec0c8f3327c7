import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { WindowsError } from "./windows-error.ts";
import type { Row } from "./wmi.ts";

export interface LicenseRequest {
  /** Another computer; this one if absent. */
  readonly server?: string;
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

export type LicenseState = LicenseReply & { readonly products: Row[] };

/** The reading did not come back from Windows. Its thread cannot be ended: it hangs until the process does. */
export class HungError extends Error {}

/**
 * Reads license state in a thread of its own.
 *
 * @throws WindowsError what Windows said; HungError when it said nothing in time.
 */
export const readLicenseState = async ({ server }: LicenseRequest, deadlineMs: number): Promise<LicenseState> => {
  const workerData: LicenseRequest = server === undefined ? {} : { server };
  const worker = new Worker(new URL(`./license-worker${extname(import.meta.url)}`, import.meta.url), { workerData });
  let timer: NodeJS.Timeout | undefined;
  try {
    const { products, failure, ...rest } = await new Promise<LicenseReply>((resolve, reject) => {
      const late = `Reading license state did not come back within ${deadlineMs / 1_000} seconds.`;
      timer = setTimeout(() => reject(new HungError(late)), deadlineMs);
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("The thread that reads license state ended without a word.")));
    });
    if (!products) throw new WindowsError(failure!.call, failure!.code);
    return { ...rest, products, ...(failure && { failure }) };
  } finally {
    clearTimeout(timer);
    worker.unref();
  }
};
