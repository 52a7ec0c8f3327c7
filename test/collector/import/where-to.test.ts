import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { normalise } from "../../../licensing/events/normalise.ts";
import { HOUR } from "../../../licensing/time.ts";
import { cli, MAIN } from "../../support/cli.ts";
import { runningCollector } from "../../support/collector.ts";
import { KMS01, request, seriesOf } from "../../support/facts.ts";
import { freePort } from "../../support/processes.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "import-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const T = Date.now() - HOUR;
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const LABELS = `kms_host="${KMS01}",zone="unassigned",application="windows"`;

describe("where it goes", () => {
  const config = (yaml: string) => file("collector.yaml", yaml);
  const events = () =>
    file(
      "a.ndjson",
      Array.from({ length: 30 }, (_, i) =>
        JSON.stringify(normalise(request({ at: T + i, client: i, recordId: i + 1 }))),
      ).join("\n"),
    );
  test("into the store when no collector runs; refused while one has it; through the collector that listens", async () => {
    const port = await freePort();
    const store = `sqlite:${join(folder, "x.db")}`;
    const yaml = (otlp: number) =>
      config(`otlp: { listen: "127.0.0.1:${otlp}" }\nhttp: { listen: "127.0.0.1:0" }\nstore: { url: "${store}" }\n`);
    const run = (otlp: number) => cli(["collector", "import", events(), "--config", yaml(otlp)]);
    expect(await run(port)).toMatchObject({ code: 0, out: expect.stringContaining("30 new") });
    const own = await runningCollector("", join(folder, "own"), {
      ACTIVATION_OTLP_LISTEN: `127.0.0.1:${port}`,
      ACTIVATION_STORE_URL: store,
    });
    try {
      expect(
        seriesOf(await (await fetch(`${own.webUrl}/metrics`)).text()).get(`activation_kms_distinct_clients{${LABELS}}`),
      ).toBe(30);
      expect(await run(0)).toMatchObject({
        code: 1,
        err: expect.stringMatching(/x\.db cannot be opened: another collector or import is using it/),
      });
      expect(await run(port)).toMatchObject({ code: 0, out: expect.stringContaining("0 new, 30 known already") });
    } finally {
      await own.stop();
    }
  });
  test("with the tokens and the certificate of the configuration, or with those that are given", async () => {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=collector.contoso.com",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        key,
        "-out",
        cert,
      ],
      { stdio: "ignore" },
    );
    const tokens = file("tokens", "# of the agents\nsecret-of-agents-1\nsecret-of-agents-2\n");
    const port = await freePort();
    const yaml = `otlp: { listen: "127.0.0.1:${port}", tokens_file: "${tokens}", tls: { cert_file: "${cert}", key_file: "${key}" } }\n`;
    const own = await runningCollector(yaml, join(folder, "own"), { ACTIVATION_OTLP_LISTEN: `127.0.0.1:${port}` });
    try {
      const url = own.otlpUrl;
      expect(await cli(["collector", "import", events(), "--config", config(yaml)])).toMatchObject({
        code: 0,
        out: expect.stringContaining("30 new"),
      });
      const token = file("token", "secret-of-agents-2\n");
      const call = (...args: string[]) => cli(["collector", "import", events(), "--url", url, ...args]);
      expect(await call("--ca-file", cert, "--token-file", token)).toMatchObject({
        code: 0,
        out: expect.stringContaining("30 known"),
      });
      expect(await call("--ca-file", cert)).toMatchObject({ code: 1, err: expect.stringContaining("--token-file") });
      expect(await call("--token-file", token)).toMatchObject({ code: 1, err: expect.stringContaining("self-signed") });
    } finally {
      await own.stop();
    }
  });
  test("a collector that takes little at once gets less; what is none is found out", async () => {
    const small = await runningCollector("otlp: { max_body_size: 10KiB }", join(folder, "small"));
    try {
      expect(await cli(["collector", "import", events(), "--url", small.otlpUrl])).toMatchObject({
        code: 0,
        out: expect.stringContaining("30 new"),
      });
    } finally {
      await small.stop();
    }
    const server = createServer((request, response) => {
      request.resume();
      request.on("end", () => response.writeHead(200, { "content-type": "application/x-protobuf" }).end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      expect(await cli(["collector", "import", events(), "--url", url])).toMatchObject({
        code: 1,
        err: expect.stringContaining("is no collector of this program"),
      });
    } finally {
      server.close();
    }
    expect(await cli(["collector", "import", events(), "--url", "http://127.0.0.1:1"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("cannot be reached"),
    });
    expect(await cli(["collector", "import", events(), "--url", "ftp://x"])).toMatchObject({ code: 2 });
    expect(await cli(["collector", "import"])).toMatchObject({ code: 2 });
  });
});

test("TLS options for an http:// address are a mistake, not ignored", async () => {
  for (const args of [
    ["collector", "import", "f", "--url", "http://127.0.0.1:1", "--ca-file", MAIN],
    ["collector", "worksheet", "--url", "http://127.0.0.1:1", "--ca-file", MAIN],
  ])
    expect(await cli(args)).toMatchObject({
      code: 2,
      err: expect.stringContaining("--ca-file, --cert-file and --key-file have no effect"),
    });
});
