import { createHash } from "node:crypto";
import koffi from "koffi";
import { system32 } from "./system32.ts";

/** A security identifier, as Windows takes it and as text. Names of accounts are different in every language of Windows. */
export interface Sid {
  readonly bytes: Buffer;
  readonly text: string;
}

export const LOCAL_SYSTEM = "LocalSystem";
const LOCAL_SYSTEM_SID = "S-1-5-18";
/** What the service manager calls them in every language; LookupAccountName knows the translated names only. */
const BUILT_IN: readonly (readonly [names: RegExp, account: string, sid: string])[] = [
  [/^(\.\\|nt authority\\)?(localsystem|system)$/i, LOCAL_SYSTEM, LOCAL_SYSTEM_SID],
  [/^nt authority\\local ?service$/i, "NT AUTHORITY\\LocalService", "S-1-5-19"],
  [/^nt authority\\network ?service$/i, "NT AUTHORITY\\NetworkService", "S-1-5-20"],
];

/** The account as the service manager takes it: a built-in one under its one name, whatever it was called or translated to. */
export const serviceAccountOf = (account: string): string => {
  const named = BUILT_IN.find(([names]) => names.test(account));
  if (named) return named[1];
  const sid = knownSidOf(account)?.text;
  return BUILT_IN.find(([, , it]) => it === sid)?.[1] ?? account;
};

/** Accounts that may log on as a service on every computer: built-in ones, and services' own (NT SERVICE\ALL SERVICES). */
export const isBuiltIn = (account: string): boolean =>
  BUILT_IN.some(([, it]) => it === account) || /^nt service\\/i.test(account);

/** LocalSystem, LocalService, NetworkService. */
export const isPasswordless = (account: string): boolean => BUILT_IN.some(([names]) => names.test(account));

/** Whether the service manager means the same account by both. */
export const isSameAccount = (one: string, other: string): boolean =>
  serviceAccountOf(one).toLowerCase() === serviceAccountOf(other).toLowerCase();

/** A (group) managed service account: its password is the domain's business, and the service manager must know that. */
export const isManaged = (account: string): boolean => /\$(@|$)/.test(account);

/** @throws Error when the account is not known. */
export const sidOf = (account: string): Sid => {
  const builtIn = BUILT_IN.find(([names]) => names.test(account))?.[2] ?? serviceSid(account);
  const sid = builtIn ? sidFrom(builtIn) : knownSidOf(account);
  if (!sid) throw new Error(`The account ${account} is not known here: Windows error ${openApi().GetLastError()}`);
  return sid;
};

/**
 * The SID of a service's own account, which Windows computes from its name: it is the same before the service exists and after
 * it was removed, when no name is found. https://learn.microsoft.com/windows/win32/services/service-user-accounts
 */
export const serviceSid = (account: string): string | undefined => {
  const [, name] = /^nt service\\(.+)$/i.exec(account) ?? [];
  if (name === undefined) return undefined;
  const hash = createHash("sha1").update(Buffer.from(name.toUpperCase(), "utf16le")).digest();
  return ["S-1-5-80", ...[0, 4, 8, 12, 16].map((at) => hash.readUInt32LE(at))].join("-");
};

/** Whose token this process has. Never by name: on computers of Entra ID the name alone is found nowhere. */
export const ownSid = (): Sid => {
  const api = openApi();
  const failed = (call: string) => new Error(`${call}: Windows error ${api.GetLastError()}`);
  const token: (bigint | null)[] = [null];
  if (!api.OpenProcessToken(api.GetCurrentProcess(), TOKEN_QUERY, token)) throw failed("OpenProcessToken");
  try {
    const user = Buffer.alloc(256);
    if (!api.GetTokenInformation(token[0], TOKEN_USER, user, user.length, [0])) throw failed("GetTokenInformation");
    return sidAt(user.readBigUInt64LE(0));
  } finally {
    api.CloseHandle(token[0]);
  }
};

/** Whether this process's token has the group, enabled. */
export const isMember = (group: string): boolean => {
  const member = [0];
  return openApi().CheckTokenMembership(null, sidFrom(group).bytes, member) && member[0] !== 0;
};

const TOKEN_QUERY = 0x8;
const TOKEN_USER = 1;

const knownSidOf = (account: string): Sid | undefined => {
  const api = openApi();
  const bytes = Buffer.alloc(128);
  const domain = Buffer.alloc(1024);
  const found = api.LookupAccountNameW(null, account, bytes, [bytes.length], domain, [domain.length / 2], [0]);
  return found ? { bytes, text: textOf(api, bytes) } : undefined;
};

/** A SID from its text. @throws Error where it is none. */
export const sidFrom = (text: string): Sid => {
  const api = openApi();
  const sid: (bigint | null)[] = [null];
  if (!api.ConvertStringSidToSidW(text, sid)) throw new Error(`${text}: Windows error ${api.GetLastError()}`);
  const found = sidAt(sid[0]!);
  api.LocalFree(sid[0]);
  return found;
};

/** SID: revision, number of sub-authorities, six bytes of authority, four bytes each. */
const sidAt = (pointer: bigint): Sid => {
  const subAuthorities = koffi.decode(pointer, 1, "uint8_t") as number;
  const bytes = Buffer.from(koffi.decode(pointer, "uint8_t", 8 + 4 * subAuthorities) as Uint8Array);
  return { bytes, text: textOf(openApi(), bytes) };
};

const textOf = (api: ReturnType<typeof openApi>, bytes: Buffer): string => {
  const text: (bigint | null)[] = [null];
  if (!api.ConvertSidToStringSidW(bytes, text)) throw new Error(`A SID: Windows error ${api.GetLastError()}`);
  const found = koffi.decode.string16(text[0]);
  api.LocalFree(text[0]);
  return found;
};

const openApi = () => {
  const advapi32 = koffi.load(system32("advapi32.dll"));
  const kernel32 = koffi.load(system32("kernel32.dll"));
  return {
    GetLastError: kernel32.func("uint32_t __stdcall GetLastError()"),
    GetCurrentProcess: kernel32.func("void * __stdcall GetCurrentProcess()"),
    CloseHandle: kernel32.func("int32_t __stdcall CloseHandle(void *handle)"),
    LocalFree: kernel32.func("void * __stdcall LocalFree(void *memory)"),
    OpenProcessToken: advapi32.func(
      "bool __stdcall OpenProcessToken(void *process, uint32_t access, _Out_ void **token)",
    ),
    GetTokenInformation: advapi32.func(
      "bool __stdcall GetTokenInformation(void *token, int32_t what, void *value, uint32_t length, _Out_ uint32_t *needed)",
    ),
    CheckTokenMembership: advapi32.func(
      "bool __stdcall CheckTokenMembership(void *token, void *sid, _Out_ int32_t *member)",
    ),
    LookupAccountNameW: advapi32.func(
      "bool __stdcall LookupAccountNameW(str16 machine, str16 account, void *sid, _Inout_ uint32_t *sidLength, void *domain, _Inout_ uint32_t *domainLength, _Out_ int32_t *use)",
    ),
    ConvertSidToStringSidW: advapi32.func("bool __stdcall ConvertSidToStringSidW(void *sid, _Out_ void **text)"),
    ConvertStringSidToSidW: advapi32.func("bool __stdcall ConvertStringSidToSidW(str16 text, _Out_ void **sid)"),
  };
};
