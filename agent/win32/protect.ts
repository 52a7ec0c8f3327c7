import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import koffi from "koffi";
import { ownSid, sidOf } from "./account-sid.ts";
import { system32 } from "./system32.ts";

const OWNER = 0x1;
const DACL = 0x4;
const PROTECTED_DACL = 0x8000_0000;
const FILE_OBJECT = 1;
const SDDL_REVISION = 1;
const ALREADY_EXISTS = 183;
/** SYSTEM, Administrators; and TrustedInstaller as SDDL spells it in full. */
const TRUSTED = ["SY", "BA", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"];

/**
 * Makes a folder that only SYSTEM, Administrators and `account` can read, or takes an existing one into this state. Every user
 * may create folders in %ProgramData%: one that another user made beforehand could hold their configuration, so it is refused.
 *
 * @throws Error with what to do.
 */
export const protectedFolder = (folder: string, account: string | undefined): void => {
  const api = openApi();
  const failed = (what: string) => new Error(`${what} ${folder}: Windows error ${api.GetLastError()}`);
  // Nothing is inherited; what is made in it inherits full access for those three.
  const allowed = ["SY", "BA", ...(account === undefined ? [] : [sidOf(account).text])];
  const sddl = `O:BAD:P${allowed.map((it) => `(A;OICI;FA;;;${it})`).join("")}`;
  const descriptor: (bigint | null)[] = [null];
  if (!api.FromText(sddl, SDDL_REVISION, descriptor, null)) throw failed("No access list can be made for");
  try {
    if (
      api.CreateDirectoryW(folder, {
        nLength: api.sizeOfAttributes,
        lpSecurityDescriptor: descriptor[0],
        bInheritHandle: 0,
      })
    )
      return;
    if (api.GetLastError() !== ALREADY_EXISTS) throw failed("This folder cannot be made:");
    if (lstatSync(folder).isSymbolicLink())
      throw new Error(`${folder} points to another folder; remove it and install again.`);
    refuseForeign(api, folder, account);
    // The one reaches what is in the folder already, the other the folder itself as it is written here and no otherwise.
    const [sid, acl] = [[null], [null]] as [(bigint | null)[], (bigint | null)[]];
    const code =
      api.GetSecurityDescriptorOwner(descriptor[0], sid, [0]) &&
      api.GetSecurityDescriptorDacl(descriptor[0], [0], acl, [0])
        ? api.SetNamedSecurityInfoW(folder, FILE_OBJECT, OWNER | DACL | PROTECTED_DACL, sid[0], null, acl[0], null)
        : api.GetLastError();
    if (code !== 0) throw new Error(`Access cannot be limited to administrators for ${folder}: Windows error ${code}`);
    if (!api.SetFileSecurityW(folder, OWNER | DACL | PROTECTED_DACL, descriptor[0]))
      throw failed("Access cannot be limited to administrators for");
  } finally {
    api.LocalFree(descriptor[0]);
  }
};

/** A file whose owner is no administrator may hold what another user wrote. */
export const isOfAdministrators = (file: string): boolean =>
  !lstatSync(file).isSymbolicLink() && isTrusted(ownerOf(openApi(), file), [ownSid().text]);

/** Whether an owner, as SDDL spells it, is one of those who may change everything anyway, or one of these. Pure. */
export const isTrusted = (owner: string | undefined, also: readonly string[]): boolean =>
  owner === undefined || TRUSTED.includes(owner) || also.includes(owner);

/**
 * The folder, and what lies in it: in one that an administrator made beforehand others may put files too, as long as its access
 * list is the one that %ProgramData% hands down. A list that hands nothing down is one that was limited before.
 */
const refuseForeign = (api: Api, folder: string, account: string | undefined): void => {
  const also = [ownSid().text, ...(account === undefined ? [] : [sidOf(account).text])];
  const inside = isLimited(api, folder) ? [] : readdirSync(folder).map((it) => join(folder, it));
  for (const path of [folder, ...inside]) {
    const owner = ownerOf(api, path);
    if (!isTrusted(owner, also))
      throw new Error(
        `${path} belongs to another account (${owner}); look at what is in it, remove it, install again.`,
      );
  }
};

type Api = ReturnType<typeof openApi>;

const ownerOf = (api: Api, path: string): string | undefined => sddlOf(api, path, OWNER)?.replace(/^O:/, "");

/** The access list takes nothing over from the folder above. */
const isLimited = (api: Api, path: string): boolean => /^D:[A-Z]*P/.test(sddlOf(api, path, DACL) ?? "");

/** Owner or access list as SDDL; undefined where it cannot be read. */
const sddlOf = (api: Api, path: string, what: number): string | undefined => {
  const length = [0];
  api.GetFileSecurityW(path, what, null, 0, length);
  const descriptor = Buffer.alloc(length[0]! || 1024);
  if (!api.GetFileSecurityW(path, what, descriptor, descriptor.length, length)) return undefined;
  const text: (bigint | null)[] = [null];
  if (!api.ToText(descriptor, SDDL_REVISION, what, text, null)) return undefined;
  const sddl = koffi.decode.string16(text[0]);
  api.LocalFree(text[0]);
  return sddl;
};
/** The access list of a file or folder, with its owner. */
export const accessListOf = (path: string): string | undefined => sddlOf(openApi(), path, OWNER | DACL);

const openApi = () => {
  const advapi32 = koffi.load(system32("advapi32.dll"));
  const kernel32 = koffi.load(system32("kernel32.dll"));
  const attributes = koffi.struct({ nLength: "uint32_t", lpSecurityDescriptor: "void *", bInheritHandle: "int32_t" });
  return {
    sizeOfAttributes: koffi.sizeof(attributes),
    GetLastError: kernel32.func("uint32_t __stdcall GetLastError()"),
    LocalFree: kernel32.func("void * __stdcall LocalFree(void *memory)"),
    CreateDirectoryW: kernel32.func("__stdcall", "CreateDirectoryW", "bool", ["str16", koffi.pointer(attributes)]),
    FromText: advapi32.func(
      "bool __stdcall ConvertStringSecurityDescriptorToSecurityDescriptorW(str16 text, uint32_t revision, _Out_ void **descriptor, void *size)",
    ),
    ToText: advapi32.func(
      "bool __stdcall ConvertSecurityDescriptorToStringSecurityDescriptorW(void *descriptor, uint32_t revision, uint32_t what, _Out_ void **text, void *length)",
    ),
    GetFileSecurityW: advapi32.func(
      "bool __stdcall GetFileSecurityW(str16 path, uint32_t what, void *descriptor, uint32_t length, _Out_ uint32_t *needed)",
    ),
    GetSecurityDescriptorOwner: advapi32.func(
      "bool __stdcall GetSecurityDescriptorOwner(void *descriptor, _Out_ void **owner, _Out_ int32_t *defaulted)",
    ),
    GetSecurityDescriptorDacl: advapi32.func(
      "bool __stdcall GetSecurityDescriptorDacl(void *descriptor, _Out_ int32_t *present, _Out_ void **acl, _Out_ int32_t *defaulted)",
    ),
    SetFileSecurityW: advapi32.func("bool __stdcall SetFileSecurityW(str16 path, uint32_t what, void *descriptor)"),
    SetNamedSecurityInfoW: advapi32.func(
      "uint32_t __stdcall SetNamedSecurityInfoW(str16 path, int32_t type, uint32_t what, void *owner, void *group, void *acl, void *audit)",
    ),
  };
};
