import { describe, expect, test } from "@jest/globals";
import type { ZoneKind } from "../../licensing/planning.ts";
import { CRITERIA, type MethodCounts, methodOf, worksheetFinding, worksheetOf } from "../../licensing/worksheet.ts";

type Asked = Parameters<typeof methodOf>[0][number];
const license = (it: Partial<Asked>): Asked => ({
  application: "windows",
  addon: false,
  channel: "kms_client",
  status: "licensed",
  name: "Windows(R), Enterprise edition",
  product: "Windows 10 Enterprise",
  ...it,
});

test.each<[string, Asked[], ReturnType<typeof methodOf>]>([
  ["a KMS client", [license({ deadline: 7 })], { method: "kms", productClass: "client", until: 7 }],
  [
    "one activated by Active Directory",
    [license({ channel: "adba", deadline: 7 })],
    { method: "kms", productClass: "client", until: 7 },
  ],
  ["a KMS client in grace", [license({ status: "oot_grace" })], { method: "none", productClass: "client" }],
  ["a MAK", [license({ channel: "mak" })], { method: "mak", productClass: "client" }],
  [
    "a MAK that is not activated",
    [license({ channel: "mak", status: "notification" })],
    { method: "none", productClass: "client" },
  ],
  ["an OEM computer", [license({ channel: "oem" })], undefined],
  ["a KMS host", [license({ channel: "kms_host" })], undefined],
  ["nothing known", [], undefined],
  [
    "Windows before Office",
    [license({ application: "office", channel: "mak" }), license({})],
    { method: "kms", productClass: "client" },
  ],
  [
    "Office where nothing else has a key",
    [license({ application: "office", channel: "mak" })],
    { method: "mak", productClass: "office" },
  ],
  [
    "a server",
    [license({ name: "Windows(R), ServerStandard edition", channel: "mak" })],
    { method: "mak", productClass: "server" },
  ],
  ["an add-on says nothing", [license({ addon: true })], undefined],
])("%s", (_, licenses, expected) => {
  expect(methodOf(licenses)).toEqual(expected);
});

const counts = { client: { kms: 10, mak: 4, none: 3 } };
describe("Table 2", () => {
  test.each<[ZoneKind, number[]]>([
    ["core", [17, 10, 4, 0, 0, 0, 3]],
    ["disconnected", [17, 10, 4, 0, 0, 0, 3]],
    ["isolated", [17, 0, 0, 10, 4, 0, 3]],
    ["lab", [17, 0, 0, 10, 4, 3, 0]],
  ])("%s", (kind, expected) => {
    const rows = worksheetOf(kind, counts, undefined);
    expect(CRITERIA.map((it) => rows[it.criterion])).toEqual(expected);
  });
  test.each<[string, ZoneKind, MethodCounts, number | undefined, number[]]>([
    [
      "10 servers meet their threshold of 5",
      "isolated",
      { server: { kms: 0, mak: 10, none: 0 } },
      undefined,
      [10, 0, 0, 10, 0, 0, 0],
    ],
    [
      "10 clients do not meet theirs of 25",
      "isolated",
      { client: { kms: 0, mak: 10, none: 0 } },
      undefined,
      [10, 0, 0, 0, 10, 0, 0],
    ],
    ["4 servers do not", "isolated", { server: { kms: 0, mak: 4, none: 0 } }, undefined, [4, 0, 0, 0, 4, 0, 0]],
    [
      "clients and servers are counted together",
      "core",
      { client: { kms: 0, mak: 20, none: 0 }, server: { kms: 0, mak: 5, none: 0 } },
      undefined,
      [25, 25, 0, 0, 0, 0, 0],
    ],
    [
      "so are those that only the inventory knows",
      "core",
      { client: { kms: 0, mak: 20, none: 0 } },
      30,
      [30, 20, 0, 0, 0, 0, 10],
    ],
    [
      "a disconnected network is none that meets it",
      "disconnected",
      { client: { kms: 0, mak: 30, none: 0 } },
      undefined,
      [30, 0, 30, 0, 0, 0, 0],
    ],
  ])("%s", (_, kind, those, inventory, expected) => {
    const rows = worksheetOf(kind, those, inventory);
    expect(CRITERIA.map((it) => rows[it.criterion])).toEqual(expected);
  });
  test("row 7 is row 1 less all others, also below 0", () => {
    expect(worksheetOf("core", counts, 40).remaining).toBe(26);
    expect(worksheetOf("core", counts, 12).remaining).toBe(-2);
  });
  test.each([
    [undefined, { client: { kms: 1, mak: 0, none: 0 } }, undefined],
    [undefined, counts, expect.stringContaining("3 computers are not activated")],
    [20, counts, expect.stringContaining("6 computers are in the inventory")],
    [undefined, { server: { kms: 0, mak: 0, none: 1 } }, expect.stringContaining("1 computer is not activated")],
    [12, counts, expect.stringContaining("2 more computers are known than the inventory has")],
  ])("an inventory of %s leaves a finding", (inventory, those, expected) => {
    expect(worksheetFinding(worksheetOf("core", those, inventory), inventory)).toEqual(expected);
  });
});
