import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readCollectorConfig } from "../../collector/config.ts";
import { openEngine } from "../../collector/engine.ts";
import { openSqlite } from "../../collector/sqlite/store.ts";
import { normalise } from "../../licensing/event.ts";
import type { EventFact, Fact } from "../../licensing/fact.ts";
import { eventIdentity } from "../../licensing/identity.ts";
import { DAY, HOUR, MINUTE } from "../../licensing/time.ts";
import { type Computer, recordOf, resourceAttributes, SCOPE } from "../../licensing/wire.ts";
import { pseudonymsBy } from "../../offline/pseudonyms.ts";
import { redactComputer, redactFact } from "../../offline/redact.ts";
import {
  answered,
  cmid,
  heartbeat,
  hostReading,
  KMS01,
  licensing,
  OFFICE16,
  product,
  request,
  sent,
} from "../neighbours/facts.ts";

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
            { keepZone: false },
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

describe("the figures", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "redact-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const KMS02 = "kms02.fabrikam.net";
  const fleet = (): [host: string, at: number, facts: Fact[]][] => {
    const all: [string, number, Fact[]][] = [];
    const kms = (host: string, ...facts: Fact[]) => all.push([host, T - HOUR, facts]);
    let record = 0;
    const asked = (more: Partial<Parameters<typeof request>[0]> & { at: number; client: number }) =>
      request({ recordId: ++record, ...more });
    for (let n = 1; n <= 30; n += 1) kms(KMS01, asked({ at: T - 20 * DAY + n * HOUR, client: n }));
    for (let n = 1; n <= 7; n += 1)
      kms(KMS01, asked({ at: T - 3 * DAY + n * HOUR, client: n, product: OFFICE16, need: 5 }));
    // One machine ID, names A, B, A.
    for (const [i, name] of ["clone-a.contoso.com", "clone-b.contoso.com", "CLONE-A.contoso.com"].entries())
      kms(KMS01, asked({ at: T - DAY + i * HOUR, client: 99, name }));
    kms(KMS01, asked({ at: T - 5 * HOUR, client: 5, hresult: "0xC004F042" }));
    record = 0;
    for (let n = 1; n <= 4; n += 1)
      kms(
        KMS02,
        asked({
          host: KMS02,
          at: T - 2 * DAY + n * HOUR,
          client: 40 + n,
          status: 2,
          need: 5,
          product: "68531fb9-5511-4989-97be-d11a0f55633f",
        }),
      );
    all.push([KMS01, T - 10 * MINUTE, [hostReading(31, { PartialProductKey: "BCDFG" }), heartbeat(T - 10 * MINUTE)]]);
    all.push([KMS02, T - 10 * MINUTE, [heartbeat(T - 10 * MINUTE)]]);
    all.push([
      KMS01,
      T - HOUR,
      [
        {
          ...request({ at: T - 9 * HOUR, client: 1 }),
          channel: "Application",
          eventId: 12293,
          data: ["0x80072338", "contoso.com"],
        },
        {
          ...request({ at: T - 8 * HOUR, client: 1 }),
          channel: "Application",
          eventId: 12294,
          data: ["corp.contoso.com"],
        },
      ],
    ]);
    for (let n = 1; n <= 12; n += 1) {
      const host = `pc${n}.contoso.com`;
      const at = T - 20 * DAY + n * HOUR;
      // Some call their KMS host by its short name, some by its address.
      const target = ["KMS01:1688", "10.1.2.3:1688", `${KMS01}:1688`, "stranger:1688"][n % 4]!;
      all.push([
        host,
        at,
        [
          sent({ at, client: n, target, recordId: 2 * n }),
          answered({ at: at + 1_000, asked: at, client: n, count: 30 + (n % 3), recordId: 2 * n + 1 }),
        ],
      ]);
      if (n % 3 === 0)
        all.push([host, T - 2 * HOUR, [sent({ at: T - 3 * HOUR, client: n, hresult: "0xC004F074", target: ":1688" })]]);
      all.push([
        host,
        T - n * HOUR,
        [
          licensing(
            [
              product({
                GracePeriodRemaining: n * 1_500,
                LicenseStatus: n % 5 === 0 ? 2 : 1,
                DiscoveredKeyManagementServiceMachineName: KMS01,
                ProductKeyID: "03612-00206",
              }),
            ],
            { service: { ClientMachineID: cmid(n), RemainingWindowsReArmCount: n % 4 } },
          ),
          heartbeat(T - n * HOUR, { failingSources: n === 4 ? { "wmi pc4.contoso.com": 2 } : {} }),
        ],
      ]);
    }
    return all;
  };
  const figures = async (store: string, redact: boolean) => {
    const config = readCollectorConfig("test.yaml", "", {});
    const engine = await openEngine(openSqlite(join(folder, store)), config, { clock: () => T, version: "1" });
    for (const [host, at, facts] of fleet()) {
      const computer: Computer = {
        host,
        zone: host.includes("fabrikam") ? "lab-Fabrikam" : "core",
        instanceId: "i",
        agentVersion: "1.0.0",
        osName: "Windows Server 2022 Datacenter",
      };
      const from = redact ? redactComputer(computer, names, { keepZone: true }) : computer;
      const group = {
        resource: { attributes: resourceAttributes(from) },
        scope: { name: SCOPE, version: "1" },
        records: facts.map((it, i) => recordOf(redact ? redactFact(it, names) : it, `${at}-${i}`, at)),
      };
      const [receipt] = await engine.take([{ groups: [group], receivedAt: T, imported: false }]);
      expect(receipt!.rejected).toBe(0);
    }
    const text = await engine.metrics("text");
    await engine.close();
    return text
      .split("\n")
      .filter((it) => it !== "" && !it.startsWith("#") && !it.startsWith("activation_collector_store_bytes"));
  };

  test("are those of the same fleet with its names", async () => {
    const plain = await figures("plain.db", false);
    const hidden = await figures("hidden.db", true);
    const renamed = plain.map((it) =>
      it.replaceAll(/(kms_host|target|computer|domain|source)="([^"]*)"/g, (all, label: string, value: string) => {
        if (label === "source") return value.includes("wmi") ? `${label}="*"` : all;
        return `${label}="${label === "domain" ? names.domain(value) : names.name(value)}"`;
      }),
    );
    const masked = hidden.map((it) =>
      it.replace(/source="x_[^"]*"/, 'source="*"').replace(/source="[^"]*x-[^"]*"/, 'source="*"'),
    );
    expect(masked.toSorted()).toEqual(renamed.toSorted());
    const value = (name: RegExp) => hidden.filter((it) => name.test(it)).map((it) => it.slice(it.lastIndexOf(" ") + 1));
    expect(value(/^activation_kms_duplicate_machine_ids/)).toContain("1");
    expect(value(/^activation_kms_told_clients/)).not.toEqual([]);
    expect(value(/^activation_deadlines\{.*within="7d"/)).not.toEqual([]);
    expect(hidden.join("\n")).not.toMatch(/contoso|fabrikam.net|kms0|pc\d|10\.1\.2\.3/i);
  });
});
