import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { LogGroup } from "../../licensing/otlp.ts";
import { decodeResponse, encodeLogs } from "../../licensing/otlp-protobuf.ts";
import { SECOND } from "../../licensing/time.ts";
import { cli, MAIN } from "../neighbours/cli.ts";
import { type Running, runningCollector } from "../neighbours/collector.ts";
import { fromAgent, heartbeat, KMS01, licensing, request, seriesOf } from "../neighbours/facts.ts";
import { until } from "../neighbours/until.ts";

let collector: Running;
beforeEach(async () => {
  collector = await runningCollector("otlp: { max_body_size: 64KiB }");
});
afterEach(() => collector.stop());

const PROTOBUF = "application/x-protobuf";
const post = (body: Uint8Array | string, headers: Record<string, string> = {}, url = collector.otlpUrl) =>
  fetch(`${url}/v1/logs`, {
    method: "POST",
    headers: { "content-type": PROTOBUF, ...headers },
    body: body as Uint8Array<ArrayBuffer>,
  });
const events = (count: number, from = 0): LogGroup[] => [
  fromAgent(
    KMS01,
    Array.from({ length: count }, (_, i) => request({ at: Date.now() - 60 * SECOND, client: from + i })),
    Date.now(),
  ),
];
const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(collector.webUrl + path, { headers });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
};

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
          `POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: ${PROTOBUF}\r\nContent-Length: 100\r\n\r\nabc`,
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
    const big = encodeLogs([
      {
        resource: { attributes: {} },
        scope: { name: "other", version: "1" },
        records: [{ body: "x".repeat(18 * 1024 * 1024), attributes: {} }],
      },
    ]);
    try {
      locked.exec("begin immediate");
      const waiting = Array.from({ length: 4 }, () => send(big));
      const small = encodeLogs([fromAgent(KMS01, [request({ at: Date.now(), client: 1 })], Date.now())]);
      const held: Promise<Response>[] = [];
      let refused: Response | undefined;
      await until(async () => {
        const answer = send(small);
        refused = await Promise.race([answer, pause(100, undefined)]);
        if (!refused) held.push(answer);
        return refused !== undefined;
      });
      expect([refused!.status, refused!.headers.get("retry-after")]).toEqual([429, "5"]);
      locked.exec("commit");
      const statuses = (await Promise.all(waiting)).map((it) => it.status);
      expect(statuses).toEqual([200, 200, 200, 200]);
      for (const it of await Promise.all(held)) expect([200, 429]).toContain(it.status);
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

describe("pages and figures", () => {
  test("/metrics is clean, in both formats", async () => {
    await post(
      encodeLogs([...events(30), fromAgent("pc1.contoso.com", [licensing(), heartbeat(Date.now())], Date.now())]),
    );
    const text = await get("/metrics");
    const lint = spawnSync("promtool", ["check", "metrics"], { input: text.text, encoding: "utf8" });
    expect([lint.status, lint.stderr, lint.stdout]).toEqual([0, "", ""]);
    const open = await get("/metrics", { accept: "application/openmetrics-text; version=1.0.0" });
    expect(open.type).toContain("application/openmetrics-text");
    expect(open.text.endsWith("# EOF\n")).toBe(true);
    expect(open.text.match(/# EOF/g)).toHaveLength(1);
    expect(open.text).toContain("# TYPE activation_attempts counter\n");
    expect(open.text).toContain("# TYPE activation_collector_requests counter\n");
    const names = (of: { text: string }) => [...seriesOf(of.text).keys()].filter((it) => !it.startsWith("nodejs_"));
    expect(names(open)).toEqual(names(text));
    // Asking by turns changes nothing.
    expect(names(await get("/metrics"))).toEqual(names(text));
  });

  test("health, readiness, the page", async () => {
    expect((await get("/-/healthy")).status).toBe(200);
    expect((await get("/-/ready")).status).toBe(200);
    expect((await get("/")).text).toContain("Waiting for the first KMS host");
    await post(encodeLogs([fromAgent("kms01.contoso.com", [request({ at: Date.now(), client: 1 })], Date.now())]));
    expect((await get("/")).text).toContain("kms01.contoso.com");
  });

  test("the API: pages of computers, one computer, problems", async () => {
    await post(
      encodeLogs(["pc1", "pc2", "pc3"].map((it) => fromAgent(`${it}.contoso.com`, [licensing()], Date.now()))),
    );
    const first = JSON.parse((await get("/api/v1/computers?limit=2&status=licensed&channel=kms_client")).text);
    expect(first.items.map((it: { computer: string }) => it.computer)).toEqual(["pc1.contoso.com", "pc2.contoso.com"]);
    const second = JSON.parse((await get(`/api/v1/computers?limit=2&cursor=${first.next_cursor}`)).text);
    expect(second).toMatchObject({ items: [{ computer: "pc3.contoso.com", zone: "core" }], next_cursor: null });
    expect(JSON.parse((await get("/api/v1/computers?q=PC2")).text).items).toHaveLength(1);
    expect(JSON.parse((await get("/api/v1/computers/PC3.contoso.com")).text)).toMatchObject({
      licenses: [{ status: "licensed" }],
    });
    const wrong = await get("/api/v1/computers?status=fine&limit=0");
    expect([wrong.status, wrong.type]).toEqual([400, "application/problem+json"]);
    expect(JSON.parse(wrong.text).detail).toMatch(/status.*limit/s);
    expect((await get("/api/v1/computers/nobody")).status).toBe(404);
    expect((await get("/api/v1/kms-hosts/nobody")).status).toBe(404);
    const odd = await get("/api/v1/computers/%E0%A4%A");
    expect([odd.status, odd.type]).toEqual([400, "application/problem+json"]);
  });
});

describe("the program", () => {
  test("bearer tokens: exchanged without a restart", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tokens-"));
    const file = join(folder, "tokens");
    writeFileSync(file, "# agents\nfirst\n");
    const secured = await runningCollector(`otlp: { tokens_file: ${file} }`);
    const status = async (token?: string) =>
      (await post(encodeLogs(events(1)), token ? { authorization: `Bearer ${token}` } : {}, secured.otlpUrl)).status;
    try {
      expect([await status(), await status("wrong"), await status("first")]).toEqual([401, 401, 200]);
      writeFileSync(file, "second and more\nsecond\n");
      expect([await status("first"), await status("second")]).toEqual([401, 200]);
    } finally {
      await secured.stop();
      rmSync(folder, { recursive: true });
    }
  });

  test("a login for the page, the API and the figures; health is open; commands know it by the configuration", async () => {
    const folder = mkdtempSync(join(tmpdir(), "login-"));
    const file = join(folder, "password");
    writeFileSync(file, "# of Prometheus\npa:ss wörd\n");
    const login = `http: { basic_auth: { username: prometheus, password_file: ${file} } }`;
    const secured = await runningCollector(login);
    const { host } = new URL(secured.webUrl);
    const status = async (path: string, credentials?: string) => {
      const authorization = credentials && `Basic ${Buffer.from(credentials).toString("base64")}`;
      const response = await fetch(secured.webUrl + path, { headers: authorization ? { authorization } : {} });
      return [response.status, response.headers.get("www-authenticate")];
    };
    const wanted = [401, expect.stringMatching(/^Basic realm="activation-monitor"/)];
    try {
      for (const path of ["/", "/metrics", "/api/v1/computers", "/nothing"]) {
        expect(await status(path)).toEqual(wanted);
        expect(await status(path, "prometheus:wrong")).toEqual(wanted);
        expect(await status(path, "somebody:pa:ss wörd")).toEqual(wanted);
        expect(await status(path, "prometheus:pa:ss wörd")).toEqual([path === "/nothing" ? 404 : 200, null]);
      }
      expect([await status("/-/healthy"), await status("/-/ready?x")]).toEqual([
        [200, null],
        [200, null],
      ]);
      const config = join(folder, "collector.yaml");
      writeFileSync(config, `${login.slice(0, -2)}, listen: "${host}" }`);
      expect(await cli(["collector", "worksheet", "--config", config])).toMatchObject({ code: 0 });
      const ask = ["collector", "worksheet", "--url", secured.webUrl];
      expect(await cli(ask)).toMatchObject({ code: 1, err: expect.stringContaining("--password-file") });
      expect(await cli([...ask, "--username", "prometheus", "--password-file", file])).toMatchObject({ code: 0 });
      expect(await cli([...ask, "--username", "prometheus"])).toMatchObject({ code: 2 });
    } finally {
      await secured.stop();
      rmSync(folder, { recursive: true });
    }
  });

  test("a port in use, an open listener without tokens, a missing file: one sentence, and the right code", async () => {
    const { port } = new URL(collector.otlpUrl);
    const env = {
      ACTIVATION_OTLP_LISTEN: `127.0.0.1:${port}`,
      ACTIVATION_HTTP_LISTEN: "127.0.0.1:0",
      ACTIVATION_STORE_URL: `sqlite:${collector.folder}/b.db`,
    };
    expect(await cli(["collector", "run"], { env })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/otlp\.listen: port \d+ .* in use/),
    });
    expect(await cli(["collector", "run"], { env: { ACTIVATION_OTLP_LISTEN: "0.0.0.0:0" } })).toMatchObject({
      code: 2,
      err: expect.stringContaining("otlp.tokens_file"),
    });
    expect(await cli(["collector", "run", "--config", "/missing.yaml"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("/missing.yaml"),
    });
  });

  test.each(["SIGKILL", "SIGTERM"] as const)(
    "ended by %s at any instant, it has what it acknowledged, once",
    async (signal) => {
      const folder = mkdtempSync(join(tmpdir(), "killed-"));
      const env = {
        ...process.env,
        ACTIVATION_OTLP_LISTEN: "127.0.0.1:0",
        ACTIVATION_HTTP_LISTEN: "127.0.0.1:0",
        ACTIVATION_STORE_URL: `sqlite:${folder}/activation.db`,
      };
      const acknowledged = new Set<number>();
      for (let round = 0; round < 4; round += 1) {
        const child = spawn(process.execPath, [MAIN, "collector", "run"], { env, stdio: ["ignore", "ignore", "pipe"] });
        const url = await new Promise<string>((resolve) => {
          let log = "";
          child.stderr.on("data", (it) => {
            log += it;
            const found = /OTLP on (\S+),/.exec(log)?.[1];
            if (found) resolve(found);
          });
        });
        const ended = new Promise((resolve) => child.on("close", (code, by) => resolve(by ?? code)));
        let asked = false;
        // Once: a second SIGTERM would not wait.
        const end = () => {
          if (!asked) child.kill(signal);
          asked = true;
        };
        const sends = Array.from({ length: 40 }, async (_, i) => {
          const n = round * 20 + i;
          const body = encodeLogs([fromAgent(KMS01, [request({ at: 1_790_000_000_000 + n, client: n })], Date.now())]);
          const response = await post(body, {}, url).catch(() => undefined);
          if (response?.status === 200) acknowledged.add(n);
          if (acknowledged.size >= 10 * (round + 1)) end();
        });
        await Promise.all(sends);
        end();
        expect(await ended).toBe(signal === "SIGKILL" ? signal : 0);
      }
      const again = await runningCollector("", folder);
      try {
        const listed = (await (await fetch(`${again.webUrl}/api/v1/events?limit=1000`)).json()) as {
          items: { client_fqdn: string }[];
        };
        const stored = listed.items.map((it) => Number(/^pc(\d+)\./.exec(it.client_fqdn)![1]));
        expect(new Set(stored).size).toBe(stored.length);
        expect([...acknowledged].filter((it) => !stored.includes(it))).toEqual([]);
        const series = seriesOf(await (await fetch(`${again.webUrl}/metrics`)).text());
        expect(
          series.get(
            `activation_kms_requests_total{kms_host="${KMS01}",zone="core",application="windows",status="licensed"}`,
          ),
        ).toBe(stored.length);
      } finally {
        await again.stop();
      }
    },
  );
});
