import koffi, { type TypeObject } from "koffi";
import { isPasswordless, isSameAccount } from "./account-sid.ts";
import { LOCAL_MACHINE } from "./registry.ts";
import {
  QUERY_SERVICE_CONFIGW,
  SERVICE_DELAYED_AUTO_START_INFO,
  SERVICE_DESCRIPTIONW,
  SERVICE_FAILURE_ACTIONS_FLAG,
  SERVICE_FAILURE_ACTIONSW,
  SERVICE_REQUIRED_PRIVILEGES_INFOW,
  SERVICE_SID_INFO,
  SERVICE_STATUS,
} from "./service-types.ts";
import { system32 } from "./system32.ts";

/** How the service is registered. */
export interface Registration {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  /** The command line, quoted. */
  readonly command: string;
  /**
   * `LocalSystem`, a virtual account (`NT SERVICE\…`) or a group managed one: those that need no password. An account that the
   * service has already is not touched, and so may have one.
   */
  readonly account: string;
  /** `NAME=value`, in addition to the computer's. */
  readonly environment: readonly string[];
}

export interface ServiceManager {
  /** How the service of that name is registered; undefined where there is none. */
  registered(name: string): Pick<Registration, "command" | "account"> | undefined;
  /** Creates the service, or brings the one of that name up to date. */
  register(registration: Registration): Promise<"created" | "updated">;
  /** Waits until it runs. @throws Error when it stops instead, with its exit code. */
  start(name: string): Promise<void>;
  /** Stops it and waits; then removes it. @returns false where there is none. */
  remove(name: string): Promise<boolean>;
  stop(name: string): Promise<void>;
  /** Sends the running service a control of its own. @throws Error when there is none, or it does not run. */
  control(name: string, code: number): void;
  close(): void;
}

const SC_MANAGER_ALL = 0x3;
const SERVICE_ALL_ACCESS = 0xf01ff;
const WIN32_OWN_PROCESS = 0x10;
const AUTO_START = 2;
const ERROR_NORMAL = 1;
const CONTROL_STOP = 1;
const STATE = { stopped: 1, stopPending: 3, running: 4 } as const;
const RESTART = 1;
/** After a crash at once would hide it, after an hour would be a gap; the count starts anew after a day without one. */
const RESTART_AFTER_MS = [10_000, 60_000, 300_000];
const RESET_AFTER_S = 86_400;
const STOP_WITHIN_MS = 40_000;
const START_WITHIN_MS = 60_000;
const GONE_WITHIN_MS = 20_000;
const ASK_EVERY_MS = 100;

/** @throws Error without administrator rights. */
export const openServiceManager = (): ServiceManager => {
  const api = openApi();
  const failed = (what: string, code = api.GetLastError()): Error => new Error(`${what}: ${meaning(code)}`);
  const manager = api.OpenSCManagerW(null, null, SC_MANAGER_ALL);
  if (!manager) throw failed("The service manager cannot be opened");
  const opened = (name: string): bigint | undefined => {
    const service = api.OpenServiceW(manager, name, SERVICE_ALL_ACCESS);
    if (service) return service;
    const code = api.GetLastError();
    if (code === DOES_NOT_EXIST) return undefined;
    throw failed(`The service ${name} cannot be opened`, code);
  };
  /** Whatever is done with a service, its handle is given back: with one open, a removed service stays. */
  const using = async <T>(service: bigint, work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } finally {
      api.CloseServiceHandle(service);
    }
  };
  const stateOf = (service: bigint): { state: number; exitCode: number } => {
    const status = {} as { dwCurrentState: number; dwWin32ExitCode: number; dwServiceSpecificExitCode: number };
    if (!api.QueryServiceStatus(service, status)) throw failed("The state of the service cannot be read");
    const specific = status.dwWin32ExitCode === SERVICE_SPECIFIC;
    return {
      state: status.dwCurrentState,
      exitCode: specific ? status.dwServiceSpecificExitCode : status.dwWin32ExitCode,
    };
  };
  const waitFor = async (service: bigint, wanted: number, withinMs: number): Promise<void> => {
    for (const end = Date.now() + withinMs; ; ) {
      const { state, exitCode } = stateOf(service);
      if (state === wanted) return;
      if (state === STATE.stopped)
        throw new Error(`The service stopped with exit code ${exitCode}; its log says why, beside its configuration.`);
      if (Date.now() > end) throw new Error(`The service did not follow within ${withinMs / 1_000} seconds.`);
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  };
  const stopped = async (service: bigint): Promise<void> => {
    if (stateOf(service).state === STATE.stopped) return;
    if (!api.ControlService(service, CONTROL_STOP, {})) {
      const code = api.GetLastError();
      if (code !== NOT_ACTIVE) throw failed("The service cannot be stopped", code);
    }
    await waitFor(service, STATE.stopped, STOP_WITHIN_MS);
  };
  const configure = (service: bigint, { description }: Registration): void => {
    const actions = RESTART_AFTER_MS.map((Delay) => ({ Type: RESTART, Delay }));
    const set = (what: string, done: boolean) => {
      if (!done) throw failed(`The service's ${what} cannot be set`);
    };
    set("description", api.setDescription(service, 1, { lpDescription: description }));
    set(
      "recovery actions",
      api.setFailureActions(service, 2, {
        dwResetPeriod: RESET_AFTER_S,
        lpRebootMsg: null,
        lpCommand: null,
        cActions: actions.length,
        lpsaActions: actions,
      }),
    );
    // Boot first, figures later. And recovery also after an end with an error, not only after a crash (Wine knows none).
    set("delayed start", api.setDelayedStart(service, 3, { fDelayedAutostart: 1 }));
    api.setFailureFlag(service, 4, { fFailureActionsOnNonCrashFailures: 1 });
    // All other privileges of LocalSystem are taken out of the token; its own SID is put in.
    api.setSidType(service, 5, { dwServiceSidType: SID_TYPE_UNRESTRICTED });
    api.setPrivileges(service, 6, { pmszRequiredPrivileges: Buffer.from(PRIVILEGES, "utf16le") });
  };
  const setEnvironment = ({ name, environment }: Registration): void => {
    const value = Buffer.from(`${environment.map((it) => `${it}\0`).join("")}\0`, "utf16le");
    const key = `SYSTEM\\CurrentControlSet\\Services\\${name}`;
    const code = api.RegSetKeyValueW(LOCAL_MACHINE, key, "Environment", REG_MULTI_SZ, value, value.length);
    if (code !== 0) throw failed("The service's environment cannot be set", code);
  };
  /** What creating and changing take alike: kind, start, errors, command, group, tag, dependencies, account, password. */
  const settingsOf = ({ command, account }: Registration, before?: string) =>
    [
      ...[WIN32_OWN_PROCESS, AUTO_START, ERROR_NORMAL, command, null, null, null],
      ...(before !== undefined && isSameAccount(before, account) ? [null, null] : [account, passwordOf(account)]),
    ] as const;
  const configOf = (service: bigint): Pick<Registration, "command" | "account"> | undefined => {
    const config = Buffer.alloc(8_192);
    if (!api.QueryServiceConfigW(service, config, config.length, [0])) return undefined;
    const text = (field: string): string => {
      const pointer = config.readBigUInt64LE(koffi.offsetof(QUERY_SERVICE_CONFIGW, field));
      return pointer === 0n ? "" : koffi.decode.string16(pointer);
    };
    return { command: text("lpBinaryPathName"), account: text("lpServiceStartName") };
  };
  const created = (it: Registration): bigint => {
    const service = api.CreateServiceW(manager, it.name, it.displayName, SERVICE_ALL_ACCESS, ...settingsOf(it));
    if (service) return service;
    throw failed(`The service ${it.name} cannot be created`);
  };
  /** The service of that name, as it is to be. One that was removed a moment ago is waited for until it has gone. */
  const registered = async (it: Registration): Promise<bigint | undefined> => {
    for (const end = Date.now() + GONE_WITHIN_MS; ; ) {
      const known = opened(it.name);
      if (!known) return undefined;
      const settings = settingsOf(it, configOf(known)?.account);
      if (api.ChangeServiceConfigW(known, ...settings, it.displayName)) return known;
      const code = api.GetLastError();
      api.CloseServiceHandle(known);
      if (code !== MARKED_FOR_DELETION || Date.now() > end)
        throw failed(`The service ${it.name} cannot be changed`, code);
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  };
  return {
    register: async (registration) => {
      const known = await registered(registration);
      const service = known ?? created(registration);
      await using(service, () => {
        configure(service, registration);
        setEnvironment(registration);
      });
      return known ? "updated" : "created";
    },
    start: async (name) => {
      const service = opened(name);
      if (!service) throw new Error(`There is no service ${name}; register it: activation-monitor agent install`);
      await using(service, () => {
        const code = api.StartServiceW(service, 0, null) ? 0 : api.GetLastError();
        if (code !== 0 && code !== ALREADY_RUNNING) throw failed(`The service ${name} cannot be started`, code);
        return waitFor(service, STATE.running, START_WITHIN_MS);
      });
    },
    stop: async (name) => {
      const service = opened(name);
      if (service) await using(service, () => stopped(service));
    },
    remove: async (name) => {
      const service = opened(name);
      if (!service) return false;
      await using(service, async () => {
        await stopped(service);
        const code = api.DeleteService(service) ? 0 : api.GetLastError();
        if (code !== 0 && code !== MARKED_FOR_DELETION) throw failed(`The service ${name} cannot be removed`, code);
      });
      return true;
    },
    control: (name, code) => {
      const service = opened(name);
      const error = !service ? DOES_NOT_EXIST : api.ControlService(service, code, {}) ? 0 : api.GetLastError();
      if (service) api.CloseServiceHandle(service);
      if (error !== 0) throw failed(`The service ${name} cannot be asked`, error);
    },
    registered: (name) => {
      const service = opened(name);
      if (!service) return undefined;
      const config = configOf(service);
      api.CloseServiceHandle(service);
      return config;
    },
    close: () => api.CloseServiceHandle(manager),
  };
};

const REG_MULTI_SZ = 7;
/**
 * NULL for managed and virtual accounts, an empty text for the built-in ones.
 * https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-changeserviceconfigw
 */
const passwordOf = (account: string): string | null => (isPasswordless(account) ? "" : null);
const SID_TYPE_UNRESTRICTED = 1;
/** Every account holds it; without it each folder on the way to a file would be asked for access. */
const PRIVILEGES = "SeChangeNotifyPrivilege\0\0";
const DOES_NOT_EXIST = 1060;
const NOT_ACTIVE = 1062;
/** The service was removed already, and its last handle is about to be closed. */
const MARKED_FOR_DELETION = 1072;
const ALREADY_RUNNING = 1056;
const SERVICE_SPECIFIC = 1066;

/** What an administrator can do about it. https://learn.microsoft.com/windows/win32/debug/system-error-codes */
const meaning = (code: number): string =>
  ({
    5: "access is denied; run this in a window that was opened as administrator",
    1057: "the account is not known, or it needs a password, which is not supported",
    1069: 'its account could not log on: it lacks "Log on as a service" (a GPO that defines this right takes it from every account that is not named there, NT SERVICE\\ALL SERVICES too), or this computer may not retrieve the password of the managed account (PrincipalsAllowedToRetrieveManagedPassword)',
    1060: "there is no service of that name",
    1062: "it does not run; start it",
    1297: "its account lacks a privilege that the service asks for",
    [MARKED_FOR_DELETION]: "it is marked for deletion; close every window that shows services, or restart the computer",
    1053: "it did not answer in time; its log says why, beside its configuration",
  })[code] ?? `Windows error ${code} (net helpmsg ${code})`;

const openApi = () => {
  const advapi32 = koffi.load(system32("advapi32.dll"));
  const kernel32 = koffi.load(system32("kernel32.dll"));
  const setting = (type: TypeObject) =>
    advapi32.func("__stdcall", "ChangeServiceConfig2W", "bool", ["void *", "uint32_t", koffi.pointer(type)]);
  const advapi = (prototype: string) => advapi32.func(prototype);
  return {
    GetLastError: kernel32.func("uint32_t __stdcall GetLastError()"),
    OpenSCManagerW: advapi("void * __stdcall OpenSCManagerW(str16 machine, str16 database, uint32_t access)"),
    OpenServiceW: advapi("void * __stdcall OpenServiceW(void *manager, str16 name, uint32_t access)"),
    CreateServiceW: advapi(
      "void * __stdcall CreateServiceW(void *manager, str16 name, str16 displayName, uint32_t access, uint32_t type, uint32_t start, uint32_t errorControl, str16 command, str16 group, void *tag, str16 dependencies, str16 account, str16 password)",
    ),
    ChangeServiceConfigW: advapi(
      "bool __stdcall ChangeServiceConfigW(void *service, uint32_t type, uint32_t start, uint32_t errorControl, str16 command, str16 group, void *tag, str16 dependencies, str16 account, str16 password, str16 displayName)",
    ),
    RegSetKeyValueW: advapi(
      "int32_t __stdcall RegSetKeyValueW(void *key, str16 subKey, str16 name, uint32_t type, void *value, uint32_t length)",
    ),
    StartServiceW: advapi("bool __stdcall StartServiceW(void *service, uint32_t count, void *args)"),
    DeleteService: advapi("bool __stdcall DeleteService(void *service)"),
    CloseServiceHandle: advapi("bool __stdcall CloseServiceHandle(void *handle)"),
    QueryServiceStatus: advapi32.func("__stdcall", "QueryServiceStatus", "bool", [
      "void *",
      koffi.out(koffi.pointer(SERVICE_STATUS)),
    ]),
    ControlService: advapi32.func("__stdcall", "ControlService", "bool", [
      "void *",
      "uint32_t",
      koffi.out(koffi.pointer(SERVICE_STATUS)),
    ]),
    setDescription: setting(SERVICE_DESCRIPTIONW),
    setFailureActions: setting(SERVICE_FAILURE_ACTIONSW),
    setDelayedStart: setting(SERVICE_DELAYED_AUTO_START_INFO),
    setFailureFlag: setting(SERVICE_FAILURE_ACTIONS_FLAG),
    setSidType: setting(SERVICE_SID_INFO),
    setPrivileges: setting(SERVICE_REQUIRED_PRIVILEGES_INFOW),
    QueryServiceConfigW: advapi(
      "bool __stdcall QueryServiceConfigW(void *service, void *config, uint32_t length, _Out_ uint32_t *needed)",
    ),
  };
};
