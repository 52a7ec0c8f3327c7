import { parentPort, workerData } from "node:worker_threads";
import { openCom } from "./com.ts";
import { openKernel32 } from "./kernel32.ts";
import { PRODUCT_COLUMNS, SERVICE_COLUMNS, WITH_KEY } from "./license-columns.ts";
import { queryReader } from "./query-reader.ts";
import type { Check, SelftestSetup } from "./selftest-thread.ts";
import { readSlc } from "./slc.ts";
import { NONE, openEventLogApi } from "./wevtapi.ts";
import { WindowsError } from "./windows-error.ts";
import { connectWmi, type Wmi } from "./wmi.ts";

// Calls everything once that the agent calls, and tells what came of it: numbers, never values.
const { logs } = workerData as SelftestSetup;

const check = <T>(
  name: string,
  work: () => T,
  tell: (result: T) => NonNullable<Check["found"]> = () => ({}),
): T | undefined => {
  parentPort!.postMessage({ begins: name });
  const begun = performance.now();
  const done = (rest: Pick<Check, "ok" | "found" | "error">): void =>
    parentPort!.postMessage({ name, milliseconds: Math.round((performance.now() - begun) * 10) / 10, ...rest });
  try {
    const result = work();
    done({ ok: true, found: tell(result) });
    return result;
  } catch (cause) {
    const code = cause instanceof WindowsError ? cause.code : 0;
    done({ ok: false, error: { code, message: (cause as Error).message } });
    return undefined;
  }
};

const eventLogs = (): void => {
  const kernel32 = openKernel32();
  const api = check("wevtapi.dll", () => openEventLogApi(kernel32));
  if (!api) return;
  for (const log of logs) {
    check(
      `log ${log.channel}`,
      () => api.infoOf(NONE, log.channel),
      (it) => ({ ...it }),
    );
    check(
      `access to ${log.channel}`,
      () => api.accessOf(NONE, log.channel),
      (sddl) => ({ sddl }),
    );
    const reader = queryReader(api, { session: NONE, log }, Date.now);
    const first = check(
      `read ${log.channel}`,
      () => reader.read({}),
      ({ events, bookmark, drainedAt }) => ({
        events: events.length,
        bytes: events.reduce((sum, it) => sum + it.length, 0),
        bookmark: bookmark !== undefined,
        drained: drainedAt !== undefined,
      }),
    );
    reader.close();
    // The place that was just read: a strict bookmark must be found again.
    const mark = first?.bookmark;
    if (mark !== undefined)
      check(
        `resume ${log.channel}`,
        () => reader.read({ bookmark: mark }),
        ({ events, gap }) => ({ events: events.length, ...(gap && { gap: gap.reason }) }),
      );
    reader.close();
  }
};

const classes = [
  ["SoftwareLicensingService", SERVICE_COLUMNS, undefined],
  ["SoftwareLicensingProduct", PRODUCT_COLUMNS, WITH_KEY],
  ["OfficeSoftwareProtectionService", SERVICE_COLUMNS, undefined],
  ["OfficeSoftwareProtectionProduct", PRODUCT_COLUMNS, WITH_KEY],
] as const;

const wmiClasses = (wmi: Wmi): void => {
  check(
    "Win32_OperatingSystem",
    () => wmi.query("Win32_OperatingSystem", ["Caption", "Version"]),
    ([row]) => row ?? {},
  );
  for (const [name, wanted, where] of classes) {
    const known = check(
      `class ${name}`,
      () => wmi.propertiesOf(name),
      (it) => ({
        present: it !== undefined,
        properties: it?.size ?? 0,
        missing: it === undefined ? 0 : wanted.filter((column) => !it.has(column)).length,
      }),
    );
    if (!known) continue;
    const columns = wanted.filter((it) => known.has(it));
    check(
      `query ${name}`,
      () => wmi.query(name, columns, where),
      (rows) => ({
        rows: rows.length,
        ...(where === undefined
          ? {}
          : { with_status: rows.filter((it) => typeof it.LicenseStatus === "number").length }),
      }),
    );
  }
};

eventLogs();
const com = check("CoInitializeSecurity", openCom);
const wmi = com && check("ConnectServer", () => connectWmi(com));
if (wmi) {
  wmiClasses(wmi);
  wmi.close();
}
com?.end();
check("slc.dll", readSlc, ({ products, service }) => ({
  products: products.length,
  kms_figures: Object.keys(service).length,
}));
parentPort!.postMessage({ end: true });
