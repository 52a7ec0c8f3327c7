import koffi from "koffi";
import { system32 } from "./system32.ts";

/** Event Log Readers; groups have another name in every language of Windows. */
const EVENT_LOG_READERS = "S-1-5-32-573";
const ALREADY_IN_IT = 1378;

/**
 * Lets an account read every event log: by default only SYSTEM and Administrators read ForwardedEvents.
 * https://learn.microsoft.com/windows/win32/api/lmaccess/nf-lmaccess-netlocalgroupaddmembers
 *
 * @throws Error with Windows' code.
 */
export const allowEventLogs = (account: string): void => {
  const api = openApi();
  const sid: (bigint | null)[] = [null];
  const name = Buffer.alloc(514);
  const domain = Buffer.alloc(514);
  const lengths = [[name.length / 2], [domain.length / 2]] as const;
  const found =
    api.ConvertStringSidToSidW(EVENT_LOG_READERS, sid) &&
    api.LookupAccountSidW(null, sid[0], name, lengths[0], domain, lengths[1], [0]);
  const code = found
    ? api.NetLocalGroupAddMembers(
        null,
        name.toString("utf16le").replace(/\0.*$/s, ""),
        3,
        [{ lgrmi3_domainandname: account }],
        1,
      )
    : api.GetLastError();
  api.LocalFree(sid[0]);
  if (code !== 0 && code !== ALREADY_IN_IT)
    throw new Error(
      `${account} cannot be put into the group Event Log Readers (${EVENT_LOG_READERS}): Windows error ${code}`,
    );
};

const openApi = () => {
  const advapi32 = koffi.load(system32("advapi32.dll"));
  const kernel32 = koffi.load(system32("kernel32.dll"));
  const netapi32 = koffi.load(system32("netapi32.dll"));
  const member = koffi.struct({ lgrmi3_domainandname: "str16" });
  return {
    GetLastError: kernel32.func("uint32_t __stdcall GetLastError()"),
    LocalFree: kernel32.func("void * __stdcall LocalFree(void *memory)"),
    ConvertStringSidToSidW: advapi32.func("bool __stdcall ConvertStringSidToSidW(str16 text, _Out_ void **sid)"),
    LookupAccountSidW: advapi32.func(
      "bool __stdcall LookupAccountSidW(str16 machine, void *sid, void *name, _Inout_ uint32_t *nameLength, void *domain, _Inout_ uint32_t *domainLength, _Out_ int32_t *use)",
    ),
    NetLocalGroupAddMembers: netapi32.func("__stdcall", "NetLocalGroupAddMembers", "uint32_t", [
      "str16",
      "str16",
      "uint32_t",
      koffi.pointer(member),
      "uint32_t",
    ]),
  };
};
