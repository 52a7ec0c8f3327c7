import koffi from "koffi";
import { ownName } from "./own-computer.ts";
import { isDomainController } from "./registry.ts";
import { DOMAIN_CONTROLLER_INFOW } from "./service-types.ts";
import { system32 } from "./system32.ts";

/** What is known of a domain controller: its name, as \\NAME, and DsGetDcName's flags. */
export interface ControllerInfo {
  readonly DomainControllerName: string | null;
  readonly Flags: number;
}

/** DS_SELECT_SECRET_DOMAIN_6_FLAG: it has some of the domain's secrets, which is what a read-only one has. */
const SOME_SECRETS = 0x800;
/** DS_RETURN_DNS_NAME. */
const RETURN_DNS_NAME = 0x4000_0000;

/**
 * Whether `own` (an FQDN) is a read-only domain controller. DsGetDcName answers on a domain controller with that one itself;
 * where it answers with another, nothing is known. Pure.
 * https://learn.microsoft.com/windows/win32/api/dsgetdc/ns-dsgetdc-domain_controller_infow
 */
export const readOnlyIn = ({ DomainControllerName: name, Flags: flags }: ControllerInfo, own: string) =>
  name?.replace(/^\\\\/, "").toLowerCase() === own.toLowerCase() ? (flags & SOME_SECRETS) !== 0 : undefined;

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
