import { expect, test } from "@jest/globals";
import { expose } from "../../../licensing/telemetry/exposition.ts";
import { fleetMetrics, pipelineMetrics } from "../../../licensing/telemetry/metrics.ts";

const metrics = [fleetMetrics.zoneInfo, fleetMetrics.attempts, pipelineMetrics.ready];

test("writes the text format in the catalogue's order, with HELP and TYPE where there is no series yet", () => {
  const samples = [
    { metric: pipelineMetrics.ready, labels: [], value: 1 },
    { metric: fleetMetrics.zoneInfo, labels: ['a"b\\c\nd', "core"], value: 1 },
  ];
  expect(expose(samples, "text", metrics)).toBe(`# HELP activation_zone_info 1 for each configured zone, with its kind.
# TYPE activation_zone_info gauge
activation_zone_info{zone="a\\"b\\\\c\\nd",kind="core"} 1
# HELP activation_attempts_total Activation attempts of computers, whichever way they go.
# TYPE activation_attempts_total counter
# HELP activation_collector_ready 1 when the figures are exact.
# TYPE activation_collector_ready gauge
activation_collector_ready 1
`);
});

test("OpenMetrics names a counter's family without _total", () => {
  const samples = [{ metric: fleetMetrics.attempts, labels: ["core", "refused"], value: 3 }];
  const text = expose(samples, "openmetrics", [fleetMetrics.attempts]);
  expect(text).toContain("# TYPE activation_attempts counter\n");
  expect(text).toContain('activation_attempts_total{zone="core",outcome="refused"} 3\n');
});

test("a sample with the wrong number of labels is a mistake of ours", () => {
  const wrong = { metric: fleetMetrics.attempts, labels: ["core"], value: 3 };
  expect(() => expose([wrong], "text", metrics)).toThrow("zone, outcome");
});
