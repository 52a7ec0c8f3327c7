import { openCom } from "../com.ts";
import { PRODUCT_COLUMNS, SERVICE_COLUMNS, WITH_KEY } from "../licenses/license-columns.ts";
import { isRunning } from "../service-state.ts";
import { readSlc, tellsKmsFigures } from "../slc.ts";
import { NONE, openEventLogApi } from "../wevtapi.ts";
import { connectWmi, type Wmi, type WmiOptions } from "../wmi.ts";
import { check, type Found, millisecondsSince } from "./selftest-check.ts";

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
  const [before, ranBefore] = [newest(), isRunning("sppsvc")];
  const com = check("CoInitializeSecurity", openCom);
  const seen = newObserved();
  const wmi = com && check("ConnectServer", () => connectWmi(com, seen.options));
  if (wmi) {
    check("proxy blanket", () => wmi.blanket(), blanketFound);
    checkClasses(wmi, seen);
    wmi.close();
  }
  com?.end();
  let editions = 0;
  const begun = performance.now();
  check(
    "slc.dll",
    () =>
      readSlc(() => {
        editions += 1;
      }),
    ({ products, service }) => ({
      products: products.length,
      editions,
      ms_per_edition: editions === 0 ? 0 : Math.round(millisecondsSince(begun) / editions),
      kms_figures: Object.keys(service).length,
      tells_kms_figures: tellsKmsFigures(),
    }),
  );
  const after = newest();
  if (before !== undefined && after !== undefined)
    check(
      "traces of the reading",
      () => after - before,
      (records) => ({
        application_records: records,
        sppsvc_ran_before: ranBefore ?? null,
        sppsvc_runs_after: isRunning("sppsvc") ?? null,
      }),
    );
};

/** Of an object in this process there is none. */
export const blanketFound = (it: ReturnType<Wmi["blanket"]>): Found =>
  it === undefined
    ? { proxy: false }
    : {
        proxy: true,
        authentication: it.service,
        level: it.level,
        impersonation: it.impersonation,
        principal: it.hasPrincipal,
      };

interface Observed {
  readonly options: Pick<WmiOptions, "onRow" | "onValue">;
  /** Runs a query. @returns when the first row came, and the types of the columns: `column WMI/VARIANT`. */
  during<T>(query: () => T): { result: T; firstRowMs: number | undefined; types: string[] };
}

const newObserved = (): Observed => {
  let begun = 0;
  let firstRowMs: number | undefined;
  let types = new Set<string>();
  return {
    options: {
      onRow: () => {
        firstRowMs ??= millisecondsSince(begun);
      },
      // A value that is not there has no type of its own.
      onValue: (column, cimType, variantType) => variantType > NULL && types.add(`${column} ${cimType}/${variantType}`),
    },
    during: (query) => {
      [begun, firstRowMs, types] = [performance.now(), undefined, new Set()];
      return { result: query(), firstRowMs, types: [...types] };
    },
  };
};
const NULL = 1;

const checkClasses = (wmi: Wmi, seen: Observed): void => {
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
      () => seen.during(() => wmi.query(name, columns, where)),
      ({ result: rows, firstRowMs, types }) => ({
        rows: rows.length,
        first_row_ms: firstRowMs ?? null,
        types: types.join(", "),
        ...(where === undefined
          ? {}
          : { with_status: rows.filter((it) => typeof it.LicenseStatus === "number").length }),
      }),
    );
    if (where === undefined) continue;
    const timed = (title: string, filter: string | undefined): void => {
      check(
        title,
        () => seen.during(() => wmi.query(name, ["ID"], filter)),
        ({ result: rows, firstRowMs }) => ({ rows: rows.length, first_row_ms: firstRowMs ?? null }),
      );
    };
    timed(`query ${name}, ID only`, where);
    timed(`query ${name}, without filter`, undefined);
  }
};
