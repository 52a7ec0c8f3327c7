import { readFileSync } from "node:fs";

/**
 * koffi's module for Windows in two layouts: compiled by Microsoft's compiler, which runs, and cross-compiled by Clang (3.1.3
 * and 3.1.4), which faulted in every call of koffi.load on real Windows (koffi issue 275; 3.1.5 went back). No test off Windows
 * tells them apart, these sections do.
 */
const SECTIONS = [".fptable", "_RDATA"];
/** Nothing but Windows' own: no runtime of Visual C++ has to be installed. */
const IMPORTS = ["ADVAPI32.DLL", "KERNEL32.DLL"];

/** @throws Error when the module has another layout than the one that is known to run on Windows. */
export const checkNativeModule = (file: string): void => {
  const { sections, imports } = layoutOf(readFileSync(file));
  const missing = SECTIONS.filter((it) => !sections.includes(it));
  const foreign = imports.filter((it) => !IMPORTS.includes(it.toUpperCase()));
  if (missing.length === 0 && foreign.length === 0) return;
  throw new Error(
    `${file} has another layout than the koffi.node that is known to run on Windows (${[
      ...missing.map((it) => `no section ${it}`),
      ...foreign.map((it) => `needs ${it}`),
    ].join(
      ", ",
    )}). Run agent selftest with it on a real Windows before it is shipped, then change packaging/native-module.ts.`,
  );
};

/** Names of a PE file's sections, and of the DLLs that it imports. learn.microsoft.com/windows/win32/debug/pe-format */
export const layoutOf = (bytes: Buffer): { sections: string[]; imports: string[] } => {
  const header = bytes.readUInt32LE(0x3c);
  if (bytes.toString("latin1", header, header + 4) !== "PE\0\0") throw new Error("This is no program of Windows.");
  const [count, optional] = [bytes.readUInt16LE(header + 6), header + 24];
  const table = optional + bytes.readUInt16LE(header + 20);
  const sections = Array.from({ length: count }, (_, i) => {
    const at = table + i * 40;
    return {
      name: bytes.toString("latin1", at, at + 8).replace(/\0.*$/s, ""),
      size: bytes.readUInt32LE(at + 8),
      address: bytes.readUInt32LE(at + 12),
      offset: bytes.readUInt32LE(at + 20),
    };
  });
  const offsetOf = (address: number): number => {
    const it = sections.find((s) => address >= s.address && address < s.address + s.size);
    if (!it) throw new Error("This program of Windows has an address outside its sections.");
    return address - it.address + it.offset;
  };
  const imports: string[] = [];
  const importsAt = bytes.readUInt32LE(optional + 120);
  for (let at = importsAt === 0 ? 0 : offsetOf(importsAt); at !== 0; at += 20) {
    const name = bytes.readUInt32LE(at + 12);
    if (name === 0) break;
    const text = offsetOf(name);
    imports.push(bytes.toString("latin1", text, bytes.indexOf(0, text)));
  }
  return { sections: sections.map(({ name }) => name), imports };
};
