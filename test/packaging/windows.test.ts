import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect } from "@jest/globals";
import { SERVICE_NAME } from "../../agent/commands/service-names.ts";
import { HOUR, SECOND } from "../../licensing/time.ts";
import { type Running, runningCollector } from "../support/collector.ts";
import { seriesOf } from "../support/facts.ts";
import { until } from "../support/until.ts";
import { ENGLISH, JAPANESE, type Wine, type WineProgram } from "../support/wine.ts";
import { type Computer, HOST, windowsComputer } from "../win32/computer.ts";
import { kmsHostProducts, kmsHostService, noise, OPERATING_SYSTEM, requests } from "../win32/fixtures.ts";
import { underWine } from "../win32/under-wine.ts";
import { packagedAgent } from "./packaged.ts";

const START = Date.now() - 2 * HOUR;
const SERVICE_KEY = `HKLM\\SYSTEM\\CurrentControlSet\\Services\\${SERVICE_NAME}`;

underWine("The Windows package", [ENGLISH, JAPANESE], ({ home, test }) => {
  let windows: Computer;
  let wine: Wine;
  let collector: Running;
  /** Services end with the last program: one that stays. */
  let staying: WineProgram;
  beforeEach(async () => {
    collector = await runningCollector();
  });
  afterEach(async () => {
    await windows?.close();
    await collector.stop();
  });

  const opened = async (locale: string) => {
    windows = await windowsComputer(home, locale);
    wine = windows.wine;
    // Services take their DLLs as the registry says.
    for (const it of ["wevtapi", "wbemprox", "slc"])
      await wine.run(["reg", "add", "HKCU\\Software\\Wine\\DllOverrides", "/v", it, "/d", "native", "/f"]);
    windows.log("Application", noise(1, 40, START));
    windows.wmi("Win32_OperatingSystem", [OPERATING_SYSTEM]);
    windows.wmi("SoftwareLicensingService", [kmsHostService(50)]);
    windows.wmi("SoftwareLicensingProduct", kmsHostProducts(50));
    copyFileSync(home.nodeExe, join(wine.folder, "node.exe"));
    servicesWindow(wine.folder);
    staying = await wine.start(["Z:\\computer\\node.exe", "-e", "setInterval(() => {}, 1000)"]);
  };
  const data = (...path: string[]) => join(wine.c, "ProgramData", SERVICE_NAME, ...path);
  const program = (...path: string[]) => join(wine.c, "Program Files", "Activation Monitor", ...path);
  const sc = async (...args: string[]) => (await wine.run(["sc", ...args])).out;
  const account = async () => {
    return /ObjectName\s+REG_SZ\s+(\S[^\r\n]*\S)/.exec((await wine.run(["reg", "query", SERVICE_KEY])).out)?.[1];
  };
  const state = async () => /STATE\s+: \d+\s+(\w+)/.exec(await sc("query", SERVICE_NAME))?.[1] ?? "absent";
  const msiexecWith = (env: Record<string, string>, ...args: string[]) =>
    wine.run(["msiexec", ...args, "/qn"], { timeoutMs: 120_000, env });
  const msiexec = (...args: string[]) => msiexecWith({}, ...args);
  const installLog = () =>
    existsSync(data("log", "install.log")) ? readFileSync(data("log", "install.log"), "utf8") : "";
  const installed = async (msi: string, ...properties: string[]) => {
    const { code } = await msiexec("/i", `Z:\\computer\\${basename(msi)}`, ...properties);
    if (code !== 0) throw new Error(`msiexec ended with ${code}; install.log says: ${installLog()}`);
    await until(async () => (await state()) === "RUNNING");
  };
  /** `agent …` of the installed program. */
  const installedAgent = (...args: string[]) =>
    wine.run([
      "C:\\Program Files\\Activation Monitor\\node.exe",
      "C:\\Program Files\\Activation Monitor\\activation-monitor.cjs",
      "agent",
      ...args,
    ]);
  const value = async (name: string) => {
    const series = seriesOf(await (await fetch(`${collector.webUrl}/metrics`)).text());
    return [...series].find(([key]) => key.startsWith(`activation_${name}{`))?.[1];
  };
  /** The service's own process, as Linux sees it: the one of this Wine's namespace. */
  const servicePid = () => {
    const namespace = readlinkSync(`/proc/${staying.pid}/ns/pid`);
    return Number(
      readdirSync("/proc").find((it) => {
        try {
          return (
            readlinkSync(`/proc/${it}/ns/pid`) === namespace &&
            readFileSync(`/proc/${it}/cmdline`, "utf8").includes("--service")
          );
        } catch {
          return false;
        }
      }),
    );
  };

  test("installs, reports, survives a kill without loss, stops gracefully, upgrades with its configuration and spool, and goes", async () => {
    await opened(ENGLISH);
    windows.log("Key Management Service", requests(1, 600, START));
    // What an administrator put there before the package came is kept.
    mkdirSync(data());
    writeFileSync(
      data("agent.yaml"),
      `# Ours: see the wiki\nhost: ${HOST}\nspool: { directory: 'C:\\ProgramData\\activation-monitor\\spool' }\nheartbeat: { kms_host_interval: 1s }\n`,
    );
    writeFileSync(join(wine.folder, "token"), "secret-of-the-test\n");
    await installed(
      await packagedAgent(wine.folder, "0.1.0"),
      `COLLECTORURL=${collector.otlpUrl}`,
      "ZONE=core",
      "TOKENFILE=Z:\\computer\\token",
    );
    const configured = readFileSync(data("agent.yaml"), "utf8");
    expect(configured).toContain("# Ours: see the wiki");
    expect(configured).toContain(collector.otlpUrl);
    expect(readFileSync(data("token"), "utf8")).toBe("secret-of-the-test\n");
    // Wine shows an access list as the bits of Unix: nobody but SYSTEM and Administrators.
    expect(statSync(data()).mode & 0o007).toBe(0);

    await until(async () => ((await value("kms_distinct_clients")) ?? 0) > 0);
    windows.logged("Key Management Service", requests(601, 900, START + 600 * SECOND));
    process.kill(servicePid(), "SIGKILL");
    await until(async () => (await state()) === "STOPPED");
    windows.logged("Key Management Service", requests(901, 910, START + 900 * SECOND));
    await sc("start", SERVICE_NAME);
    await until(async () => (await value("kms_distinct_clients")) === 910);
    await until(async () => (await value("kms_ledger_complete")) === 1);
    const once = `activation_kms_requests_total{kms_host="${HOST}",zone="core",application="windows",status="licensed"}`;
    const counted = async () => seriesOf(await (await fetch(`${collector.webUrl}/metrics`)).text()).get(once);
    expect(await counted()).toBe(910);
    await until(async () => (await value("kms_reported_clients")) === 50);

    // A stop that loses nothing and says so in the service manager's terms: stopped, exit code 0.
    await sc("stop", SERVICE_NAME);
    await until(async () => (await state()) === "STOPPED");
    expect(await sc("query", SERVICE_NAME)).toMatch(/WIN32_EXIT_CODE\s+: 0 /);
    expect(existsSync(data("spool", "lock"))).toBe(false);
    windows.logged("Key Management Service", requests(911, 920, START + 910 * SECOND));

    await installed(await packagedAgent(wine.folder, "0.2.0"));
    expect(readFileSync(data("agent.yaml"), "utf8")).toBe(configured);
    await until(async () => (await value("kms_distinct_clients")) === 920);
    expect(await counted()).toBe(920);
    const version = await wine.run([
      "C:\\Program Files\\Activation Monitor\\node.exe",
      "C:\\Program Files\\Activation Monitor\\activation-monitor.cjs",
      "--version",
    ]);
    expect(version.out.trim()).toBe("0.2.0");

    expect((await msiexec("/x", "Z:\\computer\\agent-0.2.0.msi")).code).toBe(0);
    await until(async () => (await state()) === "absent");
    expect(existsSync(program("node.exe"))).toBe(false);
    expect(existsSync(data("agent.yaml"))).toBe(true);
  }, 240_000);

  test("an upgrade and a repair keep the service as it is: a window shows services, an administrator chose its account, NODE_OPTIONS of the computer are broken", async () => {
    await opened(ENGLISH);
    mkdirSync(data());
    writeFileSync(data("agent.yaml"), `collector: { url: "${collector.otlpUrl}" }\nhost: ${HOST}\n`);
    const broken = { NODE_OPTIONS: "--no-such-option", NODE_TLS_REJECT_UNAUTHORIZED: "0" };
    await installed(await packagedAgent(wine.folder, "0.3.0"), "ZONE=core");
    // What an administrator did by hand, and what the service manager itself knows of this service.
    const other = ["install", "--no-start", "--account", "NT AUTHORITY\\NetworkService"];
    expect((await installedAgent(...other)).code).toBe(0);
    await wine.run(["reg", "add", SERVICE_KEY, "/v", "Ours", "/d", "kept", "/f"]);
    const shown = await wine.start(["Z:\\computer\\services-window.exe", SERVICE_NAME]);
    await until(async () => shown.out().includes("open"));

    // What Windows Installer does in one go. Wine's does not set this property for the old version.
    const upgrading = "UPGRADINGPRODUCTCODE={00000000-0000-0000-0000-000000000001}";
    expect((await msiexecWith(broken, "/x", "Z:\\computer\\agent-0.3.0.msi", upgrading)).code).toBe(0);
    expect(existsSync(program("node.exe"))).toBe(false);
    const newer = await packagedAgent(wine.folder, "0.4.0");
    const upgraded = await msiexecWith(broken, "/i", `Z:\\computer\\${basename(newer)}`);
    expect({ code: upgraded.code, log: installLog() }).toMatchObject({ code: 0 });
    await until(async () => (await state()) === "RUNNING");
    const service = (await wine.run(["reg", "query", SERVICE_KEY, "/s"])).out;
    expect(service).toMatch(/Ours\s+REG_SZ\s+kept/);
    expect(await account()).toBe("NT AUTHORITY\\NetworkService");
    expect(readFileSync(data("agent.yaml"), "utf8")).toContain("zone: core");

    // Any user may start a repair of a product, and give it properties: they change nothing.
    const repaired = await msiexecWith(
      broken,
      "/i",
      `Z:\\computer\\${basename(newer)}`,
      "REINSTALL=ALL",
      "COLLECTORURL=http://192.0.2.1:4318",
      "ZONE=lab",
      "SERVICEACCOUNT=LocalSystem",
    );
    expect(repaired.code).toBe(0);
    expect(readFileSync(data("agent.yaml"), "utf8")).not.toMatch(/192\.0\.2\.1|lab/);
    expect(await account()).toBe("NT AUTHORITY\\NetworkService");
    const left = (await wine.run(["reg", "query", `HKLM\\SOFTWARE\\${SERVICE_NAME}`, "/s"])).out;
    expect(left).not.toMatch(/192\.0\.2\.1/);

    // An older package, like Wine's installer, deletes the service: the new one has its account all the same.
    shown.kill();
    await shown.ended;
    await installed(await packagedAgent(wine.folder, "0.5.0"));
    expect((await wine.run(["reg", "query", SERVICE_KEY, "/s"])).out).not.toContain("kept");
    expect(await account()).toBe("NT AUTHORITY\\NetworkService");
    expect((await msiexec("/x", "Z:\\computer\\agent-0.5.0.msi")).code).toBe(0);
    await until(async () => (await state()) === "absent");
  }, 240_000);

  test("on a Japanese Windows, too; a mistake in the configuration is told to the service manager and the log; a purge leaves nothing", async () => {
    await opened(JAPANESE);
    windows.log("Key Management Service", requests(1, 30, START));
    mkdirSync(data());
    writeFileSync(data("agent.yaml"), `collector: { url: "${collector.otlpUrl}" }\nhost: ${HOST}\n`);
    const msi = await packagedAgent(wine.folder, "0.1.0");
    const refused = await msiexec("/i", `Z:\\computer\\${basename(msi)}`, "TOKEN=secret");
    expect(refused.code).not.toBe(0);
    expect(existsSync(program("node.exe"))).toBe(false);
    await installed(msi, "ZONE=core");
    await until(async () => (await value("kms_distinct_clients")) === 30);

    const good = readFileSync(data("agent.yaml"), "utf8");
    writeFileSync(data("agent.yaml"), `${good}colour: red\n`);
    const again = await installedAgent("install", "--zone", "lab");
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining("colour: this key is not known") });
    expect(await state()).toBe("RUNNING");
    await sc("stop", SERVICE_NAME);
    await sc("start", SERVICE_NAME);
    await until(async () => (await state()) === "STOPPED");
    const ended = await sc("query", SERVICE_NAME);
    expect(ended).toMatch(/WIN32_EXIT_CODE\s+: 1066 /);
    expect(ended).toMatch(/SERVICE_EXIT_CODE\s+: 2 /);
    expect(readFileSync(data("log", "agent.log"), "utf8")).toContain("colour: this key is not known");

    // A mistake changed nothing: not the account, not the folder's access list.
    expect(await account()).toBe("LocalSystem");
    expect(readFileSync(data("agent.yaml"), "utf8")).toBe(`${good}colour: red\n`);
    writeFileSync(data("agent.yaml"), good);
    const corrected = await installedAgent("install");
    expect(corrected).toMatchObject({ code: 0, out: expect.stringContaining("started") });
    expect(await state()).toBe("RUNNING");

    // A repair keeps the account, which was named in another way; what cannot be granted is a warning.
    const other = await installedAgent("install", "--no-start", "--account", "nt authority\\network service");
    expect(other).toMatchObject({ code: 0, out: expect.stringContaining("account NT AUTHORITY\\NetworkService") });
    expect(await installedAgent("install", "--no-start")).toMatchObject({ code: 0 });
    expect(await account()).toBe("NT AUTHORITY\\NetworkService");
    expect(await installedAgent("install", "--no-start", "--account", "CONTOSO\\nobody$")).toMatchObject({
      code: 1,
      err: expect.stringContaining("CONTOSO\\nobody$ is not known here"),
    });
    expect(await account()).toBe("NT AUTHORITY\\NetworkService");
    // On a domain controller the group is the domain's.
    const product = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions";
    await wine.run(["reg", "add", product, "/v", "ProductType", "/d", "LanmanNT", "/f"]);
    expect((await installedAgent("install", "--no-start")).out).toContain("This is a domain controller");
    expect(await installedAgent("install", "--account", ".\\LocalSystem")).toMatchObject({ code: 0 });
    expect(await account()).toBe("LocalSystem");

    // The service tests itself, with its own account's rights.
    const own = await installedAgent("selftest", "--as-service", "--json");
    expect(own).toMatchObject({ err: expect.not.stringContaining("cannot") });
    const { checks } = JSON.parse(own.out) as { checks: { name: string; found?: object }[] };
    const found = (name: string) => checks.find((it) => it.name === name)?.found;
    expect(found("service")).toMatchObject({ present: true, local_system: true });
    expect(found("collector")).toMatchObject({ plain: "connected" });
    expect(found("read Key Management Service")).toMatchObject({ events: 30, drained: true });

    // What the installer's rollback calls: the files as they were before the installation.
    const untouched = readFileSync(data("agent.yaml"), "utf8");
    writeFileSync(join(wine.folder, "token"), "another\n");
    const token = ["--token-file", "Z:\\computer\\token"];
    const service = ["--account", "NT AUTHORITY\\LocalService"];
    await installedAgent("install", "--no-start", "--zone", "lab", ...token, ...service);
    expect(readFileSync(data("agent.yaml"), "utf8")).not.toBe(untouched);
    expect(await account()).toBe("NT AUTHORITY\\LocalService");
    expect((await installedAgent("uninstall", "--undo")).code).toBe(0);
    expect(readFileSync(data("agent.yaml"), "utf8")).toBe(untouched);
    expect(existsSync(data("token"))).toBe(false);
    expect(await account()).toBe("LocalSystem");
    expect(await state()).toBe("RUNNING");

    expect(await installedAgent("uninstall")).toMatchObject({
      code: 0,
      out: expect.stringContaining("stopped and removed"),
    });
    await until(async () => (await state()) === "absent");
    expect(await installedAgent("uninstall")).toMatchObject({
      code: 0,
      out: expect.stringContaining("There is no service"),
    });
    // A rollback of the removal brings the service back, one of the first installation takes it away.
    expect((await installedAgent("uninstall", "--undo")).code).toBe(0);
    expect(await state()).toBe("STOPPED");
    await installedAgent("uninstall");
    expect((await installedAgent("install")).code).toBe(0);
    expect((await installedAgent("uninstall", "--undo")).code).toBe(0);
    await until(async () => (await state()) === "absent");
    expect((await installedAgent("install")).code).toBe(0);
    expect((await msiexec("/x", `Z:\\computer\\${basename(msi)}`, "PURGE=1")).code).toBe(0);
    await until(async () => (await state()) === "absent");
    expect(existsSync(data())).toBe(false);
  }, 240_000);
});

/** A program that shows services, and so holds a handle to one. */
const servicesWindow = (folder: string): void => {
  const source = fileURLToPath(new URL("mock/services-window.c", import.meta.url));
  execFileSync("x86_64-w64-mingw32-gcc", [
    "-municode",
    "-Wall",
    "-Werror",
    "-o",
    join(folder, "services-window.exe"),
    source,
  ]);
};
