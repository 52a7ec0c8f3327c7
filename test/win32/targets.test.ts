import { afterEach, beforeEach, expect } from "@jest/globals";
import { HOUR } from "../../licensing/time.ts";
import { type Running, runningCollector } from "../support/collector.ts";
import { OFFICE16, product, request, sent, seriesOf } from "../support/facts.ts";
import { until } from "../support/until.ts";
import { ENGLISH, type WineProgram } from "../support/wine.ts";
import { type Computer, windowsComputer } from "./computer.ts";
import { kmsHostService, OPERATING_SYSTEM, recordOf } from "./fixtures.ts";
import { underWine } from "./under-wine.ts";

const OLD = "old.contoso.com";
const BRANCH = "kms-branch.contoso.com";

underWine("An agent that reads for other computers", [ENGLISH], ({ home, test }) => {
  let collector: Running;
  let windows: Computer;
  let agent: WineProgram | undefined;
  const START = Date.now() - 2 * HOUR;
  beforeEach(async () => {
    collector = await runningCollector();
    windows = await windowsComputer(home, ENGLISH);
    windows.log("Application", []);
    windows.log("Key Management Service", []);
    windows.wmi("Win32_OperatingSystem", [OPERATING_SYSTEM]);
    windows.wmi("SoftwareLicensingService", [{ Version: "10" }]);
    windows.wmi("SoftwareLicensingProduct", [product()]);
  });
  afterEach(async () => {
    agent?.kill();
    await windows.close();
    await collector.stop();
  });
  const get = async (path: string) => (await fetch(`${collector.webUrl}${path}`)).json() as Promise<{ items: Item[] }>;
  const value = async (name: string, label: string) =>
    [...seriesOf(await (await fetch(`${collector.webUrl}/metrics`)).text())].find(
      ([it]) => it.startsWith(`activation_${name}{`) && it.includes(label),
    )?.[1];

  test("targets: another computer's logs and WMI under its own name, with its own bookmark; one that is gone is told and keeps nobody waiting", async () => {
    // Windows 7: a class without what came later, and Office with classes of its own.
    windows.log("Application", [recordOf({ ...sent({ at: START, client: 1 }), computer: OLD, recordId: 9 }, 9)], OLD);
    windows.log("Key Management Service", [], OLD);
    windows.wmi("Win32_OperatingSystem", [{ Caption: "Microsoft Windows 7 Enterprise", Version: "6.1.7601" }], OLD);
    windows.wmi("SoftwareLicensingService", [{ Version: "6.1.7601.17514", VLRenewalInterval: 10_080 }], OLD);
    const seven = { ...product({ Name: "Windows(R) 7, Enterprise edition" }), ProductKeyChannel: undefined };
    windows.wmi("SoftwareLicensingProduct", [JSON.parse(JSON.stringify(seven))], OLD);
    windows.wmi("OfficeSoftwareProtectionService", [{ Version: "14.0.370.400" }], OLD);
    windows.wmi(
      "OfficeSoftwareProtectionProduct",
      [product({ ID: OFFICE16, ApplicationID: "0ff1ce15-a989-479d-af46-f275c6370663", LicenseStatus: 5 })],
      OLD,
    );
    const targets = `targets: [ { host: gone.contoso.com, interval: 1s }, { host: ${OLD}, interval: 1s } ]`;
    agent = await windows.run(collector.otlpUrl, targets);
    await until(async () => (await get("/api/v1/computers?q=old")).items[0]?.computer === OLD, 30_000);
    await until(async () => (await get(`/api/v1/events?computer=${OLD}`)).items.length === 1);
    await until(async () => JSON.stringify(await get(`/api/v1/computers/${OLD}`)).includes("Windows 7 Enterprise"));
    await until(async () => (await value("licenses", 'status="notification"')) === 1);
    await until(async () => ((await value("agent_failing_sources", 'source="event log of a target"')) ?? 0) > 0);
    // As the service's own account: no password is anywhere.
    const calls = windows.calls().join("\n");
    expect(calls).toContain(`EvtOpenSession ${OLD} user=own`);
    expect(calls).toContain(`ConnectServer \\\\${OLD}\\ROOT\\CIMV2 user=own`);
    expect(calls).toContain("SetBlanket principal=default level=6 impersonation=3 identity=own");
    expect(windows.agentLog()).toContain("the computer does not answer");

    // Restarted: it goes on behind its own bookmark, strictly.
    agent.kill();
    await agent.ended;
    windows.log(
      "Application",
      [9, 10].map((id) => recordOf({ ...sent({ at: START + id, client: 1 }), computer: OLD, recordId: id }, id)),
      OLD,
    );
    agent = await windows.run(collector.otlpUrl, targets);
    await until(async () => (await get(`/api/v1/events?computer=${OLD}`)).items.length === 2, 30_000);
    expect(windows.calls()).toContain("EvtSeek Application strict 0 record=9");
    // A query has an end; a subscription may say "no more" before anything reached it.
    const subscriptions = windows.calls().filter((it) => it.startsWith("EvtSubscribe"));
    expect(subscriptions.length).toBeLessThanOrEqual(4);
    expect(subscriptions.every((it) => it.endsWith("record=0"))).toBe(true);
  }, 120_000);

  test("ForwardedEvents: each event under the computer that wrote it, whatever its record number", async () => {
    // Numbers of the log of their origin, places of the collecting log: neither unique nor in order.
    const forwarded = [700, 3, 701].map((id, i) =>
      recordOf(request({ at: START + i * 1_000, client: id, recordId: id, host: BRANCH }), i + 1),
    );
    windows.log("ForwardedEvents", forwarded);
    agent = await windows.run(
      collector.otlpUrl,
      'events: { channels: [Application, "Key Management Service", ForwardedEvents] }',
    );
    await until(async () => (await get(`/api/v1/events?computer=${BRANCH}`)).items.length === 3, 30_000);
    await until(async () => (await value("kms_distinct_clients", `kms_host="${BRANCH}"`)) === 3);
    const own = windows.calls().filter((it) => it.startsWith("EvtSubscribe Forwarded"));
    expect(own).toEqual(["EvtSubscribe ForwardedEvents flags=0x10003 record=3"]);
  }, 60_000);

  test("a KMS host in the reading: from then on it is read and tells its progress as often as a KMS host should", async () => {
    windows.wmi("SoftwareLicensingService", [kmsHostService(30)]);
    agent = await windows.run(
      collector.otlpUrl,
      'heartbeat: { interval: 1h, kms_host_interval: 500ms }\nlicense: { kms_host_schedule: "* * * * * *", kms_host_jitter: 0s }',
    );
    const readings = () => windows.calls().filter((it) => it.includes("FROM SoftwareLicensingProduct")).length;
    await until(async () => readings() >= 3, 30_000);
  }, 60_000);
});

interface Item {
  readonly computer?: string;
}
