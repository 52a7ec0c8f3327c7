import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { events, seriesOf } from "../../support/facts.ts";
import { getFrom, postTo } from "../../support/http.ts";
import { keeping, ownFolder } from "../../support/keep.ts";

const keep = keeping();
const folder = ownFolder("refused");
const TOKEN = "a-token-of-the-agents";
const MIB = 1024 * 1024;

const withTokens = async (more = ""): Promise<Running> => {
  const file = join(folder(), "tokens");
  writeFileSync(file, `${TOKEN}\nbound-token-of-pc1 pc1.contoso.com\n`);
  return keep(
    await runningCollector(`otlp: { tokens_file: ${file}, max_body_size: 64KiB${more} }`, join(folder(), "own")),
  );
};
const authorized = { authorization: `Bearer ${TOKEN}` };
const refused = async ({ webUrl }: Running): Promise<Record<string, number>> =>
  Object.fromEntries(
    [...seriesOf((await getFrom(`${webUrl}/metrics`)).text)].flatMap(([key, value]) => {
      const cause = /^activation_collector_refused_requests_total\{cause="(\w+)"\}$/.exec(key)?.[1];
      return cause === undefined ? [] : [[cause, value]];
    }),
  );

test("refused requests are counted by cause, and their senders are told by the API", async () => {
  const collector = await withTokens();
  const post = (body: Uint8Array | string, headers: Record<string, string> = {}) =>
    postTo(collector.otlpUrl, body, headers);
  const none = {
    unauthenticated: 0,
    forbidden: 0,
    certificate: 0,
    host_header: 0,
    too_large: 0,
    unsupported: 0,
    malformed: 0,
    overloaded: 0,
  };
  expect(await refused(collector)).toEqual(none);
  expect(JSON.parse((await getFrom(`${collector.webUrl}/api/v1/refusals`)).text)).toEqual({
    items: [],
    next_cursor: null,
  });

  const statuses = [
    await post("x"),
    await post("x", { authorization: "Bearer wrong" }),
    await post("x", authorized),
    await post("x", { ...authorized, "content-type": "text/plain" }),
    await post(new Uint8Array(65 * 1024), authorized),
    await post(encodeLogs(events(1)), { authorization: "Bearer bound-token-of-pc1" }),
    await post(encodeLogs(events(1)), authorized),
  ].map((it) => it.status);
  expect(statuses).toEqual([401, 401, 400, 415, 413, 403, 200]);
  expect(await refused(collector)).toEqual({
    ...none,
    unauthenticated: 2,
    malformed: 1,
    unsupported: 1,
    too_large: 1,
    forbidden: 1,
  });
  const { items } = JSON.parse((await getFrom(`${collector.webUrl}/api/v1/refusals`)).text);
  expect(items.map((it: { cause: string }) => it.cause)).toEqual([
    "forbidden",
    "too_large",
    "unsupported",
    "malformed",
    "unauthenticated",
  ]);
  const page = (await getFrom(collector.webUrl)).text;
  expect(page).toMatch(
    /<th>forbidden \(403\)<\/th><td>1<\/td>.*<th>unauthenticated \(401\)<\/th><td>2<\/td><td>127\.0\.0\.1 /s,
  );
  expect(items[4]).toEqual({
    cause: "unauthenticated",
    address: "127.0.0.1",
    requests: 2,
    first: expect.stringMatching(/^\d{4}-.*Z$/),
    last: expect.stringMatching(/^\d{4}-.*Z$/),
    detail: "A bearer token is needed, and the one given is not in otlp.tokens_file.",
  });
});

/** Writes everything before it reads anything, as many clients do; resolves with what was answered, or how it ended. */
const blunt = (url: string, host: string, headers: readonly string[], size: number): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let answer = "";
    socket.on("error", (cause) => resolve(`${(cause as NodeJS.ErrnoException).code}`));
    socket.on("close", () => resolve(answer === "" ? "closed" : answer));
    const send = async () => {
      socket.write(["POST /v1/logs HTTP/1.1", `Host: ${host}`, ...headers, "", ""].join("\r\n"));
      const chunk = Buffer.alloc(MIB);
      for (let i = 0; i < size; i += 1)
        if (!socket.write(chunk)) await new Promise((drained) => socket.once("drain", drained));
      // Only now does it look.
      socket.on("data", (it) => {
        answer += it;
        socket.end();
      });
    };
    void send();
  });

describe("a body of 64 MiB has an answer, never a reset", () => {
  const length = `Content-Length: ${64 * MIB}`;
  test.each<[string, number, readonly string[]]>([
    ["too large", 413, ["Content-Type: application/x-protobuf", length, `Authorization: Bearer ${TOKEN}`]],
    ["without a token", 401, ["Content-Type: application/x-protobuf", length]],
    ["of another type", 415, ["Content-Type: text/plain", length, `Authorization: Bearer ${TOKEN}`]],
    ["under another name", 421, ["Content-Type: application/x-protobuf", length]],
  ])(
    "%s: %i",
    async (_, status, headers) => {
      const collector = await withTokens();
      const host = status === 421 ? "evil.example" : "127.0.0.1";
      for (let i = 0; i < 3; i += 1)
        expect((await blunt(collector.otlpUrl, host, headers, 64)).split("\r\n")[0]).toContain(`HTTP/1.1 ${status}`);
    },
    60_000,
  );

  test("with chunked transfer, too", async () => {
    const { otlpUrl } = await withTokens();
    const body = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 64; i += 1) controller.enqueue(new Uint8Array(MIB));
        controller.close();
      },
    });
    const response = await fetch(`${otlpUrl}/v1/logs`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf", ...authorized },
      body,
      duplex: "half",
    } as RequestInit);
    expect(response.status).toBe(413);
  });
});
