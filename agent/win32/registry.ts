import koffi from "koffi";
import { wideText } from "./kernel32.ts";
import { system32 } from "./system32.ts";

/** HKEY_LOCAL_MACHINE: (HKEY)(ULONG_PTR)((LONG)0x80000002). */
export const LOCAL_MACHINE = 0xffff_ffff_8000_0002n;
/** RRF_RT_REG_SZ, RRF_RT_REG_DWORD, RRF_RT_ANY, each with RRF_SUBKEY_WOW6464KEY. */
const KIND = { text: 0x0001_0002, number: 0x0001_0010, bytes: 0x0001_ffff } as const;

/** Paths and addresses are longer than names. */
const VALUE_BYTES = 16_384;

const registryValue = (kind: keyof typeof KIND, path: string, name: string): Buffer | undefined => {
  const read = koffi
    .load(system32("advapi32.dll"))
    .func(
      "int32_t __stdcall RegGetValueW(void *key, str16 path, str16 name, uint32_t flags, void *type, void *value, _Inout_ uint32_t *size)",
    );
  const value = Buffer.alloc(VALUE_BYTES);
  const size = [value.length];
  return read(LOCAL_MACHINE, path, name, KIND[kind], null, value, size) === 0 ? value.subarray(0, size[0]) : undefined;
};

/** A text under HKEY_LOCAL_MACHINE; undefined where there is none, or it cannot be read. */
export const registryText = (path: string, name: string): string | undefined => {
  const value = registryValue("text", path, name);
  return value && wideText(value);
};

export const registryNumber = (path: string, name: string): number | undefined =>
  registryValue("number", path, name)?.readUInt32LE(0);

/** A value of any kind, as it is kept. */
export const registryBytes = (path: string, name: string): Buffer | undefined => registryValue("bytes", path, name);

/** Removes a value under HKEY_LOCAL_MACHINE, if it is there. */
export const removeRegistryValue = (path: string, name: string): void => {
  const remove = koffi
    .load(system32("advapi32.dll"))
    .func("int32_t __stdcall RegDeleteKeyValueW(void *key, str16 path, str16 name)");
  remove(LOCAL_MACHINE, path, name);
};

/** LanmanNT on every domain controller, read-only ones too. */
export const isDomainController = (): boolean =>
  registryText("SYSTEM\\CurrentControlSet\\Control\\ProductOptions", "ProductType") === "LanmanNT";
