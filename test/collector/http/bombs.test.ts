import { gzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { SCOPE } from "../../../licensing/telemetry/otlp-mapping.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { runningCollector } from "../../support/collector.ts";
import { fromAgent, licensing } from "../../support/facts.ts";
import { keeping } from "../../support/keep.ts";

const keep = keeping();

/** Bodies below the limit that would take a hundred times as much once they are read. */
const SIZE = 20 * 1024 * 1024 - 1_000;
const filled = (begin: string, unit: string, end: string) =>
  Buffer.from(`${begin}${`${unit},`.repeat(Math.floor(SIZE / (unit.length + 1)))}${unit}${end}`);
const RECORDS = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[';
const VALUES = `${RECORDS}{"body":{"arrayValue":{"values":[`;

const message = (field: number, content: Uint8Array): Buffer => {
  const head = [(field << 3) | 2];
  for (let left = content.length; ; left = Math.floor(left / 128)) {
    head.push(left < 128 ? left : (left % 128) | 0x80);
    if (left < 128) break;
  }
  return Buffer.concat([Buffer.from(head), content]);
};
const logs = (body: Uint8Array): Buffer => message(1, message(2, message(2, message(5, body))));
/** An array of empty maps, four bytes each. */
const maps = logs(message(5, Buffer.from("0a023200".repeat(SIZE / 4), "hex")));

test("small bodies that grow large when read are refused, and the collector goes on", async () => {
  const collector = keep(await runningCollector());
  const post = async (type: string, body: Uint8Array) => {
    const response = await fetch(`${collector.otlpUrl}/v1/logs`, {
      method: "POST",
      headers: { "content-type": `application/${type}`, "content-encoding": "gzip" },
      body: gzipSync(body),
    });
    return { status: response.status, text: await response.text() };
  };
  const bodies: [string, Uint8Array, RegExp][] = [
    ["json", filled(RECORDS, "{}", "]}]}]}"), /more than 100000 members/],
    ["json", filled(VALUES, "{}", "]}}}]}]}]}"), /more than 100000 members/],
    ["json", filled(RECORDS, '{"body":null}', "]}]}]}"), /more than 100000 members/],
    ["json", filled("[", "0", "]"), /more than 100000 members/],
    ["x-protobuf", maps, /more than 100000 values/],
  ];
  for (const [type, body, why] of bodies) {
    const { status, text } = await post(type, body);
    expect([status, text]).toEqual([400, expect.stringMatching(why)]);
  }
  // Well-formed, of a kind that nobody knows: kept to be looked at, but not at any price.
  const unknown = (record: Uint8Array) =>
    message(1, message(2, Buffer.concat([message(1, message(1, Buffer.from(SCOPE))), message(2, record)])));
  const bytes = unknown(message(5, message(6, message(1, message(2, message(7, new Uint8Array(SIZE)))))));
  expect(await post("x-protobuf", bytes)).toEqual({ status: 200, text: "" });
  const report = encodeLogs([fromAgent("pc1", [licensing()], Date.now())]);
  expect((await post("x-protobuf", report)).status).toBe(200);
}, 60_000);
