import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { normalise } from "../../../licensing/events/normalise.ts";
import type { EventFact } from "../../../licensing/facts.ts";
import { DAY, HOUR, MINUTE } from "../../../licensing/time.ts";
import { newBundle } from "../../../offline/bundle-writer.ts";
import { encodeLogsJson } from "../../../otlp/json-writer.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { cli } from "../../support/cli.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { SAMPLES } from "../../support/event-forms.ts";
import { evtxOf } from "../../support/evtx.ts";
import {
  answered,
  fromAgent,
  heartbeat,
  hostReading,
  KMS01,
  licensing,
  product,
  request,
  sent,
  seriesOf,
} from "../../support/facts.ts";

let folder: string;
let collector: Running;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "import-"));
  collector = await runningCollector();
});
afterEach(async () => {
  await collector.stop();
  rmSync(folder, { recursive: true });
});

const T = Date.now() - HOUR;
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const xmlOf = (it: EventFact) =>
  `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="${it.provider}"/><EventID Qualifiers="16384">${it.eventId}</EventID><TimeCreated SystemTime="${it.time}"/><EventRecordID>${it.recordId}</EventRecordID><Channel>${it.channel}</Channel><Computer>${it.computer}</Computer></System><EventData>${it.data.map((text) => `<Data>${text}</Data>`).join("")}</EventData></Event>`;
/** A sample that has one time for all: the event's own. */
const exact = (name: string, time: string) => (name.startsWith("Get-WinEvent") ? { TimeCreated: time } : {});
const requests = (from: number, to: number, at = T) =>
  Array.from({ length: to - from }, (_, i) =>
    request({ at: at + (from + i) * 1_000, client: from + i, recordId: from + i }),
  );
const bundle = (name: string, content: string, key?: ReturnType<typeof generateKeyPairSync>["privateKey"]) => {
  const it = newBundle(join(folder, name), key);
  it.add("records/000001.json", content, 1);
  it.finish({
    content: "spool",
    created_at: new Date(T).toISOString(),
    program_version: "1.0.0",
    host: KMS01,
    records_by_kind: {},
  });
  return join(folder, name);
};
const imported = (files: readonly string[], ...args: string[]) =>
  cli(["collector", "import", ...files, "--url", collector.otlpUrl, ...args]);
const text = async () => (await fetch(`${collector.webUrl}/metrics`)).text();
const series = async () => seriesOf(await text());
const LABELS = `kms_host="${KMS01}",zone="unassigned",application="windows"`;

describe("every form of history", () => {
  test("in one call, overlapping: each event once; the second time nothing is new and no figure moves", async () => {
    const all = requests(1, 41);
    const foreign = xmlOf({ ...all[0]!, provider: "SQLISPackage110", eventId: 12288, channel: "Application" });
    const files = [
      file("a.xml", `<Events>${all.slice(0, 10).map(xmlOf).join("\n")}${foreign}</Events>`),
      file(
        "b.ndjson",
        all
          .slice(5, 20)
          .map((it) => JSON.stringify(normalise(it)))
          .join("\n"),
      ),
      file(
        "c.jsonl",
        `${encodeLogsJson([fromAgent(KMS01, all.slice(15, 30), T, { zone: "unassigned" })])}\n${encodeLogsJson([])}\n`,
      ),
      bundle("d.tar.gz", encodeLogsJson([fromAgent(KMS01, all.slice(25), T, { zone: "unassigned" })])),
    ];
    const first = await imported(files);
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(first.out.split("\n").map((it) => it.replace(`${folder}/`, ""))).toEqual([
      "a.xml: 10 records: 10 new, 0 known already, 1 events of other providers left out",
      "b.ndjson: 15 records: 10 new, 5 known already",
      "c.jsonl: 15 records: 10 new, 5 known already",
      "d.tar.gz: 15 records: 10 new, 5 known already",
      "",
    ]);
    const fleet = async () =>
      (await text())
        .split("\n")
        .filter((it) => /^activation_(?!collector)/.test(it))
        .toSorted();
    const before = await fleet();
    expect((await imported(files)).out).toMatch(/d\.tar\.gz: 15 records: 0 new, 15 known already/);
    expect(await fleet()).toEqual(before);
    expect((await series()).get(`activation_kms_distinct_clients{${LABELS}}`)).toBe(40);
    // "Silence is not zero": no heartbeat, so the numbers of the records tell, and the newest event is how far the log is
    // known.
    expect((await series()).get(`activation_kms_ledger_complete{${LABELS}}`)).toBe(1);
    expect(
      (await series()).get(
        `activation_kms_known_until_timestamp_seconds{kms_host="${KMS01}",zone="unassigned",source="ledger"}`,
      ),
    ).toBe((T + 40_000) / 1_000);
  });
  test("a hole in the record numbers makes the table incomplete, until the missing part is imported", async () => {
    const all = requests(1, 31);
    await imported([file("a.xml", [...all.slice(0, 10), ...all.slice(20)].map(xmlOf).join(""))]);
    expect((await series()).get(`activation_kms_ledger_complete{${LABELS}}`)).toBe(0);
    await imported([file("b.xml", all.slice(10, 20).map(xmlOf).join(""))]);
    expect((await series()).get(`activation_kms_ledger_complete{${LABELS}}`)).toBe(1);
    expect((await series()).get(`activation_kms_table_clients{${LABELS}}`)).toBe(30);
  });
  test("many records take several requests, and older than the retention have no effect", async () => {
    const old = Array.from({ length: 3 }, (_, i) => request({ at: T - 200 * DAY + i, client: 5_000 + i }));
    const ran = await imported([
      file("a.ndjson", [...old, ...requests(1, 1_601)].map((it) => JSON.stringify(normalise(it))).join("\n")),
    ]);
    expect(ran).toMatchObject({
      code: 0,
      out: expect.stringContaining("1603 records: 1600 new, 0 known already, 3 older than the retention"),
    });
    expect((await series()).get(`activation_kms_distinct_clients{${LABELS}}`)).toBe(1_600);
  });
});

test("history changes tables, deadlines and the past, never a counter", async () => {
  const live = [...requests(1, 6)];
  const post = (facts: Parameters<typeof fromAgent>[1], host = KMS01, at = Date.now() - MINUTE) =>
    fetch(`${collector.otlpUrl}/v1/logs`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body: Buffer.from(encodeLogs([fromAgent(host, facts, at)])),
    });
  await post(live);
  await post([licensing([product({ LicenseStatus: 1 })])], "pc1.contoso.com");
  const totals = async () =>
    [...(await series())].filter(([name]) => /^activation_(?!collector_).*_total(\{|$)/.test(name));
  const before = await totals();
  expect(before.some(([, value]) => value > 0)).toBe(true);
  const history = [
    [
      KMS01,
      [
        ...requests(10, 60),
        request({ at: T, client: 3, hresult: "0xC004F042" }),
        hostReading(40),
        heartbeat(Date.now() - 5_000, { droppedRecords: { event: 7 }, sentAt: new Date(T - DAY).toISOString() }),
      ],
    ],
    [
      "pc2.contoso.com",
      [
        sent({ at: T, client: 2 }),
        answered({ at: T + 1_000, asked: T, client: 2 }),
        sent({ at: T + HOUR / 2, client: 2, hresult: "0xC004F074" }),
        sent({ at: T - HOUR, client: 2 }),
        sent({ at: T + 10 * MINUTE, client: 2 }),
        heartbeat(T),
      ],
    ],
    ["pc1.contoso.com", [licensing([product({ LicenseStatus: 5 })])]],
  ] as const;
  const ran = await imported([
    bundle("a.tar.gz", encodeLogsJson(history.map(([host, facts]) => fromAgent(host, facts, Date.now() - 1_000)))),
  ]);
  expect(ran).toMatchObject({ code: 0, err: "" });
  expect(await totals()).toEqual(before);
  // A request of the past that nobody answered stays of the past when its client's agent reports again.
  await post([heartbeat(Date.now())], "pc2.contoso.com", Date.now());
  expect(await totals()).toEqual(before);
  const now = await series();
  expect(now.get(`activation_kms_distinct_clients{kms_host="${KMS01}",zone="core",application="windows"}`)).toBe(55);
  expect(now.get(`activation_kms_reported_clients{kms_host="${KMS01}",zone="core",application="windows"}`)).toBe(40);
  expect([...now].find(([name]) => /^activation_licenses\{zone="core".*status="notification"/.test(name))?.[1]).toBe(1);
  // A clock that seemed right when the bundle was made is not called wrong because the bundle travelled for a day.
  expect(now.get('activation_clock_skewed_computers{zone="core"}')).toBe(0);
});

describe("what cannot be taken", () => {
  test("broken events are told with their place, refused bundles with the reason; the others are taken; the exit code is 1", async () => {
    const [first, second] = requests(1, 3);
    const good = bundle("good.tar.gz", encodeLogsJson([fromAgent(KMS01, [second!], T)]));
    const bad = file("bad.tar.gz", readFileSync(good).subarray(0, 200));
    const ran = await imported([
      file("a.xml", `${xmlOf(first!)}\n${xmlOf(first!).replace("</System>", "")}`),
      bad,
      join(folder, "missing.xml"),
      file("b.jsonl", '{"resourceLogs":[{"scopeLogs":7}]}\n'),
      good,
    ]);
    expect(ran.code).toBe(1);
    expect(ran.err.replaceAll(`${folder}/`, "").split("\n")).toEqual([
      expect.stringContaining("a.xml, line 2: Not well-formed XML"),
      "activation-monitor: bad.tar.gz: It is cut off: its end is missing. Copy or export it again.",
      "activation-monitor: missing.xml: there is no such file",
      expect.stringContaining("b.jsonl, line 1: scopeLogs is no list."),
      "",
    ]);
    expect(ran.out).toContain("a.xml: 1 records: 1 new, 0 known already, 1 could not be read");
    expect(ran.out).toContain("good.tar.gz: 1 records: 1 new");
  });
  test("an archived .evtx: its events once, those of other providers left out; of a damaged one what can be read", async () => {
    const all = requests(1, 6);
    const other = { ...all[0]!, provider: "SQLISPackage110", eventId: 12288, recordId: 6, channel: "Application" };
    const whole = evtxOf([...all, other]);
    const evtx = file("kms.evtx", whole);
    expect(await imported([evtx, evtx])).toMatchObject({
      code: 0,
      err: "",
      out: expect.stringMatching(
        /5 records: 5 new, 0 known already, 1 events of other providers left out\n.*5 records: 0 new, 5 known already/,
      ),
    });
    expect(await imported([file("kms.xml", all.map(xmlOf).join(""))])).toMatchObject({
      out: expect.stringContaining("5 records: 0 new, 5 known already"),
    });
    expect((await series()).get(`activation_kms_ledger_complete{${LABELS}}`)).toBe(1);
    const damaged = evtxOf(requests(11, 16));
    // The fourth record's XML.
    const inFourth = damaged.indexOf(Buffer.from("pc14.contoso.com", "utf16le"));
    damaged.fill(0xff, inFourth - 200, inFourth);
    expect(await imported([file("damaged.evtx", damaged)])).toMatchObject({
      code: 1,
      out: expect.stringContaining("3 records: 3 new"),
      err: expect.stringContaining("evtxexport"),
    });
  });
  test("an .evtx that is cut off: what is there is taken, what is missing is counted, the exit code is 1", async () => {
    const whole = evtxOf(requests(1, 151));
    const ran = await imported([file("cut.evtx", whole.subarray(0, 100_000))]);
    expect(ran.code).toBe(1);
    const taken = Number(/: (\d+) records: \1 new/.exec(ran.out)?.[1]);
    expect(taken).toBeGreaterThan(0);
    expect(ran.err).toContain(`${150 - taken} of its 150 events are missing`);
  });
  test("what shippers wrote, each event once, and a text export with the form and the way to export XML", async () => {
    const all = requests(1, 11).map((it) => ({ ...it, eventSource: "KmsRequests" }));
    const forms = ["Wazuh, alert", "Vector", "Get-WinEvent, PowerShell 7"].map(
      (it) => SAMPLES.find(({ name }) => name === it)!,
    );
    const files = [
      file("a.xml", all.map(xmlOf).join("\n")),
      ...forms.map(({ name, write }) =>
        file(`${name}.json`, JSON.stringify(all.map((it) => ({ ...(write(it) as object), ...exact(name, it.time) })))),
      ),
    ];
    const ran = await imported(files);
    expect(ran).toMatchObject({ code: 0, err: "" });
    expect(ran.out.match(/10 records: 10 new/g)).toHaveLength(1);
    expect(ran.out.match(/10 records: 0 new, 10 known already/g)).toHaveLength(3);
    const text = await imported([
      file("saved.txt", "Level\tDate and Time\tSource\tEvent ID\tTask Category\nInformation\t1\t2\t3\t4\n"),
    ]);
    expect(text).toMatchObject({ code: 1, err: expect.stringMatching(/saved as text.*wevtutil epl/) });
  });
  test("what is no .evtx is told as evtxexport tells it", async () => {
    expect(await imported([file("a.evtx", "ElfFile\0garbage")])).toMatchObject({
      code: 1,
      err: expect.stringContaining("evtxexport failed"),
    });
  });
  test("records that the collector refuses are told with its reason", async () => {
    const anonymous = fromAgent(KMS01, [licensing()], T);
    const ran = await imported([file("a.jsonl", encodeLogsJson([{ ...anonymous, resource: { attributes: {} } }]))]);
    expect(ran).toMatchObject({
      code: 1,
      out: expect.stringContaining("1 refused"),
      err: expect.stringContaining("no host.name"),
    });
  });
  test("with --verify-key only what this key has signed", async () => {
    const mine = generateKeyPairSync("ed25519");
    const pem = file("key.pem", mine.publicKey.export({ type: "spki", format: "pem" }) as string);
    const records = encodeLogsJson([fromAgent(KMS01, requests(1, 3), T)]);
    const files = [
      bundle("mine.tar.gz", records, mine.privateKey),
      bundle("other.tar.gz", records, generateKeyPairSync("ed25519").privateKey),
      bundle("unsigned.tar.gz", records),
      file("a.xml", xmlOf(requests(5, 6)[0]!)),
    ];
    const ran = await imported(files, "--verify-key", pem);
    expect(ran.code).toBe(1);
    expect(ran.out.replaceAll(`${folder}/`, "")).toBe("mine.tar.gz: 2 records: 2 new, 0 known already\n");
    for (const it of [
      "other.tar.gz: Its signature is not by",
      "unsigned.tar.gz: It is not signed",
      "a.xml: It is no bundle",
    ])
      expect(ran.err).toContain(it);
    expect(await imported(files, "--verify-key", join(folder, "a.xml"))).toMatchObject({ code: 2 });
  });
});
