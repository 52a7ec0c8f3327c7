import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openSqlite } from "../../collector/store/sqlite/store.ts";
import type { Fact } from "../../licensing/facts.ts";
import { type Computer, recordOf, resourceAttributes, SCOPE } from "../../licensing/telemetry/otlp-mapping.ts";
import { DAY, HOUR, MINUTE } from "../../licensing/time.ts";
import { pseudonymsBy } from "../../offline/pseudonyms.ts";
import { redactComputer, redactFact } from "../../offline/redact.ts";
import { engineOn, submissionOf } from "../support/engine.ts";
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
} from "../support/facts.ts";

const names = pseudonymsBy(Buffer.alloc(32, 7));
const T = Date.parse("2026-11-20T12:00:00Z");

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
    const engine = await engineOn(openSqlite(join(folder, store)), () => T);
    for (const [host, at, facts] of fleet()) {
      const computer: Computer = {
        host,
        zone: host.includes("fabrikam") ? "lab" : "core",
        instanceId: "i",
        agentVersion: "1.0.0",
        osName: "Windows Server 2022 Datacenter",
      };
      const from = redact ? redactComputer(computer, names, "telling") : computer;
      const group = {
        resource: { attributes: resourceAttributes(from) },
        scope: { name: SCOPE, version: "1" },
        records: facts.map((it, i) => recordOf(redact ? redactFact(it, names) : it, `${at}-${i}`, at)),
      };
      const [taken] = await engine.ingest([submissionOf([group], T)]);
      expect(taken).toEqual({ outcome: "stored", receipt: { rejected: 0 } });
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
