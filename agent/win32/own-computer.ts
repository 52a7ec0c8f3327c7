import koffi from "koffi";
import { openKernel32, wideText } from "./kernel32.ts";
import { system32 } from "./system32.ts";

const PHYSICAL_DNS_FULLY_QUALIFIED = 7;

/** The name under which this computer stands in its own events: the FQDN, in lower case. A cluster's name is another. */
export const ownName = (): string => {
  const { GetComputerNameExW } = openKernel32();
  const length = [0];
  GetComputerNameExW(PHYSICAL_DNS_FULLY_QUALIFIED, null, length);
  const name = Buffer.alloc(2 * (length[0]! || 256));
  return GetComputerNameExW(PHYSICAL_DNS_FULLY_QUALIFIED, name, [name.length / 2]) ? wideText(name).toLowerCase() : "";
};

const LOCAL_MACHINE = 0xffff_ffff_8000_0002n;
const TEXT_FROM_64_BIT_VIEW = 0x0001_0002;

/** What Windows' set-up gave this installation; clones share it. Undefined where it cannot be read. */
export const machineId = (): string | undefined => {
  const advapi32 = koffi.load(system32("advapi32.dll"));
  const read = advapi32.func(
    "int32_t __stdcall RegGetValueW(void *key, str16 path, str16 name, uint32_t flags, void *type, void *value, _Inout_ uint32_t *size)",
  );
  const value = Buffer.alloc(256);
  const path = "SOFTWARE\\Microsoft\\Cryptography";
  if (read(LOCAL_MACHINE, path, "MachineGuid", TEXT_FROM_64_BIT_VIEW, null, value, [value.length]) !== 0)
    return undefined;
  return wideText(value).toLowerCase();
};
