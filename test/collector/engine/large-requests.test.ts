import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { joined, partsOf } from "../../../collector/engine/large-requests.ts";
import { SCOPE } from "../../../licensing/telemetry/otlp-mapping.ts";
import type { AnyValue, LogGroup } from "../../../otlp/logs.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { runningCollector } from "../../support/collector.ts";
import { fromAgent, KMS01, licensing, request, seriesOf } from "../../support/facts.ts";
import { keeping } from "../../support/keep.ts";

const keep = keeping();
const group = (name: string, records: readonly AnyValue[]): LogGroup => ({
  resource: { attributes: { "host.name": name } },
  scope: { name: SCOPE, version: "1" },
  records: records.map((body) => ({ body, attributes: {} })),
});

test("a request is cut into parts that have all records in their order, none too large", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1_300 }), { maxLength: 5 }),
      fc.integer({ min: 1, max: 90 }),
      (sizes, values) => {
        const groups = sizes.map((size, g) =>
          group(
            `pc${g}`,
            Array.from({ length: size }, (_, i) => [i, ...new Array<number>(values).fill(0)]),
          ),
        );
        const parts = partsOf(groups);
        for (const part of parts) {
          const records = part.reduce((sum, it) => sum + it.records.length, 0);
          expect(records).toBeLessThanOrEqual(500);
          expect(records * (values + 3)).toBeLessThanOrEqual(20_000);
        }
        const flat = (all: readonly LogGroup[]) =>
          all.flatMap(({ resource, records }) => records.map((it) => [resource, it]));
        expect(flat(parts.flat())).toEqual(flat(groups));
      },
    ),
    { numRuns: 50 },
  );
});

test("what became of the parts is told as one", () => {
  const stored = (rejected: number, message?: string, outcomes?: object) =>
    ({ outcome: "stored", receipt: { rejected, ...(message && { message }), ...(outcomes && { outcomes }) } }) as const;
  expect(joined([stored(1, "a", { accepted: 2 }), stored(2, "b", { accepted: 1, rejected: 2 })])).toEqual(
    stored(3, "a", { accepted: 3, rejected: 2 }),
  );
  expect(joined([stored(1), { outcome: "failed", reason: "full" }])).toEqual({ outcome: "failed", reason: "full" });
});

const post = async (url: string, body: Uint8Array) => {
  const started = performance.now();
  const response = await fetch(`${url}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body: body as Uint8Array<ArrayBuffer>,
  });
  await response.arrayBuffer();
  return { status: response.status, ms: performance.now() - started };
};

test("while one monstrous body is taken, others are answered and /metrics is served; it is acknowledged as a whole", async () => {
  const { otlpUrl, webUrl } = keep(await runningCollector());
  const at = Date.now() - 60_000;
  const requests = Array.from({ length: 25_000 }, (_, i) => request({ at: at - i, client: i, recordId: i }));
  const monster = encodeLogs([fromAgent(KMS01, requests, at)]);
  let over = false;
  const large = post(otlpUrl, monster).finally(() => {
    over = true;
  });
  const took: number[] = [];
  const scraped: number[] = [];
  for (let i = 0; !over; i += 1) {
    const { status, ms } = await post(
      otlpUrl,
      encodeLogs([fromAgent(`pc${i}.contoso.com`, [licensing()], Date.now())]),
    );
    expect(status).toBe(200);
    took.push(ms);
    const started = performance.now();
    expect((await fetch(`${webUrl}/metrics`)).status).toBe(200);
    scraped.push(performance.now() - started);
  }
  expect((await large).status).toBe(200);
  expect(took.length).toBeGreaterThan(5);
  // The median, since the machine that tests runs others' work too.
  expect(took.toSorted((a, b) => a - b)[took.length >> 1]).toBeLessThan(1_000);
  expect(scraped.toSorted((a, b) => a - b)[scraped.length >> 1]).toBeLessThan(2_000);
  const series = seriesOf(await (await fetch(`${webUrl}/metrics`)).text());
  expect(series.get('activation_collector_records_total{kind="event",outcome="accepted"}')).toBe(25_000);
}, 120_000);

test("of records that nobody understands a bounded part is kept, and all are counted", async () => {
  const { otlpUrl, webUrl, folder } = keep(await runningCollector());
  const text = "x".repeat(19_000);
  const bad = Array.from({ length: 900 }, (_, i): AnyValue => `Microsoft-Windows-Security-SPP ${i} ${text}`);
  const body = encodeLogs([
    {
      ...group("pc1.contoso.com", []),
      records: bad.map((it) => ({ body: it, attributes: {}, eventName: "windows.event" })),
    },
  ]);
  for (let i = 0; i < 3; i += 1) expect((await post(otlpUrl, body)).status).toBe(200);
  const series = seriesOf(await (await fetch(`${webUrl}/metrics`)).text());
  expect(series.get('activation_collector_records_total{kind="event",outcome="uninterpreted"}')).toBe(2_700);
  expect(statSync(join(folder, "activation.db")).size + statSync(join(folder, "activation.db-wal")).size).toBeLessThan(
    40e6,
  );
}, 60_000);
