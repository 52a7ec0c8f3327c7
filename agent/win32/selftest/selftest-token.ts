import koffi from "koffi";
import { isMember, ownSid } from "../account-sid.ts";
import { accountRightsOf } from "../accounts.ts";
import { isReadOnlyController } from "../domain-controller.ts";
import { isDomainController } from "../registry.ts";
import { system32 } from "../system32.ts";
import type { Found } from "./selftest-check.ts";

/** Which kind of account; never which one. */
const KINDS: readonly (readonly [sid: RegExp, kind: string])[] = [
  [/^S-1-5-18$/, "LocalSystem"],
  [/^S-1-5-19$/, "LocalService"],
  [/^S-1-5-20$/, "NetworkService"],
  [/^S-1-5-80-/, "virtual account"],
  [/^S-1-12-1-/, "user of Entra ID"],
  [/^S-1-5-21-/, "user or managed account"],
];
/** NT SERVICE\ALL SERVICES: who may log on as a service without being named. */
const ALL_SERVICES = "S-1-5-80-0";

/** Whose rights this process has, and what kind of computer this is. */
export const token = (): Found => {
  const { text } = ownSid();
  const rights = accountRightsOf(ALL_SERVICES);
  return {
    account: KINDS.find(([sid]) => sid.test(text))?.[1] ?? "other",
    administrators: isMember("S-1-5-32-544"),
    service: isMember("S-1-5-6"),
    event_log_readers: isMember("S-1-5-32-573"),
    ...tokenNumbers(),
    services_may_log_on: rights === undefined ? null : rights.includes("SeServiceLogonRight"),
    domain_controller: isDomainController(),
    read_only_controller: isReadOnlyController() ?? null,
    ...membership(),
  };
};

const TOKEN_QUERY = 0x8;
/** learn.microsoft.com/windows/win32/api/winnt/ne-winnt-token_information_class */
const CLASS = { privileges: 3, session: 12, elevationType: 18, elevated: 20 } as const;
const ELEVATION = ["unknown", "default", "full", "limited"];

const tokenNumbers = (): Found => {
  const advapi32 = koffi.load(system32("advapi32.dll"));
  const kernel32 = koffi.load(system32("kernel32.dll"));
  const open = advapi32.func("bool __stdcall OpenProcessToken(void *process, uint32_t access, _Out_ void **token)");
  const read = advapi32.func(
    "bool __stdcall GetTokenInformation(void *token, int32_t what, void *value, uint32_t length, _Out_ uint32_t *needed)",
  );
  const self = kernel32.func("void * __stdcall GetCurrentProcess()");
  const close = kernel32.func("int32_t __stdcall CloseHandle(void *handle)");
  const handle: (bigint | null)[] = [null];
  if (!open(self(), TOKEN_QUERY, handle)) return {};
  const numberOf = (what: number): number | null => {
    const value = Buffer.alloc(4_096);
    return read(handle[0], what, value, value.length, [0]) ? value.readUInt32LE(0) : null;
  };
  try {
    return {
      privileges: numberOf(CLASS.privileges),
      session: numberOf(CLASS.session),
      elevation: ELEVATION[numberOf(CLASS.elevationType) ?? 0] ?? "unknown",
      elevated: numberOf(CLASS.elevated) === 1,
    };
  } finally {
    close(handle[0]);
  }
};

/** DSROLE_MACHINE_ROLE. */
const ROLES = [
  "workstation without a domain",
  "member workstation",
  "server without a domain",
  "member server",
  "domain controller",
  "domain controller with the PDC role",
];
const BASIC = 1;
const JOINS = ["unknown", "joined to Entra ID", "registered with Entra ID"];

/** What this computer is joined to; never to which domain. */
const membership = (): Found => {
  const netapi32 = koffi.load(system32("netapi32.dll"));
  const info: (bigint | null)[] = [null];
  const get = optional(
    netapi32,
    "uint32_t __stdcall DsRoleGetPrimaryDomainInformation(str16 server, int32_t level, _Out_ void **info)",
  );
  const role = get?.(null, BASIC, info) === 0 && info[0] ? (koffi.decode(info[0], "int32_t") as number) : undefined;
  if (info[0]) optional(netapi32, "void __stdcall DsRoleFreeMemory(void *info)")?.(info[0]);
  const join: (bigint | null)[] = [null];
  const joined = optional(netapi32, "int32_t __stdcall NetGetAadJoinInformation(str16 tenant, _Out_ void **info)");
  const entra = joined?.(null, join) === 0 && join[0] ? (koffi.decode(join[0], "int32_t") as number) : undefined;
  if (join[0]) optional(netapi32, "void __stdcall NetFreeAadJoinInformation(void *info)")?.(join[0]);
  return {
    role: role === undefined ? null : (ROLES[role] ?? "other"),
    entra: entra === undefined ? null : (JOINS[entra] ?? "other"),
  };
};

/** A function that is not in every version of a DLL. */
const optional = (dll: ReturnType<typeof koffi.load>, prototype: string) => {
  try {
    return dll.func(prototype);
  } catch {
    return undefined;
  }
};
