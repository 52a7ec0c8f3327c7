import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "@jest/globals";
import { DAY, HOUR, MINUTE } from "../../licensing/time.ts";
import { type Running, runningCollector } from "../support/collector.ts";
import { seriesOf } from "../support/facts.ts";
import { until } from "../support/until.ts";
import { ENGLISH, JAPANESE, type WineProgram } from "../support/wine.ts";
import { type Computer, HOST, windowsComputer } from "./computer.ts";
import { attempt, kmsHostProducts, kmsHostService, noise, OPERATING_SYSTEM, requests } from "./fixtures.ts";
import { underWine } from "./under-wine.ts";

underWine("The agent on a KMS host", [ENGLISH, JAPANESE], ({ home, test }) => {
  let collector: Running;
  let windows: Computer;
  let agent: WineProgram | undefined;
  const START = Date.now() - 2 * HOUR;

  const open = async (locale: string) => {
    windows = await windowsComputer(home, locale);
    windows.log("Key Management Service", []);
    windows.log("Application", noise(1, 40, START));
    windows.wmi("Win32_OperatingSystem", [OPERATING_SYSTEM]);
    windows.wmi("SoftwareLicensingService", [kmsHostService(0xffff_ffff)]);
    windows.wmi("SoftwareLicensingProduct", kmsHostProducts(0xffff_ffff));
  };
  beforeEach(async () => {
    collector = await runningCollector();
  });
  afterEach(async () => {
    agent?.kill();
    await windows.close();
    await collector.stop();
  });

  const series = async () => seriesOf(await (await fetch(`${collector.webUrl}/metrics`)).text());
  const value = async (name: string, ...labels: string[]) =>
    [...(await series())].find(
      ([it]) => it.startsWith(`activation_${name}{`) && labels.every((l) => it.includes(l)),
    )?.[1];
  const recordIds = async () => {
    const ids: (number | undefined)[] = [];
    for (let cursor = ""; ; ) {
      const url = `${collector.webUrl}/api/v1/events?event=kms_request_processed&limit=500${cursor}`;
      const { items, next_cursor: next } = (await (await fetch(url)).json()) as {
        items: { record_id?: number }[];
        next_cursor: string | null;
      };
      ids.push(...items.map((it) => it.record_id));
      if (!next) return ids.toSorted((a, b) => (a ?? 0) - (b ?? 0));
      cursor = `&cursor=${encodeURIComponent(next)}`;
    }
  };
  const arrived = (count: number) =>
    until(async () => (await value("kms_distinct_clients", 'application="windows"')) === count, 30_000);
  const numbers = (to: number, from = 1) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

  test.each([ENGLISH, JAPANESE])(
    "%s: license state and events reach the collector; killed in mid-stream and started again, none is lost and none counts twice",
    async (locale) => {
      await open(locale);
      windows.log("Key Management Service", requests(1, 400, START));
      windows.logged("Application", attempt(41, START));
      agent = await windows.run(collector.otlpUrl);
      await until(async () => ((await value("kms_distinct_clients")) ?? 0) > 0, 30_000);
      windows.logged("Key Management Service", requests(401, 700, START + 400_000));
      agent.kill();
      await agent.ended;
      windows.logged("Key Management Service", requests(701, 710, START + 700_000));
      agent = await windows.run(collector.otlpUrl);
      await arrived(710);
      expect(await recordIds()).toEqual(numbers(710));
      expect(await value("kms_requests_total", 'status="licensed"')).toBe(710);

      // What WMI says: an empty table is 0 on a KMS host, whatever sign the number travels with.
      await until(async () => (await value("kms_reported_clients", `kms_host="${HOST}"`)) === 0);
      const computer = (await (await fetch(`${collector.webUrl}/api/v1/computers/${HOST}`)).json()) as object;
      expect(JSON.stringify(computer)).toContain("Microsoft Windows Server 2022 Standard");
      expect(await value("attempts_total", 'outcome="activated"')).toBe(1);
      await until(async () => (await value("kms_ledger_complete")) === 1);

      // A licensing event asks for a reading at once; what the table counts is told within seconds.
      windows.wmi("SoftwareLicensingProduct", kmsHostProducts(50));
      windows.logged("Key Management Service", requests(711, 711, START + 3_600_000));
      await until(async () => (await value("kms_reported_clients", `kms_host="${HOST}"`)) === 50);
      const asked = windows.calls().filter((it) => it.startsWith("ExecQuery"));
      expect(asked.join()).toContain("WHERE PartialProductKey IS NOT NULL");
      expect(asked.join()).not.toMatch(/OA3x|OfflineInstallationId|\*/);
    },
    120_000,
  );

  test("what Windows throws at a reader costs no event: stale queries, wrong positions, batches that are too large, a strict bookmark whose event is gone", async () => {
    await open(ENGLISH);
    windows.faults(
      "a EvtNext Key_Management_Service 15011 2",
      "b EvtNext Key_Management_Service 15012 1",
      "c EvtNext Key_Management_Service 1734 99 10",
      "e EvtSubscribe Application 5 1",
      "n EvtUpdateBookmark Key_Management_Service 8 1",
    );
    windows.log("Key Management Service", requests(1, 200, START));
    agent = await windows.run(collector.otlpUrl);
    await arrived(200);
    expect(await recordIds()).toEqual(numbers(200));
    const calls = windows.calls();
    for (const it of ["15011", "15012", "1734"]) expect(calls.join("\n")).toContain(`-> error ${it}`);
    // Halved until it fits: 64, 32, 16, 8.
    expect(calls).toContain("EvtNext Key Management Service query size=8 -> 8");
    expect(windows.agentLog()).toContain("Event Log Readers");
    await until(async () => (await value("agent_failing_sources", 'source="event log Application"')) === 1);

    // Strict resume fails although nothing is missing: the very next record is still there, so nothing is a gap.
    agent.kill();
    await agent.ended;
    windows.faults("f EvtSeek Key_Management_Service 1168 1");
    windows.log("Key Management Service", requests(201, 260, START + 200_000));
    agent = await windows.run(collector.otlpUrl);
    await arrived(260);
    expect(await value("agent_event_gaps_total")).toBe(0);
    await until(async () => (await value("agent_failing_sources", 'source="event log Application"')) === undefined);
  }, 120_000);

  test("time that runs out between two matches (1460) costs neither the cursor nor an event, and the log does not count as read meanwhile", async () => {
    await open(ENGLISH);
    windows.log("Key Management Service", requests(1, 100, START));
    windows.faults("o EvtNext Key_Management_Service 1460 20", "p EvtNext Application 1460 9999");
    agent = await windows.run(collector.otlpUrl);
    await arrived(100);
    const queries = windows.calls().filter((it) => it.startsWith("EvtQuery Key") && !it.endsWith(" *"));
    expect(queries).toHaveLength(1);
    expect(windows.agentLog()).not.toContain("1460");
    expect(windows.agentLog()).not.toContain("may be lost");
    expect(await value("agent_failing_sources", 'source="event log Application"')).toBeUndefined();

    // Live, the subscription stays as well.
    windows.faults("q EvtNext Key_Management_Service 1460 3");
    windows.logged("Key Management Service", requests(101, 110, START + 200_000));
    await arrived(110);
    expect(windows.calls().filter((it) => it.startsWith("EvtSubscribe Key"))).toHaveLength(1);
  }, 60_000);

  test("a log that rolled over or was cleared is a gap that is counted and told, never a silence", async () => {
    await open(ENGLISH);
    windows.log("Key Management Service", requests(1, 50, START));
    agent = await windows.run(collector.otlpUrl);
    await arrived(50);
    await until(async () => (await value("kms_ledger_complete")) === 1);

    windows.log("Key Management Service", requests(91, 120, START + 300_000));
    await arrived(80);
    await until(async () => (await value("agent_event_gaps_total")) === 1);
    expect(windows.agentLog()).toContain("Up to 40 records may be lost: the log overwrote them");
    await until(async () => (await value("kms_ledger_complete")) === 0);

    // Cleared: the numbers begin anew.
    windows.log(
      "Key Management Service",
      requests(1, 3, START + 900_000).map((it) => ({ ...it, xml: it.xml.replaceAll(/pc(\d)\./g, "new$1.") })),
    );
    await until(async () => (await value("agent_event_gaps_total")) === 2);
    await until(async () => (await recordIds()).length === 83);
    expect(windows.agentLog()).toContain("the log was cleared or made anew");

    // Counters go on behind a restart; a log that is not there at all is told, and read as soon as it is.
    agent.kill();
    await agent.ended;
    windows.faults("g EvtQuery Key_Management_Service 15007 99");
    agent = await windows.run(collector.otlpUrl);
    await until(async () => (await value("agent_failing_sources", 'source="event log Key Management Service"')) === 1);
    expect(await value("agent_event_gaps_total")).toBe(2);
  }, 120_000);

  test("a busy log that rolled past the bookmark is no gap, as long as nothing was missed", async () => {
    await open(ENGLISH);
    windows.log("Application", [...attempt(1, START), ...noise(3, 100, START)]);
    agent = await windows.run(collector.otlpUrl);
    await until(async () => (await value("attempts_total", 'outcome="activated"')) === 1, 30_000);
    await until(async () => readFileSync(join(windows.wine.folder, "spool/bookmarks.json"), "utf8").includes("readTo"));
    agent.kill();
    await agent.ended;
    windows.log("Application", [...noise(90, 150, START), ...attempt(151, START + MINUTE)]);
    agent = await windows.run(collector.otlpUrl);
    await until(async () => (await value("attempts_total", 'outcome="activated"')) === 2, 30_000);
    expect(await value("agent_event_gaps_total")).toBe(0);
    expect(windows.calls()).toContain("EvtSeek Application strict 0 record=2 failed");
    expect(windows.calls()).toContain("EvtSeek Application 1 record=2");
    expect(windows.agentLog()).not.toContain("may be lost");
  }, 60_000);

  test("a call that never comes back ends the process with an error, so that the service manager starts a new one", async () => {
    await open(ENGLISH);
    windows.log("Key Management Service", requests(1, 10, START));
    windows.faults("h EvtNext Key_Management_Service hang 1");
    agent = await windows.run(collector.otlpUrl, "windows: { deadline: 2s }");
    expect(await agent.ended).toBe(1);
    expect(windows.agentLog()).toContain("did not come back within 2 seconds");
    windows.faults();
    agent = await windows.run(collector.otlpUrl);
    await arrived(10);
  }, 120_000);

  test("no collector, and more events than the spool holds: it stops reading, and the log keeps them", async () => {
    await open(ENGLISH);
    windows.log("Key Management Service", requests(1, 3_000, START));
    const small = "spool: { directory: 'Z:\\computer\\spool', max_size: 256KiB }";
    agent = await windows.run("http://127.0.0.1:1", small);
    await until(async () => windows.agentLog().includes("The spool is full"), 30_000);
    agent.kill();
    await agent.ended;
    agent = await windows.run(collector.otlpUrl, small);
    await until(async () => (await recordIds()).length >= 3_000, 60_000);
    expect(await recordIds()).toEqual(numbers(3_000));
  }, 120_000);

  test("records of Windows' set-up, under another name, are about this computer: no second one, and nothing is refused", async () => {
    await open(ENGLISH);
    const named = (computer: string, id: number) =>
      requests(id, id, START + id * 1_000).map((it) => ({ ...it, xml: it.xml.replace(HOST.toUpperCase(), computer) }));
    windows.log("Key Management Service", [
      ...named("WIN-9QK3L0AB1CD", 1),
      ...named("KMS01", 2),
      ...requests(3, 3, START),
    ]);
    agent = await windows.run(collector.otlpUrl);
    await arrived(3);
    const { items } = (await (await fetch(`${collector.webUrl}/api/v1/computers?q=win-9`)).json()) as {
      items: object[];
    };
    expect(items).toEqual([]);
    expect(await value("kms_distinct_clients", `kms_host="${HOST}"`)).toBe(3);
    expect(windows.agentLog()).not.toContain("rejected");
  }, 60_000);

  test("the first start reads no further back than events.max_age", async () => {
    await open(ENGLISH);
    const log = [...requests(1, 5, Date.now() - 20 * DAY), ...requests(6, 10, Date.now() - 5 * MINUTE)];
    windows.log("Key Management Service", log);
    agent = await windows.run(collector.otlpUrl, "events: { max_age: 1d }");
    await arrived(5);
    expect(await recordIds()).toEqual(numbers(10, 6));
  }, 60_000);

  const SLC =
    "73111121-5638-40f6-bc11-f1d7b0d64300;11111111-2222-3333-4444-555555555555;2;4000;0x4004F00D;Windows(R), Enterprise 日本語;Windows(R) Operating System, VOLUME_KMSCLIENT channel;2YT43;Volume:GVLK";

  test("WMI that never comes back is left alone: slc.dll is read, events go on, the process stays, and no third call begins", async () => {
    await open(ENGLISH);
    windows.log("Key Management Service", requests(1, 5, START));
    windows.slc([SLC]);
    windows.faults("k ExecQuery SoftwareLicensingProduct hang 99");
    agent = await windows.run(collector.otlpUrl, "windows: { deadline: 2s }");
    await until(async () => (await value("licenses", 'channel="kms_client"', 'status="oot_grace"')) === 1, 30_000);
    expect(windows.agentLog()).toContain("SoftwareLicensingProduct did not come back within 2 seconds");
    const hangs = () => windows.calls().filter((it) => it.startsWith("fault ExecQuery")).length;
    for (const id of [6, 7, 8]) {
      windows.logged("Key Management Service", requests(id, id, START + 100_000 + id * 1_000));
      await arrived(id);
      await until(async () => windows.calls().filter((it) => it.startsWith("SLOpen")).length >= id - 4, 30_000);
    }
    expect(hangs()).toBe(2);
    await until(async () => (await value("agent_failing_sources")) === undefined);
  }, 60_000);

  test("WMI that is slow is read in full: each call has its own time, and a row that is not there yet is no failure", async () => {
    await open(ENGLISH);
    windows.wmi("SoftwareLicensingProduct", kmsHostProducts(50));
    windows.faults(
      "l ExecQuery SoftwareLicensingService slow 1",
      "m GetObject SoftwareLicensingProduct slow 1",
      "s Next SoftwareLicensingProduct 0x40004 3",
    );
    agent = await windows.run(collector.otlpUrl, "windows: { deadline: 2s }");
    await until(async () => (await value("kms_reported_clients", `kms_host="${HOST}"`)) === 50, 30_000);
    expect(windows.agentLog()).not.toContain("slc.dll");
  }, 60_000);

  test("a degraded reading of a KMS host changes neither its schedule nor its heartbeat", async () => {
    await open(ENGLISH);
    windows.log("Key Management Service", requests(1, 1, START));
    windows.slc([SLC]);
    const fast =
      'heartbeat: { interval: 1h, kms_host_interval: 1s }\nlicense: { debounce: 100ms, kms_host_schedule: "* * * * * *", kms_host_jitter: 0s }';
    agent = await windows.run(collector.otlpUrl, fast);
    const readings = () => windows.calls().filter((it) => it.startsWith("ConnectServer")).length;
    await until(async () => readings() >= 3, 30_000);
    windows.faults("t ConnectServer . 0x80041013 9999");
    await until(async () => windows.agentLog().includes("Read by slc.dll"), 30_000);
    const before = readings();
    await until(async () => readings() >= before + 3, 30_000);
  }, 60_000);

  test("a sleep is no deadline: what was in flight is read to its end after it", async () => {
    await open(ENGLISH);
    windows.log("Key Management Service", requests(1, 10, START));
    windows.faults("u EvtNext Key_Management_Service slow 1");
    agent = await windows.run(collector.otlpUrl, "windows: { deadline: 4s }");
    await until(async () => windows.calls().some((it) => it.startsWith("fault EvtNext Key")), 30_000);
    agent.pause();
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    agent.resume();
    await arrived(10);
    expect(windows.agentLog()).not.toContain("did not come back");
  }, 60_000);

  test("where WMI is broken slc.dll stands in, marked as degraded", async () => {
    await open(ENGLISH);
    windows.faults("j ConnectServer . 0x80041013 99");
    windows.slc([SLC]);
    agent = await windows.run(collector.otlpUrl);
    await until(async () => (await value("licenses", 'channel="kms_client"', 'status="oot_grace"')) === 1, 30_000);
    expect(windows.agentLog()).toContain("Read by slc.dll");
  }, 60_000);
});
