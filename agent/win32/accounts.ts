import { spawnSync } from "node:child_process";
import koffi from "koffi";
import { serviceSid, sidFrom, sidOf } from "./account-sid.ts";
import { isDomainController } from "./registry.ts";
import { system32 } from "./system32.ts";

/** Event Log Readers; groups have another name in every language of Windows. */
const EVENT_LOG_READERS = "S-1-5-32-573";
const ALREADY_IN_IT = 1378;

/**
 * Lets an account read every event log, as a member of Event Log Readers.
 * https://learn.microsoft.com/windows/win32/api/lmaccess/nf-lmaccess-netlocalgroupaddmembers
 *
 * @returns why it is no member, in one sentence: nothing that must end an installation, since the Application log can be read
 * by services anyway.
 */
export const allowEventLogs = (account: string): string | undefined => {
  // There the group is the domain's: a member of it reads the logs of every domain controller; a read-only one refuses.
  if (isDomainController())
    return `This is a domain controller, where Event Log Readers is the domain's group: ${account} was not put into it. Give the service's SID access to each log instead (docs/windows-agent.md, "Rights").`;
  const api = openApi();
  const code = add(api, sidOf(account).bytes);
  if (code === 0 || code === ALREADY_IN_IT) return undefined;
  return `${account} cannot be put into the group Event Log Readers (${EVENT_LOG_READERS}): Windows error ${code}. Put it there, or give the service's SID access to each log (docs/windows-agent.md, "Rights").`;
};

/**
 * Takes the account out of Event Log Readers again. Only a service's own account: a managed one may be in it for another reason.
 *
 * @returns whether it was in it.
 */
export const forbidEventLogs = (account: string): boolean => {
  const sid = serviceSid(account);
  if (sid === undefined || isDomainController()) return false;
  const api = openApi();
  return (
    withReaders(api, (group) =>
      api.NetLocalGroupDelMembers(null, group, 0, [{ lgrmi0_sid: sidOf(account).bytes }], 1),
    ) === 0
  );
};

const add = (api: ReturnType<typeof openApi>, member: Buffer): number =>
  withReaders(api, (group) => api.NetLocalGroupAddMembers(null, group, 0, [{ lgrmi0_sid: member }], 1));

/** @returns the code of the call, or why the group has no name here. */
const withReaders = (api: ReturnType<typeof openApi>, call: (group: string) => number): number => {
  const sid: (bigint | null)[] = [null];
  const name = Buffer.alloc(514);
  const domain = Buffer.alloc(514);
  const lengths = [[name.length / 2], [domain.length / 2]] as const;
  const found =
    api.ConvertStringSidToSidW(EVENT_LOG_READERS, sid) &&
    api.LookupAccountSidW(null, sid[0], name, lengths[0], domain, lengths[1], [0]);
  const group = name.toString("utf16le").replace(/\0.*$/s, "");
  const code = found ? call(group) : api.GetLastError();
  api.LocalFree(sid[0]);
  return code;
};

const POLICY_CREATE_ACCOUNT_AND_LOOKUP = 0x10 | 0x800;
const LOG_ON_AS_SERVICE = "SeServiceLogonRight";
/** LSA_OBJECT_ATTRIBUTES: nothing of it is used. */
const ATTRIBUTES_BYTES = 48;

/**
 * Grants "Log on as a service", as services.msc does and CreateService does not.
 * https://learn.microsoft.com/windows/win32/api/ntsecapi/nf-ntsecapi-lsaaddaccountrights
 *
 * @returns why not, in one sentence.
 */
export const allowServiceLogon = (account: string): string | undefined => {
  const api = openApi();
  const policy: (bigint | null)[] = [null];
  const opened = api.LsaOpenPolicy(null, Buffer.alloc(ATTRIBUTES_BYTES), POLICY_CREATE_ACCOUNT_AND_LOOKUP, policy);
  const status =
    opened === 0
      ? api.LsaAddAccountRights(
          policy[0],
          sidOf(account).bytes,
          [
            {
              Length: LOG_ON_AS_SERVICE.length * 2,
              MaximumLength: LOG_ON_AS_SERVICE.length * 2,
              Buffer: LOG_ON_AS_SERVICE,
            },
          ],
          1,
        )
      : opened;
  if (opened === 0) api.LsaClose(policy[0]);
  if (status === 0) return undefined;
  return `${account} cannot be granted "Log on as a service": Windows error ${api.LsaNtStatusToWinError(status)}. Grant it in the local security policy or by GPO.`;
};

const POLICY_VIEW_AND_LOOKUP = 0x1 | 0x800;
/** No right was ever given to it by name. */
const STATUS_OBJECT_NAME_NOT_FOUND = 0xc0000034 | 0;

/** The rights that an account has by its own name, by its SID; undefined where this process may not ask. */
export const accountRightsOf = (sid: string): string[] | undefined => {
  const api = openApi();
  const policy: (bigint | null)[] = [null];
  if (api.LsaOpenPolicy(null, Buffer.alloc(ATTRIBUTES_BYTES), POLICY_VIEW_AND_LOOKUP, policy) !== 0) return undefined;
  const [list, count]: [(bigint | null)[], number[]] = [[null], [0]];
  const status = api.LsaEnumerateAccountRights(policy[0], sidFrom(sid).bytes, list, count) as number;
  api.LsaClose(policy[0]);
  if (status !== 0 || list[0] == null) return status === STATUS_OBJECT_NAME_NOT_FOUND ? [] : undefined;
  const rights = koffi.decode(list[0], api.text, count[0]!) as { Length: number; Buffer: string }[];
  api.LsaFreeMemory(list[0]);
  return rights.map(({ Buffer: name, Length: bytes }) => name.slice(0, bytes / 2));
};

/**
 * Tells the service manager that the domain keeps the account's password: `sc managedaccount`. Without it the service does not
 * start any more once the password was changed.
 *
 * @returns why not, in one sentence.
 */
export const markManaged = (service: string): string | undefined => {
  const ran = spawnSync(system32("sc.exe"), ["managedaccount", service, "true"], { windowsHide: true });
  if (ran.status === 0) return undefined;
  return `The service cannot be marked as one of a managed account (sc.exe ended with ${ran.status ?? ran.error?.message}); run: sc managedaccount ${service} true`;
};

const openApi = () => {
  const advapi32 = koffi.load(system32("advapi32.dll"));
  const kernel32 = koffi.load(system32("kernel32.dll"));
  const netapi32 = koffi.load(system32("netapi32.dll"));
  const member = koffi.struct({ lgrmi0_sid: "void *" });
  const members = (name: string) =>
    netapi32.func("__stdcall", name, "uint32_t", ["str16", "str16", "uint32_t", koffi.pointer(member), "uint32_t"]);
  const text = koffi.struct({ Length: "uint16_t", MaximumLength: "uint16_t", Buffer: "str16" });
  return {
    GetLastError: kernel32.func("uint32_t __stdcall GetLastError()"),
    LocalFree: kernel32.func("void * __stdcall LocalFree(void *memory)"),
    ConvertStringSidToSidW: advapi32.func("bool __stdcall ConvertStringSidToSidW(str16 text, _Out_ void **sid)"),
    LookupAccountSidW: advapi32.func(
      "bool __stdcall LookupAccountSidW(str16 machine, void *sid, void *name, _Inout_ uint32_t *nameLength, void *domain, _Inout_ uint32_t *domainLength, _Out_ int32_t *use)",
    ),
    NetLocalGroupAddMembers: members("NetLocalGroupAddMembers"),
    NetLocalGroupDelMembers: members("NetLocalGroupDelMembers"),
    LsaOpenPolicy: advapi32.func(
      "int32_t __stdcall LsaOpenPolicy(void *system, void *attributes, uint32_t access, _Out_ void **policy)",
    ),
    LsaAddAccountRights: advapi32.func("__stdcall", "LsaAddAccountRights", "int32_t", [
      "void *",
      "void *",
      koffi.pointer(text),
      "uint32_t",
    ]),
    text,
    LsaEnumerateAccountRights: advapi32.func(
      "int32_t __stdcall LsaEnumerateAccountRights(void *policy, void *sid, _Out_ void **rights, _Out_ uint32_t *count)",
    ),
    LsaFreeMemory: advapi32.func("int32_t __stdcall LsaFreeMemory(void *memory)"),
    LsaNtStatusToWinError: advapi32.func("uint32_t __stdcall LsaNtStatusToWinError(int32_t status)"),
    LsaClose: advapi32.func("int32_t __stdcall LsaClose(void *policy)"),
  };
};
