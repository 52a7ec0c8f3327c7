import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { connect } from "node:tls";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { namesIn, readTls } from "../../../collector/http/tls.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { authorityIn, type Issued } from "../../support/certificates.ts";
import { runningCollector } from "../../support/collector.ts";
import { fromAgent, licensing } from "../../support/facts.ts";
import { getFrom, postThrough } from "../../support/http.ts";
import { keeping, ownFolder } from "../../support/keep.ts";
import { until } from "../../support/until.ts";

const keep = keeping();
const folder = ownFolder("tls-files");
const PC1 = "pc1.contoso.com";
const file = (name: string) => join(folder(), name);
let authority: ReturnType<typeof authorityIn>;
let server: Issued;
beforeEach(() => {
  authority = authorityIn(folder());
  server = authority.issue("server", "collector", ["IP:127.0.0.1"]);
});
const yaml = (more: string) => `otlp: { tls: { cert_file: ${server.cert}, key_file: ${server.key}${more} } }`;

/** Sends a report on this agent's connection; the status, or the error's code. */
const report = async (url: string, agent: https.Agent): Promise<number | string | undefined> => {
  try {
    return await postThrough(agent, url, encodeLogs([fromAgent(PC1, [licensing()], Date.now())]));
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
  }
};
const agentWith = ({ cert, key }: Issued, keepAlive = false): https.Agent => {
  const agent = new https.Agent({
    keepAlive,
    ca: readFileSync(authority.ca),
    cert: readFileSync(cert),
    key: readFileSync(key),
  });
  keep({ stop: async () => agent.destroy() });
  return agent;
};
const serial = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on("error", reject);
  });

test("a renewed server certificate is used without a restart; one that cannot be used is reported, and changes nothing", async () => {
  const tls = readTls({ certFile: server.cert, keyFile: server.key }, "otlp")!;
  const listening = https.createServer(tls.options, (_, response) => response.end());
  const logged: string[] = [];
  tls.follow(listening, { info: (text) => logged.push(text), error: (text) => logged.push(text) });
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  keep({ stop: () => new Promise((resolve) => listening.close(resolve)) });
  const url = `https://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  const before = await serial(url);
  writeFileSync(server.cert, "no certificate");
  await until(async () => logged.length === 1);
  expect(logged[0]).toMatch(/^otlp\.tls\.cert_file: \S+server\.pem holds no certificate in PEM .* stay in use\.$/);
  expect(await serial(url)).toBe(before);
  const renewed = authority.issue("renewed", "collector", ["IP:127.0.0.1"]);
  copyFileSync(renewed.key, server.key);
  copyFileSync(renewed.cert, server.cert);
  await until(async () => (await serial(url)) !== before);
}, 60_000);

test("a certificate that is revoked while the collector runs is refused, on kept connections and resumed sessions too", async () => {
  const pc1 = authority.issue("pc1", PC1);
  const crl = file("crl.pem");
  const config = file("openssl.cnf");
  writeFileSync(file("index.txt"), "");
  writeFileSync(file("crlnumber"), "01\n");
  writeFileSync(
    config,
    `[ca]\ndefault_ca=own\n[own]\ndatabase=${file("index.txt")}\ncrlnumber=${file("crlnumber")}\ndefault_md=sha256\ndefault_crl_days=2\n`,
  );
  const ca = (...args: string[]) =>
    execFileSync("openssl", ["ca", "-config", config, "-keyfile", file("ca-key.pem"), "-cert", authority.ca, ...args], {
      stdio: "ignore",
    });
  ca("-gencrl", "-out", crl);
  const collector = keep(await runningCollector(yaml(`, client_ca_file: ${authority.ca}, client_crl_file: ${crl}`)));
  const kept = agentWith(pc1, true);
  const resuming = agentWith(pc1);
  expect([await report(collector.otlpUrl, kept), await report(collector.otlpUrl, resuming)]).toEqual([200, 200]);
  ca("-revoke", pc1.cert);
  ca("-gencrl", "-out", crl);
  await until(async () => (await report(collector.otlpUrl, resuming)) !== 200);
  // At most the request that was under way ended well; the connection did not last.
  await report(collector.otlpUrl, kept);
  expect(typeof (await report(collector.otlpUrl, kept))).toBe("string");
  expect(await report(collector.otlpUrl, agentWith(authority.issue("pc1-new", PC1)))).toBe(200);
  const text = (await getFrom(`${collector.webUrl}/api/v1/refusals`)).text;
  expect(JSON.parse(text).items[0]).toMatchObject({ cause: "certificate", address: "127.0.0.1" });
}, 60_000);

describe("files that cannot be used are named at the start", () => {
  test.each<[string, () => string, RegExp]>([
    [
      "another's key",
      () => yaml("").replace(server.key, authority.issue("other", "o").key),
      /otlp\.tls\.key_file: \S+other\.key is not the private key of the certificate in \S+server\.pem/,
    ],
    [
      "a key as certificate",
      () => yaml("").replace(server.cert, server.key),
      /otlp\.tls\.cert_file: \S+server\.key holds no certificate in PEM/,
    ],
    [
      "a certificate as key",
      () => yaml("").replace(`key_file: ${server.key}`, `key_file: ${server.cert}`),
      /otlp\.tls\.key_file: \S+server\.pem holds no private key/,
    ],
    [
      "an empty list of CAs",
      () => {
        writeFileSync(file("empty"), "");
        return yaml(`, client_ca_file: ${file("empty")}`);
      },
      /otlp\.tls\.client_ca_file: \S+empty holds no certificate/,
    ],
    ["no such file", () => yaml(`, client_ca_file: ${file("none")}`), /otlp\.tls\.client_ca_file: ENOENT/],
    [
      "a revocation list that is none",
      () => yaml(`, client_ca_file: ${authority.ca}, client_crl_file: ${server.cert}`),
      /otlp\.tls\.client_crl_file: \S+server\.pem cannot be used/,
    ],
  ])("%s", async (_, text, words) => {
    await expect(runningCollector(text(), file("own"))).rejects.toThrow(words);
  });
});

test("DNS names count; the common name only where there is none; patterns and addresses never", () => {
  const of = (CN: string, subjectaltname?: string) =>
    namesIn({ subject: { CN }, ...(subjectaltname && { subjectaltname }) });
  expect(of("PC1.contoso.com")).toEqual([PC1]);
  expect(of("wec.contoso.com", "DNS:pc1.contoso.com, DNS:PC2.contoso.com")).toEqual([PC1, "pc2.contoso.com"]);
  expect(of("pc1.contoso.com", "IP Address:10.0.0.1")).toEqual([PC1]);
  expect(of("*.contoso.com")).toEqual([]);
  expect(of("x", "DNS:*.contoso.com")).toEqual([]);
  expect(of("x", 'DNS:"a, DNS:evil.example"')).toEqual([]);
});

test("the database, and its folder, are its owner's alone", async () => {
  const collector = keep(
    await runningCollector("", undefined, { ACTIVATION_STORE_URL: `sqlite:${file("data/a.db")}` }),
  );
  expect((await getFrom(collector.webUrl)).status).toBe(200);
  const mode = (name: string) => (statSync(file(name)).mode & 0o777).toString(8);
  expect([mode("data"), mode("data/a.db"), mode("data/a.db-wal")]).toEqual(["700", "600", "600"]);
});
