import { expect, test } from "@jest/globals";
import { zonesFrom } from "../../licensing/zones.ts";

const zoneOf = zonesFrom([
  { name: "core", computers: ["KMS01.contoso.com", "*.hq.contoso.com"], networks: ["10.0.0.0/8", "2001:db8::/32"] },
  {
    name: "lab",
    computers: ["lab7-??.*", "*.hq.contoso.com"],
    networks: ["10.7.0.0/16", "2001:db8:7::/48", "10.0.0.0/8"],
  },
]);

test.each([
  ["kms01.contoso.com", "branch", "core"],
  ["pc1.hq.contoso.com", undefined, "core"],
  ["lab7-01.contoso.com", undefined, "lab"],
  ["lab7-001.contoso.com", "branch", "branch"],
  ["pc1xhq.contoso.com", undefined, "unassigned"],
  ["pc1", 'a"b\n', "unassigned"],
])("%s, whose agent says %p, is in %s", (computer, reported, zone) => {
  expect(zoneOf(computer, { zone: reported }, new Set())).toBe(zone);
});

test.each([
  ["names go before networks", "lab7-01.contoso.com", "10.1.0.1", "branch", "lab"],
  ["networks go before the agent's own zone", "pc1", "10.1.2.3", "branch", "core"],
  ["a longer prefix goes before a shorter one", "pc1", "10.7.2.3", "branch", "lab"],
  ["of two equal networks the first counts", "pc1", "10.8.2.3", undefined, "core"],
  ["IPv6", "pc1", "2001:db8:1::1", undefined, "core"],
  ["a longer IPv6 prefix", "pc1", "2001:db8:7::1", undefined, "lab"],
  ["an IPv4 prefix counts 96 bits more", "pc1", "2001:db8:7::1 10.1.0.1", undefined, "core"],
  ["any order of addresses", "pc1", "10.1.0.1 2001:db8:7::1 10.7.0.1", undefined, "lab"],
  ["no network", "pc1", "192.168.0.1", "branch", "branch"],
  ["no address", "pc1", "", "branch", "branch"],
  ["an IPv4 address in IPv6 form", "pc1", "::ffff:10.7.0.1", undefined, "lab"],
])("%s", (_, computer, addresses, zone, expected) => {
  expect(zoneOf(computer, { zone, addresses }, new Set())).toBe(expected);
});

test("the zones that agents name stay bounded", () => {
  const open = zonesFrom([]);
  const known = new Set<string>();
  for (let i = 0; i < 100; i++) {
    expect(open("pc", { zone: `zone-${i}` }, known)).toBe(`zone-${i}`);
    known.add(`zone-${i}`);
  }
  expect(open("pc", { zone: "zone-100" }, known)).toBe("other");
  expect(open("pc", { zone: "zone-7" }, known)).toBe("zone-7");
  expect(known.size).toBe(100);
});
