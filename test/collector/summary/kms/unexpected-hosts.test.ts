import { describe, expect, test } from "@jest/globals";
import type { Fact } from "../../../../licensing/facts.ts";
import { DAY, MINUTE } from "../../../../licensing/time.ts";
import { ownEngine } from "../../../support/engine.ts";
import { hostReading, KMS01, licensing, product, request, sent } from "../../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("unexpected-hosts", T);
const yaml = `kms: { expected_hosts: [${KMS01}], external_hosts: [kms.cloud.example], retired_hosts: [kms00.contoso.com] }`;
const unexpected = async () =>
  Object.fromEntries(
    [...(await own.series())].flatMap(([key, value]) => {
      const target = /^activation_kms_unexpected_host_clients\{target="(.*)"\}$/.exec(key)?.[1];
      return target === undefined ? [] : [[target, value]];
    }),
  );

describe("KMS hosts that nobody expects", () => {
  test("each that says itself that it is one, though nobody has contacted it", async () => {
    await own.reopen(yaml);
    for (const host of [KMS01, "srv1.contoso.com", "kms.cloud.example", "kms00.contoso.com"])
      await own.take(host, [hostReading(host === KMS01 ? 50 : 4_294_967_295)]);
    await own.take("srv2.contoso.com", [licensing([product({ IsKeyManagementServiceMachine: 0 })])]);
    expect(await unexpected()).toEqual({ "srv1.contoso.com": 1 });
    const { items } = await own.engine.answer({ ask: "kms-hosts" });
    const told = items.filter((it) => it.findings.join().includes("is not listed in kms.expected_hosts"));
    expect(told.map((it) => it.kms_host)).toEqual(["srv1.contoso.com"]);
  });

  test("by its own log, with its clients; those that name it themselves are not counted twice", async () => {
    await own.reopen(yaml);
    await own.take("srv1.contoso.com", [
      ...[1, 2, 3].map((client) => request({ at: T - MINUTE, client, host: "srv1.contoso.com", recordId: client })),
    ]);
    await own.take("pc1.contoso.com", [sent({ at: T, client: 1, recordId: 1, target: "srv1:1688" })]);
    expect(await unexpected()).toEqual({ "srv1.contoso.com": 3 });
  });

  test("no more once WMI says that its key is gone, or after a month of silence", async () => {
    await own.reopen(yaml);
    await own.take("srv1.contoso.com", [hostReading(3)]);
    await own.take("srv2.contoso.com", [hostReading(3)]);
    own.now += MINUTE;
    await own.take("srv1.contoso.com", [
      licensing([product({ IsKeyManagementServiceMachine: 0 })], { service: { IsKeyManagementServiceMachine: 0 } }),
    ]);
    expect(await unexpected()).toEqual({ "srv2.contoso.com": 3 });
    own.now += 31 * DAY;
    expect(await unexpected()).toEqual({});
  });

  test("without expected hosts none is unexpected", async () => {
    await own.take("srv1.contoso.com", [hostReading(3)]);
    expect(await unexpected()).toEqual({});
  });
});

describe("a failed DNS publication", () => {
  const dns = (eventId: number, data: string[], at: number): Fact => ({
    ...request({ at, client: 1 }),
    eventId,
    data,
    channel: "Application",
  });
  const reading = (publishing: unknown) => {
    const fact = hostReading(30);
    return { ...fact, service: { ...fact.service, KeyManagementServiceDnsPublishing: publishing as boolean } };
  };
  const failed = () => own.figure("kms_dns_publish_failed", { domain: "branch.contoso.com" });

  test.each([false, "False", 0])("ends when newer WMI says that publishing is off: %p", async (off) => {
    await own.take(KMS01, [dns(12293, ["0x80072338", "branch.contoso.com"], T - 2 * MINUTE)]);
    expect(await failed()).toBe(1);
    await own.take(KMS01, [reading(true)]);
    expect(await failed()).toBe(1);
    own.now += MINUTE;
    await own.take(KMS01, [reading(off)]);
    expect(await failed()).toBeUndefined();
    expect(await own.figure("kms_srv_published")).toBeUndefined();
  });

  test("is told again after a newer one", async () => {
    await own.take(KMS01, [reading(false), dns(12293, ["0x80072338", "branch.contoso.com"], T - MINUTE)]);
    expect(await failed()).toBeUndefined();
    own.now += MINUTE;
    await own.take(KMS01, [dns(12293, ["0x80072338", "branch.contoso.com"], own.now)]);
    expect(await failed()).toBe(1);
  });
});
