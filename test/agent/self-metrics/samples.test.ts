import { spawnSync } from "node:child_process";
import { describe, expect, test } from "@jest/globals";
import { agentSamples, readingSamples } from "../../../agent/self-metrics/samples.ts";
import type { LicensingFact } from "../../../licensing/facts.ts";
import { expose } from "../../../licensing/telemetry/exposition.ts";
import { METRICS } from "../../../licensing/telemetry/metrics.ts";
import { LOCAL_METRICS } from "../../../licensing/telemetry/metrics-self.ts";
import { DAY, MINUTE } from "../../../licensing/time.ts";
import { heartbeat, hostReading, licensing, OFFICE16, product, seriesOf, WIN10 } from "../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const seriesFrom = (fact: LicensingFact) => seriesOf(expose(readingSamples(fact, T), "text", LOCAL_METRICS));
/** Of one metric: its label values joined, and its value. */
const figures = (fact: LicensingFact, name: string) =>
  Object.fromEntries(
    [...seriesFrom(fact)]
      .filter(([key]) => key.startsWith(`activation_local_${name}`))
      .map(([key, value]) => [[...key.matchAll(/="([^"]*)"/g)].map((it) => it[1]).join("|"), value]),
  );
const WINDOWS = `windows|Windows(R), Enterprise edition|${WIN10}`;

describe("figures of one reading", () => {
  test("a client of KMS: each status as 0 or 1, its deadline, its last renewal, its host", () => {
    const fact = licensing(
      [product({ GracePeriodRemaining: 259_200 - 60, DiscoveredKeyManagementServiceMachineName: "KMS01.contoso.com" })],
      { service: { RemainingWindowsReArmCount: 3 } },
    );
    const statuses = figures(fact, "license_status");
    expect(Object.keys(statuses)).toHaveLength(7);
    expect(Object.entries(statuses).filter(([, it]) => it === 1)).toEqual([[`${WINDOWS}|kms_client|licensed`, 1]]);
    const deadline = (T + 180 * DAY - 60 * MINUTE) / 1_000;
    expect(figures(fact, "license_deadline")).toEqual({ [`${WINDOWS}|validity`]: deadline });
    expect(figures(fact, "last_renewal")).toEqual({ [WINDOWS]: (T - 60 * MINUTE) / 1_000 });
    expect(figures(fact, "kms_host_info")).toEqual({ "windows|kms01.contoso.com": 1 });
    expect(figures(fact, "rearms_remaining")).toEqual({ "": 3 });
    expect(figures(fact, "reading_timestamp_seconds")).toEqual({ "": T / 1_000 });
    expect(figures(fact, "kms_reported")).toEqual({});
  });

  test.each([
    ["a MAK is permanent", { Description: "VOLUME_MAK channel", GracePeriodRemaining: 0 }, {}, {}],
    [
      "grace ends in notification",
      { LicenseStatus: 2, GracePeriodRemaining: 60 },
      { [`${WINDOWS}|grace`]: (T + 60 * MINUTE) / 1_000 },
      {},
    ],
    ["in notification nothing counts down", { LicenseStatus: 5, GracePeriodRemaining: 0 }, {}, {}],
  ] as const)("%s", (_, row, deadlines, renewals) => {
    const fact = licensing([product(row)]);
    expect(figures(fact, "license_deadline")).toEqual(deadlines);
    expect(figures(fact, "last_renewal")).toEqual(renewals);
  });

  test("a KMS host: what it counts and its counters; an empty table is 0", () => {
    const counters = { KeyManagementServiceTotalRequests: 90, KeyManagementServiceFailedRequests: 2 };
    expect(figures(hostReading(28, counters), "kms_reported")).toEqual({
      windows: 28,
      "windows|total": 90,
      "windows|failed": 2,
    });
    expect(figures(hostReading(4_294_967_295), "kms_reported_clients")).toEqual({ windows: 0 });
  });

  test("Windows and Office stand apart; the same license twice is one series; hostile names stay inside their label", () => {
    const office = product({
      ID: OFFICE16,
      Name: 'Office "16"\\\nactivation_up 1',
      ApplicationID: "0ff1ce15-a989-479d-af46-f275c6370663",
    });
    const fact = licensing([product(), office, product()]);
    const text = expose(readingSamples(fact, T), "text", LOCAL_METRICS);
    expect(text.split("\n").filter((it) => it.includes('status="licensed"'))).toHaveLength(2);
    expect(text).not.toMatch(/^activation_up/m);
    expect(seriesOf(text).size).toBe(7 * 2 + 2 + 2 + 2);
  });
});

test("promtool finds nothing to say, in both of an agent's lives", () => {
  const fare = agentSamples(heartbeat(T, { droppedRecords: { event: 2 }, failingSources: { textfile: 3 } }), {
    version: "1.0.0",
    now: T,
    deliveredAt: T - MINUTE,
  });
  for (const samples of [fare, [...readingSamples(hostReading(28), T), ...readingSamples(licensing(), T), ...fare]]) {
    const unique = [...new Map(samples.map((it) => [it.metric.name + it.labels.join(), it])).values()];
    const checked = spawnSync("promtool", ["check", "metrics"], { input: expose(unique, "text", LOCAL_METRICS) });
    expect([checked.status, checked.stdout.toString() + checked.stderr.toString()]).toEqual([0, ""]);
  }
});

test("no name is one of the collector's", () => {
  const theirs = new Set(METRICS.map((it) => it.name));
  for (const { name } of LOCAL_METRICS) {
    expect(name).toMatch(/^activation_local_/);
    expect(theirs).not.toContain(name);
  }
});
