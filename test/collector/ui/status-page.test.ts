import { describe, expect, test } from "@jest/globals";
import type { Threshold } from "../../../collector/summary/kms-host-item.ts";
import { statusPage } from "../../../collector/ui/status-page.ts";
import { DAY, HOUR, iso } from "../../../licensing/time.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
type Item = Parameters<typeof statusPage>[0]["items"][number];
const host = (threshold: Partial<Threshold> = {}, more: Partial<Item> = {}, name = "client"): Item => ({
  kms_host: "kms01.contoso.com",
  zone: "core",
  application: "windows",
  effective_clients: 40,
  complete: true,
  known_until: { ledger: iso(NOW - HOUR), reported: undefined },
  thresholds: { [name]: { required: 25, headroom: 15, reached: true, ...threshold } } as Item["thresholds"],
  duplicate_machine_ids: [],
  findings: [],
  ...more,
});
const page = (...items: Item[]) => statusPage({ items }, { version: "1", now: NOW });
const verdict = (...items: Item[]) => /class="verdict \w+"><b>([A-Z ]+)</.exec(page(...items))?.[1];

describe("the verdict", () => {
  test.each<[string, Item[], string]>([
    ["enough", [host()], "SAFE"],
    ["five clients to spare", [host({ headroom: 5 })], "WATCH"],
    ["five Office computers to spare", [host({ headroom: 5 }, {}, "office")], "SAFE"],
    ["below after it was reached", [host({ headroom: -1 })], "AT RISK"],
    ["below before it was ever reached", [host({ headroom: -1, reached: false })], "WATCH"],
    ["falls within a week", [host({ below_threshold_at: iso(NOW + 7 * DAY) })], "WATCH"],
    [
      "falls within a week, by a log with holes",
      [host({ below_threshold_at: iso(NOW + 7 * DAY) }, { complete: false })],
      "SAFE",
    ],
    ["falls in a month", [host({ below_threshold_at: iso(NOW + 28 * DAY) })], "SAFE"],
    ["a count that is not known", [host({ headroom: undefined as never })], "UNKNOWN"],
    ["known two days ago", [host({}, { known_until: { ledger: iso(NOW - 2 * DAY) } })], "UNKNOWN"],
    ["below two days ago", [host({ headroom: -1 }, { known_until: { ledger: iso(NOW - 2 * DAY) } })], "UNKNOWN"],
    ["never heard", [host({}, { thresholds: {}, known_until: {}, effective_clients: undefined as never })], "UNKNOWN"],
    [
      "the worst of several",
      [host(), host({ headroom: -1 }, { kms_host: "kms02" }), host({}, { kms_host: "kms03", known_until: {} })],
      "AT RISK",
    ],
    [
      "unknown is worse than nearly too few",
      [host({ headroom: 1 }), host({}, { kms_host: "kms03", known_until: {} })],
      "UNKNOWN",
    ],
  ])("%s", (_, items, expected) => {
    expect(verdict(...items)).toBe(expected);
  });
  test("before the first KMS host there is none", () => {
    expect(verdict()).toBeUndefined();
    expect(page()).toContain("Waiting for the first KMS host");
  });
});

test("the worst host comes first, and a host has one card for all that it counts", () => {
  const text = page(
    host(),
    host({}, { application: "office" }, "office"),
    host({ headroom: -2 }, { kms_host: "kms02.contoso.com" }),
  );
  expect(text.match(/<h2>[^<]+/g)).toEqual(["<h2>kms02.contoso.com ", "<h2>kms01.contoso.com "]);
  expect(text).toContain("2 missing");
});

test.each([
  [NOW + 90 * 60_000, "in 90 minutes"],
  [NOW + 30 * HOUR, "in 30 hours"],
  [NOW + 12 * DAY, "in 12 days"],
  [NOW - HOUR, "fell on 2026-11-20 11:00 UTC"],
])("%d: %s", (at, expected) => {
  expect(page(host({ below_threshold_at: iso(at) }))).toContain(expected);
});

test("what comes from outside is text, never markup", () => {
  const evil = '<script>alert("x")</script>';
  const text = page(host({}, { kms_host: evil, zone: evil, findings: [evil] }, evil));
  expect(text).not.toContain("<script");
  expect(text).toContain("&lt;script&gt;");
});
