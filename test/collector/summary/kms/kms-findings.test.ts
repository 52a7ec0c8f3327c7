import { describe, expect, test } from "@jest/globals";
import type { KmsHostItem } from "../../../../collector/summary/kms/kms-host-item.ts";
import type { Fact } from "../../../../licensing/facts.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../../../licensing/time.ts";
import { ownEngine } from "../../../support/engine.ts";
import { heartbeat, hostReading, KMS01, licensing, OFFICE16, product, request } from "../../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("kms-findings", T);
const { take, figure } = own;
/** A server's ID that no table names. */
const NEW_SERVER = "99999999-5555-4444-8888-999999999999";

const asked = (
  count: number,
  more: Partial<Parameters<typeof request>[0]> = {},
  { from = 0, at = T - HOUR } = {},
): Fact[] =>
  Array.from({ length: count }, (_, i) =>
    request({ at: at + i * SECOND, client: from + i, recordId: 100 + from + i, ...more }),
  );
const servers = (count: number, from = 100) => asked(count, { need: 5, product: NEW_SERVER }, { from });
const item = async (application = "windows", host = KMS01): Promise<KmsHostItem> => {
  const { items } = await own.engine.answer({ ask: "kms-hosts" });
  return items.find((it) => it.application === application && it.kms_host === host)!;
};
const headroom = (productClass: string) => figure("kms_headroom", { product_class: productClass });

describe('"Pools": clients of unknown products that need 5 may belong to every count', () => {
  test("22 clients and 8 of them: between 22 and 30, so nothing is below, and nothing is above", async () => {
    await take(KMS01, [...asked(22), ...servers(8), heartbeat(T)]);
    expect(await headroom("client")).toBeUndefined();
    expect(await figure("kms_effective_clients", { application: "windows" })).toBeUndefined();
    const windows = await item();
    expect(windows).toMatchObject({ health: "unknown", clients_between: [22, 30], complete: true });
    expect(windows.reasons).toEqual([
      "The count for Windows clients is between 22 and 30; 25 are required. 8 clients use products that this collector does not know.",
    ]);
    expect(windows.findings.join()).toContain(`activation IDs are not known: ${NEW_SERVER}`);
    expect(windows.findings.join()).not.toContain("MAK");
    expect((await item("unknown")).findings.join()).toContain(NEW_SERVER);
  });
  test("below only if the upper end is", async () => {
    await take(KMS01, [...asked(10), ...servers(8), heartbeat(T)]);
    expect(await headroom("client")).toBe(-7);
    expect(await item()).toMatchObject({ health: "not_reached", clients_between: [10, 18] });
    expect((await item()).reasons[0]).toContain("10 to 18 of 25 clients.");
  });
  test("above if the lower end is", async () => {
    await take(KMS01, [...asked(32), ...servers(8), heartbeat(T)]);
    expect(await headroom("client")).toBe(7);
    expect(await item()).toMatchObject({ health: "safe", clients_between: [32, 40] });
  });
  test("a full table is exact, and so is what the host itself reports", async () => {
    await take(KMS01, [...asked(60), ...servers(8), heartbeat(T)]);
    expect(await figure("kms_effective_clients", { application: "windows" })).toBe(50);
    own.now = T + HOUR;
    await take(KMS01, [hostReading(23)]);
    expect(await headroom("client")).toBe(-2);
  });
  test("a machine that the count has already counts once", async () => {
    await take(KMS01, [...asked(22), ...servers(8, 0), heartbeat(T)]);
    expect(await headroom("client")).toBe(-3);
  });
  test("Office is an interval as well", async () => {
    await take(KMS01, [...asked(4, { need: 5, product: OFFICE16 }), ...servers(3), heartbeat(T)]);
    expect(await headroom("office")).toBeUndefined();
    expect(await item("office")).toMatchObject({ clients_between: [4, 7] });
  });
  test("once WMI names the product, its clients are where they belong, and nothing is said of unknown ones", async () => {
    await take(KMS01, [...asked(22), ...servers(8), heartbeat(T)]);
    await take("srv.contoso.com", [licensing([product({ ID: NEW_SERVER, Name: "Windows Server 2031" })])]);
    expect(await headroom("client")).toBe(5);
    const { items } = await own.engine.answer({ ask: "kms-hosts" });
    expect(items.map((it) => it.application)).toEqual(["windows"]);
    expect(items[0]!.findings.join()).not.toContain("not known");
  });
});

describe("too few clients", () => {
  const [A, B] = ["kms01.contoso.com", "kms02.contoso.com"];
  const both = async (zone: string) => {
    await take(A, [...asked(20, {}, { from: 0 }), heartbeat(T)]);
    const other = asked(21, { host: B }, { from: 19 });
    await own.takeFrom(B, zone, [...other, heartbeat(T)]);
  };
  test("40 clients as 20 and 21 on two hosts: the count is split, and no MAK is advised", async () => {
    await both("core");
    for (const host of [A, B]) {
      const { findings } = await item("windows", host);
      expect(findings.join()).toContain(
        "The count is split over 2 KMS hosts, and each counts on its own: kms01.contoso.com 20, kms02.contoso.com 21. Direct these clients to one KMS host.",
      );
      expect(findings.join()).not.toContain("MAK");
    }
  });
  test("a host in another zone does not help", async () => {
    await both("lab-7");
    expect((await item("windows", A)).findings.join()).not.toContain("split");
  });
  test("two zones of the core network reach each other's hosts", async () => {
    await own.reopen("zones: [{ name: core, kind: core }, { name: lab-7, kind: core }]");
    await both("lab-7");
    expect((await item("windows", A)).findings.join()).toContain("split");
  });
  test("one host alone: a MAK may be what the site needs", async () => {
    await take(A, [...asked(20), heartbeat(T)]);
    expect((await item()).findings).toContain("A site with fewer than 25 computers needs a MAK instead.");
  });
});

describe("reported and computed counts", () => {
  const lost = "Requests may have been lost";
  test("requests are missing from a log that was read without a gap", async () => {
    await take(KMS01, [...asked(30), hostReading(40), heartbeat(T)]);
    expect((await item()).findings).toContain(
      "The KMS host reports 40 clients, its log gives 30. Requests may have been lost from the log.",
    );
  });
  test("the host counts fewer than contacted it", async () => {
    await take(KMS01, [...asked(30), hostReading(3), heartbeat(T)]);
    expect((await item()).findings.join()).toContain("The host may have lost its table of clients.");
  });
  test("a table that grew before the log begins has 50 places, and nothing was lost", async () => {
    const ofServers = asked(30, { need: 5, product: "de32eafd-aaee-4662-9444-c1befb41bde2" });
    await take(KMS01, [hostReading(30), heartbeat(T - 2 * HOUR)], { at: T - 2 * HOUR });
    await take(KMS01, [...ofServers, heartbeat(T)]);
    own.now = T + MINUTE;
    await take(KMS01, [hostReading(30), heartbeat(own.now)]);
    const { complete, findings } = await item();
    if (complete) expect(await figure("kms_table_clients")).toBe(30);
    expect(findings.join()).not.toContain("its log gives");
  });
  test("clients that asked after the reading explain a difference", async () => {
    await take(KMS01, [...asked(30), hostReading(30), heartbeat(T)]);
    own.now = T + 10 * MINUTE;
    await take(KMS01, [...asked(15, {}, { from: 50, at: T + MINUTE }), heartbeat(own.now)]);
    expect((await item()).findings.join()).not.toContain("its log gives");
  });
  test("an old reading says nothing of today's table", async () => {
    await take(KMS01, [...asked(30), hostReading(40), heartbeat(T)]);
    own.now = T + 2 * DAY;
    await take(KMS01, [heartbeat(own.now)]);
    expect((await item()).findings.join()).not.toContain(lost);
  });
});
