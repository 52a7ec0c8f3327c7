import { isMember } from "./account-sid.ts";
import { openKernel32, wideText } from "./kernel32.ts";
import { machineId } from "./own-computer.ts";

/** Rights and language of this process: what most often differs between the computer where something works and another. */
export const environment = (): {
  readonly administrator: boolean;
  readonly machine_id: "present" | "missing";
  readonly locale: { readonly user: string; readonly system: string; readonly ansi: number; readonly oem: number };
  readonly time_zone: string;
} => {
  const kernel32 = openKernel32();
  const localeName = (of: (name: Buffer, length: number) => number): string => {
    const name = Buffer.alloc(170);
    return of(name, name.length / 2) > 0 ? wideText(name) : "";
  };
  return {
    administrator: isMember("S-1-5-32-544"),
    machine_id: machineId() === undefined ? "missing" : "present",
    locale: {
      user: localeName(kernel32.GetUserDefaultLocaleName),
      system: localeName(kernel32.GetSystemDefaultLocaleName),
      ansi: kernel32.GetACP(),
      oem: kernel32.GetOEMCP(),
    },
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
};
