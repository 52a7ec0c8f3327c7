import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import koffi from "koffi";
import { openKernel32, wideText } from "../kernel32.ts";
import * as types from "../service-types.ts";
import { system32 } from "../system32.ts";
import type { Found } from "./selftest-check.ts";

/** koffi's module: which one, and whether it does what the agent relies on. */
export const native = (): Found => {
  const file = join(dirname(process.argv[1] ?? ""), "koffi", "win32_x64", "koffi.node");
  const kernel32 = koffi.load(system32("kernel32.dll"));
  const setLastError = kernel32.func("void __stdcall SetLastError(uint32_t code)");
  setLastError(100);
  return {
    version: koffi.version,
    sha256: existsSync(file) ? createHash("sha256").update(readFileSync(file)).digest("hex") : null,
    last_error_kept: openKernel32().GetLastError() === 100,
    pointer_bytes: koffi.sizeof("void *"),
    service_status_bytes: koffi.sizeof(types.SERVICE_STATUS),
    failure_actions_bytes: koffi.sizeof(types.SERVICE_FAILURE_ACTIONSW),
  };
};

/** PROCESS_MITIGATION_POLICY, and the bits of the policy that the agent may meet. */
const POLICY = { dynamicCode: 2, controlFlowGuard: 7, signature: 8, payload: 12, shadowStack: 15 } as const;
const BIT = { first: 1, ropStackPivot: 1 << 6, auditStackPivot: 1 << 7, ropCallerCheck: 1 << 8 } as const;

/**
 * What watches this process: foreign modules in it, exploit protection, App Control. koffi runs each call on a stack of its own,
 * which "Validate stack integrity (StackPivot)" takes for an attack.
 */
export const protection = (): Found => {
  const kernel32 = koffi.load(system32("kernel32.dll"));
  const get = kernel32.func(
    "int32_t __stdcall GetProcessMitigationPolicy(void *process, int32_t policy, void *value, uint64_t length)",
  );
  const self = openKernel32().GetCurrentProcess();
  const flags = (policy: number): number | undefined => {
    const value = Buffer.alloc(4);
    return get(self, policy, value, value.length) ? value.readUInt32LE(0) : undefined;
  };
  const isSet = (value: number | undefined, bit: number): boolean | null =>
    value === undefined ? null : (value & bit) !== 0;
  const payload = flags(POLICY.payload);
  return {
    foreign_modules: foreignModules(),
    stack_pivot_check: isSet(payload, BIT.ropStackPivot),
    stack_pivot_audit: isSet(payload, BIT.auditStackPivot),
    caller_check: isSet(payload, BIT.ropCallerCheck),
    dynamic_code_forbidden: isSet(flags(POLICY.dynamicCode), BIT.first),
    control_flow_guard: isSet(flags(POLICY.controlFlowGuard), BIT.first),
    microsoft_signed_only: isSet(flags(POLICY.signature), BIT.first),
    shadow_stack: isSet(flags(POLICY.shadowStack), BIT.first),
    app_control_policies: appControlPolicies(),
  };
};

const MODULES_MAX = 1_024;
/** Modules outside Windows' folder and the program's own: what endpoint protection puts into each process. */
const foreignModules = (): number | null => {
  const kernel32 = koffi.load(system32("kernel32.dll"));
  const enumerate = kernel32.func(
    "int32_t __stdcall K32EnumProcessModules(void *process, void *modules, uint32_t bytes, _Out_ uint32_t *needed)",
  );
  const nameOf = kernel32.func(
    "uint32_t __stdcall K32GetModuleFileNameExW(void *process, void *module, void *name, uint32_t length)",
  );
  const self = openKernel32().GetCurrentProcess();
  const modules = new BigUint64Array(MODULES_MAX);
  const needed = [0];
  if (!enumerate(self, modules, modules.byteLength, needed)) return null;
  const own = [process.env.SystemRoot ?? "C:\\Windows", dirname(process.execPath), dirname(process.argv[1] ?? "")];
  return [...modules.subarray(0, needed[0]! / 8)].filter((module) => {
    const name = Buffer.alloc(2_048);
    const length = nameOf(self, module, name, name.length / 2) as number;
    const path = wideText(name).toLowerCase();
    return length > 0 && !own.some((it) => path.startsWith(`${it.toLowerCase()}\\`));
  }).length;
};

/**
 * Policies of App Control (WDAC) on this computer, in the two places where Windows takes them from. Windows brings some of its own.
 * learn.microsoft.com/windows/security/application-security/application-control/app-control-for-business/deployment/deploy-appcontrol-policies-with-script
 */
const appControlPolicies = (): number | null => {
  try {
    const [single, several] = [system32("CodeIntegrity\\SIPolicy.p7b"), system32("CodeIntegrity\\CiPolicies\\Active")];
    const active = existsSync(several) ? readdirSync(several).filter((it) => it.toLowerCase().endsWith(".cip")) : [];
    return active.length + (existsSync(single) ? 1 : 0);
  } catch {
    return null;
  }
};
