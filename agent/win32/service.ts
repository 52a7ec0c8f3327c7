import koffi from "koffi";
import { HandlerEx, SERVICE_STATUS, SERVICE_TABLE_ENTRYW, ServiceMain } from "./service-types.ts";
import { system32 } from "./system32.ts";
import { endAtOnce } from "./terminate-process.ts";

/** What the service manager asks a service for. https://learn.microsoft.com/windows/win32/services/service-control-handler-function */
const CONTROL = { stop: 1, interrogate: 4, shutdown: 5, preshutdown: 15 } as const;
/** A control of our own (128 to 255 are): the service tests itself, with its own account's rights. */
export const SELFTEST_CONTROL = 128;
const STATE = { stopped: 1, startPending: 2, stopPending: 3, running: 4 } as const;
/** Stop, shutdown, preshutdown. */
const ACCEPTED = 0x1 | 0x4 | 0x100;
const WIN32_OWN_PROCESS = 0x10;
const ERROR_CALL_NOT_IMPLEMENTED = 120;
const ERROR_SERVICE_SPECIFIC_ERROR = 1066;
const ERROR_FAILED_SERVICE_CONTROLLER_CONNECT = 1063;
/** How long the service manager waits for the next sign of life while starting or stopping. */
const WAIT_HINT_MS = 30_000;
const SIGN_OF_LIFE_MS = 2_000;

export interface ServiceWork {
  stop(): Promise<void>;
  /** Resolves when it can't go on: the service ends with a failure, and the service manager starts it again. */
  readonly failed: Promise<Error>;
}

export interface ServiceOptions {
  readonly name: string;
  /** @throws Error when it cannot start. */
  readonly start: () => Promise<ServiceWork>;
  /** Tells the log why. @returns the exit code. */
  readonly onFailure: (cause: Error) => number;
  /** What the service does when it is sent `SELFTEST_CONTROL`. */
  readonly onSelftest: () => void;
  /** The last that is done before the service counts as stopped: an installer that waits for that may then remove its files. */
  readonly flush: () => Promise<unknown>;
}

/**
 * Runs work as a Windows service: START_PENDING → RUNNING → STOP_PENDING → STOPPED, with signs of life in between. A failure
 * is reported with a service-specific exit code (the program's own), which the recovery actions answer with a new start.
 *
 * The dispatcher blocks its thread until the service has stopped, so it gets one of libuv's; ServiceMain and the handler are
 * called on threads of the service manager's and queued to this one.
 * https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-startservicectrldispatcherw
 *
 * Ends the process. @throws Error when the service manager did not start it.
 */
export const runService = async ({ name, start, onFailure, onSelftest, flush }: ServiceOptions): Promise<never> => {
  const api = openApi();
  let handle: bigint | null = null;
  let state: number = STATE.startPending;
  let checkpoint = 0;
  let exitCode = 0;
  const report = (now: number): void => {
    checkpoint = now === state ? checkpoint + 1 : 1;
    state = now;
    const pending = now === STATE.startPending || now === STATE.stopPending;
    api.SetServiceStatus(handle, {
      dwServiceType: WIN32_OWN_PROCESS,
      dwCurrentState: now,
      dwControlsAccepted: now === STATE.running ? ACCEPTED : 0,
      dwWin32ExitCode: now === STATE.stopped && exitCode !== 0 ? ERROR_SERVICE_SPECIFIC_ERROR : 0,
      dwServiceSpecificExitCode: now === STATE.stopped ? exitCode : 0,
      dwCheckPoint: pending ? checkpoint : 0,
      dwWaitHint: pending ? WAIT_HINT_MS : 0,
    });
  };

  const asked = Promise.withResolvers<void>();
  const onControl = (control: number): number => {
    if (control === CONTROL.interrogate) return 0;
    if (control === SELFTEST_CONTROL) {
      if (state === STATE.running) onSelftest();
      return 0;
    }
    if (control !== CONTROL.stop && control !== CONTROL.shutdown && control !== CONTROL.preshutdown)
      return ERROR_CALL_NOT_IMPLEMENTED;
    if (state === STATE.running) report(STATE.stopPending);
    asked.resolve();
    return 0;
  };
  const called = Promise.withResolvers<void>();
  const handler = koffi.register(onControl, koffi.pointer(HandlerEx));
  const main = koffi.register(() => {
    handle = api.RegisterServiceCtrlHandlerExW(name, handler, null);
    if (handle !== null) report(STATE.startPending);
    called.resolve();
  }, koffi.pointer(ServiceMain));

  const dispatched = Promise.withResolvers<Error | undefined>();
  // Kept in scope until the dispatcher returns: Windows reads the table when it likes.
  const table = [
    { lpServiceName: name, lpServiceProc: main },
    { lpServiceName: null, lpServiceProc: null },
  ];
  api.StartServiceCtrlDispatcherW.async(table, (cause: Error | null, done: boolean) =>
    dispatched.resolve(cause ?? (done ? undefined : new Error("StartServiceCtrlDispatcherW failed"))),
  );
  const refused = await Promise.race([called.promise, dispatched.promise]);
  if (!(refused instanceof Error) && handle === null)
    throw new Error(`The service manager knows no service ${name} that this process could be; run agent install.`);
  if (refused instanceof Error)
    throw new Error(
      `The service manager did not start this process (error ${ERROR_FAILED_SERVICE_CONTROLLER_CONNECT}). Leave --service out to run in the foreground, or start the service: sc start ${name}`,
      { cause: refused },
    );

  const alive = setInterval(() => {
    if (state === STATE.startPending || state === STATE.stopPending) report(state);
  }, SIGN_OF_LIFE_MS);
  try {
    const work = await start();
    report(STATE.running);
    const failure = await Promise.race([asked.promise, work.failed]);
    report(STATE.stopPending);
    if (failure instanceof Error) exitCode = onFailure(failure);
    await work.stop();
  } catch (cause) {
    exitCode = onFailure(cause as Error);
  }
  await flush();
  clearInterval(alive);
  report(STATE.stopped);
  await dispatched.promise;
  // An installer that saw it stopped removes the files of a process that is still there only with a restart of Windows; and
  // a thread that hangs in Windows would keep it.
  endAtOnce(exitCode);
  return process.exit(exitCode);
};

const openApi = () => {
  const advapi32 = koffi.load(system32("advapi32.dll"));
  return {
    StartServiceCtrlDispatcherW: advapi32.func("__stdcall", "StartServiceCtrlDispatcherW", "bool", [
      koffi.pointer(SERVICE_TABLE_ENTRYW),
    ]),
    RegisterServiceCtrlHandlerExW: advapi32.func("__stdcall", "RegisterServiceCtrlHandlerExW", "void *", [
      "str16",
      koffi.pointer(HandlerEx),
      "void *",
    ]),
    SetServiceStatus: advapi32.func("__stdcall", "SetServiceStatus", "bool", ["void *", koffi.pointer(SERVICE_STATUS)]),
  };
};
