import { expect, test } from "@jest/globals";
import { zonesFrom } from "../../licensing/zones.ts";

const zoneOf = zonesFrom([
  { name: "core", computers: ["KMS01.contoso.com", "*.hq.contoso.com"] },
  { name: "lab", computers: ["lab7-??.*", "*.hq.contoso.com"] },
]);

test.each([
  ["kms01.contoso.com", "branch", "core"],
  ["pc1.hq.contoso.com", undefined, "core"],
  ["lab7-01.contoso.com", undefined, "lab"],
  ["lab7-001.contoso.com", "branch", "branch"],
  ["pc1xhq.contoso.com", undefined, "unassigned"],
  ["pc1", 'a"b\n', "unassigned"],
])("%s, whose agent says %p, is in %s", (computer, reported, zone) => {
  expect(zoneOf(computer, reported, new Set())).toBe(zone);
});

test("the zones that agents name stay bounded", () => {
  const open = zonesFrom([]);
  const known = new Set<string>();
  for (let i = 0; i < 100; i++) {
    expect(open("pc", `zone-${i}`, known)).toBe(`zone-${i}`);
    known.add(`zone-${i}`);
  }
  expect(open("pc", "zone-100", known)).toBe("other");
  expect(open("pc", "zone-7", known)).toBe("zone-7");
  expect(known.size).toBe(100);
});
