import koffi, { type TypeObject } from "koffi";
import { system32 } from "./system32.ts";
import { WindowsError } from "./windows-error.ts";

export type ComObject = bigint;

const MULTITHREADED = 0;
const INPROC_SERVER = 1;
const DEFAULT = 0xffff_ffff;
const PKT_PRIVACY = 6;
/** COLE_DEFAULT_PRINCIPAL: DCOM finds the name itself. Kerberos needs one, and NULL keeps the previous setting. */
const DEFAULT_PRINCIPAL = 0xffff_ffff_ffff_ffffn;
const IMPERSONATE = 3;
const RPC_E_TOO_LATE = 0x8001_0119;
const E_NOINTERFACE = 0x8000_4002;
const RELEASE_SLOT = 2;

/** What reading by COM takes: objects are pointers whose first word points to the table of their methods. */
export interface Com {
  create(classId: string, interfaceId: string): ComObject;
  /** Calls the method in this slot of the object's table. @returns the HRESULT, unsigned. */
  call(object: ComObject, slot: number, signature: TypeObject, ...args: unknown[]): number;
  release(object: ComObject | null | undefined): void;
  /** Packets sealed on the network; an object of this process needs none and says so. */
  seal(object: ComObject): void;
  /** What DCOM agreed upon for this proxy; undefined for an object of this process. */
  blanketOf(object: ComObject): Blanket | undefined;
  /** Runs with the text as a BSTR, which is freed afterwards. */
  withText<T>(text: string, use: (bstr: bigint) => T): T;
  /** Reads and clears a VARIANT of 24 bytes, by the type that WMI says it has: a uint32 travels as a signed one. */
  valueOf(variant: Buffer, cimType: number): string | number | boolean | null | undefined;
  /** Reads and frees a BSTR. */
  textOf(bstr: bigint): string;
  end(): void;
}

/** learn.microsoft.com/windows/win32/com/com-authentication-level-constants and …/rpc/authentication-service-constants */
export interface Blanket {
  /** 9: negotiated, 10: NTLM, 16: Kerberos. */
  readonly service: number;
  /** 6: sealed. */
  readonly level: number;
  readonly impersonation: number;
  readonly hasPrincipal: boolean;
}

/** The type of a method: `this` and its arguments. */
export const method = (...args: (string | TypeObject)[]): TypeObject =>
  koffi.proto("__stdcall", "int32_t", ["void *", ...args]);

/** @throws WindowsError. Belongs to the thread that called it. */
export const openCom = (): Com => {
  const { ole32, oleaut32 } = declared();
  const must = (call: string, hresult: number): void => {
    if (hresult < 0) throw new WindowsError(call, hresult);
  };
  must("CoInitializeEx", ole32.CoInitializeEx(null, MULTITHREADED));
  // The log-on call and IUnknown's calls go at the process's level, which no blanket reaches.
  const security = ole32.CoInitializeSecurity(null, -1, null, null, PKT_PRIVACY, IMPERSONATE, null, 0, null);
  if (security >>> 0 !== RPC_E_TOO_LATE) must("CoInitializeSecurity", security);

  const call: Com["call"] = (object, slot, signature, ...args) => {
    const table = koffi.decode(object, "void *") as bigint;
    const address = koffi.decode(table, slot * POINTER_BYTES, "void *") as bigint;
    return koffi.call(address, signature, object, ...args) >>> 0;
  };
  return {
    create: (classId, interfaceId) => {
      const created: [bigint | null] = [null];
      must(
        "CoCreateInstance",
        ole32.CoCreateInstance(guidBytes(classId), null, INPROC_SERVER, guidBytes(interfaceId), created),
      );
      return created[0]!;
    },
    call,
    release: (object) => {
      if (object) call(object, RELEASE_SLOT, RELEASE);
    },
    seal: (object) => {
      const hresult = ole32.CoSetProxyBlanket(
        object,
        DEFAULT,
        DEFAULT,
        DEFAULT_PRINCIPAL,
        PKT_PRIVACY,
        IMPERSONATE,
        null,
        0,
      );
      if (hresult >>> 0 !== E_NOINTERFACE) must("CoSetProxyBlanket", hresult);
    },
    blanketOf: (object) => {
      const [service, authorization, level, impersonation, capabilities] = [[0], [0], [0], [0], [0]];
      const principal: [bigint | null] = [null];
      const asked = [service, authorization, principal, level, impersonation, null, capabilities] as const;
      const hresult = ole32.CoQueryProxyBlanket(object, ...asked);
      if (hresult >>> 0 === E_NOINTERFACE) return undefined;
      must("CoQueryProxyBlanket", hresult);
      if (principal[0] !== null) ole32.CoTaskMemFree(principal[0]);
      return {
        service: service[0]!,
        level: level[0]!,
        impersonation: impersonation[0]!,
        hasPrincipal: principal[0] !== null,
      };
    },
    withText: (text, use) => {
      const bstr = oleaut32.SysAllocString(text) as bigint;
      try {
        return use(bstr);
      } finally {
        oleaut32.SysFreeString(bstr);
      }
    },
    valueOf: (variant, cimType) => {
      try {
        return decoded(variant, cimType);
      } finally {
        oleaut32.VariantClear(variant);
      }
    },
    textOf: (bstr) => {
      try {
        return koffi.decode.string16(bstr);
      } finally {
        oleaut32.SysFreeString(bstr);
      }
    },
    end: () => ole32.CoUninitialize(),
  };
};

const POINTER_BYTES = 8;
const RELEASE = method();

/** learn.microsoft.com/windows/win32/api/wtypes/ne-wtypes-varenum */
const VT = {
  empty: 0,
  null: 1,
  i2: 2,
  i4: 3,
  r4: 4,
  r8: 5,
  bstr: 8,
  bool: 11,
  i1: 16,
  ui1: 17,
  ui2: 18,
  ui4: 19,
} as const;
/** learn.microsoft.com/windows/win32/api/wbemcli/ne-wbemcli-cimtype_enumeration */
const CIM = { sint64: 20, uint8: 17, uint16: 18, uint32: 19, uint64: 21 } as const;

const decoded = (variant: Buffer, cimType: number): string | number | boolean | null | undefined => {
  switch (variant.readUInt16LE(0)) {
    case VT.empty:
    case VT.null:
      return null;
    case VT.bool:
      return variant.readInt16LE(8) !== 0;
    case VT.i1:
      return variant.readInt8(8);
    case VT.ui1:
      return variant.readUInt8(8);
    case VT.i2:
      return cimType === CIM.uint16 ? variant.readUInt16LE(8) : variant.readInt16LE(8);
    case VT.ui2:
      return variant.readUInt16LE(8);
    case VT.i4:
      return cimType === CIM.uint32 ? variant.readUInt32LE(8) : variant.readInt32LE(8);
    case VT.ui4:
      return variant.readUInt32LE(8);
    case VT.r4:
      return variant.readFloatLE(8);
    case VT.r8:
      return variant.readDoubleLE(8);
    case VT.bstr:
      return textOrBigNumber(variant.readBigUInt64LE(8), cimType);
    default:
      return undefined;
  }
};

/** Numbers of 64 bits travel as text; those that fit become numbers. */
const textOrBigNumber = (bstr: bigint, cimType: number): string | number => {
  const text = bstr === 0n ? "" : koffi.decode.string16(bstr);
  if (cimType !== CIM.uint64 && cimType !== CIM.sint64) return text;
  return Number.isSafeInteger(Number(text)) ? Number(text) : text;
};

/** A GUID in its 16 bytes: three numbers little-endian, the rest as it is written. */
export const guidBytes = (guid: string): Buffer => {
  const hex = guid.replace(/[{}-]/g, "");
  const bytes = Buffer.from(hex, "hex");
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
};

export const guidText = (bytes: Buffer): string => {
  const it = Buffer.from(bytes.subarray(0, 16));
  it.subarray(0, 4).reverse();
  it.subarray(4, 6).reverse();
  it.subarray(6, 8).reverse();
  return it.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

const declared = () => {
  const ole32 = koffi.load(system32("ole32.dll"));
  const oleaut32 = koffi.load(system32("oleaut32.dll"));
  return {
    ole32: {
      CoInitializeEx: ole32.func("int32_t __stdcall CoInitializeEx(void *reserved, uint32_t model)"),
      CoUninitialize: ole32.func("void __stdcall CoUninitialize()"),
      CoInitializeSecurity: ole32.func(
        "int32_t __stdcall CoInitializeSecurity(void *descriptor, int32_t services, void *list, void *reserved, uint32_t authn, uint32_t imp, void *auth, uint32_t capabilities, void *reserved3)",
      ),
      CoCreateInstance: ole32.func(
        "int32_t __stdcall CoCreateInstance(void *classId, void *outer, uint32_t context, void *interfaceId, _Out_ void **object)",
      ),
      CoTaskMemFree: ole32.func("void __stdcall CoTaskMemFree(void *memory)"),
      CoQueryProxyBlanket: ole32.func(
        "int32_t __stdcall CoQueryProxyBlanket(void *proxy, _Out_ uint32_t *authn, _Out_ uint32_t *authz, _Out_ void **principal, _Out_ uint32_t *authnLevel, _Out_ uint32_t *imp, void *auth, _Out_ uint32_t *capabilities)",
      ),
      CoSetProxyBlanket: ole32.func(
        "int32_t __stdcall CoSetProxyBlanket(void *proxy, uint32_t authn, uint32_t authz, void *principal, uint32_t authnLevel, uint32_t imp, void *auth, uint32_t capabilities)",
      ),
    },
    oleaut32: {
      SysAllocString: oleaut32.func("void * __stdcall SysAllocString(str16 text)"),
      SysFreeString: oleaut32.func("void __stdcall SysFreeString(void *text)"),
      VariantClear: oleaut32.func("int32_t __stdcall VariantClear(void *variant)"),
    },
  };
};
