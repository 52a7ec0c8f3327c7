import koffi from "koffi";
import { guidBytes, guidText } from "./com.ts";
import { system32 } from "./system32.ts";
import { WindowsError } from "./windows-error.ts";
import type { Row } from "./wmi.ts";

const SLID_BYTES = 16;
const STATUS_BYTES = 40;
const ID = { application: 0, sku: 1, key: 4 } as const;
const DATA = { text: 1, number: 4 } as const;
const APPLICATIONS = ["55c92734-d682-4d71-983e-d6ec3f16059f", "0ff1ce15-a989-479d-af46-f275c6370663"];

/** SL_LICENSING_STATUS knows four states; the reason tells which grace it is (slerror.h). */
const STATUS = { unlicensed: 0, licensed: 1, grace: 2, notification: 3 } as const;
const GRACE: Readonly<Record<number, number>> = {
  1074065421: 3,
  1074065509: 4,
  1074065512: 4,
  1074068486: 6,
};
const licenseStatusOf = (status: number, reason: number): number =>
  status === STATUS.grace ? (GRACE[reason] ?? 2) : status === STATUS.notification ? 5 : status;

/** A KMS host's own figures, where the DLL has them: names here and in WMI. */
const KMS = {
  IsKeyManagementService: "IsKeyManagementServiceMachine",
  KeyManagementServiceCurrentCount: "KeyManagementServiceCurrentCount",
  KeyManagementServiceRequiredClientCount: "RequiredClientCount",
} as const;

/** Whether this version of slc.dll tells a KMS host's figures. */
export const tellsKmsFigures = (): boolean => declared().SLGetApplicationInformation !== undefined;

/**
 * License state by the Software Licensing API, for when WMI is broken: fewer properties, under WMI's names
 * (learn.microsoft.com/windows/win32/api/slpublic). `onEdition` is called for each of the hundreds of editions that are asked.
 *
 * @throws WindowsError
 */
export const readSlc = (onEdition: () => void = () => {}): { service: Row; products: Row[] } => {
  const api = declared();
  const opened = [0n];
  must("SLOpen", api.SLOpen(opened));
  const [context] = opened;
  try {
    const idsOf = (from: number, id: Buffer, to: number): Buffer[] => {
      const count = [0];
      const list: [bigint | null] = [null];
      const hresult = api.SLGetSLIDList(context, from, id, to, count, list);
      // A SKU without a key has none to list.
      if (hresult < 0 || list[0] === null) return [];
      return chunks(take(api, list[0], count[0]! * SLID_BYTES), SLID_BYTES);
    };
    const infoOf = (call: "SLGetProductSkuInformation" | "SLGetPKeyInformation", id: Buffer, name: string) => {
      const [type, size] = [[0], [0]];
      const value: [bigint | null] = [null];
      if (api[call](context, id, name, type, size, value) < 0 || value[0] === null) return null;
      const bytes = take(api, value[0], size[0]!);
      return type[0] === DATA.text ? bytes.toString("utf16le").replace(/\0.*$/s, "") : null;
    };
    const products = APPLICATIONS.flatMap((application) => {
      const app = guidBytes(application);
      return idsOf(ID.application, app, ID.sku).flatMap((sku): Row[] => {
        onEdition();
        const [key] = idsOf(ID.sku, sku, ID.key);
        if (key === undefined) return [];
        const count = [0];
        const list: [bigint | null] = [null];
        must(
          "SLGetLicensingStatusInformation",
          api.SLGetLicensingStatusInformation(context, app, sku, null, count, list),
        );
        if (list[0] === null) return [];
        return chunks(take(api, list[0], count[0]! * STATUS_BYTES), STATUS_BYTES).map((it) => {
          const reason = it.readUInt32LE(28);
          return {
            ID: guidText(it),
            ApplicationID: application,
            Name: infoOf("SLGetProductSkuInformation", sku, "Name"),
            Description: infoOf("SLGetProductSkuInformation", sku, "Description"),
            PartialProductKey: infoOf("SLGetPKeyInformation", key, "PartialProductKey"),
            ProductKeyChannel: infoOf("SLGetPKeyInformation", key, "Channel"),
            LicenseStatus: licenseStatusOf(it.readUInt32LE(16), reason),
            LicenseStatusReason: reason,
            GracePeriodRemaining: it.readUInt32LE(20),
          };
        });
      });
    });
    return { service: kmsFiguresOf(api, context!), products };
  } finally {
    api.SLClose(context);
  }
};

const kmsFiguresOf = (api: ReturnType<typeof declared>, context: bigint): Row => {
  const service: Row = {};
  const read = api.SLGetApplicationInformation;
  if (!read) return service;
  for (const [name, property] of Object.entries(KMS)) {
    const [type, size] = [[0], [0]];
    const value: [bigint | null] = [null];
    if (read(context, guidBytes(APPLICATIONS[0]!), name, type, size, value) < 0 || value[0] === null) continue;
    const bytes = take(api, value[0], size[0]!);
    if (type[0] === DATA.number && bytes.length >= 4) service[property] = bytes.readUInt32LE(0);
  }
  return service;
};

const must = (call: string, hresult: number): void => {
  if (hresult < 0) throw new WindowsError(call, hresult);
};
/** Copies what the API allocated, and frees it. */
const take = (api: ReturnType<typeof declared>, pointer: bigint, length: number): Buffer => {
  const copy = length === 0 ? Buffer.alloc(0) : Buffer.from(koffi.decode(pointer, "uint8_t", length) as Uint8Array);
  api.LocalFree(pointer);
  return copy;
};
const chunks = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

const declared = () => {
  const slc = koffi.load(system32("slc.dll"));
  const kernel32 = koffi.load(system32("kernel32.dll"));
  const information = (name: string) =>
    slc.func(
      `int32_t __stdcall ${name}(void *context, void *id, str16 name, _Out_ uint32_t *type, _Out_ uint32_t *size, _Out_ void **value)`,
    );
  /** Not in every version of the DLL. */
  const optional = (name: string) => {
    try {
      return information(name);
    } catch {
      return undefined;
    }
  };
  return {
    LocalFree: kernel32.func("void * __stdcall LocalFree(void *memory)"),
    SLOpen: slc.func("int32_t __stdcall SLOpen(_Out_ void **context)"),
    SLClose: slc.func("int32_t __stdcall SLClose(void *context)"),
    SLGetSLIDList: slc.func(
      "int32_t __stdcall SLGetSLIDList(void *context, int32_t from, void *id, int32_t to, _Out_ uint32_t *count, _Out_ void **ids)",
    ),
    SLGetLicensingStatusInformation: slc.func(
      "int32_t __stdcall SLGetLicensingStatusInformation(void *context, void *application, void *sku, str16 right, _Out_ uint32_t *count, _Out_ void **statuses)",
    ),
    SLGetProductSkuInformation: information("SLGetProductSkuInformation"),
    SLGetPKeyInformation: information("SLGetPKeyInformation"),
    SLGetApplicationInformation: optional("SLGetApplicationInformation"),
  };
};
