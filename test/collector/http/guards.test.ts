import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { runningCollector } from "../../support/collector.ts";
import { fromAgent, licensing } from "../../support/facts.ts";
import { postTo } from "../../support/http.ts";
import { keeping, ownFolder } from "../../support/keep.ts";

const keep = keeping();
const folder = ownFolder("guards");
const file = (name: string, text: string): string => {
  writeFileSync(join(folder(), name), text);
  return join(folder(), name);
};
const start = (yaml: string) => runningCollector(yaml, join(folder(), "own"));

/** The status under this Host header, as a browser's page of that name would send it. */
const under = (url: string, host: string, method = "GET"): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { method, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on("error", reject);
    asked.end();
  });

test("a loopback listener answers to this computer's own names only, and to a proxy's", async () => {
  const { webUrl, otlpUrl } = keep(await start("http: { allowed_hosts: [Activation.contoso.com] }"));
  const { port } = new URL(webUrl);
  for (const it of ["127.0.0.1", "localhost", `localhost:${port}`, "[::1]:1", "activation.contoso.com", "127.0.0.1."])
    expect([it, await under(webUrl, it)]).toEqual([it, 200]);
  for (const it of [
    "evil.example",
    `evil.example:${port}`,
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "10.0.0.1",
  ])
    for (const path of ["/", "/metrics", "/api/v1/computers", "/-/healthy"])
      expect([it, path, await under(webUrl + path, it)]).toEqual([it, path, 421]);
  expect(await under(`${otlpUrl}/v1/logs`, "evil.example", "POST")).toBe(421);
  expect(await under(`${otlpUrl}/v1/logs`, "activation.contoso.com", "POST")).toBe(421);
});

test("every page, answer and error says what a browser may do with it", async () => {
  const { webUrl } = keep(await start(""));
  for (const path of ["/", "/metrics", "/api/v1/computers", "/nothing", "/api/v1/computers?limit=0"]) {
    const { headers } = await fetch(webUrl + path);
    expect([path, headers.get("content-security-policy")]).toEqual([
      path,
      expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
    ]);
    expect([
      headers.get("x-content-type-options"),
      headers.get("cache-control"),
      headers.get("referrer-policy"),
      headers.get("x-frame-options"),
    ]).toEqual(["nosniff", "no-store", "no-referrer", "DENY"]);
    expect(headers.get("access-control-allow-origin")).toBeNull();
  }
});

describe("wrong credentials", () => {
  test("are answered late, and too many at once not at all; the right one never waits", async () => {
    const tokens = file("tokens", "a-token-of-the-agents\n");
    const { otlpUrl } = keep(await start(`otlp: { tokens_file: ${tokens} }`));
    const body = encodeLogs([fromAgent("pc1", [licensing()], Date.now())]);
    const timed = async (token: string) => {
      const started = performance.now();
      const { status } = await postTo(otlpUrl, body, { authorization: `Bearer ${token}` });
      return { status, ms: performance.now() - started };
    };
    const guesses = Array.from({ length: 30 }, (_, i) => timed(`a-guess-of-a-token-${i}`));
    const right = await timed("a-token-of-the-agents");
    expect(right.status).toBe(200);
    const answers = await Promise.all(guesses);
    const slow = answers.filter((it) => it.status === 401);
    expect([slow.length, answers.filter((it) => it.status === 429).length]).toEqual([10, 20]);
    expect(Math.min(...slow.map((it) => it.ms))).toBeGreaterThan(490);
  });

  test("a password is slowed too, counted and told; who has not logged in yet is not", async () => {
    const password = file("password", "#12345 678\n");
    const { webUrl } = keep(await start(`http: { basic_auth: { username: admin, password_file: ${password} } }`));
    const as = async (credentials?: string) => {
      const authorization = credentials && `Basic ${Buffer.from(credentials).toString("base64")}`;
      return fetch(`${webUrl}/api/v1/refusals`, authorization ? { headers: { authorization } } : {});
    };
    expect([(await as()).status, (await as("admin:wrong")).status, (await as("root:#12345 678")).status]).toEqual([
      401, 401, 401,
    ]);
    const { items } = (await (await as("admin:#12345 678")).json()) as { items: object[] };
    expect(items).toEqual([
      expect.objectContaining({
        cause: "unauthenticated",
        requests: 2,
        detail: "a wrong username or password for pages, API or metrics",
      }),
    ]);
  });

  test.each([
    [
      "otlp: { tokens_file: FILE }",
      "x\n",
      /otlp\.tokens_file \S+ cannot be used: line 1: a token has 16 characters or more/,
    ],
    [
      "http: { basic_auth: { username: u, password_file: FILE } }",
      "short\n",
      /http\.basic_auth\.password_file \S+ cannot be used: a password has 8 characters or more/,
    ],
  ])("%s with %j: the collector does not start, and says why", async (yaml, text, words) => {
    await expect(start(yaml.replace("FILE", file("secret", text)))).rejects.toThrow(words);
  });
});

test("a token that is bound to computers reports for them alone", async () => {
  const tokens = file(
    "tokens",
    "the-token-of-the-forwarder wec.contoso.com\nthe-token-of-one-pc pc1.contoso.com\nthe-token-of-a-lab *.lab.contoso.com\n",
  );
  const { otlpUrl } = keep(await start(`otlp: { tokens_file: ${tokens}, forwarders: [wec.contoso.com] }`));
  const status = async (token: string, host: string) =>
    (
      await postTo(otlpUrl, encodeLogs([fromAgent(host, [licensing()], Date.now())]), {
        authorization: `Bearer ${token}`,
      })
    ).status;
  expect(await status("the-token-of-one-pc", "pc1.contoso.com")).toBe(200);
  expect(await status("the-token-of-one-pc", "pc1")).toBe(200);
  expect(await status("the-token-of-one-pc", "pc2.contoso.com")).toBe(403);
  // Calling oneself the forwarder is not enough.
  expect(await status("the-token-of-one-pc", "wec.contoso.com")).toBe(403);
  expect(await status("the-token-of-a-lab", "pc9.lab.contoso.com")).toBe(200);
  expect(await status("the-token-of-a-lab", "pc9.contoso.com")).toBe(403);
  expect(await status("the-token-of-the-forwarder", "wec.contoso.com")).toBe(200);
});
