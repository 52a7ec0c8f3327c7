import { connect } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { isProber, readAgentConfig } from "../../../agent/config.ts";
import { newProber } from "../../../agent/probe/prober.ts";
import { startProbing } from "../../../agent/probe/probing.ts";
import type { ProbeFact } from "../../../licensing/facts.ts";
import { SECOND } from "../../../licensing/time.ts";
import { licensing, product } from "../../support/facts.ts";
import { keeping } from "../../support/keep.ts";
import { dnsServer, oddDnsServer, rpcEndpoint, tcpServer } from "../../support/network.ts";
import { freePort } from "../../support/processes.ts";
import { until } from "../../support/until.ts";

const keep = keeping();

const probes = (yaml: string) => readAgentConfig("agent.yaml", `probes: { ${yaml} }`, {}).probes;
const probe = async (
  yaml: string,
  { host = "prober", see, signal = new AbortController().signal }: Partial<Parameters<typeof sees>[0]> = {},
): Promise<ProbeFact[]> => {
  const facts: ProbeFact[] = [];
  const prober = newProber(probes(yaml), host);
  if (see) prober.see(see);
  await prober.run(300 * SECOND, (it) => facts.push(it), signal);
  return facts;
};
const sees = (it: { host: string; see: ReturnType<typeof licensing>; signal: AbortSignal }) => it;
const outcomes = (facts: readonly ProbeFact[]) =>
  Object.fromEntries(facts.map((it) => [`${it.probe} ${it.target}`, it.outcome]));

describe("a KMS host", () => {
  test("that answers: connected, bound, never asked for anything", async () => {
    const kms = keep(await rpcEndpoint("accept"));
    const facts = await probe(`kms_hosts: ["127.0.0.1:${kms.port}"]`);
    expect(facts).toEqual(
      ["tcp", "rpc"].map((it) => ({
        kind: "probe",
        probe: it,
        target: `127.0.0.1:${kms.port}`,
        outcome: "ok",
        latencyMs: expect.any(Number),
        configured: true,
        intervalSeconds: 300,
      })),
    );
    await kms.stop();
    expect(kms.received).toEqual(["bind"]);
  });

  test.each(["other", "nak"] as const)("another RPC service (%s) is no KMS host", async (kind) => {
    const { port } = keep(await rpcEndpoint(kind));
    expect(outcomes(await probe(`kms_hosts: ["127.0.0.1:${port}"]`))).toEqual({
      [`tcp 127.0.0.1:${port}`]: "ok",
      [`rpc 127.0.0.1:${port}`]: "rejected",
    });
  });

  test("one that hangs, closes, resets, talks nonsense, is not there, has no name: told apart, and nobody waits for another", async () => {
    const kms = keep(await rpcEndpoint("accept"));
    const hangs = keep(await tcpServer(() => {}));
    const closes = keep(await tcpServer((it) => it.once("data", () => it.end())));
    const resets = keep(await tcpServer((it) => it.once("data", () => it.resetAndDestroy())));
    const web = keep(await tcpServer((it) => it.once("data", () => it.write("HTTP/1.1 400 Bad Request\r\n\r\n"))));
    const drips = keep(await tcpServer((it) => it.once("data", () => it.write(Buffer.from([5, 0, 12, 3])))));
    const nobody = await freePort();
    const dns = keep(await dnsServer(["--local=/contoso.test/"]));
    const at = (port: number) => `127.0.0.1:${port}`;
    const began = performance.now();
    const answered: number[] = [];
    const facts: ProbeFact[] = [];
    const hosts = [hangs, drips, closes, resets, web].map((it) => at(it.port));
    const prober = newProber(
      probes(
        `kms_hosts: ["${[...hosts, at(nobody), "nobody.contoso.test", at(kms.port)].join('","')}"], timeout: 700ms, dns_servers: ["127.0.0.1:${dns.port}"]`,
      ),
      "prober",
    );
    await prober.run(
      SECOND,
      (it) => {
        facts.push(it);
        if (it.target === at(kms.port)) answered.push(performance.now() - began);
      },
      new AbortController().signal,
    );
    expect(outcomes(facts)).toMatchObject({
      [`tcp ${at(hangs.port)}`]: "ok",
      [`rpc ${at(hangs.port)}`]: "timeout",
      [`rpc ${at(drips.port)}`]: "timeout",
      [`rpc ${at(closes.port)}`]: "closed",
      [`rpc ${at(resets.port)}`]: "closed",
      [`rpc ${at(web.port)}`]: "malformed",
      [`tcp ${at(nobody)}`]: "refused",
      [`rpc ${at(nobody)}`]: "refused",
      "tcp nobody.contoso.test:1688": "unresolved",
      [`rpc ${at(kms.port)}`]: "ok",
    });
    expect(answered.every((it) => it < 600)).toBe(true);
  });

  test("by a name of which one address is dead, and by IPv6", async () => {
    const kms = keep(await rpcEndpoint("accept"));
    const dns = keep(
      await dnsServer([
        "--local=/contoso.test/",
        "--host-record=kms01.contoso.test,127.0.0.1,::1",
        "--host-record=six.contoso.test,::1",
      ]),
    );
    const server = `dns_servers: ["127.0.0.1:${dns.port}"]`;
    expect(
      outcomes(
        await probe(`kms_hosts: ["KMS01.contoso.test.:${kms.port}", "six.contoso.test:${kms.port}"], ${server}`),
      ),
    ).toMatchObject({
      [`rpc kms01.contoso.test:${kms.port}`]: "ok",
      [`tcp six.contoso.test:${kms.port}`]: expect.stringMatching(/refused|unreachable/),
    });
  });

  test("a stop does not wait for deadlines, and what it cuts off is no result", async () => {
    const hangs = keep(await tcpServer(() => {}));
    const ended = new AbortController();
    const began = performance.now();
    const run = probe(`kms_hosts: ["127.0.0.1:${hangs.port}"], timeout: 30s`, { signal: ended.signal });
    await new Promise<void>((resolve) => connect(hangs.port, "127.0.0.1", resolve));
    ended.abort();
    expect((await run).filter((it) => it.probe === "rpc")).toEqual([]);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe("DNS", () => {
  test("all records with their numbers and whether they lead anywhere; the hosts found are probed, and the own domain is looked up", async () => {
    const kms = keep(await rpcEndpoint("accept"));
    const dns = keep(
      await dnsServer([
        "--local=/test/",
        `--srv-host=_vlmcs._tcp.contoso.test,kms01.contoso.test,${kms.port},10,100`,
        "--srv-host=_vlmcs._tcp.contoso.test,gone.contoso.test,1688,20,0",
        "--host-record=kms01.contoso.test,127.0.0.1",
        "--host-record=empty.test,127.0.0.1",
      ]),
    );
    const facts = await probe(
      `srv_domains: [contoso.test, _vlmcs._tcp.nowhere.test], dns_servers: ["127.0.0.1:${dns.port}"]`,
      { host: "pc1.fabrikam.test" },
    );
    const srv = Object.fromEntries(facts.filter((it) => it.probe === "dns_srv").map((it) => [it.target, it]));
    expect(Object.keys(srv).sort()).toEqual(["contoso.test", "fabrikam.test", "nowhere.test"]);
    expect(srv["contoso.test"]).toMatchObject({ outcome: "ok", latencyMs: expect.any(Number), intervalSeconds: 300 });
    const byTarget = (it: ProbeFact) =>
      [...it.records!].sort((a, b) => String(a.target).localeCompare(String(b.target)));
    expect(byTarget(srv["contoso.test"]!)).toEqual([
      { target: "gone.contoso.test", port: 1688, priority: 20, weight: 0, resolution: "nxdomain" },
      { target: "kms01.contoso.test", port: kms.port, priority: 10, weight: 100, resolution: "ok" },
    ]);
    expect(srv["nowhere.test"]!.outcome).toBe("nxdomain");
    expect(facts.filter((it) => it.probe !== "dns_srv")).toEqual([
      expect.objectContaining({ probe: "tcp", target: `kms01.contoso.test:${kms.port}`, outcome: "ok" }),
      expect.objectContaining({ probe: "rpc", outcome: "ok" }),
    ]);
    expect(facts.some((it) => it.configured)).toBe(false);
  });

  test.each([
    ["servfail", 2],
    ["nxdomain", 3],
    ["refused", 5],
    ["no_records", 0],
    ["timeout", undefined],
  ] as const)("%s", async (outcome, code) => {
    const dns = keep(await oddDnsServer(code));
    const facts = await probe(`srv_domains: [contoso.test], timeout: 300ms, dns_servers: ["127.0.0.1:${dns.port}"]`);
    expect(facts).toMatchObject([{ probe: "dns_srv", target: "contoso.test", outcome, records: [] }]);
  });

  test("the host that this computer uses and the domain it looks in are learned from its license state", async () => {
    const kms = keep(await rpcEndpoint("accept"));
    const dns = keep(await oddDnsServer(3));
    const see = licensing([
      product({
        DiscoveredKeyManagementServiceMachineName: "127.0.0.1",
        DiscoveredKeyManagementServiceMachinePort: kms.port,
        KeyManagementServiceLookupDomain: "Lookup.Test",
      }),
    ]);
    const facts = await probe(`enabled: true, dns_servers: ["127.0.0.1:${dns.port}"]`, { see });
    expect(outcomes(facts)).toEqual({
      "dns_srv lookup.test": "nxdomain",
      [`tcp 127.0.0.1:${kms.port}`]: "ok",
      [`rpc 127.0.0.1:${kms.port}`]: "ok",
    });
  });
});

test("a result that cannot be kept is told, and ends neither the others nor the agent; it probes on schedule, once at a time", async () => {
  const hangs = keep(await tcpServer(() => {}));
  const config = probes(
    `kms_hosts: ["127.0.0.1:${await freePort()}", "127.0.0.1:${hangs.port}"], schedule: "* * * * * *", jitter: 0s, timeout: 200ms`,
  );
  const told: ProbeFact[] = [];
  const failures: string[] = [];
  const task = startProbing(config, {
    host: "prober",
    random: () => 0,
    report: (it) => {
      told.push(it);
      if (it.outcome === "refused") throw new Error("the spool is full");
    },
    failed: (cause) => failures.push(cause.message),
  });
  task.ask();
  task.ask();
  await until(async () => told.filter((it) => it.outcome === "timeout").length >= 2);
  await task.stop();
  expect(new Set(failures)).toEqual(new Set(["the spool is full"]));
  expect(told.every((it) => it.intervalSeconds === 1)).toBe(true);
  const first = told.slice(0, 4).map((it) => `${it.probe} ${it.outcome}`);
  expect(first.sort()).toEqual(["rpc refused", "rpc timeout", "tcp ok", "tcp refused"]);
});

test("who probes: where targets are configured, unless it is said otherwise", () => {
  expect(isProber(probes(""))).toBe(false);
  expect(isProber(probes("srv_domains: [contoso.com]"))).toBe(true);
  expect(isProber(probes("kms_hosts: [kms01], enabled: false"))).toBe(false);
  expect(isProber(probes("enabled: true"))).toBe(true);
});

test("targets as written: names, addresses, ports; mistakes are told", () => {
  expect(probes('kms_hosts: [KMS01.contoso.com., "10.0.0.1:1700", "2001:db8::1", "[::1]:1688"]').kms_hosts).toEqual([
    "kms01.contoso.com:1688",
    "10.0.0.1:1700",
    "[2001:db8::1]:1688",
    "[::1]:1688",
  ]);
  for (const it of ["kms01:0", "kms01:99999", "kms 01", "[kms01]:1688", "http://kms01", "-kms01"])
    expect(() => probes(`kms_hosts: ["${it}"]`)).toThrow("kms_hosts");
  for (const it of ["dns.contoso.com", "[1.2.3.4", "1.2.3.4:99999"])
    expect(() => probes(`dns_servers: ["${it}"]`)).toThrow("dns_servers");
});
