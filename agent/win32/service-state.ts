import koffi from "koffi";
import { SERVICE_STATUS } from "./service-types.ts";
import { system32 } from "./system32.ts";

const SC_MANAGER_CONNECT = 0x1;
const SERVICE_QUERY_STATUS = 0x4;
const RUNNING = 4;

/** Whether a service of Windows runs, for which no rights are needed; undefined where there is none, or it cannot be asked. */
export const isRunning = (name: string): boolean | undefined => {
  const advapi32 = koffi.load(system32("advapi32.dll"));
  const close = advapi32.func("bool __stdcall CloseServiceHandle(void *handle)");
  const openManager = advapi32.func("void * __stdcall OpenSCManagerW(str16 machine, str16 database, uint32_t access)");
  const open = advapi32.func("void * __stdcall OpenServiceW(void *manager, str16 name, uint32_t access)");
  const query = advapi32.func("__stdcall", "QueryServiceStatus", "bool", [
    "void *",
    koffi.out(koffi.pointer(SERVICE_STATUS)),
  ]);
  const manager = openManager(null, null, SC_MANAGER_CONNECT) as bigint | null;
  if (manager === null) return undefined;
  const service = open(manager, name, SERVICE_QUERY_STATUS) as bigint | null;
  const status = {} as { dwCurrentState?: number };
  const known = service !== null && query(service, status);
  if (service !== null) close(service);
  close(manager);
  return known ? status.dwCurrentState === RUNNING : undefined;
};
