import koffi from "koffi";

/** Structures of winsvc.h and dsgetdc.h, field by field as there; a test compares sizes and offsets with the SDK's header. */
export const SERVICE_STATUS = koffi.struct({
  dwServiceType: "uint32_t",
  dwCurrentState: "uint32_t",
  dwControlsAccepted: "uint32_t",
  dwWin32ExitCode: "uint32_t",
  dwServiceSpecificExitCode: "uint32_t",
  dwCheckPoint: "uint32_t",
  dwWaitHint: "uint32_t",
});
export const HandlerEx = koffi.proto(
  "uint32_t __stdcall HandlerEx(uint32_t control, uint32_t eventType, void *eventData, void *context)",
);
export const ServiceMain = koffi.proto("void __stdcall ServiceMain(uint32_t argc, void *argv)");
export const SERVICE_TABLE_ENTRYW = koffi.struct({
  lpServiceName: "str16",
  lpServiceProc: koffi.pointer(ServiceMain),
});
export const SERVICE_DESCRIPTIONW = koffi.struct({ lpDescription: "str16" });
/** Exported for the test that holds every structure against the header. */
export const SC_ACTION = koffi.struct({ Type: "int32_t", Delay: "uint32_t" });
export const SERVICE_FAILURE_ACTIONSW = koffi.struct({
  dwResetPeriod: "uint32_t",
  lpRebootMsg: "str16",
  lpCommand: "str16",
  cActions: "uint32_t",
  lpsaActions: koffi.pointer(SC_ACTION),
});
export const SERVICE_FAILURE_ACTIONS_FLAG = koffi.struct({ fFailureActionsOnNonCrashFailures: "int32_t" });
export const SERVICE_DELAYED_AUTO_START_INFO = koffi.struct({ fDelayedAutostart: "int32_t" });
/** SERVICE_SID_TYPE_UNRESTRICTED = 1: the service's own SID is in its token, for access lists. */
export const SERVICE_SID_INFO = koffi.struct({ dwServiceSidType: "uint32_t" });
/** Privileges in a row, each with its zero, and one more: a buffer. */
export const SERVICE_REQUIRED_PRIVILEGES_INFOW = koffi.struct({ pmszRequiredPrivileges: "void *" });
export const QUERY_SERVICE_CONFIGW = koffi.struct({
  dwServiceType: "uint32_t",
  dwStartType: "uint32_t",
  dwErrorControl: "uint32_t",
  lpBinaryPathName: "void *",
  lpLoadOrderGroup: "void *",
  dwTagId: "uint32_t",
  lpDependencies: "void *",
  lpServiceStartName: "void *",
  lpDisplayName: "void *",
});
/** Of dsgetdc.h; a GUID is sixteen bytes that begin where four-byte numbers may. */
export const DOMAIN_CONTROLLER_INFOW = koffi.struct({
  DomainControllerName: "str16",
  DomainControllerAddress: "void *",
  DomainControllerAddressType: "uint32_t",
  DomainGuid: koffi.array("uint32_t", 4),
  DomainName: "void *",
  DnsForestName: "void *",
  Flags: "uint32_t",
  DcSiteName: "void *",
  ClientSiteName: "void *",
});
