import { expect, test } from "@jest/globals";
import { ALL_METRICS, LABELS, metricsPage } from "../../docs/metrics.ts";
import { textOf } from "./sources.ts";

test("docs/metrics.md is what `npm run docs` writes", () => {
  expect(textOf("docs/metrics.md")).toBe(metricsPage());
});

test("every metric has a row, and every label a meaning", () => {
  const page = metricsPage();
  expect(ALL_METRICS.filter((it) => !page.includes(`| \`${it.name}\` `))).toEqual([]);
  expect([...new Set(ALL_METRICS.flatMap((it) => it.labels))].filter((it) => !LABELS[it])).toEqual([]);
});

test("every KMS metric that an alert needs is said to be read by it", () => {
  const row = textOf("docs/metrics.md")
    .split("\n")
    .find((it) => it.startsWith("| `activation_kms_headroom`"));
  expect(row).toContain("KmsCountBelowThreshold");
  expect(row).toContain("dashboard `kms`");
});
