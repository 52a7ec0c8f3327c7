import { readFileSync } from "node:fs";
import * as https from "node:https";
import type { TLSSocket } from "node:tls";
import { beforeEach, expect, test } from "@jest/globals";
import { readAgentConfig } from "../../../agent/config.ts";
import { httpTransport } from "../../../agent/delivery/transport.ts";
import type { Fact } from "../../../licensing/facts.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { authorityIn, type Issued } from "../../support/certificates.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { fromAgent, heartbeat, KMS01, licensing, request } from "../../support/facts.ts";
import { postThrough } from "../../support/http.ts";
import { keeping, ownFolder } from "../../support/keep.ts";

const keep = keeping();
const folder = ownFolder("mutual-tls");
const PC1 = "pc1.contoso.com";
const now = Date.now();
let collector: Running;
let authority: ReturnType<typeof authorityIn>;
beforeEach(async () => {
  authority = authorityIn(folder());
  const { cert, key } = authority.issue("server", "collector", ["IP:127.0.0.1"]);
  const tls = `tls: { cert_file: ${cert}, key_file: ${key}, client_ca_file: ${authority.ca} }`;
  collector = keep(await runningCollector(`otlp: { ${tls}, forwarders: [wec.contoso.com] }`));
});

/** An agent's own way to the collector, with this certificate. */
const sender = (certificate: Issued | undefined) => {
  const client = certificate ? `, cert_file: ${certificate.cert}, key_file: ${certificate.key}` : "";
  const yaml = `collector: { url: "${collector.otlpUrl}", tls: { ca_file: ${authority.ca}${client} } }`;
  const transport = httpTransport(readAgentConfig("agent.yaml", yaml, {}).collector);
  keep({ stop: async () => transport.close() });
  return (host: string, ...facts: Fact[]) =>
    transport.send(encodeLogs([fromAgent(host, facts, now)]), AbortSignal.timeout(20_000));
};
const known = async () => {
  const answer = await fetch(`${collector.webUrl}/api/v1/computers`);
  return ((await answer.json()) as { items: { computer: string }[] }).items.map((it) => it.computer);
};
const ACCEPTED = { outcome: "accepted", rejected: 0 };

test("a computer reports for itself, by its common name or a DNS name, again and again on one connection", async () => {
  const byCommonName = sender(authority.issue("pc1", PC1.toUpperCase()));
  expect(await byCommonName(PC1, licensing())).toMatchObject(ACCEPTED);
  expect(await byCommonName(PC1, heartbeat(now))).toMatchObject(ACCEPTED);
  const byDnsName = sender(authority.issue("pc2", "workstation", ["DNS:old.contoso.com", "DNS:pc2.contoso.com"]));
  expect(await byDnsName("pc2.contoso.com", licensing())).toMatchObject(ACCEPTED);
  expect(await known()).toEqual([PC1, "pc2.contoso.com"]);
});

test("a resumed session, which shows no certificate again, is still the same computer's", async () => {
  const { cert, key } = authority.issue("pc1", PC1);
  const [ca, certificate, secret] = [authority.ca, cert, key].map((it) => readFileSync(it));
  const agent = new https.Agent({ keepAlive: false, ca, cert: certificate, key: secret });
  const resumed: boolean[] = [];
  agent.on("keylog", (_, socket: TLSSocket) =>
    socket.once("secureConnect", () => resumed.push(socket.isSessionReused())),
  );
  const body = encodeLogs([fromAgent(PC1, [licensing()], now)]);
  const post = () => postThrough(agent, collector.otlpUrl, body);
  const statuses = [await post(), await post()];
  agent.destroy();
  expect([statuses, resumed.at(-1)]).toEqual([[200, 200], true]);
});

test("nobody reports for another; the records stay with the sender, and both names are told", async () => {
  const send = sender(authority.issue("pc1", PC1));
  expect(await send("pc2.contoso.com", licensing())).toEqual({
    outcome: "later",
    forbidden: true,
    reason: expect.stringMatching(
      /^HTTP 403: The client certificate or token is for pc1\.contoso\.com, .* reports as pc2\.contoso\.com; .*otlp\.forwarders/,
    ),
  });
  const pattern = sender(authority.issue("any", "*.contoso.com", ["DNS:*.contoso.com"]));
  expect(await pattern(PC1, licensing())).toMatchObject({ outcome: "later", reason: /for no computer/ });
  expect(await known()).toEqual([]);
});

test("a forwarder that is listed reports for others", async () => {
  const send = sender(authority.issue("wec", "wec.contoso.com"));
  expect(await send(KMS01, request({ at: now, client: 1 }))).toMatchObject(ACCEPTED);
  expect(await known()).toEqual([KMS01, PC1]);
});

test("without a certificate nobody is let in", async () => {
  expect(await sender(undefined)(PC1, licensing())).toMatchObject({ outcome: "later" });
  expect(await known()).toEqual([]);
});

test("one computer with three names in its log: all of it is the present one's", async () => {
  const send = sender(authority.issue("pc1", "pc1", ["DNS:pc1.contoso.com"]));
  const under = (computer: string, client: number): Fact => ({
    ...request({ at: now - client, client, host: computer }),
    eventId: 12_288,
    channel: "Application",
  });
  expect(await send(PC1, under("WIN-EXAMPLE0001", 1), under("pc1", 2), under(PC1, 3))).toMatchObject(ACCEPTED);
  // As agents sent them before: each under its own name.
  expect(await send("WIN-EXAMPLE0001", under("WIN-EXAMPLE0001", 4))).toMatchObject(ACCEPTED);
  expect(await send("pc1", under("pc1", 5), licensing())).toMatchObject(ACCEPTED);
  expect(await known()).toEqual([PC1]);
  expect(await send("WIN-EXAMPLE0001", heartbeat(now), under("WIN-EXAMPLE0001", 6))).toMatchObject({ rejected: 1 });
  expect(await send("WIN-EXAMPLE0001", heartbeat(now))).toMatchObject({ outcome: "later" });
});

test("a resource without host.name is the one computer that the certificate names", async () => {
  const { cert, key } = authority.issue("pc1", PC1);
  const [ca, certificate, secret] = [authority.ca, cert, key].map((it) => readFileSync(it));
  const agent = new https.Agent({ ca, cert: certificate, key: secret });
  const group = fromAgent(PC1, [licensing()], now);
  const { "host.name": _, ...attributes } = group.resource.attributes;
  const status = await postThrough(agent, collector.otlpUrl, encodeLogs([{ ...group, resource: { attributes } }]));
  agent.destroy();
  expect([status, await known()]).toEqual([200, [PC1]]);
});
