import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { selftest } from "../../../agent/commands/selftest.ts";
import { explained, findingsIn } from "../../../agent/commands/selftest-explain.ts";
import type { Report } from "../../../agent/commands/selftest-report.ts";
import type { Check } from "../../../agent/win32/selftest/selftest-thread.ts";
import { ownFolder } from "../../support/keep.ts";

const report = (...checks: Check[]): Report => ({
  format: 2,
  ok: true,
  version: "0.1.0",
  node: "v24.21.0",
  architecture: "x64",
  windows: "10.0.20348",
  administrator: true,
  machine_id: "present",
  locale: { user: "en-US", system: "en-US", ansi: 1252, oem: 437 },
  time_zone: "UTC",
  time: "2026-11-20T08:00:00.000Z",
  checks,
});
const check = (name: string, found: Check["found"], milliseconds = 5): Check => ({
  name,
  ok: true,
  milliseconds,
  ...(found && { found }),
});
const problems = (...checks: Check[]) => findingsIn(report(...checks)).map(({ kind, text }) => `${kind}: ${text}`);

describe("a report explained", () => {
  test("a healthy computer has nothing to do", () => {
    const healthy = [
      check("collector", { tls: true, by_bundled_roots: "connected", by_windows_store: "connected", clock_seconds: 2 }),
      check("service", { present: true, local_system: true, recovery_without_crash: true, sid_type: 1 }),
      check("token", { account: "LocalSystem", service: true, domain_controller: false, read_only_controller: false }),
      check("read Application", { drained: true, timeouts: 0, computer_names: 1, newest_is_own_name: true }),
      check("strict bookmarks of Application", { last_read: 0, before_oldest: 1168, behind_newest: 15_011 }),
      check("subscription to Application", { first: 0, signal_within_second: true, at_end: 259, without_signal: 4317 }),
      check("query SoftwareLicensingProduct", { rows: 1, with_status: 1, types: "ID 8/8, LicenseStatus 19/3" }),
      check("protection", { foreign_modules: 0, stack_pivot_check: false, app_control_policies: 0 }),
      check("proxy", { winhttp: false, account: false, account_script: false }),
      check("settings of Application", { enabled: true, keeps_old: false }),
      check("restarts of the service", { unexpected_ends: 0, other_failures: 0 }),
      check("Windows", { build: "20348", native_architecture: "x64" }),
    ];
    expect(findingsIn(report(...healthy))).toEqual([]);
    expect(explained(report(...healthy))).toContain("Nothing to do.");
  });

  test.each([
    [
      check("collector", { by_bundled_roots: "UNABLE_TO_VERIFY_LEAF_SIGNATURE", by_windows_store: "connected" }),
      /note: .*Windows' store alone/,
    ],
    [check("collector", { by_windows_store: "ENOTFOUND", by_bundled_roots: "ENOTFOUND" }), /problem: .*not reached/],
    [check("collector", { plain: "connected", clock_seconds: -900 }), /problem: .*-900 seconds apart/],
    [check("service", { present: true, recovery_without_crash: false, sid_type: 1 }), /problem: .*not started again/],
    [check("read Application", { drained: false, timeouts: 40 }, 400_000), /problem: .*within 400 seconds/],
    [check("read Application", { drained: true, computer_names: 3 }), /note: .*3 computer names/],
    [check("strict bookmarks of Application", { last_read: 1168, behind_newest: 1168 }), /problem: .*refused \(1168\)/],
    [check("strict bookmarks of Application", { last_read: 0, behind_newest: 0 }), /problem: .*not strict/],
    [check("subscription to Application", { at_end: 259, without_signal: 87 }), /problem: .*87 without a signal/],
    [check("query SoftwareLicensingProduct", { rows: 0 }), /problem: .*no product with a key/],
    [check("query SoftwareLicensingProduct", { rows: 1 }, 45_000), /note: .*45 seconds/],
    [check("traces of the reading", { application_records: 8 }), /note: .*8 records/],
    [check("koffi", { last_error_kept: false }), /problem: .*must not be used/],
    [check("power", { fast_startup: 1 }), /note: Fast Startup/],
    [check("token", { domain_controller: true, read_only_controller: true }), /note: A read-only domain controller/],
    [check("token", { domain_controller: true, read_only_controller: null }), /note: .*does not say .*read-only/],
    [check("power", { modern_standby: true }), /note: Modern Standby/],
    [check("protection", { stack_pivot_check: true }), /problem: .*StackPivot/],
    [check("protection", { microsoft_signed_only: true }), /problem: .*forbids DLLs/],
    [check("protection", { foreign_modules: 2, app_control_policies: 1 }), /note: 2 DLLs[\s\S]*note: 1 App Control/],
    [
      check("service", { present: true, start: "disabled", recovery_without_crash: true, sid_type: 1 }),
      /problem: .*disabled/,
    ],
    [check("service", { is_managed_account: true, marked_managed: false }), /problem: .*sc managedaccount/],
    [check("restarts of the service", { unexpected_ends: 3 }), /problem: .*3 times in the last week/],
    [check("start of the service", { running_after_ms: 25_000 }), /note: .*25 seconds to start/],
    [check("proxy", { winhttp: true }), /note: A proxy is set/],
    [check("disk", { drive: "remote" }), /problem: .*network drive/],
    [check("Windows", { build: "26100", native_architecture: "ARM64" }), /note: The processor is ARM64/],
    [check("settings of Application", { enabled: false, keeps_old: true }), /switched off[\s\S]*does not overwrite/],
    [check("time-outs of Application", { within_10000_ms: 1460 }), /note: .*ten seconds/],
    [
      check("query SoftwareLicensingProduct", { rows: 1, types: "ID 8/8, LicenseStatus 8/8" }),
      /problem: .*LicenseStatus 8\/8/,
    ],
    [check("target 1: proxy blanket", { proxy: true, level: 4, authentication: 10 }), /not sealed[\s\S]*NTLM/],
    [check("Windows", { build: "10240" }), /problem: Build 10240/],
    [
      { name: "ConnectServer", ok: false, milliseconds: 1, error: { code: 5, message: "denied" } },
      /ConnectServer: denied/,
    ],
  ])("%o", (it, expected) => {
    expect(problems(it as Check).join("\n")).toMatch(expected);
  });

  test("problems come first", () => {
    const kinds = findingsIn(
      report(check("power", { fast_startup: 1 }), check("query SoftwareLicensingProduct", { rows: 0 })),
    ).map(({ kind }) => kind);
    expect(kinds).toEqual(["problem", "note"]);
  });
});

const folder = ownFolder("selftest");
test("a file that is no report is refused in one sentence", async () => {
  const file = join(folder(), "x.json");
  const explain = () => selftest({ json: false, explain: file }, { write: () => {} });
  await expect(explain()).rejects.toThrow("cannot be read");
  writeFileSync(file, "{}");
  await expect(explain()).rejects.toThrow("is no report of agent selftest --json");
});
