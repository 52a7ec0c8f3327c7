import { describe, expect, test } from "@jest/globals";
import { isServer, OTHER_PRODUCT, productsFrom } from "../../licensing/products.ts";
import { PRODUCT_SEED } from "../../licensing/products-seed.ts";

const SERVER_2022 = "9bd77860-9b31-4b7b-96ad-2564017315bf";

describe("the seed table", () => {
  test("names each activation ID once", () => {
    expect(new Set(PRODUCT_SEED.map(([id]) => id)).size).toBe(PRODUCT_SEED.length);
  });
  test.each([
    [SERVER_2022, "Windows Server 2022 Standard", "windows", 5],
    ["34e1ae55-27f8-4950-8877-7a03be5fb181", "Windows Server 2019 Datacenter", "windows", 5],
    ["7dc26449-db21-4e09-ba37-28f2958506a6", "Windows Server 2025 Standard", "windows", 5],
    ["c052f164-cdf6-409a-a0cb-853ba0f0f55a", "Windows Server 2025 Datacenter", "windows", 5],
    ["32d2fab3-e4a8-42c2-923b-4bf4fd13e6ee", "Windows Enterprise LTSC 2019 and later", "windows", 25],
    ["7103a333-b8c8-49cc-93ce-d37c09687f92", "Windows Enterprise N LTSC 2019 and later", "windows", 25],
    ["6912a74b-a5fb-401a-bfdb-2e3ab46f4b02", "Office Standard 2019", "office", 5],
    ["fa187091-8246-47b1-964f-80a0b1e5d69a", "Visio LTSC Professional 2024", "office", 5],
    ["9f144f27-2ac5-40b9-899d-898c2b8b4f81", "Project Standard 2024", "office", 5],
  ])("%s is %s", (id, name, application, need) => {
    expect(productsFrom().find(id)).toEqual({ name, application, need, catalogued: true });
  });
  test("the need of a family is 25 for client Windows, 5 for servers and Office, or unconfirmed", () => {
    for (const [, name, application, need] of PRODUCT_SEED) {
      const expected = application === "windows" && !isServer({ name: "", product: name }) ? 25 : 5;
      expect([expected, undefined]).toContain(need);
      if (name.includes("CSVLK")) expect(need).toBeUndefined();
    }
  });
});

describe("configuration, then what WMI taught, then the seed", () => {
  test("what WMI taught wins over the seed, and keeps the need that the seed knows", () => {
    const products = productsFrom();
    expect(products.learn(SERVER_2022, "Office 31, of a new kind", "office")).toBe(true);
    expect(products.find(SERVER_2022)).toMatchObject({ application: "office", need: 5 });
    expect(products.label(SERVER_2022)).toBe("Windows Server 2022 Standard");
  });
  test("configuration wins over both", () => {
    const products = productsFrom([{ activationId: SERVER_2022, name: "Ours", application: "office2010" }]);
    expect(products.learn(SERVER_2022, "x", "office")).toBe(false);
    expect(products.find(SERVER_2022)).toMatchObject({ name: "Ours", application: "office2010" });
  });
  test("agents that disagree give the same family in every order", () => {
    const id = "99999999-5555-4444-8888-999999999999";
    const families = ["office", "windows", "office2010"] as const;
    for (const order of [families, families.toReversed(), [families[1], families[0], families[2]]]) {
      const products = productsFrom();
      for (const it of order) products.learn(id, it, it);
      expect(products.find(id)?.application).toBe("windows");
      expect(products.label(id)).toBe(OTHER_PRODUCT);
    }
  });
});

test.each([
  ["Windows(R), ServerStandard edition", "other", true],
  ["Windows(R), ServerDatacenterCor edition", "other", true],
  ["73111121", "Windows Server 2016 Standard", true],
  ["Windows(R), Enterprise edition", "Windows 10 Enterprise", false],
  ["Windows(R), ServerRdsh edition", "Windows 10 Enterprise multi-session", false],
])("%s (%s) is a server: %s", (name, product, expected) => {
  expect(isServer({ name, product })).toBe(expected);
});
