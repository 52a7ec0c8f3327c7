import { openCom } from "../com.ts";
import { PRODUCT_COLUMNS, SERVICE_COLUMNS, WITH_KEY } from "../licenses/license-columns.ts";
import { readSlc } from "../slc.ts";
import { NONE, openEventLogApi } from "../wevtapi.ts";
import { connectWmi, type Wmi } from "../wmi.ts";
import { check } from "./selftest-check.ts";

const CLASSES = [
  ["SoftwareLicensingService", SERVICE_COLUMNS, undefined],
  ["SoftwareLicensingProduct", PRODUCT_COLUMNS, WITH_KEY],
  ["OfficeSoftwareProtectionService", SERVICE_COLUMNS, undefined],
  ["OfficeSoftwareProtectionProduct", PRODUCT_COLUMNS, WITH_KEY],
] as const;

/** License state by WMI and by slc.dll, with the time of each, and how many records the reading left in Application. */
export const checkLicensing = (): void => {
  const newest = (): number | undefined => {
    try {
      return openEventLogApi().infoOf(NONE, "Application").newest;
    } catch {
      return undefined;
    }
  };
  const before = newest();
  const com = check("CoInitializeSecurity", openCom);
  const wmi = com && check("ConnectServer", () => connectWmi(com));
  if (wmi) {
    checkClasses(wmi);
    wmi.close();
  }
  com?.end();
  check("slc.dll", readSlc, ({ products, service }) => ({
    products: products.length,
    kms_figures: Object.keys(service).length,
  }));
  const after = newest();
  if (before !== undefined && after !== undefined)
    check(
      "traces of the reading",
      () => after - before,
      (records) => ({ application_records: records }),
    );
};

const checkClasses = (wmi: Wmi): void => {
  check(
    "Win32_OperatingSystem",
    () => wmi.query("Win32_OperatingSystem", ["Caption", "Version"]),
    ([row]) => row ?? {},
  );
  for (const [name, wanted, where] of CLASSES) {
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
