import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, parse } from "node:path";
import koffi from "koffi";
import { saveAtomically } from "../../spool/atomic-write.ts";
import { openKernel32, wideText } from "../kernel32.ts";
import { accessListOf } from "../protect.ts";
import { withoutDomains } from "../sddl.ts";
import { system32 } from "../system32.ts";
import { type Found, millisecondsSince } from "./selftest-check.ts";

const DRIVES = ["unknown", "none", "removable", "fixed", "remote", "cd", "ram"];

/** Writing and replacing files where the agent does, also over one that a scanner has open. */
export const disk = (folder: string | undefined): Found => {
  const parent = folder !== undefined && existsSync(folder) ? folder : tmpdir();
  const place = mkdtempSync(join(parent, "selftest-"));
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
      replaced_while_open: replacedWhileOpen(place),
      access: withoutDomains(accessListOf(parent) ?? "") || null,
      ...volumeOf(parent),
    };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
};

const GENERIC_READ = 0x8000_0000;
const SHARE_READ = 1;
const OPEN_EXISTING = 3;
const INVALID_HANDLE = 0xffff_ffff_ffff_ffffn;

/** What replacing a file says while another program has it open as scanners do, without sharing its deletion. */
const replacedWhileOpen = (place: string): string => {
  const kernel32 = koffi.load(system32("kernel32.dll"));
  const open = kernel32.func(
    "void * __stdcall CreateFileW(str16 name, uint32_t access, uint32_t share, void *security, uint32_t how, uint32_t flags, void *template)",
  );
  const [target, fresh] = [join(place, "held"), join(place, "held.new")];
  writeFileSync(target, "1");
  writeFileSync(fresh, "2");
  const handle = open(target, GENERIC_READ, SHARE_READ, null, OPEN_EXISTING, 0, null) as bigint | null;
  if (handle === null || handle === INVALID_HANDLE) return "not tried";
  try {
    renameSync(fresh, target);
    return "yes";
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code ?? "failed";
  } finally {
    openKernel32().CloseHandle(handle);
  }
};

const volumeOf = (folder: string): Found => {
  const kernel32 = koffi.load(system32("kernel32.dll"));
  const kindOf = kernel32.func("uint32_t __stdcall GetDriveTypeW(str16 root)");
  const read = kernel32.func(
    "int32_t __stdcall GetVolumeInformationW(str16 root, void *name, uint32_t nameLength, void *serial, void *longest, void *flags, void *system, uint32_t systemLength)",
  );
  const { root } = parse(folder);
  const system = Buffer.alloc(128);
  const known = read(root, null, 0, null, null, null, system, system.length / 2);
  return { drive: DRIVES[kindOf(root)] ?? "unknown", file_system: known ? wideText(system) : null };
};
