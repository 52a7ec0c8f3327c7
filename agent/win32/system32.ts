import { join } from "node:path";

/** By absolute path: a DLL of that name beside the program or on the PATH is never loaded. */
export const system32 = (dll: string): string => join(process.env.SystemRoot ?? "C:\\Windows", "System32", dll);
