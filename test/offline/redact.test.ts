import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { eventIdentity } from "../../licensing/events/identity.ts";
import { normalise } from "../../licensing/events/normalise.ts";
import type { EventFact, Fact } from "../../licensing/facts.ts";
import type { Computer } from "../../licensing/telemetry/otlp-mapping.ts";
import { pseudonymsBy } from "../../offline/pseudonyms.ts";
import { redactComputer, redactFact, redactZone } from "../../offline/redact.ts";
import { redactTarget } from "../../offline/redact-target.ts";
import { answered, cmid, heartbeat, licensing, OFFICE16, product, request, sent } from "../support/facts.ts";

const names = pseudonymsBy(Buffer.alloc(32, 7));

describe("pseudonyms", () => {
  test("the same name however it is written, a short name as the beginning of its FQDN, others apart", () => {
    const fqdn = names.name("PC1.Contoso.com.");
    expect(fqdn).toBe(names.name("pc1.contoso.com"));
    expect(fqdn).toBe(`${names.name("PC1")}.${names.domain("CONTOSO.COM")}`);
    expect(fqdn).toMatch(/^h-[0-9a-f]{16}\.d-[0-9a-f]{16}$/);
    const all = ["pc1", "pc2", "pc1.contoso.com", "pc1.fabrikam.com", "10.0.0.1", "10.0.0.2", "::1"].map(names.name);
    expect(new Set(all).size).toBe(all.length);
    expect(names.guid(cmid(1).toUpperCase())).toBe(names.guid(cmid(1)));
    expect(names.guid(cmid(1))).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });
  test("another key, other pseudonyms", () => {
    const other = pseudonymsBy(Buffer.alloc(32, 8));
    expect(other.name("pc1")).not.toBe(names.name("pc1"));
    expect(other.keyId).not.toBe(names.keyId);
  });
});

test("a zone's name stays, unless the name of a domain or computer can be read in it", () => {
  const site = pseudonymsBy(Buffer.alloc(32, 7));
  site.name("kms01.corp.contoso.com");
  site.domain("fabrikam.net");
  const zone = (it: string) => redactZone(it, site, "telling");
  for (const it of ["core", "lab-7", "com", "network"]) expect(zone(it)).toBe(it);
  for (const it of ["Contoso-lab", "kms01", "north.fabrikam", "corp"]) expect(zone(it)).toMatch(/^zone-[0-9a-f]{16}$/);
  expect(redactZone("core", site, "all")).toMatch(/^zone-/);
});

test.each([
  ["kms01.contoso.com:1688", `${names.name("kms01.contoso.com")}:1688`],
  ["[2001:DB8::1]:1688", `${names.name("2001:db8::1")}:1688`],
  ["2001:db8::1", names.name("2001:db8::1")],
  ["10.0.0.1:1688", `${names.name("10.0.0.1")}:1688`],
  ["_vlmcs._tcp.contoso.com", `_vlmcs._tcp.${names.domain("contoso.com")}`],
  [":1688", ":1688"],
  ["", ""],
])("the target %s", (target, expected) => expect(redactTarget(target, names)).toBe(expected));

const T = Date.parse("2026-11-20T12:00:00Z");
const redacted = (fact: EventFact): EventFact => redactFact(fact, names) as EventFact;

describe("what an event still says", () => {
  const same = [
    "hresult",
    "required_count",
    "client_time",
    "client_is_vm",
    "license_status",
    "activation_id",
    "kms_port",
  ];
  test.each<[string, EventFact]>([
    ["12290", request({ at: T, client: 1 })],
    ["12290 as list", { ...request({ at: T, client: 1 }), data: [request({ at: T, client: 1 }).data.join(",")] }],
    [
      "12290 as both",
      {
        ...request({ at: T, client: 1 }),
        data: [request({ at: T, client: 1 }).data.join(","), ...request({ at: T, client: 1 }).data],
      },
    ],
    ["12288", sent({ at: T, client: 1 })],
    ["12288 to nobody", sent({ at: T, client: 1, target: ":1688" })],
    ["12289", answered({ at: T, client: 1 })],
    [
      "8198",
      {
        ...sent({ at: T, client: 1 }),
        eventId: 8198,
        data: [
          "hr=0xC004F074",
          `RuleId=${cmid(9)};Action=AutoActivate;AppId=55c92734-d682-4d71-983e-d6ec3f16059f;SkuId=${OFFICE16};NotificationInterval=1440;Trigger=TimerEvent`,
        ],
      },
    ],
    [
      "12293",
      { ...request({ at: T, client: 1 }), channel: "Application", eventId: 12293, data: ["0x80072338", "contoso.com"] },
    ],
  ])("%s", (_, fact) => {
    const before = normalise(fact) as unknown as Record<string, unknown>;
    const after = normalise(redacted(fact)) as unknown as Record<string, unknown>;
    for (const it of [
      ...same,
      "event",
      "event_id",
      "record_id",
      "time",
      "activated",
      "kms_count",
      "trigger",
      "problems",
    ])
      expect([it, after[it]]).toEqual([it, before[it]]);
    expect(after.computer).toBe(names.name(fact.computer));
    if (before.client_fqdn) expect(after.client_fqdn).toBe(names.name(before.client_fqdn as string));
    if (before.kms_host) expect(after.kms_host).toBe(names.name(before.kms_host as string));
    if (before.client_machine_id) expect(after.client_machine_id).toBe(names.guid(before.client_machine_id as string));
    if (before.dns_domain) expect(after.dns_domain).toBe(names.domain(before.dns_domain as string));
    expect(JSON.stringify(after)).not.toMatch(/contoso/i);
  });
  test("one event has one identity, in whatever form it was read", () => {
    const fact = request({ at: T, client: 1 });
    const list = { ...fact, data: [fact.data.join(",")] };
    const both = { ...fact, data: [fact.data.join(","), ...fact.data] };
    const identities = [fact, list, both].map((it) => Buffer.from(eventIdentity(redacted(it))).toString("hex"));
    expect(new Set(identities).size).toBe(1);
  });
  test("a field that was not understood is not understood afterwards either", () => {
    const fact = { ...request({ at: T, client: 1, name: "not a name!" }) };
    expect(normalise(redacted(fact)).problems).toHaveLength(normalise(fact).problems!.length);
  });
});

describe("nothing is left of a name", () => {
  /** Names as people give them, none of them a word that Windows itself writes. */
  const secret = fc.stringMatching(/^zq[a-z]{2,8}[0-9]{0,3}$/);
  const address = fc.ipV4();
  const written = fc.oneof(
    secret,
    fc.tuple(secret, secret).map(([a, b]) => `${a}.${b}.com`),
    fc.tuple(secret, secret).map(([a, b]) => `${a.toUpperCase()}\\${b}`),
    fc.tuple(secret, secret).map(([a, b]) => `CN=${a},OU=Äußere ${b},DC=${a},DC=com`),
    fc.tuple(secret, secret).map(([a, b]) => `0x0, 25, ${a}, ${b}.corp:1688; user=${a}@${b}`),
    secret.map((a) => `hr=0xC004F074 ${a}-1/${a} (${a})`),
    fc.tuple(secret, address).map(([a, ip]) => `${a} ${ip}`),
  );
  const facts: readonly Fact[] = [
    request({ at: T, client: 1 }),
    { ...request({ at: T, client: 1 }), eventSource: "KmsRequests" },
    sent({ at: T, client: 1 }),
    answered({ at: T, client: 1 }),
    ...[12291, 12293, 12294, 8198, 8230, 1003, 12308].map((eventId) => ({
      ...sent({ at: T, client: 1 }),
      eventId,
      data: ["a", "b", "c"],
    })),
    licensing(
      [
        product({
          ProductKeyID: "x",
          KeyManagementServiceMachine: "x",
          DiscoveredKeyManagementServiceMachineName: "x",
          DiscoveredKeyManagementServiceMachineIpAddress: "x",
          KeyManagementServiceLookupDomain: "x",
          ADActivationObjectDN: "x",
          ADActivationObjectName: "x",
          ADActivationCsvlkPid: "x",
          ProductKeyChannel: "x",
          TrustedTime: "x",
          LicenseFamily: "x",
          ClientMachineID: "x",
          Version: "x",
          Unheard: "x",
          LicenseStatusReason: "x",
        }),
      ],
      { service: { Version: "x", ClientMachineID: "x" }, officeService: { Version: "x" }, officeProducts: [product()] },
    ),
    { kind: "probe", probe: "dns_srv", target: "x", outcome: "ok", records: [{ target: "x", port: 1688, other: "x" }] },
    heartbeat(T, { failingSources: { x: 1 }, droppedRecords: { x: 2 } }),
  ];
  /** Every text in a fact but its kind, replaced by one that is full of names; keys of free maps too. */
  const sown = (value: unknown, text: (was: string) => string, key = ""): unknown => {
    if (typeof value === "string") return key === "kind" ? value : text(value);
    if (Array.isArray(value)) return value.map((it) => sown(it, text));
    if (value === null || typeof value !== "object") return value;
    const free = ["channels", "failingSources", "droppedRecords"].includes(key);
    return Object.fromEntries(Object.entries(value).map(([k, it]) => [free ? text(k) : k, sown(it, text, k)]));
  };
  const secretsIn = (text: string) =>
    [...text.toLowerCase().matchAll(/zq[a-z]{2,8}[0-9]{0,3}|\d+\.\d+\.\d+\.\d+/g)].map(([it]) => it!);

  test("sown into every field of every fact, and into the sender", () => {
    fc.assert(
      fc.property(fc.constantFrom(...facts), fc.array(written, { minLength: 1, maxLength: 6 }), (fact, texts) => {
        let n = 0;
        const next = () => texts[n++ % texts.length]!;
        const out = JSON.stringify([
          redactFact(sown(fact, next) as Fact, names),
          redactComputer(
            sown(
              { host: "", instanceId: "", agentVersion: "", osType: "", osName: "", osVersion: "", zone: "" },
              next,
            ) as Computer,
            names,
            "all",
          ),
        ]).toLowerCase();
        for (const it of texts.flatMap(secretsIn)) expect(out).not.toContain(it);
      }),
      { numRuns: 2_000 },
    );
  });
  test("a single secret in one field of an otherwise ordinary fact", () => {
    for (const fact of facts)
      for (let place = 0, more = true; more; place += 1) {
        let n = 0;
        const changed = sown(fact, (text) => (n++ === place ? "ZQSECRET1.zqdomain.com" : text)) as Fact;
        more = n > place;
        expect(JSON.stringify(redactFact(changed, names)).toLowerCase()).not.toMatch(/zqsecret1|zqdomain/);
      }
  });
});
