import { describe, expect, test } from "@jest/globals";
import type { KmsHostItem, Threshold } from "../../../collector/summary/kms-host-item.ts";
import { TEXTS } from "../../../collector/ui/locales/languages.ts";
import { statusPage } from "../../../collector/ui/status-page.ts";
import { UTC } from "../../../collector/ui/time-zone.ts";
import type { HealthState } from "../../../licensing/kms/health.ts";
import { DAY, HOUR, iso } from "../../../licensing/time.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const host = (
  health: HealthState,
  more: Partial<KmsHostItem> = {},
  threshold: Partial<Threshold> = {},
): KmsHostItem => ({
  kms_host: "kms01.contoso.com",
  zone: "core",
  application: "windows",
  health,
  reasons: [],
  effective_clients: 40,
  complete: true,
  known_until: { ledger: iso(NOW - HOUR), reported: undefined },
  duplicate_machine_ids: [],
  thresholds: { client: { required: 25, health, headroom: 15, reached: true, ...threshold } },
  findings: [],
  ...more,
});
const CONTEXT = { language: "en", t: TEXTS.en, url: "/", version: "1", now: NOW, timeZone: UTC } as const;
const page = (...items: KmsHostItem[]) => statusPage({ items }, CONTEXT);
const verdict = (...items: KmsHostItem[]) => /class="verdict \w+"><b>([A-Z ]+)</.exec(page(...items))?.[1];

/** What health a host has is tested in summary/kms-health.test.ts, with this page. */
describe("the verdict", () => {
  test.each<[string, KmsHostItem[], string]>([
    ["one host", [host("near")], "WATCH"],
    ["the worst of several", [host("safe"), host("below", { kms_host: "kms02" }), host("unknown")], "AT RISK"],
    ["little headroom is worse than no data", [host("near"), host("unknown", { kms_host: "kms03" })], "WATCH"],
    ["Office beside Windows", [host("safe"), host("refusing", { application: "office" })], "AT RISK"],
    [
      "products that nobody named make no host unknown",
      [host("safe"), host("unknown", { application: "unknown" })],
      "SAFE",
    ],
    ["their refusal counts", [host("safe"), host("refusing", { application: "unknown" })], "AT RISK"],
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
    host("safe"),
    host("safe", { application: "office" }),
    host("below", { kms_host: "kms02.contoso.com" }, { headroom: -2 }),
  );
  expect(text.match(/<h2>[^<]+/g)).toEqual(["<h2>kms02.contoso.com ", "<h2>kms01.contoso.com "]);
  expect(text).toContain("2 missing");
});

test.each([
  [NOW + 90 * 60_000, "in 90 minutes"],
  [NOW + 30 * HOUR, "in 30 hours"],
  [NOW + 12 * DAY, "in 12 days"],
  [NOW - HOUR, "fell 2026-11-20 11:00 UTC"],
])("%d: %s", (at, expected) => {
  const text = page(host("safe", {}, { below_threshold_at: iso(at) })).replaceAll(/<\/?time[^>]*>/g, "");
  expect(text).toContain(expected);
});

test("what comes from outside is text, never markup", () => {
  const evil = '<script>alert("x")</script>';
  const text = page(host("safe", { kms_host: evil, zone: evil, findings: [evil] }));
  expect(text).not.toContain("<script");
  expect(text).toContain("&lt;script&gt;");
});

test("refused requests: each cause with its count, its last sender and what to do; nothing where there are none", () => {
  const evil = "<script>";
  const text = statusPage({ items: [] }, CONTEXT, {
    refused: [{ cause: "too_large", requests: 7, address: "10.0.0.7", last: NOW, detail: evil }],
  });
  expect(text).toMatch(
    /Refused requests.*<th>too large \(413\)<\/th><td>7<\/td><td>10\.0\.0\.7 <small><time[^>]*>2026-11-20 12:00 UTC<\/time><\/small>.*send less at once.* <small>&lt;script&gt;/s,
  );
  expect(page()).not.toContain("Refused requests");
});
