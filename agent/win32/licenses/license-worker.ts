import { parentPort, workerData } from "node:worker_threads";
import { openCom } from "../com.ts";
import { readSlc } from "../slc.ts";
import { WindowsError } from "../windows-error.ts";
import { connectWmi, type Row, type Wmi } from "../wmi.ts";
import { PRODUCT_COLUMNS, SERVICE_COLUMNS, WITH_KEY } from "./license-columns.ts";
import { CONNECT, type LicenseReply, type LicenseSetup, type LicenseStep } from "./license-thread.ts";

// A thread that lives for one reading: WMI can take seconds, and its memory goes with it.
const { server, onlySlc, queryMs } = workerData as LicenseSetup;

const begin = (call: string): void => parentPort!.postMessage({ begins: call } satisfies LicenseStep);

const rowsOf = (wmi: Wmi, className: string, wanted: readonly string[], where?: string): Row[] | undefined => {
  begin(className);
  const known = wmi.propertiesOf(className);
  return (
    known &&
    wmi.query(
      className,
      wanted.filter((it) => known.has(it)),
      where,
    )
  );
};

const readWmi = (): Omit<LicenseReply & { products: Row[] }, "failure"> => {
  begin("CoInitializeSecurity");
  const com = openCom();
  try {
    begin(CONNECT);
    const wmi = connectWmi(com, { queryMs, ...(server !== undefined && { server }) });
    try {
      begin("Win32_OperatingSystem");
      const [os] = wmi.query("Win32_OperatingSystem", ["Caption", "Version"]);
      const service = rowsOf(wmi, "SoftwareLicensingService", SERVICE_COLUMNS)?.[0];
      const products = rowsOf(wmi, "SoftwareLicensingProduct", PRODUCT_COLUMNS, WITH_KEY) ?? [];
      const officeService = rowsOf(wmi, "OfficeSoftwareProtectionService", SERVICE_COLUMNS)?.[0];
      const officeProducts = rowsOf(wmi, "OfficeSoftwareProtectionProduct", PRODUCT_COLUMNS, WITH_KEY);
      return {
        products,
        ...(os && { os }),
        ...(service && { service }),
        ...(officeService && { officeService }),
        ...(officeProducts && { officeProducts }),
      };
    } finally {
      wmi.close();
    }
  } finally {
    com.end();
  }
};

const failureOf = (cause: unknown): { call: string; code: number } => {
  if (cause instanceof WindowsError) return { call: cause.call, code: cause.code };
  throw cause;
};

const readSlcAlone = (): LicenseReply => {
  begin("slc.dll");
  return { ...readSlc(), degraded: true };
};

const read = (): LicenseReply => {
  try {
    return onlySlc ? readSlcAlone() : readWmi();
  } catch (cause) {
    const failure = failureOf(cause);
    if (server !== undefined || onlySlc) return { failure };
    try {
      return { ...readSlcAlone(), failure };
    } catch (second) {
      if (!(second instanceof WindowsError)) throw second;
      return { failure };
    }
  }
};

parentPort!.postMessage(read());
