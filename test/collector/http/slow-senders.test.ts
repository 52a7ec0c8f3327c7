import { connect, type Socket } from "node:net";
import { expect, test } from "@jest/globals";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { fromAgent, licensing } from "../../support/facts.ts";
import { keeping } from "../../support/keep.ts";
import { until } from "../../support/until.ts";

const keep = keeping();
const MIB = 1024 * 1024;

const headOf = (length: number): string =>
  `POST /v1/logs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-protobuf\r\nContent-Length: ${length}\r\n\r\n`;

/** Sends so much and no more; resolves with the first line of an answer, or when nothing more is to be written. */
const stalled = (url: string, head: string, body = Buffer.alloc(0)) => {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  keep({ stop: async () => socket.destroy() });
  socket.on("error", () => {});
  const answer = new Promise<string>((resolve) => {
    socket.once("data", (it) => resolve(String(it).split("\r\n")[0]!));
    socket.once("close", () => resolve("closed"));
  });
  const written = new Promise<string>((resolve) => {
    socket.write(head);
    socket.write(body, () => resolve("written"));
  });
  return { socket, answer, written: Promise.race([answer, written]) };
};
const reportTo = (collector: Running) =>
  fetch(`${collector.otlpUrl}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body: encodeLogs([fromAgent("pc1", [licensing()], Date.now())]) as Uint8Array<ArrayBuffer>,
  });

test("bodies that stall make room for others, the oldest first; agents always are let in", async () => {
  const collector = keep(await runningCollector());
  const head = headOf(20 * MIB);
  const senders = Array.from({ length: 12 }, () => stalled(collector.otlpUrl, head, Buffer.alloc(19 * MIB)));
  const answers = senders.map((it) => it.answer);
  // 12 × 19 MiB have come, and 96 MiB of them may stay: five senders, perhaps, of which none has an answer.
  const refused = async () => (await Promise.all(answers.map((it) => Promise.race([it, undefined])))).filter(Boolean);
  await until(async () => (await refused()).length >= 7);
  expect(new Set(await refused())).toEqual(new Set(["HTTP/1.1 429 Too Many Requests"]));
  expect((await reportTo(collector)).status).toBe(200);
  const gone = (socket: Socket) =>
    new Promise((resolve) => (socket.destroyed ? resolve(0) : socket.once("close", resolve)));
  for (const { socket } of senders) socket.destroy();
  await Promise.all(senders.map((it) => gone(it.socket)));
  expect((await reportTo(collector)).status).toBe(200);
}, 30_000);

test.each([
  ["nothing", 0],
  ["nearly all", 1.9 * MIB],
])(
  "120 senders that announce 2 MiB each, send %s of it and stall keep nobody out, nor waiting",
  async (_, sent) => {
    const collector = keep(await runningCollector());
    const senders = Array.from({ length: 120 }, () => stalled(collector.otlpUrl, headOf(2 * MIB), Buffer.alloc(sent)));
    await Promise.all(senders.map((it) => it.written));
    // Once what they sent has been read:
    expect((await reportTo(collector)).status).toBe(200);
    const took: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      const started = performance.now();
      expect((await reportTo(collector)).status).toBe(200);
      took.push(performance.now() - started);
    }
    expect(Math.max(...took)).toBeLessThan(1_000);
  },
  30_000,
);

test("headers that do not end are waited for ten seconds", async () => {
  const collector = keep(await runningCollector());
  const heads = [collector.otlpUrl, collector.webUrl].map((it) =>
    stalled(it, "POST /v1/logs HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "),
  );
  expect(await Promise.all(heads.map((it) => it.answer))).toEqual(Array(2).fill("HTTP/1.1 408 Request Timeout"));
}, 40_000);
