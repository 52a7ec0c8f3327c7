import { readFileSync } from "node:fs";

/** Of package.json, which lies beside the sources in a checkout and above `dist/` in a package. */
const read = (path: string): string | undefined => {
  try {
    return (JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as { version: string }).version;
  } catch {
    return undefined;
  }
};

export const VERSION: string = read("../package.json") ?? read("../../package.json") ?? "unknown";
