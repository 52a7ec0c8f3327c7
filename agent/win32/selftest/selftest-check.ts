import { parentPort } from "node:worker_threads";
import { WindowsError } from "../windows-error.ts";
import type { Check } from "./selftest-thread.ts";

export type Found = NonNullable<Check["found"]>;

/** Does a piece of work, and tells the starter of this thread what came of it: numbers, never values. */
export const check = <T>(name: string, work: () => T, tell: (result: T) => Found = () => ({})): T | undefined => {
  parentPort!.postMessage({ begins: name });
  const begun = performance.now();
  const done = (rest: Pick<Check, "ok" | "found" | "error">): void =>
    parentPort!.postMessage({ name, milliseconds: millisecondsSince(begun), ...rest });
  try {
    const result = work();
    done({ ok: true, found: tell(result) });
    return result;
  } catch (cause) {
    const code = cause instanceof WindowsError ? cause.code : 0;
    done({ ok: false, error: { code, message: (cause as Error).message } });
    return undefined;
  }
};

/** For checks that run one after the other: under names that begin alike. */
export const under =
  (prefix: string) =>
  <T>(name: string, work: () => T, tell?: (result: T) => Found): T | undefined =>
    check(`${prefix}: ${name}`, work, tell);

export const millisecondsSince = (begun: number): number => Math.round((performance.now() - begun) * 10) / 10;

/** Work whose answer is a code, expected or not: 0 where it succeeded. */
export const codeOf = (work: () => unknown): number => {
  try {
    work();
    return 0;
  } catch (cause) {
    if (cause instanceof WindowsError) return cause.code;
    throw cause;
  }
};
