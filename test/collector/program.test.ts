import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { encodeLogs } from "../../otlp/protobuf.ts";
import { cli, MAIN } from "../support/cli.ts";
import { type Running, runningCollector } from "../support/collector.ts";
import { events, fromAgent, KMS01, request, seriesOf } from "../support/facts.ts";
import { postTo } from "../support/http.ts";

let collector: Running;
beforeEach(async () => {
  collector = await runningCollector("otlp: { max_body_size: 64KiB }");
});
afterEach(() => collector.stop());

const post = (body: Uint8Array | string, headers: Record<string, string> = {}, url = collector.otlpUrl) =>
  postTo(url, body, headers);

describe("the program", () => {
  test("bearer tokens: exchanged without a restart", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tokens-"));
    const file = join(folder, "tokens");
    writeFileSync(file, "# agents\nfirst-token-of-ours\n");
    const secured = await runningCollector(`otlp: { tokens_file: ${file} }`);
    const status = async (token?: string) =>
      (await post(encodeLogs(events(1)), token ? { authorization: `Bearer ${token}` } : {}, secured.otlpUrl)).status;
    try {
      expect([await status(), await status("wrong"), await status("first-token-of-ours")]).toEqual([401, 401, 200]);
      writeFileSync(file, "second-token-of-ours\n");
      expect([await status("first-token-of-ours"), await status("second-token-of-ours")]).toEqual([401, 200]);
    } finally {
      await secured.stop();
      rmSync(folder, { recursive: true });
    }
  });

  test("a login for the page, the API and the figures; health is open; commands know it by the configuration", async () => {
    const folder = mkdtempSync(join(tmpdir(), "login-"));
    const file = join(folder, "password");
    writeFileSync(file, "#pa:ss wörd\n");
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
        expect(await status(path, "somebody:#pa:ss wörd")).toEqual(wanted);
        expect(await status(path, "prometheus:#pa:ss wörd")).toEqual([path === "/nothing" ? 404 : 200, null]);
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
