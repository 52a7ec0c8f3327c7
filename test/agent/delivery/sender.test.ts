import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { readAgentConfig } from "../../../agent/config.ts";
import { backOff, retryAfterMs } from "../../../agent/delivery/backoff.ts";
import { type Delivery, deliveryOf } from "../../../agent/delivery/delivery-result.ts";
import { newSender } from "../../../agent/delivery/sender.ts";
import { httpTransport, type Transport } from "../../../agent/delivery/transport.ts";
import { asksForReading } from "../../../agent/sources/schedule.ts";
import { openSpool, type Spool } from "../../../agent/spool/spool.ts";
import { iso, MINUTE } from "../../../licensing/time.ts";
import { decodeLogs, encodeStatus } from "../../../otlp/protobuf.ts";
import { heartbeat, request } from "../../support/facts.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
test.each<[number, string | undefined, Partial<Delivery>]>([
  [200, undefined, { outcome: "accepted", rejected: 0 }],
  [400, undefined, { outcome: "refused" }],
  [401, undefined, { outcome: "later" }],
  [403, undefined, { outcome: "later" }],
  [404, undefined, { outcome: "later" }],
  [413, undefined, { outcome: "too-large" }],
  [415, undefined, { outcome: "refused" }],
  [429, "7", { outcome: "later", waitMs: 7_000 }],
  [503, "Fri, 20 Nov 2026 12:00:30 GMT", { outcome: "later", waitMs: 30_000 }],
  [500, undefined, { outcome: "later" }],
])("HTTP %i with Retry-After %s", (status, retryAfter, expected) => {
  const body = status === 200 ? new Uint8Array() : encodeStatus({ code: 3, message: "no" });
  const contentType = "application/x-protobuf";
  expect(deliveryOf({ status, contentType, retryAfter, body }, NOW)).toMatchObject(expected);
});
test("the wait doubles up to five minutes, jittered, and never undercuts what was asked for", () => {
  expect([1, 2, 3, 12, 99].map((it) => backOff(it, 1))).toEqual([1_000, 2_000, 4_000, 300_000, 300_000]);
  expect(backOff(3, 0)).toBe(2_000);
  expect(backOff(1, 0.5, 60_000)).toBe(60_000);
  expect(retryAfterMs("soon", NOW)).toBeUndefined();
});
test.each([
  [12288, true],
  [12290, true],
  [8198, true],
  [900, false],
  [1003, false],
  [16384, false],
])("event %i asks for a reading: %s", (id, expected) => {
  expect(asksForReading(id)).toBe(expected);
});

describe("spool to collector", () => {
  let folder: string;
  let spool: Spool;
  let server: Server;
  let transport: Transport;
  let answers: ((request: IncomingMessage, response: ServerResponse) => void)[];
  let got: { clients: string[]; headers: IncomingMessage["headers"] }[];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "deliver-"));
    spool = openSpool(folder, 1024 * 1024);
    answers = [];
    got = [];
    server = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (it) => chunks.push(it));
      incoming.on("end", () => {
        const groups = decodeLogs(gunzipSync(Buffer.concat(chunks)));
        got.push({
          headers: incoming.headers,
          clients: groups.flatMap((it) =>
            it.records.map(({ body }) => {
              const told = body as { event_data?: { param3: string }; sent_at?: string };
              return String(told.event_data?.param3 ?? told.sent_at);
            }),
          ),
        });
        const answer = answers.shift();
        if (answer) answer(incoming, response);
        else response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    transport = httpTransport(readAgentConfig("a", `collector: { url: "http://127.0.0.1:${port}" }`, {}).collector);
  });
  afterEach(async () => {
    transport.close();
    spool.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });
  const fill = (...clients: number[]) =>
    spool.append(clients.map((client) => ({ host: "kms01", observedAt: NOW, fact: request({ at: NOW, client }) })));
  const steps = async () => {
    const seen: string[] = [];
    const { step } = newSender({
      spool,
      transport,
      random: () => 1,
      clock: () => NOW,
      computerOf: (host) => ({ host, instanceId: "i", agentVersion: "1" }),
      onDelivery: (it) => seen.push(it.outcome),
    });
    const pauses: (number | undefined)[] = [];
    do pauses.push(await step(AbortSignal.timeout(5_000)));
    while (pauses.at(-1) !== undefined && pauses.length < 20);
    return { seen, pauses };
  };
  const status =
    (code: number, headers = {}) =>
    (_: IncomingMessage, response: ServerResponse) =>
      code === 200
        ? response.writeHead(code, { "content-type": "application/x-protobuf" }).end()
        : response
            .writeHead(code, { "content-type": "application/x-protobuf", ...headers })
            .end(encodeStatus({ code: 3, message: "no" }));
  const page =
    (code: number, headers = {}) =>
    (_: IncomingMessage, response: ServerResponse) =>
      response.writeHead(code, { "content-type": "text/html", ...headers }).end("<html>Please log in</html>");
  const names = (...clients: number[]) => clients.map((it) => `pc${it}.contoso.com`);

  test("what is accepted leaves; what is not stays, in its order", async () => {
    fill(1, 2);
    answers = [status(503, { "retry-after": "3" }), status(401), (_, response) => response.destroy()];
    const { seen, pauses } = await steps();
    expect(seen).toEqual(["later", "later", "later", "accepted"]);
    expect(pauses).toEqual([3_000, 2_000, 4_000, 0, undefined]);
    expect(got.map((it) => it.clients)).toEqual(Array(4).fill(names(1, 2)));
    expect(spool.depth).toBe(0);
  });
  test("too large: halved until it fits; a single record that does not fit is given up", async () => {
    fill(1, 2, 3, 4);
    answers = [status(413), status(413), status(413)];
    const { seen } = await steps();
    expect(got.map((it) => it.clients)).toEqual([names(1, 2, 3, 4), names(1, 2), names(1), names(2), names(3, 4)]);
    expect(seen.slice(0, 3)).toEqual(["too-large", "too-large", "too-large"]);
    expect(spool.dropped).toEqual({ event: 1 });
  });
  test("what a login page or a proxy answers takes nothing out of the spool, whatever its status", async () => {
    fill(1, 2, 3, 4);
    answers = [page(200), page(204), page(302), page(400), page(403), page(413), page(413), page(413), page(415)];
    const { seen, pauses } = await steps();
    expect(seen).toEqual([...Array(9).fill("later"), ...Array(3).fill("accepted")]);
    expect(pauses.slice(0, 9)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256].map((it) => it * 1_000));
    // Smaller requests after each 413; everything arrives in its order.
    expect(got.map((it) => it.clients.length)).toEqual([4, 4, 4, 4, 4, 4, 2, 1, 1, 1, 2, 1]);
    expect(got.slice(9).flatMap((it) => it.clients)).toEqual(names(1, 2, 3, 4));
    expect(spool.dropped).toEqual({});
  });
  test("what the collector forbids about one computer does not hold up the others, and is tried again", async () => {
    let now = NOW;
    const about = (host: string, ...clients: number[]) =>
      spool.append(clients.map((client) => ({ host, observedAt: NOW, fact: request({ at: NOW, client }) })));
    about("old", 1, 2);
    about("kms01", 3);
    about("old", 4);
    about("kms01", 5);
    let allowed = false;
    const sent: string[] = [];
    const { step } = newSender({
      spool,
      random: () => 1,
      clock: () => now,
      computerOf: (host) => ({ host, instanceId: "i", agentVersion: "1" }),
      onDelivery: () => {},
      transport: {
        close: () => {},
        send: async (body) => {
          const groups = decodeLogs(body);
          const hosts = groups.map((it) => String(it.resource.attributes["host.name"]));
          if (!allowed && hosts.includes("old")) {
            const refusal = encodeStatus({ code: 7, message: "no" });
            return deliveryOf({ status: 403, contentType: "application/x-protobuf", body: refusal }, now);
          }
          for (const it of groups) for (const _ of it.records) sent.push(String(it.resource.attributes["host.name"]));
          return { outcome: "accepted", rejected: 0, message: "" };
        },
      },
    });
    const toTheEnd = async () => {
      while ((await step(AbortSignal.timeout(5_000))) !== undefined);
    };
    await toTheEnd();
    expect(sent).toEqual(["kms01", "kms01"]);
    expect(spool.depth).toBe(3);
    about("kms01", 6);
    await toTheEnd();
    expect(sent).toHaveLength(3);
    now += 10 * MINUTE;
    allowed = true;
    await toTheEnd();
    expect(sent.slice(3)).toEqual(["old", "old", "old"]);
    expect(spool.depth).toBe(0);
  });
  test("a server that asks for years is asked again in ten minutes", async () => {
    fill(1);
    answers = [
      status(503, { "retry-after": "Fri, 01 Jan 2100 00:00:00 GMT" }),
      status(429, { "retry-after": "999999999" }),
    ];
    expect((await steps()).pauses).toEqual([600_000, 600_000, 0, undefined]);
  });
  test("refused for good: out of the way, so that what follows arrives", async () => {
    fill(1);
    answers = [status(400)];
    await steps();
    fill(2);
    await steps();
    expect(got.at(-1)!.clients).toEqual(names(2));
  });
  test("refused for good: only the record that is to blame goes", async () => {
    fill(1, 2, 3, 4);
    answers = [400, 400, 200, 400, 400].map((it) => status(it));
    await steps();
    expect(got.map((it) => it.clients)).toEqual(
      [[1, 2, 3, 4], [1, 2], [1], [2, 3], [2], [3], [4]].map((it) => names(...it)),
    );
    expect(spool.depth).toBe(0);
    expect(spool.dropped).toEqual({ event: 1 });
  });
  test("eight heartbeats are company enough, whatever the clock says of them", async () => {
    const inAYear = NOW + 365 * 24 * 60 * MINUTE;
    const beat = { host: "pc1", observedAt: inAYear, fact: { ...heartbeat(inAYear), intervalSeconds: 900 } };
    for (let n = 1; n <= 7; n += 1) spool.append([beat]);
    expect((await steps()).seen).toEqual([]);
    spool.append([beat]);
    expect((await steps()).seen).toEqual(["accepted"]);
  });
  test("heartbeats of an ordinary computer travel together, or with what comes; those of a KMS host at once", async () => {
    const beat = (ageMinutes: number, intervalSeconds: number) =>
      spool.append([
        {
          host: "pc1",
          observedAt: NOW - ageMinutes * MINUTE,
          fact: { ...heartbeat(NOW - ageMinutes * MINUTE), intervalSeconds },
        },
      ]);
    beat(30, 900);
    beat(15, 900);
    expect(await steps()).toEqual({ seen: [], pauses: [undefined] });
    fill(1);
    expect((await steps()).seen).toEqual(["accepted"]);
    beat(104, 900);
    expect((await steps()).seen).toEqual([]);
    beat(105, 900);
    expect((await steps()).seen).toEqual(["accepted"]);
    // They say when they were sent, not when they were made: waiting is no wrong clock.
    expect(got.at(-1)!.clients).toEqual([iso(NOW), iso(NOW)]);
    beat(0, 60);
    expect((await steps()).seen).toEqual(["accepted"]);
    expect(spool.depth).toBe(0);
  });
});
