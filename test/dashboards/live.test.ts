import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { SIMULATED_MAK, SIMULATED_ZONES } from "../../agent/simulation/simulate.ts";
import { buildAlerts } from "../../alerts/build.ts";
import { dashboards } from "../../dashboards/build.ts";
import { en } from "../../dashboards/locales/en.ts";
import { NO_NUMBER, NOT_KNOWN, SELECTED } from "../../dashboards/queries.ts";
import { activatedShare, failuresInRange, hostFailuresInRange, makDaysLeft } from "../../dashboards/queries-boards.ts";
import {
  fleetMetrics,
  kmsMetrics,
  METRICS,
  pipelineMetrics,
  recordedIncrease,
  recordedName,
} from "../../licensing/telemetry/metrics.ts";
import { MAIN } from "../support/cli.ts";
import { runningCollector } from "../support/collector.ts";
import { freePort, prometheus, started } from "../support/processes.ts";
import { until } from "../support/until.ts";
import { allPanels, type BuiltPanel, expressionsOf, variableQueries } from "./built.ts";

/** A real Prometheus with the real rules, fed by a real collector to which the simulated fleet reports. */
let folder: string;
let url: string;
let scrape: () => Promise<string>;
const running: { stop(): Promise<unknown> }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "panels-"));
  const collector = await runningCollector(JSON.stringify({ zones: SIMULATED_ZONES, mak: SIMULATED_MAK }));
  running.push(collector);
  const port = await freePort();
  const rules = join(folder, "rules");
  buildAlerts(rules, { pace: "immediate" }, { collectors: [new URL(collector.webUrl).host], interval: "1s" });
  url = `http://127.0.0.1:${port}`;
  running.push(await prometheus(join(rules, "prometheus.yaml"), join(folder, "tsdb"), port));
  running.push(
    await started(process.execPath, [MAIN, "fleet", "simulate", "--hosts", "400", "--url", collector.otlpUrl]),
  );
  await until(async () => (await query("fleet:activation_mak_computers:max")).length > 0, 60_000);
  scrape = async () => (await fetch(`${collector.webUrl}/metrics`)).text();
}, 90_000);
afterAll(async () => {
  for (const it of running.splice(0).reverse()) await it.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}
const query = async (expr: string): Promise<Series[]> => {
  const response = await fetch(`${url}/api/v1/query`, { method: "POST", body: new URLSearchParams({ query: expr }) });
  const answer = (await response.json()) as { status: string; error?: string; data: { result: Series[] } };
  if (answer.status !== "success") throw new Error(`${answer.error}: ${expr}`);
  return answer.data.result.filter(({ value }) => value[1] !== "NaN");
};

/** As Grafana fills them in when everything is chosen, or one host of a repeated panel. */
const filled = (expr: string, host = ".*"): string =>
  expr
    .replaceAll("$kms_host", host)
    .replaceAll(/\$(zone|product_class)\b/g, ".*")
    .replaceAll("$__rate_interval", "1m")
    .replaceAll("$__interval", "1m")
    .replaceAll("$__range_s", "60")
    .replaceAll("$__range", "1m");

const built = Object.values(dashboards());
const panels = built.flatMap((it) => allPanels(it).map((panel) => [`${it.uid}: ${panel.title}`, panel] as const));
const HOSTS = ["kms01", "kms02", "kms-osaka", "kms-lab7"].map((it) => `${it}\\\\.contoso\\\\.com`);

/** Legends of lines that are drawn only where there is nothing to draw. */
const WHY_EMPTY: ReadonlySet<string> = new Set([
  en.states.noCollector,
  ...Object.values(en.panels).flatMap(({ none }) => none ?? []),
]);
/** Numbers that stand for "none", and the states of a fleet without a host or a collector, are no value. */
const isShown = ({ type }: BuiltPanel, value: string): boolean =>
  ![NO_NUMBER, NOT_KNOWN].includes(Number(value)) && (type !== "state-timeline" || Number(value) >= 0);

/** Metrics that the simulated fleet gives no sample of, each with the reason. */
const WITHOUT_SAMPLES: ReadonlySet<string> = new Set([
  // No simulated MAK has a number from the licensing portal.
  fleetMetrics.makRemaining.name,
  fleetMetrics.makRemainingAsOf.name,
  // No simulated agent reads the genuine state.
  fleetMetrics.genuineComputers.name,
  // No simulated client uses an unexpected KMS host.
  kmsMetrics.unexpectedHostClients.name,
  // No simulated agent fails to read a source.
  pipelineMetrics.failingSources.name,
]);

/** What has not happened in the first minutes: no MAK is used up, nothing may have been tried or have failed. */
const MAYBE_NONE = [makDaysLeft(), activatedShare(SELECTED), failuresInRange(SELECTED), hostFailuresInRange(SELECTED)];
/** Queries that rightly have no answer in the demonstration. */
const isEmptyHere = (expr: string): boolean =>
  MAYBE_NONE.some((it) => expr.includes(it)) || [...WITHOUT_SAMPLES].some((it) => expr.includes(`fleet:${it}:`));

describe("no panel is empty", () => {
  test.each(panels)("%s", async (_, panel: BuiltPanel) => {
    for (const host of panel.repeat ? HOSTS : [".*"])
      for (const { expr, legendFormat = "" } of panel.targets)
        if (!WHY_EMPTY.has(legendFormat) && !isEmptyHere(expr))
          await until(
            async () => (await query(filled(expr, host))).some(({ value }) => isShown(panel, value[1])),
            20_000,
          );
  });
});

test("every metric that is asked for has a sample in a real scrape", async () => {
  const raw = new Map(METRICS.flatMap((it) => [recordedName, recordedIncrease].map((name) => [name(it), it.name])));
  const names = built.flatMap((it) =>
    expressionsOf(it).flatMap(({ expr }) => expr.match(/(?:fleet:)?activation_[\w:]+/g) ?? []),
  );
  const missing = async () => {
    const served = new Set([...(await scrape()).matchAll(/^(activation_\w+)(?:\{| )/gm)].map(([, it]) => it!));
    return [...new Set(names)].map((it) => raw.get(it) ?? it).filter((it) => !served.has(it));
  };
  // The fleet's first reports may still be under way.
  await until(async () => (await missing()).length <= WITHOUT_SAMPLES.size, 60_000);
  expect((await missing()).sort()).toEqual([...WITHOUT_SAMPLES].sort());
}, 90_000);

test("each variable has values", async () => {
  for (const definition of built.flatMap(variableQueries)) {
    const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(definition)!;
    const values = await query(`count by (${label}) (${filled(selector!)})`);
    expect(values.filter(({ metric }) => metric[label!]).length).toBeGreaterThan(1);
  }
});

test("the demonstration shows a fall that is foretold, not one that has happened", async () => {
  const expr = (name: string) => filled(panels.find(([it]) => it === `activation-fleet: ${name}`)![1].targets[0]!.expr);
  expect((await query(expr("KMS hosts"))).map(({ value }) => value[1])).toEqual(["1"]);
  const [next] = await query(expr("Next count to drop"));
  expect(next!.metric).toMatchObject({ kms_host: "kms-osaka.contoso.com", product_class: "client" });
  // In days.
  expect(Number(next!.value[1])).toBeGreaterThan(3);
  expect(Number(next!.value[1])).toBeLessThan(10);
});
