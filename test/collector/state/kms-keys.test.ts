import { describe, expect, test } from "@jest/globals";
import type { Properties } from "../../../licensing/facts.ts";
import { DAY, HOUR, MINUTE } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { heartbeat, hostReading, KMS01, licensing, OFFICE16, product, request } from "../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("keys", T);

const WINDOWS7_KEY = "d188820a-cb63-4bad-a9a2-40b843ee23b7";
const OFFICE13_KEY = "2e28138a-847f-42bc-9752-61b03fff33cd";
const WINDOWS7 = "ae2ee509-1b34-41c0-acb7-6d4650168915";
const SERVER16 = "8c1c5410-9f39-4805-8c9d-63a07706358f";
const WORD13 = "d9f5b1c6-5386-495a-88f9-9ad6b41ac9b3";
const NOBODY_KNOWS = "99999999-5555-4444-8888-999999999999";
const UNSUPPORTED = "0xC004F042";

const { take, series } = own;
/** All series of a metric: labels to value. */
const figures = async (name: string) => {
  const found = [...(await series())].filter(([key]) => key.startsWith(`activation_${name}{`));
  return Object.fromEntries(found.map(([key, value]) => [key.slice(key.indexOf("{")), value]));
};
const uncovered = async () => {
  const found = await figures("kms_uncovered_clients");
  return Object.fromEntries(Object.entries(found).map(([key, value]) => [/product="(.*?)"/.exec(key)![1]!, value]));
};
/** A KMS host's reading with these keys. */
const keys = (...rows: Properties[]) =>
  licensing(
    rows.map((it) =>
      product({
        Description: "Windows(R) Operating System, VOLUME_KMS channel",
        PartialProductKey: "ABCDE",
        GracePeriodRemaining: 0,
        IsKeyManagementServiceMachine: 1,
        KeyManagementServiceCurrentCount: 30,
        ...it,
      }),
    ),
    { service: { IsKeyManagementServiceMachine: 1, ClientMachineID: "0f0e0d0c-0b0a-0908-0706-050403020100" } },
  );
const windows7Key = keys({ ID: WINDOWS7_KEY });

describe("clients whose edition the host's key cannot activate", () => {
  const asking = [
    request({ at: T - HOUR, client: 1, product: WINDOWS7 }),
    request({ at: T - HOUR, client: 2, need: 5, product: SERVER16 }),
    request({ at: T - HOUR, client: 3, need: 5, product: SERVER16, hresult: "0xC004F038" }),
    request({ at: T - HOUR, client: 4, need: 25 }),
    request({ at: T - HOUR, client: 5, need: 25, product: NOBODY_KNOWS }),
  ];

  test("by the tables, whatever the host answered; what nobody knows is never counted", async () => {
    await take(KMS01, [...asking, windows7Key]);
    expect(await uncovered()).toEqual({
      "Windows 7 Enterprise": 0,
      "Windows 10 Enterprise": 1,
      "Windows Server 2016 Standard": 2,
    });
  });

  test("by the description, where nobody listed the key's ID", async () => {
    await take(KMS01, [...asking, hostReading(30, { ID: NOBODY_KNOWS })]);
    expect(await uncovered()).toEqual({
      "Windows 7 Enterprise": 0,
      "Windows 10 Enterprise": 0,
      "Windows Server 2016 Standard": 0,
    });
    expect(Object.keys(await figures("kms_host_key_info"))[0]).toContain('product_group="Windows Server 2022"');
  });

  test.each([
    ["nobody has read the host's keys", undefined],
    [
      "a key is of a group that nobody knows",
      keys({ ID: WINDOWS7_KEY }, { ID: NOBODY_KNOWS, PartialProductKey: "FGHIJ" }),
    ],
  ])("nothing is claimed when %s", async (_, reading) => {
    await take(KMS01, [...asking, ...(reading ? [reading] : [])]);
    expect(await uncovered()).toEqual(reading ? { "Windows 7 Enterprise": 0 } : {});
  });

  test("refused clients count, each once, until they are served", async () => {
    const refused = (at: number, client: number) =>
      request({ at, client, need: 5, product: SERVER16, hresult: UNSUPPORTED });
    await take(KMS01, [refused(T - 3 * HOUR, 2), refused(T - HOUR, 2), refused(T - HOUR, 3), windows7Key]);
    await take(KMS01, [refused(T - HOUR, 2)]);
    expect(await uncovered()).toEqual({ "Windows Server 2016 Standard": 2 });
    const answer = await own.engine.answer({ ask: "kms-host", host: KMS01 });
    expect(answer).toMatchObject({
      refused: [
        { client_fqdn: "pc2.contoso.com", product: "Windows Server 2016 Standard" },
        { client_fqdn: "pc3.contoso.com" },
      ],
      keys: [{ partial_product_key: "ABCDE", product_group: "Windows 7 client KMS host", reactivations: 0 }],
    });
    // A better key; then one of them asks again.
    own.now = T + HOUR;
    await take(KMS01, [hostReading(30), request({ at: T + 1, client: 2, need: 5, product: SERVER16 })]);
    expect(await uncovered()).toEqual({ "Windows Server 2016 Standard": 0 });
    expect(await own.engine.answer({ ask: "kms-host", host: KMS01 })).toMatchObject({
      refused: [{ client_fqdn: "pc3.contoso.com" }],
    });
  });

  test("a client that was counted and is refused now still counts once", async () => {
    await take(KMS01, [
      request({ at: T - 2 * HOUR, client: 2, need: 5, product: SERVER16, hresult: "0xC004F038" }),
      request({ at: T - HOUR, client: 2, need: 5, product: SERVER16, hresult: UNSUPPORTED }),
      windows7Key,
    ]);
    expect(await uncovered()).toEqual({ "Windows Server 2016 Standard": 1 });
  });

  test("a host without a key for Office: only a refusal says so, for its answers speak of a key nobody read", async () => {
    await take(KMS01, [hostReading(30), request({ at: T - HOUR, client: 1, need: 5, product: OFFICE16 })]);
    expect(await uncovered()).toEqual({});
    await take(KMS01, [request({ at: T - HOUR, client: 2, need: 5, product: WORD13, hresult: UNSUPPORTED })]);
    expect(await uncovered()).toEqual({ "Word 2013": 1 });
    const office = { ApplicationID: "0ff1ce15-a989-479d-af46-f275c6370663", PartialProductKey: "FGHIJ" };
    own.now = T + HOUR;
    await take(KMS01, [keys({ ID: WINDOWS7_KEY }, { ID: OFFICE13_KEY, ...office })]);
    expect(await uncovered()).toEqual({ "Word 2013": 0, "Office Professional Plus 2016": 1 });
    expect(JSON.stringify(await own.engine.answer({ ask: "kms-hosts" }))).toContain(
      "1 computer with Office Professional Plus 2016 asked within 30 days and cannot be activated here: the installed key is for Office 2013 KMS host.",
    );
  });

  test("a client counts by what it asked for last, for 30 days, also after a restart", async () => {
    await take(KMS01, [...asking, windows7Key]);
    own.now = T + 10 * DAY;
    await take(KMS01, [request({ at: own.now - HOUR, client: 2, need: 25, product: WINDOWS7 }), heartbeat(own.now)]);
    await own.reopen();
    expect(await uncovered()).toEqual({
      "Windows 7 Enterprise": 0,
      "Windows 10 Enterprise": 1,
      "Windows Server 2016 Standard": 1,
    });
    own.now = T + 35 * DAY;
    await take(KMS01, [heartbeat(own.now)]);
    expect(await uncovered()).toEqual({ "Windows 7 Enterprise": 0 });
  });

  test("a product that an administrator named counts from the next start on", async () => {
    await take(KMS01, [...asking, windows7Key]);
    await own.reopen(
      `kms: { products: [{ activation_id: ${NOBODY_KNOWS}, name: Windows 11 Enterprise LTSC 2024, application: windows }] }`,
    );
    expect(await uncovered()).toMatchObject({ "Windows 11 Enterprise LTSC 2024": 1 });
  });
});

describe("host keys against what Microsoft allows", () => {
  const read = async (host: string, status: number, { machine = "a", key = "ABCDE", at = own.now } = {}) =>
    take(
      host,
      [
        {
          ...hostReading(30, { PartialProductKey: key, LicenseStatus: status }),
          service: {
            IsKeyManagementServiceMachine: 1,
            ClientMachineID: `0f0e0d0c-0b0a-0908-0706-05040302010${machine}`,
          },
        },
      ],
      { at },
    );
  const later = (ms = MINUTE) => {
    own.now += ms;
  };

  test("hosts by key, as they show it now", async () => {
    for (const host of ["kms01", "kms02", "kms03"]) await read(host, 1);
    await read("kms04", 1, { key: "ZZZZZ" });
    expect(await figures("kms_key_hosts")).toEqual({
      '{partial_product_key="ABCDE"}': 3,
      '{partial_product_key="ZZZZZ"}': 1,
    });
    later();
    await read("kms03", 1, { key: "ZZZZZ" });
    await own.reopen("kms: { retired_hosts: [kms02], key_hosts_allowed: 12, key_reactivations_allowed: 20 }");
    expect(await figures("kms_key_hosts")).toEqual({
      '{partial_product_key="ABCDE"}': 1,
      '{partial_product_key="ZZZZZ"}': 2,
    });
    const all = await series();
    expect(all.get("activation_kms_key_hosts_allowed")).toBe(12);
    expect(all.get("activation_kms_key_reactivations_allowed")).toBe(20);
  });

  test("reactivations are counted once each: not for a reading sent again, nor for a restart", async () => {
    const reactivations = async () => Object.values(await figures("kms_key_reactivations"))[0];
    await read(KMS01, 2);
    later();
    await read(KMS01, 1);
    expect(await reactivations()).toBe(0);
    later();
    await read(KMS01, 3);
    const out = own.now;
    later();
    await read(KMS01, 1);
    const back = own.now;
    expect(await reactivations()).toBe(1);
    await read(KMS01, 3, { at: out });
    await read(KMS01, 1, { at: back });
    await own.reopen();
    expect(await reactivations()).toBe(1);
    later();
    await read(KMS01, 1, { machine: "b" });
    expect(await reactivations()).toBe(2);
    expect(await figures("kms_key_reactivations")).toEqual({
      [`{partial_product_key="ABCDE",kms_host="${KMS01}"}`]: 2,
    });
    await own.reopen("kms: { key_reactivations_allowed: 2 }");
    expect(JSON.stringify(await own.engine.answer({ ask: "kms-hosts" }))).toContain("activated again 2 times");
  });
});
