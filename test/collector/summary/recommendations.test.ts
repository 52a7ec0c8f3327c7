import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { LogGroup } from "../../../otlp/logs.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { fromAgent, heartbeat, hostReading, KMS01, licensing, seriesOf } from "../../support/facts.ts";

let collector: Running;
beforeEach(async () => {
  collector = await runningCollector(
    "zones: [{ name: core, kind: core }, { name: lab-7, kind: lab, computers: [lab7-*] }]",
  );
});
afterEach(() => collector.stop());

const send = async (groups: LogGroup[]) => {
  const { status } = await fetch(`${collector.otlpUrl}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body: encodeLogs(groups),
  });
  expect(status).toBe(200);
};

test("Table 1 by zone, as a figure and in sentences that name the one host there is", async () => {
  const now = Date.now();
  await send(
    Array.from({ length: 1_000 }, (_, i) => fromAgent(`pc${i}.contoso.com`, [licensing()], now)).concat(
      fromAgent(KMS01, [hostReading(50), heartbeat(now)], now),
      fromAgent("lab7-1.contoso.com", [licensing()], now),
    ),
  );
  const series = seriesOf(await (await fetch(`${collector.webUrl}/metrics`)).text());
  expect(series.get('activation_kms_recommended_hosts{zone="core"}')).toBe(2);
  expect(series.get('activation_kms_recommended_hosts{zone="lab-7"}')).toBe(0);
  const { items } = (await (await fetch(`${collector.webUrl}/api/v1/recommendations`)).json()) as {
    items: { sentences: string[] }[];
  };
  expect(items).toMatchObject([
    { zone: "core", kind: "core", computers: 1_001, recommended_hosts: 2, kms_hosts: [KMS01] },
    { zone: "lab-7", kind: "lab", computers: 1, recommended_hosts: 0, kms_hosts: [] },
  ]);
  expect(items[0]!.sentences.at(-1)).toBe(
    "There is one, kms01.contoso.com: while it is down, nothing in this zone is activated.",
  );
  expect((await fetch(`${collector.webUrl}/api/v1/recommendations?zone=core`)).status).toBe(400);
});
