import { describe, expect, test } from "@jest/globals";
import { coverageBy, covers, editionOf, keyGroupOf } from "../../../licensing/kms/key-groups.ts";
import { productsFrom } from "../../../licensing/products.ts";
import { PRODUCT_SEED } from "../../../licensing/products-seed.ts";

const products = productsFrom();
const windowsKey = (listedAs: string) => keyGroupOf({ application: "windows", listedAs })!;
const edition = (name: string, application: "windows" | "office" = "windows") => editionOf(application, name)!;

/** Tables 3 to 5: what each group holds, newer generation first. */
const CLIENT_VL = [
  "Windows 7 Professional",
  "Windows 7 Enterprise",
  "Windows Vista Business",
  "Windows Vista Enterprise",
];
const GROUP_A = [
  "Windows Server 2008 R2 Web",
  "Windows Web Server 2008 R2",
  "Windows Server 2008 R2 HPC Edition",
  "Windows HPC Server 2008 R2",
  "Windows Server 2008 Web",
  "Windows Web Server 2008",
  "Windows Server 2008 Compute Cluster",
  "Windows Compute Cluster Server 2008",
];
const GROUP_B = [
  "Windows Server 2008 R2 Standard",
  "Windows Server 2008 R2 Enterprise",
  "Windows Server 2008 Standard",
  "Windows Server 2008 Enterprise",
  "Windows Server 2008 Standard without Hyper-V",
  "Windows Server 2008 Enterprise without Hyper-V",
];
const GROUP_C = [
  "Windows Server 2008 R2 Datacenter",
  "Windows Server 2008 R2 Itanium-based Systems",
  "Windows Server 2008 Datacenter",
  "Windows Server 2008 Datacenter without Hyper-V",
  "Windows Server 2008 Itanium-based Systems",
];
const SERVERS_2008 = [...GROUP_A, ...GROUP_B, ...GROUP_C];
const WINDOWS_8 = ["Windows 8 Professional", "Windows 8 Enterprise N"];
const WINDOWS_81 = ["Windows 8.1 Enterprise"];
const WINDOWS_10 = [
  "Windows 10 Professional",
  "Windows 10 Enterprise",
  "Windows 10 Education N",
  "Windows 10 Pro for Workstations",
  "Windows 10 Enterprise 2015 LTSB",
];
const LTSB_2016 = ["Windows 10 Enterprise 2016 LTSB", "Windows 10 Enterprise N 2016 LTSB"];
const LTSC = ["Windows 10 Enterprise LTSC 2019", "Windows 10 Enterprise LTSC 2021"];
const WINDOWS_11 = ["Windows 11 Enterprise"];
const LTSC_2024 = ["Windows 11 Enterprise LTSC 2024"];
const SERVER_2012 = ["Windows Server 2012 Standard", "Windows Server 2012 Datacenter"];
const SERVER_2012R2 = ["Windows Server 2012 R2 Standard", "Windows Server 2012 R2 Datacenter"];
const SERVER_2016 = ["Windows Server 2016 Standard", "Windows Server, version 1709 Datacenter"];
const SERVER_2019 = ["Windows Server 2019 Standard"];
const SERVER_2022 = ["Windows Server 2022 Datacenter"];
const SERVER_2025 = ["Windows Server 2025 Standard"];
const ALL = [
  ...[CLIENT_VL, SERVERS_2008, WINDOWS_8, WINDOWS_81, WINDOWS_10, LTSB_2016, LTSC, WINDOWS_11, LTSC_2024],
  ...[SERVER_2012, SERVER_2012R2, SERVER_2016, SERVER_2019, SERVER_2022, SERVER_2025],
].flat();

const UP_TO_81 = [...CLIENT_VL, ...WINDOWS_8, ...WINDOWS_81];
const UP_TO_10 = [...UP_TO_81, ...WINDOWS_10];
const UP_TO_2012R2 = [...SERVERS_2008, ...SERVER_2012, ...SERVER_2012R2];

/** Each key, by the name under which its ID is listed, and everything that it activates; all others it does not. */
const KEYS: readonly (readonly [listedAs: string, covered: readonly string[]])[] = [
  ["Windows Vista client KMS host", CLIENT_VL.slice(2)],
  ["Windows 7 client KMS host", CLIENT_VL],
  ["Windows Server 2008 KMS host, group A", [...CLIENT_VL.slice(2), ...GROUP_A.filter((it) => !it.includes("R2"))]],
  [
    "Windows Server 2008 KMS host, group B",
    [...CLIENT_VL.slice(2), ...[...GROUP_A, ...GROUP_B].filter((it) => !it.includes("R2"))],
  ],
  [
    "Windows Server 2008 KMS host, group C",
    [...CLIENT_VL.slice(2), ...SERVERS_2008.filter((it) => !it.includes("R2"))],
  ],
  ["Windows Server 2008 R2 KMS host, group A", [...CLIENT_VL, ...GROUP_A]],
  ["Windows Server 2008 R2 KMS host, group B", [...CLIENT_VL, ...GROUP_A, ...GROUP_B]],
  ["Windows Server 2008 R2 KMS host, group C", [...CLIENT_VL, ...SERVERS_2008]],
  ["Windows 8 client KMS host", [...CLIENT_VL, ...WINDOWS_8]],
  ["Windows 8.1 client KMS host (additional/lab key)", UP_TO_81],
  ["Windows Server 2012 KMS host", [...CLIENT_VL, ...WINDOWS_8, ...SERVERS_2008, ...SERVER_2012]],
  ["Windows Server 2012 R2 KMS host", [...UP_TO_81, ...UP_TO_2012R2]],
  ["Windows Server 2012 R2 KMS host for Windows 10 (additional/lab key)", [...UP_TO_10, ...UP_TO_2012R2]],
  ["Windows 10 client KMS host", UP_TO_10],
  ["Windows Server 2016 KMS host", [...UP_TO_10, ...LTSB_2016, ...UP_TO_2012R2, ...SERVER_2016]],
  [
    "Windows Server 2019 KMS host",
    [...UP_TO_10, ...LTSB_2016, ...LTSC, ...UP_TO_2012R2, ...SERVER_2016, ...SERVER_2019],
  ],
  ["Windows Server 2022 KMS host", ALL.filter((it) => !LTSC_2024.includes(it) && !SERVER_2025.includes(it))],
  ["Windows Server 2025 KMS host", ALL],
];

describe("Windows host keys", () => {
  test.each(KEYS)("%s", (listedAs, covered) => {
    const key = windowsKey(listedAs);
    expect(ALL.filter((it) => covers(key, edition(it)))).toEqual(ALL.filter((it) => covered.includes(it)));
  });

  test.each([
    ["Windows(R) 7, VOLUME_KMS_W7 channel", "Windows 7 client"],
    ["Windows Operating System - Windows Server(R) 2008 R2, VOLUME_KMS_R2_A channel", "Windows Server 2008 R2 group A"],
    ["Windows Operating System - Windows Server(R) 2008 R2, VOLUME_KMS_R2_C channel", "Windows Server 2008 R2 group C"],
    ["Windows Operating System - Windows Server(R), VOLUME_KMS_B channel", "Windows Server 2008 group B"],
    ["Windows(R) Operating System, VOLUME_KMS_W10 channel", "Windows 10 client"],
    ["Windows(R) Operating System, VOLUME_KMS_2012-R2 channel", "Windows Server 2012 R2"],
    ["Windows(R) Operating System, VOLUME_KMS_2012-R2_WIN10 channel", "Windows Server 2012 R2 for Windows 10"],
    ["Windows(R) Operating System, VOLUME_KMS_WS12 channel", "Windows Server 2012"],
    ["Windows(R) Operating System, VOLUME_KMS_WS16 channel", "Windows Server 2016"],
    ["Windows(R) Operating System, VOLUME_KMS_WS19 channel", "Windows Server 2019"],
    ["Windows(R) Operating System, volume_kms_ws22 channel", "Windows Server 2022"],
    ["Windows(R) Operating System, VOLUME_KMS_WS25 channel", "Windows Server 2025"],
    ["Windows(R) Operating System, VOLUME_KMS channel", undefined],
    ["Windows(R) Operating System, VOLUME_KMS_WS31 channel", undefined],
    ["Windows(R) Operating System, VOLUME_KMSCLIENT channel", undefined],
  ])("whose ID nobody listed: %s", (description, name) => {
    expect(keyGroupOf({ application: "windows", description })?.name).toBe(name);
  });

  test("what is listed goes before what is described", () => {
    const description = "Windows(R) Operating System, VOLUME_KMS_WS22 channel";
    expect(keyGroupOf({ application: "windows", listedAs: "Windows 7 client KMS host", description })?.name).toBe(
      "Windows 7 client",
    );
  });
});

describe("Office host keys cover their own version only", () => {
  const clients = ["Office Professional Plus 2010", "Word 2013", "Visio Standard 2016 (Click-to-Run volume)"].concat([
    "Office Professional Plus 2019",
    "Office LTSC Standard 2021",
    "Office LTSC Professional Plus 2024",
  ]);
  test.each([
    [{ listedAs: "Office 2013 KMS host" }, "Word 2013"],
    [{ listedAs: "Office 2016 KMS host (variant)" }, "Visio Standard 2016 (Click-to-Run volume)"],
    [{ listedAs: "Office 2019 KMS host" }, "Office Professional Plus 2019"],
    [{ listedAs: "Office LTSC 2021 KMS host" }, "Office LTSC Standard 2021"],
    [{ description: "Office 24, VOLUME_KMS channel" }, "Office LTSC Professional Plus 2024"],
    [{ name: "Office 14, OfficeKMSHostVL_KMS_Host edition" }, "Office Professional Plus 2010"],
  ])("%j", (key, product) => {
    const group = keyGroupOf({ application: "office", ...key })!;
    expect(clients.filter((it) => covers(group, edition(it, "office")))).toEqual([product]);
    expect(ALL.filter((it) => covers(group, edition(it)))).toEqual([]);
  });
  test("a version nobody knows is of no group", () => {
    expect(keyGroupOf({ application: "office", description: "Office 31, VOLUME_KMS channel" })).toBeUndefined();
  });
});

test("every product of the seed has its edition, but for those that no table places; every key has its group", () => {
  const clients = PRODUCT_SEED.filter(([, name]) => !name.includes("CSVLK"));
  const without = clients.filter(([, name, application]) => !editionOf(application, name)).map((it) => it[1]);
  expect(
    without.every((it) => /Embedded|Thin PC|MultiPoint|Enterprise G|semi-annual|LTSC 2019 and later/.test(it)),
  ).toBe(true);
  const keys = PRODUCT_SEED.filter(([, name]) => name.includes("CSVLK")).map(([id, , application]) => ({
    application,
    listedAs: products.label(id),
  }));
  expect(keys.filter((it) => !keyGroupOf(it)).map((it) => it.listedAs)).toEqual(["Windows 10 Enterprise G KMS host"]);
});

describe("a host with several keys", () => {
  const key = (application: "windows" | "office", listedAs?: string) => ({
    application,
    group: keyGroupOf({ application, listedAs }),
  });
  const server = edition("Windows Server 2016 Standard");
  test.each([
    [
      "the best one counts",
      [key("windows", "Windows 7 client KMS host"), key("windows", "Windows Server 2019 KMS host")],
      "covered",
    ],
    [
      "none of them",
      [key("windows", "Windows 7 client KMS host"), key("windows", "Windows 10 client KMS host")],
      "uncovered",
    ],
    ["one that nobody knows might", [key("windows", "Windows 7 client KMS host"), key("windows")], "unknown"],
    ["keys of another family do not matter", [key("office", "Office 2016 KMS host")], "no_key"],
    ["none is seen", [], "no_key"],
  ])("%s", (_, keys, expected) => {
    expect(coverageBy(keys, "windows", server)).toBe(expected);
  });
  test.each([
    "Contoso build",
    "Windows Embedded POSReady 7",
    "Windows Server 2031 Standard",
    "Windows 10 Enterprise G",
    "Windows Server 2008 R2",
  ])("%s is of no edition", (name) => {
    expect(editionOf("windows", name)).toBeUndefined();
  });
});
