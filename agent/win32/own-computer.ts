import { openKernel32, wideText } from "./kernel32.ts";
import { registryText } from "./registry.ts";

const PHYSICAL_DNS_FULLY_QUALIFIED = 7;

/** The name under which this computer stands in its own events: the FQDN, in lower case. A cluster's name is another. */
export const ownName = (): string => {
  const { GetComputerNameExW } = openKernel32();
  const length = [0];
  GetComputerNameExW(PHYSICAL_DNS_FULLY_QUALIFIED, null, length);
  const name = Buffer.alloc(2 * (length[0]! || 256));
  return GetComputerNameExW(PHYSICAL_DNS_FULLY_QUALIFIED, name, [name.length / 2]) ? wideText(name).toLowerCase() : "";
};

/** What Windows' set-up gave this installation; clones share it. Undefined where it cannot be read. */
export const machineId = (): string | undefined =>
  registryText("SOFTWARE\\Microsoft\\Cryptography", "MachineGuid")?.toLowerCase();
