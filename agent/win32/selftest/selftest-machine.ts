import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import koffi from "koffi";
import { saveAtomically } from "../../spool/atomic-write.ts";
import { isMember, ownSid } from "../account-sid.ts";
import { openKernel32 } from "../kernel32.ts";
import { isDomainController, registryNumber, registryText } from "../registry.ts";
import { system32 } from "../system32.ts";
import { check, type Found, millisecondsSince } from "./selftest-check.ts";

/** The process, the service as it is registered, the disk, sleep and the version of Windows. */
export const checkMachine = (service: string, folder: string | undefined): void => {
  check("token", token, (it) => it);
  check("koffi", native, (it) => it);
  check(
    "service",
    () => registered(service),
    (it) => it,
  );
  check(
    "disk",
    () => disk(folder),
    (it) => it,
  );
  check("power", power, (it) => it);
  check("Windows", windows, (it) => it);
};

/** Which kind of account; never which one. */
const KINDS: readonly (readonly [sid: RegExp, kind: string])[] = [
  [/^S-1-5-18$/, "LocalSystem"],
  [/^S-1-5-19$/, "LocalService"],
  [/^S-1-5-20$/, "NetworkService"],
  [/^S-1-5-80-/, "virtual account"],
  [/^S-1-12-1-/, "user of Entra ID"],
  [/^S-1-5-21-/, "user or managed account"],
];

const token = (): Found => {
  const { text } = ownSid();
  return {
    account: KINDS.find(([sid]) => sid.test(text))?.[1] ?? "other",
    administrators: isMember("S-1-5-32-544"),
    service: isMember("S-1-5-6"),
    event_log_readers: isMember("S-1-5-32-573"),
    domain_controller: isDomainController(),
  };
};

const native = (): Found => {
  const file = join(dirname(process.argv[1] ?? ""), "koffi", "win32_x64", "koffi.node");
  const kernel32 = koffi.load(system32("kernel32.dll"));
  const setLastError = kernel32.func("void __stdcall SetLastError(uint32_t code)");
  setLastError(100);
  return {
    version: koffi.version,
    sha256: existsSync(file) ? createHash("sha256").update(readFileSync(file)).digest("hex") : null,
    last_error_kept: openKernel32().GetLastError() === 100,
    pointer_bytes: koffi.sizeof("void *"),
  };
};

/** As the registry has it: the service manager shows some of it to administrators only. */
const registered = (name: string): Found => {
  const key = `SYSTEM\\CurrentControlSet\\Services\\${name}`;
  const account = registryText(key, "ObjectName");
  return {
    present: account !== undefined,
    is_managed_account: account?.endsWith("$") ?? null,
    local_system: account === undefined ? null : /^localsystem$/i.test(account),
    delayed: registryNumber(key, "DelayedAutostart") === 1,
    sid_type: registryNumber(key, "ServiceSidType") ?? 0,
    recovery_without_crash: registryNumber(key, "FailureActionsOnNonCrashFailures") === 1,
    pipe_timeout_ms: registryNumber("SYSTEM\\CurrentControlSet\\Control", "ServicesPipeTimeout") ?? null,
  };
};

const disk = (folder: string | undefined): Found => {
  const place = mkdtempSync(join(folder !== undefined && existsSync(folder) ? folder : tmpdir(), "selftest-"));
  try {
    const file = join(place, "a");
    const begun = performance.now();
    writeFileSync(file, "1", { flush: true });
    const flushed = millisecondsSince(begun);
    const replacing = performance.now();
    for (let i = 0; i < 20; i++) saveAtomically(file, String(i));
    return {
      in_data_folder: place.startsWith(folder ?? "?"),
      flush_ms: flushed,
      twenty_replacements_ms: millisecondsSince(replacing),
    };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
};

const TICKS_PER_MS = 10_000n;
const power = (): Found => {
  const kernel32 = koffi.load(system32("kernel32.dll"));
  const awake = Buffer.alloc(8);
  kernel32.func("int32_t __stdcall QueryUnbiasedInterruptTime(void *time)")(awake);
  const ticks = kernel32.func("uint64_t __stdcall GetTickCount64()")() as number | bigint;
  const asleepMs = BigInt(ticks) - awake.readBigUInt64LE(0) / TICKS_PER_MS;
  return {
    fast_startup:
      registryNumber("SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Power", "HiberbootEnabled") ?? null,
    minutes_since_start: Math.round(Number(ticks) / 60_000),
    minutes_asleep: Math.max(0, Math.round(Number(asleepMs) / 60_000)),
  };
};

const windows = (): Found => {
  const key = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
  return {
    build: registryText(key, "CurrentBuild") ?? null,
    update: registryNumber(key, "UBR") ?? null,
    installation: registryText(key, "InstallationType") ?? null,
    edition: registryText(key, "EditionID") ?? null,
    native_architecture:
      registryText("SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment", "PROCESSOR_ARCHITECTURE") ??
      null,
  };
};
