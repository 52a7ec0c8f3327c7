import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "@jest/globals";
import { HOUR } from "../../licensing/time.ts";
import { product } from "../support/facts.ts";
import { ENGLISH, JAPANESE } from "../support/wine.ts";
import { type Computer, windowsComputer } from "./computer.ts";
import { attempt, kmsHostProducts, kmsHostService, noise, OPERATING_SYSTEM, requests } from "./fixtures.ts";
import { underWine } from "./under-wine.ts";

underWine("agent once and agent selftest", [ENGLISH, JAPANESE], ({ home, test }) => {
  let windows: Computer;
  const START = Date.now() - HOUR;
  const open = async (locale: string) => {
    windows = await windowsComputer(home, locale);
    windows.log("Application", [...noise(1, 5, START), ...attempt(6, START)]);
    windows.log("Key Management Service", requests(1, 20, START));
    windows.wmi("Win32_OperatingSystem", [OPERATING_SYSTEM]);
    windows.wmi("SoftwareLicensingService", [kmsHostService(38)]);
    windows.wmi("SoftwareLicensingProduct", kmsHostProducts(38));
  };
  beforeEach(() => open(ENGLISH));
  afterEach(() => windows.close());

  test("once: a KMS host in words, and as JSON with every property as Windows typed it", async () => {
    const words = await windows.agent(["once"]);
    expect(words.code).toBe(0);
    for (const it of [
      /^\S+, Microsoft Windows Server 2022 Standard 10\.0\.20348$/m,
      /Windows\(R\), ServerStandard edition/,
      /Status +licensed, permanently/,
      /Channel +volume license, key of a KMS host/,
      /Windows clients +38, 25 needed$/m,
      /requests +1234 valid, 5 failed/,
      /DNS +publishes itself/,
    ])
      expect(words.out).toMatch(it);
    expect(words.out + words.err).not.toMatch(/AAAAA-BBBBB|1{63}/);

    windows.wmi("SoftwareLicensingProduct", [product({ LicenseStatus: 5, LicenseStatusReason: 0xc004f056 })]);
    windows.wmi("SoftwareLicensingProduct", [product({ LicenseStatus: 5, LicenseStatusReason: 0xc004f038 })]);
    expect((await windows.agent(["once"])).out).toMatch(/Reason +0xC004F038, count too low$/m);
    windows.wmi("SoftwareLicensingProduct", [product({ LicenseStatus: 5, LicenseStatusReason: 0xc004f056 })]);
    const json = await windows.agent(["once", "--json"]);
    expect(JSON.parse(json.out)).toMatchObject({
      licenses: [{ status: "notification", reason: "0xC004F056", channel: "kms_client" }],
      properties: {
        service: { KeyManagementServiceDnsPublishing: true, KeyManagementServiceCurrentCount: 38 },
        products: [{ LicenseStatusReason: 0xc004f056, GracePeriodRemaining: 259_200 }],
      },
    });
    expect(json.out).not.toMatch(/OA3x|OfflineInstallationId|AAAAA-BBBBB/);
  }, 120_000);

  test("once: what cannot be read is said in one sentence, a call that never comes back ends it", async () => {
    windows.faults("a ConnectServer . 0x80041003 99", "b SLOpen * 0x80070005 99");
    expect(await windows.agent(["once"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("WMI denies access: the account needs Enable Account"),
    });
    windows.faults("c ExecQuery SoftwareLicensingService hang 1");
    expect(await windows.agent(["once"], { yaml: "windows: { deadline: 2s }" })).toMatchObject({
      code: 1,
      err: expect.stringContaining("did not come back within 2 seconds"),
    });
  }, 120_000);

  test("selftest: everything is called once; what is denied or hangs is told, nothing secret is", async () => {
    const ended = (id: number, record: number, name = "Activation Monitor Agent") => serviceEnded(id, record, name);
    windows.log("System", [ended(7031, 1), ended(7031, 2), ended(7034, 3), ended(7024, 4), ended(7031, 5, "Spooler")]);
    windows.slc([
      "73111121-5638-40f6-bc11-f1d7b0d64300;11111111-2222-3333-4444-555555555555;1;0;0;Windows(R), Enterprise;VOLUME_KMSCLIENT;2YT43;Volume:GVLK",
    ]);
    const good = await windows.agent(["selftest", "--json"]);
    const report = JSON.parse(good.out) as Report;
    expect(good.code).toBe(0);
    expect(report).toMatchObject({
      ok: true,
      administrator: true,
      machine_id: "present",
      locale: { user: "en-US", ansi: 1252 },
    });
    const found = (name: string, from = report) => from.checks.find((it) => it.name === name);
    expect(found("log Key Management Service")?.found).toEqual({ records: 20, oldest: 1, newest: 20 });
    expect(found("access to Application")?.found).toEqual({ sddl: expect.stringContaining("S-1-5-32-573") });
    expect(found("read Application")?.found).toMatchObject({ events: 2, bookmark: true });
    expect(found("resume Application")).toMatchObject({ ok: true, found: { events: 0 } });
    expect(found("read Application")?.found).toMatchObject({ drained: true, timeouts: 0, computer_names: 1 });
    expect(found("strict bookmarks of Application")?.found).toEqual({
      last_read: 0,
      before_oldest: 1168,
      behind_newest: 1168,
    });
    expect(found("subscription to Application")?.found).toMatchObject({
      signal_within_second: true,
      first: 0,
      at_end: 259,
      without_signal: 4317,
    });
    expect(found("token")?.found).toMatchObject({
      administrators: true,
      privileges: expect.any(Number),
      session: expect.any(Number),
      elevation: expect.any(String),
      domain_controller: false,
      read_only_controller: false,
      role: expect.any(String),
    });
    expect(found("settings of Application")?.found).toEqual({
      enabled: true,
      classic: true,
      isolation: 0,
      type: 0,
      bytes: 69_632,
      keeps_old: false,
      max_bytes: 20_971_520,
    });
    expect(found("time-outs of Application")?.found).toMatchObject({ within_0_ms: 0, within_10000_ms: 0 });
    expect(found("protection")).toMatchObject({ ok: true, found: { foreign_modules: 0 } });
    expect(found("proxy")?.found).toMatchObject({ winhttp: false });
    expect(found("names")?.found).toMatchObject({ cluster_name_differs: false });
    expect(found("proxy blanket")?.found).toEqual({
      proxy: true,
      authentication: 16,
      level: 6,
      impersonation: 3,
      principal: true,
    });
    expect(found("koffi")?.found).toMatchObject({
      sha256: createHash("sha256").update(readFileSync(home.koffiNode)).digest("hex"),
      last_error_kept: true,
      pointer_bytes: 8,
      service_status_bytes: 28,
      failure_actions_bytes: 40,
    });
    expect(found("service")?.found).toMatchObject({ present: false, recovery: null });
    expect(found("restarts of the service")?.found).toEqual({ unexpected_ends: 3, other_failures: 1 });
    expect(found("disk")).toMatchObject({
      ok: true,
      found: { replaced_while_open: expect.stringMatching(/^E/), drive: "fixed", file_system: expect.any(String) },
    });
    expect(found("Windows")?.found).toMatchObject({ native_architecture: "x64" });
    expect(found("power")?.found).toMatchObject({ minutes_asleep: expect.any(Number) });
    expect(found("collector")?.found).toMatchObject({ tls: false, plain: "ECONNREFUSED" });
    expect(found("traces of the reading")?.found).toMatchObject({ application_records: 0 });
    expect(found("slc.dll")?.found).toMatchObject({ editions: 1, tells_kms_figures: false });

    // The report of a computer that somebody sent, as PowerShell writes it.
    writeFileSync(join(windows.wine.folder, "sent.json"), Buffer.from(`\uFEFF${good.out}`, "utf16le"));
    const explained = await windows.agent(["selftest", "--explain", "Z:\\computer\\sent.json"]);
    expect(explained).toMatchObject({ code: 0, out: expect.stringContaining("PROBLEM  The collector is not reached") });
    expect(explained.out).toContain("The service is not registered");
    expect(explained.out).not.toContain("EvtNext answers");
    const product = found("query SoftwareLicensingProduct")?.found as { types: string };
    expect(product).toMatchObject({ rows: 1, with_status: 1, first_row_ms: expect.any(Number) });
    // uint32 as VT_I4, text and date as VT_BSTR, Boolean as VT_BOOL; by name, never by value.
    for (const it of ["ID 8/8", "LicenseStatus 19/3", "LicenseIsAddon 11/11", "EvaluationEndDate 101/8"])
      expect(product.types.split(", ")).toContain(it);
    expect(found("query SoftwareLicensingProduct, ID only")?.found).toMatchObject({ rows: 1 });
    expect(found("query SoftwareLicensingProduct, without filter")?.found).toMatchObject({ rows: 2 });
    expect(found("class OfficeSoftwareProtectionService")?.found).toMatchObject({ present: false });
    expect(good.out).not.toMatch(/ABCDE|AAAAA|pc1\.contoso\.com/);

    // A computer of targets, step by step; neither its name nor its domain is told.
    windows.log("Application", attempt(6, START), "old.contoso.com");
    windows.wmi("SoftwareLicensingService", [{ Version: "6.1" }], "old.contoso.com");
    const remote = await windows.agent(["selftest", "--json", "--target", "old.contoso.com"]);
    const target = JSON.parse(remote.out) as Report;
    expect(found("target 1: EvtOpenSession", target)).toMatchObject({ ok: true });
    expect(found("target 1: log 1", target)?.found).toMatchObject({ records: 2 });
    expect(found("target 1: EvtNext of log 1", target)?.found).toMatchObject({ within_0_ms: 0 });
    expect(found("target 1: log 2", target)).toMatchObject({ ok: false, error: { code: 15_007 } });
    expect(found("target 1: proxy blanket", target)?.found).toMatchObject({ authentication: 16 });
    expect(found("target 1: classes", target)?.found).toEqual({
      SoftwareLicensingService: 1,
      SoftwareLicensingProduct: 0,
      OfficeSoftwareProtectionProduct: 0,
    });
    expect(remote.out).not.toMatch(/old\.contoso/);

    windows.faults("a EvtQuery Key_Management_Service 5 9", "b Next SoftwareLicensingProduct hang 1");
    const bad = await windows.agent(["selftest", "--json"], { yaml: "windows: { deadline: 2s }" });
    expect(bad.code).toBe(1);
    const checks = JSON.parse(bad.out) as Report;
    expect(found("read Key Management Service", checks)).toMatchObject({
      ok: false,
      error: { code: 5, message: expect.stringContaining("Event Log Readers") },
    });
    expect(checks.checks.at(-1)).toMatchObject({
      name: "query SoftwareLicensingProduct",
      error: { message: "It did not come back within 2 seconds." },
    });
  }, 120_000);

  test("on Japanese Windows: its own text reaches the terminal whole, and the report names the code page", async () => {
    await windows.close();
    await open(JAPANESE);
    windows.wmi("SoftwareLicensingProduct", [product({ Name: "Windows(R), Enterprise エディション" })]);
    expect((await windows.agent(["once"])).out).toContain("Windows(R), Enterprise エディション");
    const report = JSON.parse((await windows.agent(["selftest", "--json"])).out) as Report;
    expect(report).toMatchObject({ ok: true, locale: { user: "ja-JP", ansi: 932, oem: 932 } });
  }, 120_000);
});

/** As the service manager writes it: the display name comes first. */
const serviceEnded = (id: number, record: number, name: string) => ({
  id: record,
  xml: `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Service Control Manager'/><EventID Qualifiers='49152'>${id}</EventID><TimeCreated SystemTime='${new Date().toISOString()}'/><EventRecordID>${record}</EventRecordID><Channel>System</Channel><Computer>x</Computer></System><EventData><Data Name='param1'>${name}</Data><Data Name='param2'>1</Data></EventData></Event>`,
});

interface Report {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly found?: object;
    readonly error?: { readonly code: number; readonly message: string };
  }[];
}
