import { BlockList, isIP } from "node:net";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { networkFinder, parseAddress, parseNetwork, tellingAddresses } from "../../licensing/networks.ts";

test.each([
  ["10.7.0.1", { family: 4, value: 0x0a07_0001n }],
  ["255.255.255.255", { family: 4, value: 0xffff_ffffn }],
  ["::", { family: 6, value: 0n }],
  ["::1", { family: 6, value: 1n }],
  ["2001:DB8::1", { family: 6, value: (0x2001_0db8n << 96n) | 1n }],
  ["1:2:3:4:5:6:7:8", { family: 6, value: 0x0001_0002_0003_0004_0005_0006_0007_0008n }],
  ["64:ff9b::10.7.0.1", { family: 6, value: (0x64_ff9bn << 96n) | 0x0a07_0001n }],
  ["::ffff:10.7.0.1", { family: 4, value: 0x0a07_0001n }],
])("%s is an address", (text, address) => {
  expect(parseAddress(text)).toEqual(address);
});

test.each([
  "",
  "10.7.0",
  "10.7.0.256",
  "10.7.0.1.2",
  "pc1",
  ":::",
  "1::2::3",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7::8",
  "g::1",
  "12345::",
  "fe80::1%eth0",
  "::10.7.0.1:1",
  "10.7.0.1::",
  "1::2:",
])("%p is no address", (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

test.each(["10.7.0.0/16", "0.0.0.0/0", "2001:db8::/32", "::/0", "10.7.0.1", "10.7.0.1/32", "2001:db8::1/128"])(
  "%s is a network",
  (text) => {
    expect(parseNetwork(text)).toBeDefined();
  },
);

test.each([
  "10.7.0.1/16",
  "10.7.0.0/33",
  "10.7.0.0/",
  "10.7.0.0/-1",
  "10.7.0.0/16/8",
  "2001:db8::1/32",
  "::/129",
  "10.7",
])("%s is no network", (text) => {
  expect(parseNetwork(text)).toBeUndefined();
});

const hex = fc.nat(0xffff).map((it) => it.toString(16));
const v4 = fc.ipV4();
const v6 = fc.oneof(
  fc.ipV6(),
  fc.array(hex, { minLength: 8, maxLength: 8 }).map((it) => it.join(":")),
);

test("what Node takes for an address is one here, and no other text", () => {
  fc.assert(
    fc.property(fc.oneof(v4, v6, fc.stringMatching(/^[0-9a-f:.]{1,20}$/)), (text) => {
      expect(parseAddress(text) !== undefined).toBe(isIP(text) !== 0);
    }),
    { numRuns: 2_000 },
  );
});

test("an address is in a network as Node's own list says", () => {
  fc.assert(
    fc.property(v4, v4, fc.nat(32), (address, base, prefix) => {
      const value = (parseAddress(base)!.value >> BigInt(32 - prefix)) << BigInt(32 - prefix);
      const first = [24n, 16n, 8n, 0n].map((it) => (value >> it) & 255n).join(".");
      const list = new BlockList();
      list.addSubnet(first, prefix, "ipv4");
      const find = networkFinder([{ name: "in", networks: [`${first}/${prefix}`] }]);
      expect(find?.([address]) === "in").toBe(list.check(address, "ipv4"));
    }),
    { numRuns: 1_000 },
  );
});

test("addresses that tell nothing are left out; each counts once, in one order, ten at most", () => {
  expect(
    tellingAddresses([
      "127.0.0.1",
      "::1",
      "169.254.7.7",
      "FE80::1",
      "febf::1",
      "0.0.0.0",
      "::",
      "224.0.0.1",
      "ff02::1",
      "x",
    ]),
  ).toEqual([]);
  expect(tellingAddresses(["2001:DB8::1", "10.0.0.2", "10.0.0.1", "10.0.0.2", "fec0::1"])).toEqual([
    "10.0.0.1",
    "10.0.0.2",
    "2001:db8::1",
    "fec0::1",
  ]);
  expect(tellingAddresses(Array.from({ length: 50 }, (_, i) => `10.0.0.${i}`))).toHaveLength(10);
});
