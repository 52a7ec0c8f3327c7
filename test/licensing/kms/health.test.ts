import { describe, expect, test } from "@jest/globals";
import { classHealth, type HealthFacts, healthOf } from "../../../licensing/kms/health.ts";
import { DAY, HOUR } from "../../../licensing/time.ts";

/** Whole hosts are in test/support/health-cases.ts; here is what a host's facts alone do not reach. */
const NOW = Date.parse("2026-11-20T12:00:00Z");
const facts = (more: Partial<HealthFacts> = {}): HealthFacts => ({
  application: "windows",
  now: NOW,
  keys: [],
  keyLost: false,
  probes: [],
  knownUntil: NOW,
  counted: true,
  complete: true,
  classes: [{ productClass: "client", required: 25, headroom: 15, reached: true }],
  ...more,
});
const seen = (probe: string, proberZone: string, up: boolean) => ({ probe, proberZone, up });
const client = (more: object) => [{ productClass: "client" as const, required: 25, reached: true, ...more }];

describe("health", () => {
  test.each<[string, Partial<HealthFacts>, string]>([
    ["all is well", {}, "safe"],
    [
      "it takes connections and serves nobody",
      { probes: [seen("tcp", "core", true), seen("rpc", "core", false)] },
      "down",
    ],
    ["another zone reaches it", { probes: [seen("tcp", "core", true), seen("tcp", "dmz", false)] }, "safe"],
    ["exactly the threshold", { classes: client({ headroom: 0 }) }, "near"],
    ["five to spare", { classes: client({ headroom: 5 }) }, "near"],
    ["six to spare", { classes: client({ headroom: 6 }) }, "safe"],
    ["between", { counted: false, classes: client({ between: [22, 30] }) }, "unknown"],
    ["silent for 23 hours", { knownUntil: NOW - 23 * HOUR }, "safe"],
    [
      "silent for 25 hours, below when it was last heard",
      { knownUntil: NOW - 25 * HOUR, classes: client({ headroom: -1 }) },
      "unknown",
    ],
    ["a forecast of 13 days", { classes: client({ headroom: 9, belowThresholdAt: NOW + 13 * DAY }) }, "falling"],
    [
      "the same by a log with gaps",
      { complete: false, classes: client({ headroom: 9, belowThresholdAt: NOW + 13 * DAY }) },
      "safe",
    ],
    ["nobody asked, and the count is known", { classes: [] }, "safe"],
    ["nobody asked, and the count is not known", { classes: [], counted: false }, "unknown"],
  ])("%s", (_, more, state) => {
    expect(healthOf(facts(more)).state).toBe(state);
  });

  test("every reason is told, the worst first; maintenance comes before all", () => {
    const bad = facts({
      refusal: { code: "0xC004F041", requests: 3, lastAt: NOW },
      probes: [seen("tcp", "core", false)],
      classes: client({ headroom: 2, belowThresholdAt: NOW + DAY }),
    });
    const states = ["refusing", "down", "near", "falling"];
    expect(healthOf(bad).reasons.map((it) => it.state)).toEqual(states);
    const maintenance = { until: NOW + HOUR, reason: "" };
    expect(healthOf({ ...bad, maintenance }).reasons.map((it) => it.state)).toEqual(["maintenance", ...states]);
    expect(healthOf({ ...bad, maintenance }).state).toBe("maintenance");
  });

  test("of each class what is said of it alone, or of the whole host", () => {
    const health = healthOf(
      facts({
        classes: [
          { productClass: "client", required: 25, headroom: -3, reached: true },
          { productClass: "server", required: 5, headroom: 17, reached: true },
        ],
      }),
    );
    expect([classHealth(health, "client"), classHealth(health, "server")]).toEqual(["below", "safe"]);
  });
});
