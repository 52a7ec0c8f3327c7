import koffi from "koffi";
import { openKernel32, wideText } from "../kernel32.ts";
import { registryNumber, registryText } from "../registry.ts";
import { system32 } from "../system32.ts";
import { check, type Found } from "./selftest-check.ts";
import { disk } from "./selftest-disk.ts";
import { native, protection } from "./selftest-process.ts";
import { registered, restarts } from "./selftest-service.ts";
import type { SelftestSetup } from "./selftest-thread.ts";
import { token } from "./selftest-token.ts";

/** The process, the service as it is registered, the disk, sleep, names, proxies and the version of Windows. */
export const checkMachine = (service: SelftestSetup["service"], folder: string | undefined): void => {
  const tell = (name: string, work: () => Found): void => {
    check(name, work, (it) => it);
  };
  tell("token", token);
  tell("koffi", native);
  tell("protection", protection);
  tell("service", () => registered(service.name));
  tell("restarts of the service", () => restarts(service.displayName));
  tell("disk", () => disk(folder));
  tell("power", power);
  tell("Windows", windows);
  tell("names", names);
  tell("proxy", proxy);
};

const TICKS_PER_MS = 10_000n;
const POWER_CAPABILITIES = 4;
/** SYSTEM_POWER_CAPABILITIES: bytes, of which the seventh is hibernation and the twenty-first Modern Standby (AoAc). */
const CAPABILITIES_BYTES = 76;
const AT = { hibernation: 6, modernStandby: 20 } as const;

const power = (): Found => {
  const kernel32 = koffi.load(system32("kernel32.dll"));
  const awake = Buffer.alloc(8);
  kernel32.func("int32_t __stdcall QueryUnbiasedInterruptTime(void *time)")(awake);
  const ticks = kernel32.func("uint64_t __stdcall GetTickCount64()")() as number | bigint;
  const asleepMs = BigInt(ticks) - awake.readBigUInt64LE(0) / TICKS_PER_MS;
  const capabilities = Buffer.alloc(CAPABILITIES_BYTES);
  const known =
    koffi
      .load(system32("powrprof.dll"))
      .func(
        "int32_t __stdcall CallNtPowerInformation(int32_t level, void *input, uint32_t inputLength, void *output, uint32_t length)",
      )(POWER_CAPABILITIES, null, 0, capabilities, capabilities.length) === 0;
  return {
    fast_startup:
      registryNumber("SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Power", "HiberbootEnabled") ?? null,
    hibernation: known ? capabilities[AT.hibernation] !== 0 : null,
    modern_standby: known ? capabilities[AT.modernStandby] !== 0 : null,
    minutes_since_start: Math.round(Number(ticks) / 60_000),
    minutes_asleep: Math.max(0, Math.round(Number(asleepMs) / 60_000)),
  };
};

/** IMAGE_FILE_MACHINE_… */
const MACHINES: Readonly<Record<number, string>> = { 332: "x86", 34404: "x64", 43620: "ARM64" };
const VIRTUAL = /virtual|vmware|kvm|qemu|xen|hvm|bochs|parallels|google compute|amazon ec2/i;

const windows = (): Found => {
  const key = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
  const bios = "HARDWARE\\DESCRIPTION\\System\\BIOS";
  const made = ["SystemManufacturer", "SystemProductName"].map((it) => registryText(bios, it) ?? "").join(" ");
  return {
    build: registryText(key, "CurrentBuild") ?? null,
    update: registryNumber(key, "UBR") ?? null,
    installation: registryText(key, "InstallationType") ?? null,
    edition: registryText(key, "EditionID") ?? null,
    native_architecture: nativeMachine(),
    virtual_machine: made.trim() === "" ? null : VIRTUAL.test(made),
  };
};

/** What the computer is, not what an emulation says. */
const nativeMachine = (): string | null => {
  const kernel32 = koffi.load(system32("kernel32.dll"));
  const [process, machine] = [Buffer.alloc(2), Buffer.alloc(2)];
  const told = kernel32.func("int32_t __stdcall IsWow64Process2(void *process, void *emulated, void *native)")(
    openKernel32().GetCurrentProcess(),
    process,
    machine,
  );
  return told ? (MACHINES[machine.readUInt16LE(0)] ?? "other") : null;
};

/** COMPUTER_NAME_FORMAT: four forms, and the same four of the computer itself where it is a node of a cluster. */
const FORM = { netbios: 0, host: 1, domain: 2, full: 3, physical: 4 } as const;

/** Whether the forms of the computer's name agree; never a name. */
const names = (): Found => {
  const { GetComputerNameExW } = openKernel32();
  const of = (form: number): string => {
    const name = Buffer.alloc(1_024);
    return GetComputerNameExW(form, name, [name.length / 2]) ? wideText(name).toLowerCase() : "";
  };
  const forms = [0, 1, 2, 3].map((it) => [of(it), of(it + FORM.physical)] as const);
  const physical = forms.map(([, it]) => it);
  return {
    cluster_name_differs: forms.some(([cluster, own]) => cluster !== own),
    full_name_has_domain: physical[FORM.full]!.includes("."),
    host_is_start_of_full: physical[FORM.full]!.split(".")[0] === physical[FORM.host],
    netbios_is_start_of_host: physical[FORM.host]!.startsWith(physical[FORM.netbios]!),
    dns_suffix: physical[FORM.domain] !== "",
  };
};

const PROXY_NAMED = 3;
/** WINHTTP_PROXY_INFO and WINHTTP_CURRENT_USER_IE_PROXY_CONFIG: a number, then two or three texts. */
const [WINHTTP_BYTES, USER_BYTES] = [24, 32];

/** Whether a proxy is set, for services and for this account; the agent uses none. */
const proxy = (): Found => {
  const winhttp = koffi.load(system32("winhttp.dll"));
  const [machine, user] = [Buffer.alloc(WINHTTP_BYTES), Buffer.alloc(USER_BYTES)];
  const get = (name: string) => winhttp.func(`int32_t __stdcall ${name}(void *config)`);
  const knownMachine = get("WinHttpGetDefaultProxyConfiguration")(machine);
  const knownUser = get("WinHttpGetIEProxyConfigForCurrentUser")(user);
  const free = koffi.load(system32("kernel32.dll")).func("void * __stdcall GlobalFree(void *memory)");
  const texts = [8, 16].map((at) => machine.readBigUInt64LE(at));
  const userTexts = [8, 16, 24].map((at) => user.readBigUInt64LE(at));
  for (const it of [...texts, ...userTexts]) if (it !== 0n) free(it);
  return {
    winhttp: knownMachine ? machine.readUInt32LE(0) === PROXY_NAMED : null,
    account: knownUser ? userTexts[1] !== 0n : null,
    account_script: knownUser ? userTexts[0] !== 0n || user.readUInt32LE(0) !== 0 : null,
  };
};
