import type { Check } from "../win32/selftest/selftest-thread.ts";

/** The JSON of `agent selftest --json`; documented in docs/selftest.md. */
export interface Report {
  /** 2 since the checks of section "What it asks" in docs/selftest.md; absent before. */
  readonly format?: 2;
  readonly ok: boolean;
  readonly version: string;
  readonly node: string;
  readonly architecture: string;
  readonly windows: string;
  readonly administrator: boolean;
  readonly machine_id: "present" | "missing";
  readonly locale: { readonly user: string; readonly system: string; readonly ansi: number; readonly oem: number };
  readonly time_zone: string;
  readonly time: string;
  readonly checks: readonly Check[];
}

export const isReport = (it: unknown): it is Report =>
  typeof it === "object" &&
  it !== null &&
  "checks" in it &&
  Array.isArray(it.checks) &&
  it.checks.every(
    (check: unknown) =>
      typeof check === "object" && check !== null && "name" in check && typeof check.name === "string" && "ok" in check,
  );

/** A line a check. */
export const wordsOf = ({ ok, checks }: Report): string =>
  [
    ...checks.map((it) => {
      const found = Object.entries(it.found ?? {}).map(([key, value]) => `${key.replaceAll("_", " ")} ${value}`);
      const said = it.ok ? found.join(", ") : (it.error?.message ?? "");
      return `${it.ok ? "ok    " : "FAILED"}  ${it.name.padEnd(44)} ${`${it.milliseconds} ms`.padStart(10)}  ${said}`.trimEnd();
    }),
    ok
      ? "Everything that the agent calls works here."
      : "Something that the agent calls does not work here; see above.",
    "",
  ].join("\n");
