import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Engine } from "../../../collector/engine/engine.ts";
import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import type { Computer } from "../../../licensing/telemetry/otlp-mapping.ts";
import { MINUTE } from "../../../licensing/time.ts";
import type { LogGroup } from "../../../otlp/logs.ts";
import { engineOn, submissionOf } from "../../support/engine.ts";
import { fromAgent, heartbeat, hostReading, KMS01, licensing, request, sent } from "../../support/facts.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const ZONES = `zones:
  - { name: core, networks: [10.0.0.0/8, "2001:db8::/32"] }
  - { name: lab-7, kind: lab, computers: ["lab7-*"], networks: [10.7.0.0/16] }
`;
let folder: string;
let engine: Engine;
const open = (yaml: string) => engineOn(openSqlite(join(folder, "a.db")), () => NOW, yaml);
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "zones-"));
  engine = await open(ZONES);
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const take = (...groups: LogGroup[]) => engine.ingest([submissionOf(groups, NOW)]);
const reported = (host: string, more: Partial<Computer>, at = NOW) => fromAgent(host, [licensing()], at, more);
const zoneOf = async (host: string) => (await engine.answer({ ask: "computer", host }))?.zone;

test("name patterns, then the longest network, then the agent's own zone", async () => {
  await take(
    reported("pc1.contoso.com", { zone: "branch", addresses: ["10.1.0.1"] }),
    reported("pc2.contoso.com", { zone: "branch", addresses: ["10.1.0.2", "10.7.0.2"] }),
    reported("lab7-3.contoso.com", { zone: "branch", addresses: ["10.1.0.3"] }),
    reported("pc4.contoso.com", { zone: "branch", addresses: ["192.168.0.4"] }),
    reported("pc5.contoso.com", { zone: "branch" }),
    reported("pc6.contoso.com", { addresses: ["2001:db8:1::6"], zone: "branch" }),
  );
  for (const [host, zone] of [
    ["pc1", "core"],
    ["pc2", "lab-7"],
    ["lab7-3", "lab-7"],
    ["pc4", "branch"],
    ["pc5", "branch"],
    ["pc6", "core"],
  ])
    expect([host, await zoneOf(`${host}.contoso.com`)]).toEqual([host, zone]);
});

test("the newest own report counts, in any order, and a forwarder's address never does", async () => {
  const forwarded: LogGroup = {
    ...fromAgent("pc1.contoso.com", [sent({ at: NOW, client: 1, recordId: 1 })], NOW),
    resource: {
      attributes: { "service.name": "activation-agent", "host.name": "pc1.contoso.com", "host.ip": ["10.1.0.200"] },
    },
  };
  const later = reported("pc1.contoso.com", { addresses: ["10.7.0.1"] });
  const earlier = reported("pc1.contoso.com", { addresses: ["10.1.0.1"] }, NOW - 5 * MINUTE);
  for (const groups of [
    [later, earlier],
    [forwarded, later],
    [later, forwarded],
  ])
    for (const it of groups) {
      await take(it);
      if (it !== forwarded || groups[0] === later) expect(await zoneOf("pc1.contoso.com")).toBe("lab-7");
    }
});

test("a KMS host is in its network's zone as well", async () => {
  await take(
    fromAgent(KMS01, [hostReading(30), request({ at: NOW, client: 1 }), heartbeat(NOW)], NOW, {
      addresses: ["10.7.0.9"],
    }),
  );
  const { items } = await engine.answer({ ask: "kms-hosts" });
  expect(items[0]).toMatchObject({ kms_host: KMS01, zone: "lab-7" });
});

test("a change of networks moves computers, and every sum with them", async () => {
  await take(reported("pc1.contoso.com", { zone: "branch", addresses: ["10.7.0.1"] }));
  const licenses = async () =>
    (await engine.metrics("text"))
      .split("\n")
      .filter((it) => it.startsWith("activation_licenses{") && it.endsWith(" 1"));
  expect(await licenses()).toEqual([expect.stringContaining('zone="lab-7"')]);
  await engine.close();
  engine = await open("zones: [{ name: hq, networks: [10.7.0.0/24] }]");
  expect(await zoneOf("pc1.contoso.com")).toBe("hq");
  expect(await licenses()).toEqual([expect.stringContaining('zone="hq"')]);
  await engine.close();
  engine = await open("");
  expect(await licenses()).toEqual([expect.stringContaining('zone="branch"')]);
});

test.each(["10.7.0.1/16", "10.7", "lab", "::/200"])("the configuration refuses %s as a network", async (network) => {
  expect(() => open(`zones: [{ name: a, networks: ["${network}"] }]`)).toThrow(/zones.*networks.*first address/s);
});
