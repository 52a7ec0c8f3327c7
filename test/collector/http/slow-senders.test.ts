import { connect, type Socket } from "node:net";
import { expect, test } from "@jest/globals";
import { receiving } from "../../../collector/http/admission-control.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { fromAgent, licensing } from "../../support/facts.ts";
import { keeping } from "../../support/keep.ts";

const keep = keeping();
const MIB = 1024 * 1024;

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

test("bodies that do not end are let in as long as they fit into memory; agents always are", async () => {
  const collector = keep(await runningCollector());
  const head = `POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: ${20 * MIB}\r\n\r\n`;
  const senders = Array.from({ length: 12 }, () => stalled(collector.otlpUrl, head, Buffer.alloc(19 * MIB)));
  const seen = await Promise.all(senders.map((it) => it.written));
  expect(seen.filter((it) => it === "written").length).toBeLessThanOrEqual(4);
  expect(seen.filter((it) => it.includes("429")).length).toBeGreaterThanOrEqual(8);
  expect((await reportTo(collector)).status).toBe(200);
  const gone = (socket: Socket) =>
    new Promise((resolve) => (socket.destroyed ? resolve(0) : socket.once("close", resolve)));
  for (const { socket } of senders) socket.destroy();
  await Promise.all(senders.map((it) => gone(it.socket)));
  expect((await reportTo(collector)).status).toBe(200);
}, 30_000);

test("headers that do not end are waited for ten seconds", async () => {
  const collector = keep(await runningCollector());
  const heads = [collector.otlpUrl, collector.webUrl].map((it) =>
    stalled(it, "POST /v1/logs HTTP/1.1\r\nHost: x\r\nX: "),
  );
  expect(await Promise.all(heads.map((it) => it.answer))).toEqual(Array(2).fill("HTTP/1.1 408 Request Timeout"));
}, 40_000);

test("room is given back once, and one body that is larger than all room is let in alone", () => {
  const bodies = receiving();
  const large = bodies.admit(String(200 * MIB));
  expect(bodies.admit("1")).toBeUndefined();
  large?.();
  large?.();
  const some = Array.from({ length: 130 }, () => bodies.admit(String(MIB)));
  expect(some.filter((it) => it).length).toBe(128);
  for (const it of some) it?.();
  expect(Array.from({ length: 30 }, () => bodies.admit(undefined)).filter((it) => it).length).toBe(24);
});
