import { describe, expect, test } from "@jest/globals";
import { isLicensingProvider, normalise } from "../../../licensing/events/normalise.ts";
import type { EventFact } from "../../../licensing/facts.ts";

const SPP = "Microsoft-Windows-Security-SPP";
const CMID = "08c3bda0-c556-4b61-9e4e-7bf6d4df80be";
const SKU = "ae2ee509-1b34-41c0-acb7-6d4650168915";
const fact = (eventId: number, data: readonly string[], more: Partial<EventFact> = {}): EventFact => ({
  kind: "event",
  eventId,
  provider: SPP,
  computer: "kms01.contoso.com",
  time: "2026-11-20T08:15:30.1234567Z",
  data,
  ...more,
});

const REQUEST = ["0x0", "25", "pc042.contoso.com", CMID, "2026/11/20 08:15", "1", "2", "40123", SKU];
const requestRead = {
  hresult: "0x00000000",
  required_count: 25,
  client_fqdn: "pc042.contoso.com",
  client_machine_id: CMID,
  client_time: "2026-11-20T08:15:00Z",
  client_is_vm: true,
  license_status: 2,
  minutes_to_expiration: 40123,
  activation_id: SKU,
  info: REQUEST.join(","),
};

describe("12290, a request that a KMS host handled", () => {
  test.each([
    ["ten elements: the list and each field", [REQUEST.join(","), ...REQUEST]],
    ["nine elements", REQUEST],
    ["one comma string", [REQUEST.join(",")]],
    ["the list and eight fields, an empty one dropped on the way", [REQUEST.join(","), ...REQUEST.slice(1)]],
    ["spaces around each field", [REQUEST.map((it) => ` ${it} `).join(",")]],
    ["GUIDs in braces and capitals", REQUEST.map((it) => (it === CMID ? `{${CMID.toUpperCase()}}` : it))],
  ])("%s", (_, data) => {
    expect(normalise(fact(12290, data, { channel: "Key Management Service", recordId: 4711 }))).toEqual({
      event: "kms_request_processed",
      event_id: 12290,
      provider: SPP,
      channel: "Key Management Service",
      computer: "kms01.contoso.com",
      record_id: 4711,
      time: "2026-11-20T08:15:30.1234567Z",
      ...requestRead,
      info: data.length > 9 || data.length === 1 ? data[0] : data.join(","),
    });
  });

  test("an empty machine name that forwarding dropped does not shift the other fields", () => {
    const read = normalise(fact(12290, REQUEST.toSpliced(2, 1)));
    expect(read).toMatchObject({ client_machine_id: CMID, activation_id: SKU, required_count: 25 });
    expect(read).not.toHaveProperty("client_fqdn");
    expect(read.problems).toBeUndefined();
  });

  test("list and fields that disagree are told, the fields are taken", () => {
    const read = normalise(fact(12290, [REQUEST.with(1, "5").join(","), ...REQUEST]));
    expect(read.required_count).toBe(25);
    expect(read.problems).toEqual(["data: the list and the single fields disagree; the single fields are taken"]);
  });

  test.each([
    ["client_machine_id", 3, "no-guid"],
    ["client_time", 4, "yesterday"],
    ["license_status", 6, "7"],
    ["minutes_to_expiration", 7, "-1"],
    ["client_fqdn", 2, "pc 1;<script>"],
    ["required_count", 1, "many"],
    ["hresult", 0, "0x123456789"],
  ])("what is no %s stays out and is told", (name, at, value) => {
    const read = normalise(fact(12290, REQUEST.with(at, value)));
    expect(read).not.toHaveProperty(name);
    expect(read.problems).toHaveLength(1);
    expect(read.problems![0]).toContain(name);
    expect(Object.keys(read)).toEqual(expect.arrayContaining(Object.keys(requestRead).filter((it) => it !== name)));
  });

  test.each([[["AAAA".repeat(100)]], [["a", "b"]], [[]], [[REQUEST.slice(1).join(",") + ",x,y"]]])(
    "a payload of another shape is kept as an event without fields: %#",
    (data) => {
      const read = normalise(fact(12290, data));
      expect(read.event).toBe("kms_request_processed");
      expect(read).not.toHaveProperty("client_machine_id");
      expect(read.problems).toHaveLength(1);
    },
  );

  test("another id in the Key Management Service log is not read at all", () => {
    const read = normalise(fact(12288, ["payload"], { channel: "Key Management Service" }));
    expect(read).toMatchObject({ event: "other", problems: [expect.stringContaining("does not belong")] });
    expect(JSON.stringify(read)).not.toContain("payload");
  });

  test.each([
    [12293, ["0x80072338", "contoso.com"], { event: "kms_dns_publish_failed", dns_domain: "contoso.com" }],
    [12294, ["contoso.com"], { event: "kms_dns_published", dns_domain: "contoso.com" }],
    [12291, ["0x80070005"], { event: "kms_start_failed", hresult: "0x80070005" }],
  ])("what Windows itself says of a KMS host is read there, too: %s", (id, data, expected) => {
    const read = normalise(fact(id, data, { channel: "Key Management Service" }));
    expect(read).toMatchObject(expected);
    expect(read).not.toHaveProperty("problems");
  });
});

describe("a client's own events", () => {
  test("12288 as KB 974998 prints it", () => {
    const data = [`0xC004F06C, 0x00000000, kms01.contoso.com:1688, ${CMID}, 2010/09/29 17:52, 0, 2, 41760, ${SKU}, 5`];
    expect(normalise(fact(12288, data))).toMatchObject({
      event: "kms_request_sent",
      hresult: "0xC004F06C",
      status_flags: "0x00000000",
      kms_host: "kms01.contoso.com",
      kms_port: 1688,
      client_machine_id: CMID,
      client_time: "2010-09-29T17:52:00Z",
      client_is_vm: false,
      license_status: 2,
      minutes_to_expiration: 41760,
      activation_id: SKU,
      required_count: 5,
      info: data[0],
    });
  });

  test.each([
    ["[2001:db8::1]:1688", { kms_host: "2001:db8::1", kms_port: 1688 }],
    ["2001:db8::1:1688", { kms_host: "2001:db8::1", kms_port: 1688 }],
    [":0", { kms_port: 0 }],
    ["", {}],
    ["kms01", { kms_host: "kms01" }],
  ])("12288's server %s", (server, expected) => {
    const read = normalise(fact(12288, [`0x0, 0x0, ${server}, ${CMID}, 2010/09/29 17:52, 0, 2, 1, ${SKU}, 5`]));
    expect({
      ...(read.kms_host && { kms_host: read.kms_host }),
      ...("kms_port" in read && { kms_port: read.kms_port }),
    }).toEqual(expected);
    expect(read.problems).toBeUndefined();
  });

  test("12289: activated or not is the flag's to say, not the code's", () => {
    expect(normalise(fact(12289, ["0x0, 0x4000008, 0, 0, 4, 120, 10080, 1/14/2006 2:30"]))).toMatchObject({
      event: "kms_response_processed",
      hresult: "0x00000000",
      status_flags: "0x04000008",
      activated: false,
      kms_count: 4,
      activation_interval_minutes: 120,
      renewal_interval_minutes: 10080,
      client_time: "2006-01-14T02:30:00Z",
    });
  });

  test.each([
    [12291, ["0xC0020017"], { event: "kms_start_failed", hresult: "0xC0020017" }],
    [12292, ["0x80070005"], { event: "kms_timer_failed", hresult: "0x80070005" }],
    [
      12293,
      ["0x80072338", "contoso.com"],
      { event: "kms_dns_publish_failed", hresult: "0x80072338", dns_domain: "contoso.com" },
    ],
    [12294, ["contoso.com"], { event: "kms_dns_published", dns_domain: "contoso.com" }],
    [8198, ["hr=0xC004F074"], { event: "activation_failed", hresult: "0xC004F074" }],
    [
      8198,
      [
        "hr=0x8007232B",
        `RuleId=379cccfb;Action=AutoActivate;AppId=55c92734-d682-4d71-983e-d6ec3f16059f;SkuId=${SKU};NotificationInterval=1440;Trigger=TimerEvent`,
      ],
      {
        hresult: "0x8007232B",
        activation_id: SKU,
        application_id: "55c92734-d682-4d71-983e-d6ec3f16059f",
        trigger: "TimerEvent",
      },
    ],
    [1003, ["a", "b"], { event: "other", data: ["a", "b"] }],
  ] as const)("%i %#", (id, data, expected) => {
    const read = normalise(fact(id, data));
    expect(read).toMatchObject(expected);
    expect(read.problems).toBeUndefined();
  });
});

test.each([
  [SPP, undefined, true],
  ["Microsoft-Windows-Security-Licensing-SLC", undefined, true],
  ["Security-SPP", undefined, true],
  ["Software Protection Platform Service", undefined, true],
  ["KmsRequests", undefined, true],
  ["", "Software Licensing Service", true],
  ["SQLISPackage110", undefined, false],
  ["SQLISPackage110", "Software Protection Platform Service", false],
  ["__proto__", undefined, false],
])("provider %s with source %s: licensing %s", (provider, source, expected) => {
  expect(isLicensingProvider(provider, source)).toBe(expected);
});
