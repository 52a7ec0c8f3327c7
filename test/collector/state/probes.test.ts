import { beforeEach, describe, expect, test } from "@jest/globals";
import { PROBERS_MAX, type ProberState, recordProbe } from "../../../collector/state/probes.ts";
import type { EventFact, Fact, ProbeFact, Properties } from "../../../licensing/facts.ts";
import { DAY, MINUTE, SECOND } from "../../../licensing/time.ts";
import { ownEngine, submissionOf } from "../../support/engine.ts";
import { fromAgent, heartbeat, hostReading, KMS01, request, SPP, sent, seriesOf } from "../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("probes", T);

const take = (prober: string, facts: readonly Fact[], { at = own.now, zone = "core" } = {}) =>
  own.engine.ingest([submissionOf([fromAgent(prober, facts, at, { zone })], own.now)]);
/** Series of one metric, as `label values joined: value`. */
const figures = async (name: string): Promise<Record<string, number>> =>
  Object.fromEntries(
    [...seriesOf(await own.engine.metrics("text"))]
      .filter(([key]) => key.startsWith(`activation_${name}{`))
      .map(([key, value]) => [[...key.matchAll(/="([^"]*)"/g)].map((it) => it[1]).join(" "), value]),
  );
const looked = (probe: string, target: string, outcome: string, more: Partial<ProbeFact> = {}): ProbeFact => ({
  kind: "probe",
  probe,
  target,
  outcome,
  intervalSeconds: 300,
  ...more,
});
const srv = (domain: string, records: readonly Properties[], outcome = records.length > 0 ? "ok" : "nxdomain") =>
  looked("dns_srv", domain, outcome, { records });
const record = (target: string, more: Properties = {}): Properties => ({
  target,
  port: 1688,
  priority: 0,
  weight: 0,
  resolution: "ok",
  ...more,
});
const published = (domain: string, succeeded = true, at = own.now): EventFact => ({
  kind: "event",
  eventId: succeeded ? 12294 : 12293,
  provider: SPP,
  channel: "Application",
  computer: KMS01,
  time: new Date(at).toISOString(),
  data: succeeded ? [domain] : ["0x8007232D", domain],
});
const P1 = "prober1.contoso.com";
const P2 = "prober2.contoso.com";
const KMS02 = "kms02.contoso.com";

describe("whether a KMS host answers", () => {
  beforeEach(() => take(KMS01, [hostReading(30)]));
  const tcp = (outcome: string) => looked("tcp", `${KMS01}:1688`, outcome, { latencyMs: 3 });

  test("by probe and by zone of the prober; in a zone one that gets an answer is enough", async () => {
    await take(P1, [tcp("ok"), looked("rpc", `${KMS01}:1688`, "rejected")]);
    await take(P2, [tcp("timeout")], { zone: "lab-7" });
    expect(await figures("kms_host_up")).toEqual({
      [`${KMS01} core tcp core`]: 1,
      [`${KMS01} core rpc core`]: 0,
      [`${KMS01} core tcp lab-7`]: 0,
    });
    await take("prober3.contoso.com", [tcp("ok")], { zone: "lab-7" });
    await take("prober4.contoso.com", [tcp("refused")], { zone: "lab-7" });
    expect((await figures("kms_host_up"))[`${KMS01} core tcp lab-7`]).toBe(1);
  });

  test("the newest result counts, once; a late one has no effect; after a restart it is still there", async () => {
    await take(P1, [tcp("refused")]);
    await take(P1, [tcp("refused")]);
    await take(P1, [tcp("ok")], { at: own.now - MINUTE });
    expect(await figures("collector_records_total")).toMatchObject({ "probe accepted": 1, "probe duplicate": 2 });
    await own.reopen();
    expect(await figures("kms_host_up")).toEqual({ [`${KMS01} core tcp core`]: 0 });
    own.now += MINUTE;
    await take(P1, [tcp("ok")]);
    expect(await figures("kms_host_up")).toEqual({ [`${KMS01} core tcp core`]: 1 });
    expect(await figures("collector_records_total")).toMatchObject({ "probe accepted": 1, "probe duplicate": 0 });
  });

  test("a result older than three of its intervals is no figure, and its prober is forgotten", async () => {
    await take(P1, [tcp("refused")]);
    own.now += 15 * MINUTE;
    expect(Object.keys(await figures("kms_host_up"))).toHaveLength(1);
    own.now += SECOND;
    expect(await figures("kms_host_up")).toEqual({});
    await own.engine.sweep();
    await own.reopen();
    own.now = T;
    expect(await figures("kms_host_up")).toEqual({});
  });

  test("who has series: hosts known by their facts, expected ones, and what an agent was told to probe; never external or retired ones, nor what DNS merely offers", async () => {
    await own.reopen(
      "kms: { expected_hosts: [kms01.contoso.com, kms02.contoso.com], external_hosts: [kms.cloud.example], retired_hosts: [kms00.contoso.com] }",
    );
    await take(P1, [
      looked("tcp", "KMS01:1688", "ok"),
      looked("tcp", KMS02, "ok"),
      looked("tcp", "10.0.0.9:1688", "refused", { configured: true }),
      looked("tcp", "rogue.contoso.com:1688", "ok"),
      looked("tcp", "kms.cloud.example:1688", "ok", { configured: true }),
      looked("tcp", "kms00.contoso.com:1688", "refused", { configured: true }),
    ]);
    expect(await figures("kms_host_up")).toEqual({
      [`${KMS01} core tcp core`]: 1,
      [`${KMS02} unassigned tcp core`]: 1,
      "10.0.0.9 unassigned tcp core": 0,
    });
  });

  test("the API says who cannot reach it, since when, and what to do", async () => {
    await take(P1, [tcp("timeout"), looked("rpc", `${KMS01}:1688`, "timeout")]);
    own.now += 5 * MINUTE;
    await take(P1, [tcp("timeout"), looked("rpc", `${KMS01}:1688`, "timeout")]);
    await take(P2, [tcp("ok"), looked("rpc", `${KMS01}:1688`, "rejected")], { zone: "lab-7" });
    const { items } = await own.engine.answer({ ask: "kms-hosts" });
    const said = items[0]!.findings.filter((it) => it.includes("has not reached"));
    expect(said).toEqual([
      `${P1} (zone core) has not reached this KMS host since 2026-11-20 12:00 UTC: no TCP connection to ${KMS01}:1688 (timeout). Clients in that zone cannot activate with it. A firewall may drop TCP port 1688, or the host is off or hangs.`,
      `${P2} (zone lab-7) has not reached this KMS host since 2026-11-20 12:05 UTC: ${KMS01}:1688 takes TCP connections, but the KMS service does not answer (rejected). Clients in that zone cannot activate with it. Another RPC service listens on this port.`,
    ]);
    const { items: probes } = await own.engine.answer({ ask: "probes" });
    expect(probes[0]).toMatchObject({
      prober: P1,
      zone: "core",
      probe: "tcp",
      target: `${KMS01}:1688`,
      kms_host: KMS01,
      outcome: "timeout",
      latency_ms: 3,
      fresh_until: "2026-11-20T12:20:00.000Z",
    });
  });

  test("of one prober's results the newest 400 are kept; what is not probed any more leaves", () => {
    const prober: ProberState = { results: {} };
    for (let i = 0; i < 450; i += 1) recordProbe(prober, looked("tcp", `kms${i}:1688`, "ok"), T + i * SECOND);
    const targets = Object.values(prober.results).map((it) => it.target);
    expect([targets.length, targets[0], targets.at(-1)]).toEqual([400, "kms50:1688", "kms449:1688"]);
    recordProbe(prober, looked("tcp", "kms449:1688", "ok"), T + DAY);
    expect(Object.keys(prober.results)).toEqual(["tcp kms449:1688"]);
  });

  test("what is not understood is kept and counted; forged numbers stay bounded", async () => {
    await take(P1, [
      looked("icmp", KMS01, "ok"),
      looked("tcp", "a b", "ok"),
      looked("tcp", KMS01, "Not A Word"),
      looked("tcp", KMS01, "ok", { intervalSeconds: 1e12 }),
    ]);
    expect(await figures("collector_records_total")).toMatchObject({ "probe accepted": 1, "probe uninterpreted": 3 });
    own.now += 22 * DAY;
    expect(await figures("kms_host_up")).toEqual({});
    const many = Array.from({ length: PROBERS_MAX + 5 }, (_, i) => fromAgent(`p${i}`, [tcp("ok")], own.now));
    await own.engine.ingest([submissionOf(many, own.now)]);
    expect(await figures("collector_records_total")).toMatchObject({ "probe ignored": 6 });
  });
});

describe("what DNS offers", () => {
  const state = async () =>
    Object.keys(await figures("kms_srv_record_info"))
      .map((it) => it.split(" "))
      .map(([domain, target, , , , is]) => `${domain} ${target} ${is}`)
      .sort();

  test("records with their numbers; known by facts, else unknown; leading nowhere", async () => {
    await take(KMS01, [hostReading(30)]);
    await take(P1, [
      srv("contoso.com", [
        record("KMS01.contoso.com.", { priority: 10, weight: 5 }),
        record("other.contoso.com"),
        record("gone.contoso.com", { resolution: "nxdomain" }),
        record("slow.contoso.com", { resolution: "timeout" }),
        record("."),
        record("bad name"),
        record("no-port.contoso.com", { port: 70_000 }),
      ]),
    ]);
    expect((await figures("kms_srv_record_info"))["contoso.com kms01.contoso.com 1688 10 5 known"]).toBe(1);
    expect(await state()).toEqual([
      "contoso.com . unresolvable",
      "contoso.com gone.contoso.com unresolvable",
      "contoso.com kms01.contoso.com known",
      "contoso.com other.contoso.com unknown",
      "contoso.com slow.contoso.com unknown",
    ]);
    await take(P2, [srv("contoso.com", [record("gone.contoso.com")])]);
    expect(await state()).toContain("contoso.com gone.contoso.com unknown");
  });

  test("with expected hosts any other is unexpected, a retired one too; external ones are not ours to watch", async () => {
    await own.reopen(
      "kms: { expected_hosts: [kms01.contoso.com], external_hosts: [kms.cloud.example], retired_hosts: [kms00.contoso.com] }",
    );
    await take(P1, [
      srv("contoso.com", [
        record(KMS01),
        record("kms.cloud.example"),
        record("kms00.contoso.com", { resolution: "nxdomain" }),
        record("rogue.contoso.com"),
      ]),
    ]);
    expect(await state()).toEqual([
      "contoso.com kms.cloud.example known",
      "contoso.com kms00.contoso.com unexpected",
      "contoso.com kms01.contoso.com known",
      "contoso.com rogue.contoso.com unexpected",
    ]);
  });

  test("published is what DNS shows now; without an answer of DNS it is what the host's log said", async () => {
    await take(KMS01, [hostReading(30), published("contoso.com")]);
    expect(await figures("kms_srv_published")).toEqual({ [`${KMS01} core contoso.com`]: 1 });
    await take(P1, [srv("contoso.com", [], "servfail"), srv("fabrikam.com", [])]);
    expect(await figures("kms_srv_published")).toEqual({ [`${KMS01} core contoso.com`]: 1 });
    own.now += SECOND;
    await take(P1, [srv("contoso.com", [record("other.contoso.com")]), srv("fabrikam.com", [record(KMS01)])]);
    expect(await figures("kms_srv_published")).toEqual({
      [`${KMS01} core contoso.com`]: 0,
      [`${KMS01} core fabrikam.com`]: 1,
    });
    await take(P2, [srv("contoso.com", [record(KMS01)])]);
    expect((await figures("kms_srv_published"))[`${KMS01} core contoso.com`]).toBe(1);
    await take(KMS01, [published("contoso.com", false, own.now + SECOND)]);
    expect(await figures("kms_srv_published")).toMatchObject({ [`${KMS01} core contoso.com`]: 1 });
    expect(await figures("kms_dns_publish_failed")).toEqual({ [`${KMS01} core contoso.com`]: 1 });
  });

  test.each([
    ["the host's own domain", ["contoso.com"], [], { [`${KMS01} core contoso.com`]: 0 }],
    ["a domain where none of ours is", ["fabrikam.com"], [], { [`${KMS01} core fabrikam.com`]: 0 }],
    [
      "a domain where another of ours is",
      ["fabrikam.com"],
      [record(KMS02)],
      { [`${KMS02} unassigned fabrikam.com`]: 1 },
    ],
    ["a domain that nobody configured", [], [], {}],
  ] as const)("missing in %s", async (_, domains, records, expected) => {
    await own.reopen(
      `kms: { srv_domains: [${domains.join()}], expected_hosts: [${KMS01}${records.length > 0 ? `, ${KMS02}` : ""}] }`,
    );
    await take(KMS01, [hostReading(30)]);
    await take(P1, [srv(domains[0] ?? "nowhere.com", records)]);
    expect(await figures("kms_srv_published")).toEqual(expected);
  });
});

describe("clients that ask a KMS host which is not expected", () => {
  const yaml = `kms: { expected_hosts: [${KMS01}], external_hosts: [kms.cloud.example] }`;
  const asks = (client: number, target: string, at = own.now) =>
    take(`pc${client}.contoso.com`, [sent({ at, client, recordId: at - T, target })]);

  test("each counts once, for the host it asked last, for 30 days", async () => {
    await own.reopen(yaml);
    await asks(1, "rogue.contoso.com:1688");
    await asks(2, "ROGUE.contoso.com:1688");
    await asks(3, `${KMS01}:1688`);
    await asks(4, "kms.cloud.example:1688");
    await asks(5, "127.0.0.2:1688");
    expect(await figures("kms_unexpected_host_clients")).toEqual({ "rogue.contoso.com": 2, "127.0.0.2": 1 });
    expect(await own.engine.answer({ ask: "computer", host: "pc2.contoso.com" })).toMatchObject({
      asked_kms_host: { name: "rogue.contoso.com", at: "2026-11-20T12:00:00.000Z" },
    });
    own.now += MINUTE;
    await asks(2, `${KMS01}:1688`);
    await asks(2, "late.contoso.com:1688", own.now - 2 * MINUTE);
    expect(await figures("kms_unexpected_host_clients")).toEqual({ "rogue.contoso.com": 1, "127.0.0.2": 1 });
    own.now += 31 * DAY;
    expect(await figures("kms_unexpected_host_clients")).toEqual({});
  });

  test("an address of an expected host is learned from the request in its log; 20 targets at most, the most used", async () => {
    await own.reopen(yaml);
    await take(KMS01, [request({ at: own.now, client: 1, recordId: 1 }), heartbeat(own.now)]);
    await asks(1, "10.1.1.1:1688");
    expect(await figures("kms_unexpected_host_clients")).toEqual({});
    for (let i = 0; i < 25; i += 1) await asks(100 + i, `10.9.9.${i}:1688`);
    await asks(200, "10.9.9.24:1688");
    const found = await figures("kms_unexpected_host_clients");
    expect(Object.keys(found)).toHaveLength(20);
    expect(found["10.9.9.24"]).toBe(2);
  });

  test("without expected hosts nothing is unexpected", async () => {
    await asks(1, "rogue.contoso.com:1688");
    expect(await figures("kms_unexpected_host_clients")).toEqual({});
  });
});
