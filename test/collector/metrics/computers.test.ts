import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import type { Fact } from "../../../licensing/facts.ts";
import { DAY, HOUR } from "../../../licensing/time.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { runningCollector } from "../../support/collector.ts";
import { answered, fromAgent, licensing, product, sent, seriesOf } from "../../support/facts.ts";
import { keeping } from "../../support/keep.ts";

const keep = keeping();
const now = Date.now();

const collectorWith = async (yaml: string, reports: Readonly<Record<string, readonly Fact[]>>) => {
  const collector = keep(await runningCollector(yaml));
  const body = encodeLogs(Object.entries(reports).map(([host, facts]) => fromAgent(host, facts, now)));
  const headers = { "content-type": "application/x-protobuf" };
  const taken = await fetch(`${collector.otlpUrl}/v1/logs`, { method: "POST", headers, body: new Uint8Array(body) });
  expect(taken.status).toBe(200);
  return async (accept = "") => {
    const response = await fetch(`${collector.webUrl}/metrics/computers`, { headers: { accept } });
    return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
  };
};

test("without being asked for there are none, and it is said how to ask", async () => {
  const get = await collectorWith("", {});
  expect(await get()).toMatchObject({ status: 404, text: expect.stringContaining("computers: true") });
});

test("each computer has its own series, in both formats, clean by promtool", async () => {
  const twins = [product({ GracePeriodRemaining: 60 }), product({ ID: "11111111-2222-3333-4444-555555555555" })];
  const get = await collectorWith("metrics: { computers: true }", {
    "pc1.contoso.com": [licensing(twins)],
    "pc2.contoso.com": [sent({ at: now - HOUR, client: 2 }), answered({ at: now - HOUR + 1_000, client: 2 })],
  });
  const { type, text } = await get();
  expect(type).toContain("text/plain");
  const lint = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
  expect([lint.status, lint.stderr, lint.stdout]).toEqual([0, "", ""]);
  const series = seriesOf(text);
  const one = (name: string, host: string) =>
    [...series].filter(([key]) => key.startsWith(`activation_computer_${name}{computer="${host}"`));
  expect(one("last_seen_timestamp_seconds", "pc1.contoso.com")).toHaveLength(1);
  expect(one("license_info", "pc1.contoso.com").map(([, value]) => value)).toEqual([1, 1]);
  const deadlines = one("license_deadline_timestamp_seconds", "pc1.contoso.com").map(([, value]) => value);
  expect(deadlines).toHaveLength(2);
  expect(Math.abs(Math.min(...deadlines) - (now + HOUR) / 1_000)).toBeLessThan(60);
  const [, renewed] = one("last_renewal_timestamp_seconds", "pc2.contoso.com")[0]!;
  expect(renewed * 1_000).toBe(now - HOUR + 1_000);
  const open = await get("application/openmetrics-text; version=1.0.0");
  expect(open.type).toContain("application/openmetrics-text");
  expect(open.text).toBe(`${text}# EOF\n`);
});

test("thousands come in pieces, each computer once", async () => {
  const hosts = Array.from({ length: 2_500 }, (_, i) => `pc${i}.contoso.com`);
  const reading = [licensing([product({ GracePeriodRemaining: (30 * DAY) / 60_000 })])];
  const get = await collectorWith("metrics: { computers: true }", Object.fromEntries(hosts.map((it) => [it, reading])));
  const { text } = await get();
  expect(seriesOf(text).size).toBe(4 * hosts.length);
  expect(text.match(/^# TYPE /gm)).toHaveLength(4);
});
