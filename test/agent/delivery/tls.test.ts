import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { readAgentConfig } from "../../../agent/config.ts";
import type { Delivery } from "../../../agent/delivery/delivery-result.ts";
import { httpTransport, type Transport } from "../../../agent/delivery/transport.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { runningCollector } from "../../support/collector.ts";
import { fromAgent, licensing } from "../../support/facts.ts";
import { keeping, ownFolder } from "../../support/keep.ts";

/** What stands in an agent's log when TLS does not come about; real certificates, a real collector. */
const keep = keeping();
const own = ownFolder("tls");
const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: own(), stdio: "ignore" });
const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
const authority = (name: string) =>
  openssl(
    "req",
    "-x509",
    ...NEW_KEY,
    "-days",
    "2",
    "-subj",
    `/CN=${name}`,
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.pem`,
  );
const certificate = (name: string, by: string, names = "IP:127.0.0.1") => {
  openssl("req", ...NEW_KEY, "-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
  writeFileSync(join(own(), `${name}.ext`), `subjectAltName=${names}`);
  openssl(
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    "-CA",
    `${by}.pem`,
    "-CAkey",
    `${by}.key`,
    "-CAcreateserial",
    "-days",
    "2",
    "-extfile",
    `${name}.ext`,
    "-out",
    `${name}.pem`,
  );
};
const file = (name: string) => join(own(), name);
const serving = (name: string, more = "") =>
  runningCollector(`otlp: { tls: { cert_file: ${file(`${name}.pem`)}, key_file: ${file(`${name}.key`)}${more} } }`);
const to = (url: string, tls = "", more = ""): Transport => {
  const transport = httpTransport(
    readAgentConfig("agent.yaml", `collector: { url: "${url}", tls: { ${tls} }${more} }`, {}).collector,
  );
  keep({ stop: async () => transport.close() });
  return transport;
};
const sent = async (transport: Transport): Promise<string> => {
  const delivery: Delivery = await transport.send(
    encodeLogs([fromAgent("pc1", [licensing()], Date.now())]),
    AbortSignal.timeout(10_000),
  );
  return delivery.outcome === "later" ? delivery.reason : delivery.outcome;
};

test("the collector's certificate: of another CA, made out to another name; corrected without a restart", async () => {
  authority("ca");
  authority("other");
  certificate("good", "ca");
  certificate("named", "ca", "DNS:elsewhere.example");
  const good = keep(await serving("good"));
  const named = keep(await serving("named"));
  expect(await sent(to(good.otlpUrl))).toMatch(
    /^https:\/\/127.*CA that is not known.*collector\.tls\.ca_file.*\(UNABLE/,
  );
  copyFileSync(file("other.pem"), file("trusted.pem"));
  const transport = to(good.otlpUrl, `ca_file: ${file("trusted.pem")}`);
  expect(await sent(transport)).toMatch(/collector\.tls\.ca_file/);
  copyFileSync(file("ca.pem"), file("trusted.pem"));
  expect([await sent(transport), await sent(transport)]).toEqual(["accepted", "accepted"]);
  expect(await sent(to(named.otlpUrl, `ca_file: ${file("ca.pem")}`))).toMatch(/another name.*collector\.url/);
});

test.each([
  ["a key of 1024 bits", ["-newkey", "rsa:1024"], "sha256"],
  ["a SHA-1 signature", ["-newkey", "rsa:2048"], "sha1"],
])("the collector's certificate of an old CA with %s is told as such", async (_, key, digest) => {
  openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=ca",
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
  );
  openssl("req", ...key, "-nodes", "-subj", "/CN=old", "-keyout", "old.key", "-out", "old.csr");
  writeFileSync(file("old.ext"), "subjectAltName=IP:127.0.0.1");
  const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "old.ext", "-out", "old.pem"];
  openssl("x509", "-req", `-${digest}`, "-in", "old.csr", "-days", "2", ...signed);
  const server = createServer({
    key: readFileSync(file("old.key")),
    cert: readFileSync(file("old.pem")),
    ciphers: "DEFAULT@SECLEVEL=0",
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  keep({ stop: async () => void server.close() });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await sent(to(url, `ca_file: ${file("ca.pem")}`))).toMatch(/less than 2048 bits or a SHA-1.*TOO_WEAK/);
});

test("the agent's certificate: none, of another CA, with another's key", async () => {
  authority("ca");
  authority("other");
  certificate("good", "ca");
  certificate("pc1", "ca");
  certificate("foreign", "other");
  const { otlpUrl } = keep(await serving("good", `, client_ca_file: ${file("ca.pem")}`));
  const as = (cert: string, key = cert) =>
    `ca_file: ${file("ca.pem")}, cert_file: ${file(`${cert}.pem`)}, key_file: ${file(`${key}.key`)}`;
  expect(await sent(to(otlpUrl, `ca_file: ${file("ca.pem")}`))).toMatch(/asks for a client certificate.*cert_file/);
  expect(await sent(to(otlpUrl, as("foreign")))).toMatch(/client_ca_file/);
  expect(await sent(to(otlpUrl, as("pc1", "foreign")))).toMatch(/collector\.tls\.key_file is not the key/);
  expect(await sent(to(otlpUrl, as("pc1")))).toBe("accepted");
});

describe("no TLS", () => {
  test("where there should be, and where there should not", async () => {
    authority("ca");
    certificate("good", "ca");
    const plain = keep(await runningCollector());
    const secure = keep(await serving("good"));
    expect(await sent(to(plain.otlpUrl.replace("http:", "https:")))).toMatch(/does not speak TLS; write http:/);
    expect(await sent(to(secure.otlpUrl.replace("https:", "http:")))).toMatch(/write https:/);
  });

  test("wrong address, wrong token, no file: what, where, and how to correct it", async () => {
    const tokens = file("tokens");
    writeFileSync(tokens, "the-right-token-of-ours\n");
    writeFileSync(file("mine"), "wrong\n");
    const secured = keep(await runningCollector(`otlp: { tokens_file: ${tokens} }`));
    expect(await sent(to("http://127.0.0.1:1"))).toMatch(
      /^http:\/\/127\.0\.0\.1:1: nothing listens there.*ECONNREFUSED/,
    );
    expect(await sent(to("http://nowhere.invalid:4318"))).toMatch(/cannot be resolved/);
    expect(await sent(to(secured.webUrl))).toMatch(/^HTTP 404.*otlp\.listen$/);
    expect(await sent(to(secured.otlpUrl, "", `, token_file: ${file("mine")}`))).toMatch(
      /^HTTP 401: .*otlp\.tokens_file$/,
    );
    expect(await sent(to(secured.otlpUrl, "", `, token_file: ${file("none")}`))).toMatch(
      /^collector\.token_file: ENOENT/,
    );
    expect(() => to(secured.otlpUrl.replace("http:", "https:"), `ca_file: ${file("none")}`)).toThrow(
      /^collector\.tls\.ca_file: ENOENT/,
    );
  });
});

test("NODE_TLS_REJECT_UNAUTHORIZED of the computer does not switch the check of certificates off", async () => {
  authority("nobody's");
  certificate("any", "nobody's");
  const collector = keep(await serving("any"));
  const module = new URL("../../../config/http-client.ts", import.meta.url).href;
  const script = `import { httpClient } from ${JSON.stringify(module)};
    const request = { method: "GET", signal: AbortSignal.timeout(20_000) };
    httpClient("https:").request(new URL(process.argv[1]), request).then(() => console.log("trusted"), (e) => console.log(e.code));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, collector.otlpUrl], {
    env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: "0" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  let out = "";
  child.stdout.on("data", (it) => {
    out += it;
  });
  await new Promise((resolve) => child.on("close", resolve));
  expect(out.trim()).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
}, 30_000);
