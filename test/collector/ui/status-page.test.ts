import { describe, expect, test } from "@jest/globals";
import type { FleetOverview } from "../../../collector/summary/fleet-overview.ts";
import type { KmsHostItem, Threshold } from "../../../collector/summary/kms/kms-host-item.ts";
import { TEXTS } from "../../../collector/ui/locales/languages.ts";
import { type StatusPageParts, statusPage } from "../../../collector/ui/pages/status-page.ts";
import { UTC } from "../../../collector/ui/time-zone.ts";
import type { HealthState } from "../../../licensing/kms/health.ts";
import { DAY, HOUR, iso } from "../../../licensing/time.ts";
import { ADDRESSES, NO_FLEET, PARTS } from "./overview-parts.ts";

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
  alerts: [],
  ...more,
});
const CONTEXT = { language: "en", t: TEXTS.en, url: "/", version: "1", now: NOW, timeZone: UTC } as const;
const page = (...items: KmsHostItem[]) => statusPage({ items }, CONTEXT, PARTS);
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
    expect(page()).toContain(`${ADDRESSES.otlp}/v1/logs`);
  });
});

test("the worst host comes first, and a host has one card for all that it counts", () => {
  const text = page(
    host("safe"),
    host("safe", { application: "office" }),
    host("below", { kms_host: "kms02.contoso.com" }, { headroom: -2 }),
  );
  expect(text.match(/<h2>kms[^<]+/g)).toEqual(["<h2>kms02.contoso.com ", "<h2>kms01.contoso.com "]);
  expect(text).toContain("2 missing");
});

describe("what to do next", () => {
  const steps = (parts: Partial<StatusPageParts>, ...items: KmsHostItem[]) =>
    [...statusPage({ items }, CONTEXT, { ...PARTS, ...parts }).matchAll(/<li class="finding (\w+)">(.*?)<\/li>/g)].map(
      ([, level, text]) => `${level}: ${text!.replaceAll(/<[^>]+>/g, "")}`,
    );
  const fleet = (more: Partial<FleetOverview>): Partial<StatusPageParts> => ({
    fleet: { ...NO_FLEET, computers: { reporting: 100, silent: 0, retired: 0 }, ...more },
  });
  test("nothing, where all is well", () => {
    expect(steps(fleet({ licenses: [{ status: "licensed", licenses: 100 }], overdue: 5 }), host("safe"))).toEqual([]);
    expect(statusPage({ items: [host("safe")] }, CONTEXT, PARTS)).toContain("Nothing to do.");
  });
  test("the worst KMS host first, each with its first alert's runbook, and how many there are more", () => {
    const near = Array.from({ length: 6 }, (_, i) => host("near", { kms_host: `kms${i + 3}`, reasons: ["Near."] }));
    const below = host("below", { reasons: ["Too few."], alerts: ["KmsCountBelowThreshold"] });
    expect(steps({}, ...near, below)).toEqual([
      "risk: kms01.contoso.com Too few. Runbook: KmsCountBelowThreshold",
      ...[3, 4, 5, 6].map((it) => `watch: kms${it} Near.`),
      "watch: 2 more",
    ]);
  });
  test.each<[Partial<FleetOverview>, string]>([
    [{ licenses: [{ status: "notification", licenses: 1 }] }, "risk: 1 license is in notification state"],
    [{ deadlines: { within7Days: 2, within30Days: 3, passed: 0 } }, "watch: 2 computers reach a license deadline"],
    [{ overdue: 6 }, "watch: 6 computers are overdue"],
    [{ computers: { reporting: 7, silent: 3, retired: 0 } }, "unknown: 3 computers have stopped reporting"],
    [{ agents: { ...NO_FLEET.agents, failingSources: 2 } }, "watch: 2 agent sources cannot be read"],
  ])("%j: %s", (more, expected) => {
    expect(steps(fleet(more), host("safe"))).toEqual([expect.stringContaining(expected)]);
  });
});

test("licenses that were never read are not shown as 0", () => {
  const text = statusPage({ items: [host("safe")] }, CONTEXT, {
    ...PARTS,
    fleet: { ...NO_FLEET, computers: { reporting: 30, silent: 0, retired: 0 } },
  });
  expect(text).toContain("No license state was read yet");
  expect(text).not.toContain("computers past their deadline");
});

test("five hundred KMS hosts stay under 100 KB: the worst have cards, the others are links", () => {
  const hosts = Array.from({ length: 500 }, (_, i) =>
    host("safe", { kms_host: `kms${i}.${"long.".repeat(10)}contoso.com` }),
  );
  const text = statusPage({ items: [...hosts, host("below")] }, CONTEXT, PARTS);
  expect(text.length).toBeLessThan(100_000);
  expect(text.indexOf("<h2>kms01.contoso.com")).toBeLessThan(text.indexOf("<h2>kms0."));
  expect(text).toContain("285 more");
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
    ...PARTS,
    refused: [{ cause: "too_large", requests: 7, address: "10.0.0.7", last: NOW, detail: evil }],
  });
  expect(text).toMatch(
    /Refused requests.*<th>too large \(413\)<\/th><td>7<\/td><td>10\.0\.0\.7 <small><time[^>]*>2026-11-20 12:00 UTC<\/time><\/small>.*send less at once.* <small>&lt;script&gt;/s,
  );
  expect(page()).not.toContain("Refused requests");
});
