import { expect, test } from "@jest/globals";
import { METRICS } from "../../../licensing/telemetry/metrics.ts";

test("every metric has a name of its own, in base units, with a help sentence", () => {
  expect(new Set(METRICS.map((it) => it.name)).size).toBe(METRICS.length);
  for (const { name, type, labels, help } of METRICS) {
    expect(name).toMatch(/^activation_[a-z]+(_[a-z]+)*$/);
    expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
    expect(name).not.toMatch(/_(minutes|hours|days|ms)$/);
    expect(help).toMatch(/\.$/);
    for (const label of labels) expect(label).toMatch(/^[a-z]+(_[a-z]+)*$/);
  }
});

test("no label could hold a client machine ID", () => {
  expect(METRICS.flatMap((it) => it.labels)).not.toContain("client_machine_id");
});
