import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { normalise } from "../../../licensing/events/normalise.ts";
import type { Fact } from "../../../licensing/facts.ts";
import { readRecord } from "../../../licensing/telemetry/otlp-mapping.ts";
import { DAY, MINUTE } from "../../../licensing/time.ts";
import { bundleFiles, checkBundle } from "../../../offline/bundle-reader.ts";
import { decodeLogsJson } from "../../../otlp/json.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { cli } from "../../support/cli.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { answered, fromAgent, hostReading, KMS01, licensing, product, request, sent } from "../../support/facts.ts";

let collector: Running;
let folder: string;
const NOW = Date.now() - 5 * MINUTE;
beforeAll(async () => {
  collector = await runningCollector();
  const post = async (host: string, facts: readonly Fact[]) =>
    expect(
      await fetch(`${collector.otlpUrl}/v1/logs`, {
        method: "POST",
        headers: { "content-type": "application/x-protobuf" },
        body: Buffer.from(encodeLogs([fromAgent(host, facts, NOW, { zone: "lab-contoso" })])),
      }),
    ).toMatchObject({ status: 200 });
  for (const n of [1, 2])
    await post(`pc${n}.contoso.com`, [
      licensing([product({ DiscoveredKeyManagementServiceMachineName: "kms01" })]),
      sent({ at: NOW, client: n, target: "kms01:1688", recordId: 1 }),
      answered({ at: NOW + 1_000, asked: NOW, client: n, recordId: 2 }),
    ]);
  await post("pc1.fabrikam.net", [licensing()]);
  await post("only.contoso.com", [licensing()]);
  await post(KMS01, [
    hostReading(30),
    ...[1, 2, 3].map((client) => request({ at: NOW + client, client, recordId: client })),
    // The clone of pc1, under another name and its machine ID.
    request({ at: NOW + 10, client: 1, recordId: 4, name: "pc9.contoso.com" }),
    { ...request({ at: NOW - DAY, client: 1 }), channel: "Application", eventId: 12294, data: ["contoso.com"] },
    request({ at: NOW - 60 * DAY, client: 1 }),
  ]);
  await post("kms02.contoso.com", [request({ at: NOW, client: 3, host: "kms02.contoso.com", recordId: 1 })]);
});
afterAll(() => collector.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "support-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const out = () => join(folder, "s.tar.gz");
const made = (computer: string, ...args: string[]) =>
  cli(["support-bundle", "--computer", computer, "--out", out(), "--url", collector.webUrl, ...args]);
const contents = async () => {
  const documents: Record<string, { [key: string]: unknown }> = {};
  const events: ReturnType<typeof normalise>[] = [];
  for await (const { name, content } of bundleFiles(out(), await checkBundle(out()))) {
    if (!name.startsWith("records/")) documents[name] = JSON.parse(content.toString());
    else
      for (const { scope, records } of decodeLogsJson(content.toString()))
        for (const record of records) {
          const reading = readRecord(record, scope.name);
          if (reading.outcome === "fact" && reading.fact.kind === "event") events.push(normalise(reading.fact));
        }
  }
  return { documents, events };
};

test("license state, the KMS host under the name the client has for it, and both sides' events of the last weeks", async () => {
  const ran = await made("PC1.contoso.com");
  expect(ran).toMatchObject({
    code: 0,
    err: "",
    out: expect.stringContaining(`pc1.contoso.com, 5 events, KMS hosts: ${KMS01}`),
  });
  const { documents, events } = await contents();
  expect(Object.keys(documents)).toEqual(["computer.json", "kms-host-1.json"]);
  expect(documents["computer.json"]).toMatchObject({ computer: "pc1.contoso.com", licenses: [{ status: "licensed" }] });
  expect(documents["kms-host-1.json"]).toMatchObject({ kms_host: KMS01 });
  expect(events.map((it) => `${it.computer} ${it.event_id} ${it.client_fqdn ?? ""}`).toSorted()).toEqual([
    `${KMS01} 12290 pc1.contoso.com`,
    `${KMS01} 12290 pc9.contoso.com`,
    `${KMS01} 12294 `,
    "pc1.contoso.com 12288 ",
    "pc1.contoso.com 12289 ",
  ]);
  expect(await checkBundle(out())).toMatchObject({ content: "support", host: "pc1.contoso.com", records: 5 });
});

test("without names, with a legend for those at home", async () => {
  const ran = await made("pc1.contoso.com", "--redact");
  expect(ran.code).toBe(0);
  expect(gunzipSync(readFileSync(out())).toString()).not.toMatch(/contoso|kms01|pc\d|08c3bda0/i);
  const [, pseudonym] = / {2}(\S+) is pc1\.contoso\.com/.exec(ran.out) ?? [];
  const { documents, events } = await contents();
  expect(documents["computer.json"]).toMatchObject({
    computer: pseudonym,
    licenses: [{ status: "licensed", channel: "kms_client" }],
  });
  expect(events).toHaveLength(5);
  expect(events.filter((it) => it.computer === pseudonym)).toHaveLength(2);
  expect(events.filter((it) => it.client_fqdn === pseudonym)).toHaveLength(1);
  expect(ran.out).toContain(`is ${KMS01}`);
});

test("a short name serves when only one has it; unknown and ambiguous ones are told, and no file is left", async () => {
  expect(await made("pc1")).toMatchObject({
    code: 1,
    err: expect.stringMatching(/Several computers are called pc1: pc1\.contoso\.com, pc1\.fabrikam\.net/),
  });
  expect(await made("pc77")).toMatchObject({ code: 1, err: expect.stringContaining("knows no computer pc77") });
  expect(readdirSync(folder)).toEqual([]);
  expect(await made("only")).toMatchObject({
    code: 0,
    out: expect.stringContaining("only.contoso.com, 0 events, KMS hosts: none known"),
  });
  expect(
    await cli(["support-bundle", "--computer", "a", "--out", join(folder, "b"), "--url", "http://127.0.0.1:1"]),
  ).toMatchObject({ code: 1, err: expect.stringContaining("cannot be reached") });
  expect(await cli(["support-bundle", "--out", out()])).toMatchObject({ code: 2 });
});

test("it can be imported, as history", async () => {
  await made("pc1.contoso.com");
  expect(await cli(["collector", "import", out(), "--url", collector.otlpUrl])).toMatchObject({
    code: 0,
    out: expect.stringContaining("5 records: 0 new, 5 known already"),
  });
});
