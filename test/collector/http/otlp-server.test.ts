import { connect } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { decodeResponse, encodeLogs } from "../../../otlp/protobuf.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { events, fromAgent, KMS01, licensing, request, seriesOf } from "../../support/facts.ts";
import { getFrom, postTo } from "../../support/http.ts";

let collector: Running;
beforeEach(async () => {
  collector = await runningCollector("otlp: { max_body_size: 64KiB }");
});
afterEach(() => collector.stop());

const PROTOBUF = "application/x-protobuf";
const post = (body: Uint8Array | string, headers: Record<string, string> = {}, url = collector.otlpUrl) =>
  postTo(url, body, headers);
const get = (path: string, headers: Record<string, string> = {}) => getFrom(collector.webUrl + path, headers);

describe("OTLP over HTTP", () => {
  test("protobuf, plain and gzip; what is acknowledged is there", async () => {
    const plain = await post(encodeLogs(events(3)));
    expect([plain.status, plain.headers.get("content-type"), (await plain.arrayBuffer()).byteLength]).toEqual([
      200,
      PROTOBUF,
      0,
    ]);
    expect((await post(gzipSync(encodeLogs(events(2, 10))), { "content-encoding": "gzip" })).status).toBe(200);
    expect(
      seriesOf((await get("/metrics")).text).get(
        `activation_kms_table_clients{kms_host="${KMS01}",zone="core",application="windows"}`,
      ),
    ).toBe(5);
  });

  test("JSON, as an OpenTelemetry Collector sends it", async () => {
    const body = {
      resourceLogs: [
        {
          scopeLogs: [
            {
              logRecords: [
                {
                  body: {
                    kvlistValue: {
                      values: [
                        {
                          key: "event_id",
                          value: { kvlistValue: { values: [{ key: "id", value: { intValue: "12294" } }] } },
                        },
                        {
                          key: "provider",
                          value: {
                            kvlistValue: {
                              values: [{ key: "name", value: { stringValue: "Microsoft-Windows-Security-SPP" } }],
                            },
                          },
                        },
                        { key: "computer", value: { stringValue: "kms02.contoso.com" } },
                        { key: "system_time", value: { stringValue: new Date().toISOString() } },
                        {
                          key: "event_data",
                          value: {
                            kvlistValue: { values: [{ key: "param1", value: { stringValue: "contoso.com" } }] },
                          },
                        },
                      ],
                    },
                  },
                },
              ],
            },
          ],
        },
      ],
    };
    const response = await post(JSON.stringify(body), { "content-type": "application/json; charset=utf-8" });
    expect([response.status, await response.text()]).toEqual([200, "{}"]);
    expect(JSON.parse((await get("/api/v1/events?computer=KMS02.contoso.com")).text)).toMatchObject({
      items: [{ event: "kms_dns_published", dns_domain: "contoso.com" }],
      next_cursor: null,
    });
  });

  test("partial success tells what was refused; the rest is kept", async () => {
    const group = fromAgent("pc1.contoso.com", [licensing()], Date.now());
    const nameless = { ...group, resource: { attributes: {} } };
    const response = await post(encodeLogs([group, nameless]));
    expect(response.status).toBe(200);
    expect(decodeResponse(new Uint8Array(await response.arrayBuffer()))).toEqual({
      rejected: 1,
      message: expect.stringContaining("host.name"),
    });
  });

  test.each<[string, number, () => Promise<Response>]>([
    ["another type", 415, () => post("x", { "content-type": "text/plain" })],
    ["another encoding", 415, () => post("x", { "content-encoding": "br" })],
    ["no protobuf", 400, () => post("hello")],
    ["no JSON", 400, () => post("{", { "content-type": "application/json" })],
    ["no gzip", 400, () => post("hello", { "content-encoding": "gzip" })],
    ["too much", 413, () => post(new Uint8Array(65 * 1024))],
    ["a bomb", 413, () => post(gzipSync(new Uint8Array(10_000_000)), { "content-encoding": "gzip" })],
    ["another path", 404, () => fetch(`${collector.otlpUrl}/v1/traces`, { method: "POST" })],
  ])("%s: %i", async (_, status, send) => {
    const response = await send();
    expect(response.status).toBe(status);
    const type = response.headers.get("content-type") ?? "";
    if (type.includes("json")) expect(JSON.parse(await response.text())).toMatchObject({ message: expect.any(String) });
    else expect([type, (await response.arrayBuffer()).byteLength > 0]).toEqual([PROTOBUF, true]);
  });

  test("a sender that hangs up in mid-body leaves nothing and harms nobody", async () => {
    const { port } = new URL(collector.otlpUrl);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () => {
        socket.write(
          `POST /v1/logs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${PROTOBUF}\r\nContent-Length: 100\r\n\r\nabc`,
          () => socket.destroy(),
        );
      });
      socket.on("close", () => resolve());
    });
    expect((await post(encodeLogs(events(1)))).status).toBe(200);
  });

  test("behind a disk that does not answer, it refuses with 429 before memory runs out, and goes on afterwards", async () => {
    const roomy = await runningCollector();
    const send = (body: Uint8Array) => post(body, {}, roomy.otlpUrl);
    const locked = new DatabaseSync(join(roomy.folder, "activation.db"));
    const small = encodeLogs([fromAgent(KMS01, [request({ at: Date.now(), client: 1 })], Date.now())]);
    const mebibyte = encodeLogs([
      {
        resource: { attributes: {} },
        scope: { name: "other", version: "1" },
        records: [{ body: "x".repeat(1024 * 1024), attributes: {} }],
      },
    ]);
    try {
      locked.exec("begin immediate");
      const held = Array.from({ length: 80 }, () => send(mebibyte));
      const refused = await Promise.any(
        held.map(async (it) => {
          if ((await it).status !== 429) throw new Error("It was taken.");
          return it;
        }),
      );
      expect(refused.headers.get("retry-after")).toBe("5");
      locked.exec("commit");
      const statuses = (await Promise.all(held)).map((it) => it.status);
      // 503: SQLite has waited for the lock for as long as it does.
      for (const it of statuses) expect([200, 429, 503]).toContain(it);
      expect(statuses.filter((it) => it === 200).length).toBeGreaterThan(50);
      expect((await send(small)).status).toBe(200);
    } finally {
      locked.close();
      await roomy.stop();
    }
  });

  test("many senders at once: each has its answer, and nothing counts twice", async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => post(encodeLogs(events(5, (i % 30) * 5)))));
    expect(new Set(answers.map((it) => it.status))).toEqual(new Set([200]));
    const series = seriesOf((await get("/metrics")).text);
    expect(series.get(`activation_kms_distinct_clients{kms_host="${KMS01}",zone="core",application="windows"}`)).toBe(
      150,
    );
  });
});
