import koffi from "koffi";
import { ownName } from "./own-computer.ts";
import { type ControllerInfo, readOnlyIn } from "./read-only-controller.ts";
import { isDomainController } from "./registry.ts";
import { DOMAIN_CONTROLLER_INFOW } from "./service-types.ts";
import { system32 } from "./system32.ts";

/** DS_RETURN_DNS_NAME. */
const RETURN_DNS_NAME = 0x4000_0000;

/**
 * Whether this computer is a read-only domain controller, by DsGetDcNameW; false on every other computer, undefined where
 * Windows does not say.
 */
export const isReadOnlyController = (): boolean | undefined => {
  if (!isDomainController()) return false;
  const netapi32 = koffi.load(system32("netapi32.dll"));
  const get = netapi32.func(
    "uint32_t __stdcall DsGetDcNameW(str16 computer, str16 domain, void *guid, str16 site, uint32_t flags, _Out_ void **info)",
  );
  const info: (bigint | null)[] = [null];
  if (get(null, null, null, null, RETURN_DNS_NAME, info) !== 0 || info[0] === null) return undefined;
  try {
    return readOnlyIn(koffi.decode(info[0], DOMAIN_CONTROLLER_INFOW) as ControllerInfo, ownName());
  } finally {
    netapi32.func("uint32_t __stdcall NetApiBufferFree(void *buffer)")(info[0]);
  }
};
