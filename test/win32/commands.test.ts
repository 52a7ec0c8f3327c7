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
    const json = await windows.agent(["once", "--json"]);
    expect(JSON.parse(json.out)).toMatchObject({
      licenses: [{ status: "notification", reason: "0xC004F056", channel: "kms_client" }],
      properties: {
        service: { KeyManagementServiceDnsPublishing: true, KeyManagementServiceCurrentCount: 38 },
        products: [{ LicenseStatusReason: 0xc004f056, GracePeriodRemaining: 259_200 }],
      },
    });
    expect(json.out).not.toMatch(/OA3x|OfflineInstallationId|AAAAA-BBBBB/);
  }, 60_000);

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
  }, 60_000);

  test("selftest: everything is called once; what is denied or hangs is told, nothing secret is", async () => {
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
    expect(found("token")?.found).toMatchObject({ administrators: true, domain_controller: false });
    expect(found("koffi")?.found).toMatchObject({
      sha256: createHash("sha256").update(readFileSync(home.koffiNode)).digest("hex"),
      last_error_kept: true,
      pointer_bytes: 8,
    });
    expect(found("service")?.found).toMatchObject({ present: false });
    expect(found("disk")).toMatchObject({ ok: true });
    expect(found("power")?.found).toMatchObject({ minutes_asleep: expect.any(Number) });
    expect(found("collector")?.found).toMatchObject({ tls: false, plain: "ECONNREFUSED" });
    expect(found("traces of the reading")?.found).toEqual({ application_records: 0 });

    // The report of a computer that somebody sent, as PowerShell writes it.
    writeFileSync(join(windows.wine.folder, "sent.json"), Buffer.from(`\uFEFF${good.out}`, "utf16le"));
    const explained = await windows.agent(["selftest", "--explain", "Z:\\computer\\sent.json"]);
    expect(explained).toMatchObject({ code: 0, out: expect.stringContaining("PROBLEM  The collector is not reached") });
    expect(explained.out).toContain("The service is not registered");
    expect(explained.out).not.toContain("EvtNext answers");
    expect(found("query SoftwareLicensingProduct")?.found).toEqual({ rows: 1, with_status: 1 });
    expect(found("class OfficeSoftwareProtectionService")?.found).toMatchObject({ present: false });
    expect(good.out).not.toMatch(/ABCDE|AAAAA|pc1\.contoso\.com/);

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
  }, 60_000);

  test("on Japanese Windows: its own text reaches the terminal whole, and the report names the code page", async () => {
    await windows.close();
    await open(JAPANESE);
    windows.wmi("SoftwareLicensingProduct", [product({ Name: "Windows(R), Enterprise エディション" })]);
    expect((await windows.agent(["once"])).out).toContain("Windows(R), Enterprise エディション");
    const report = JSON.parse((await windows.agent(["selftest", "--json"])).out) as Report;
    expect(report).toMatchObject({ ok: true, locale: { user: "ja-JP", ansi: 932, oem: 932 } });
  }, 60_000);
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
