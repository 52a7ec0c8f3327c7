import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import * as Q from "../../dashboards/queries.ts";
import { kmsMetrics as K, type Metric, pipelineMetrics as P, recordedName } from "../../licensing/telemetry/metrics.ts";
import { DAY, HOUR, SECOND } from "../../licensing/time.ts";

/** What the verdict says of a KMS host, by Prometheus itself. Unknown is never safe, and never zero. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "states-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const NOW = (400 * DAY) / SECOND;
const HOST = 'kms_host="kms01",zone="core"';
const CLIENT = `${HOST},product_class="client"`;
type Values = Readonly<Record<string, number | undefined>>;
const at = (metric: Metric, labels: string) => `${recordedName(metric)}{${labels}}`;

const HEADROOM = at(K.headroom, CLIENT);
const REACHED = at(K.thresholdReached, CLIENT);
const KNOWN = at(K.knownUntil, `${HOST},source="ledger"`);
const FALLS = at(K.belowThreshold, CLIENT);
const COMPLETE = at(K.ledgerComplete, `${HOST},application="windows"`);
const REFUSES = at(K.hostStatus, `${HOST},status="notification"`);
const OFFICE = at(K.headroom, `${HOST},product_class="office"`);
const OFFICE_REACHED = at(K.thresholdReached, `${HOST},product_class="office"`);

const health = (state: string) => at(K.health, `${HOST},application="windows",state="${state}"`);

const healthy: Values = {
  [HEADROOM]: 25,
  [REACHED]: 1,
  [KNOWN]: NOW - 60,
  [FALLS]: NOW + (25 * DAY) / SECOND,
  [COMPLETE]: 1,
  [REFUSES]: 0,
};

const STATES: readonly (readonly [what: string, change: Values, state: Q.State])[] = [
  ["all is well", {}, "safe"],
  ["below after it had been reached", { [HEADROOM]: -1 }, "atRisk"],
  ["at the threshold exactly", { [HEADROOM]: 0 }, "watch"],
  ["five to spare", { [HEADROOM]: 5 }, "watch"],
  ["six to spare", { [HEADROOM]: 6 }, "safe"],
  ["Office with two to spare", { [OFFICE]: 2, [OFFICE_REACHED]: 1 }, "safe"],
  ["Office with one to spare", { [OFFICE]: 1, [OFFICE_REACHED]: 1 }, "watch"],
  ["never reached", { [HEADROOM]: -20, [REACHED]: 0, [FALLS]: undefined }, "watch"],
  ["falls in thirteen days", { [FALLS]: NOW + (13 * DAY) / SECOND }, "watch"],
  ["the forecast of a log with gaps", { [FALLS]: NOW + (13 * DAY) / SECOND, [COMPLETE]: 0 }, "safe"],
  ["no count that can be judged", { [HEADROOM]: undefined }, "unknown"],
  ["one class of two cannot be judged", { [OFFICE_REACHED]: 1 }, "unknown"],
  ["silent for 23 hours", { [KNOWN]: NOW - (23 * HOUR) / SECOND }, "safe"],
  ["silent for 25 hours", { [KNOWN]: NOW - (25 * HOUR) / SECOND }, "unknown"],
  ["silent, and below when it was last heard", { [HEADROOM]: -1, [KNOWN]: NOW - (25 * HOUR) / SECOND }, "unknown"],
  ["expected, and never heard", { [HEADROOM]: undefined, [REACHED]: undefined, [KNOWN]: 0 }, "unknown"],
  ["not licensed itself", { [REFUSES]: 1 }, "atRisk"],
  ["safe by its counts, and down by the collector's judgement", { [health("down")]: 1, [health("safe")]: 0 }, "atRisk"],
  ["one application near, by the collector's judgement", { [health("near")]: 1, [health("safe")]: 0 }, "watch"],
  ["in maintenance", { [health("maintenance")]: 1, [REFUSES]: 1 }, "safe"],
];

const valuesOf = (expr: string, values: Values, labels: string, expected: number | undefined) => ({
  interval: "1d",
  input_series: Object.entries(values)
    .filter(([, it]) => it !== undefined)
    .map(([series, it]) => ({ series, values: `${it}x401` })),
  promql_expr_test: [
    {
      expr: expr.replaceAll("$zone", ".*"),
      eval_time: `${NOW}s`,
      exp_samples: expected === undefined ? [] : [{ labels, value: expected }],
    },
  ],
});
const promtool = (...tests: object[]): string => {
  const file = join(folder, "case.yaml");
  writeFileSync(file, stringify({ evaluation_interval: "1d", tests }, { lineWidth: 0 }));
  return spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" }).stdout;
};

describe("a KMS host", () => {
  test.each(STATES)("%s", (_, change, state) => {
    const values = { ...healthy, ...change };
    const build = { [at(P.buildInfo, 'version="1"')]: 1 };
    expect(
      promtool(
        valuesOf(Q.hostStates(Q.FLEET), values, `{${HOST}}`, Q.STATE[state]),
        valuesOf(Q.verdict(Q.FLEET), { ...values, ...build }, "{}", Q.STATE[state]),
      ),
    ).toContain("SUCCESS");
  });
});

test("the worst host decides", () => {
  const other = Object.fromEntries(
    Object.entries({ ...healthy, [HEADROOM]: -1 }).map(([series, it]) => [series.replace("kms01", "kms02"), it]),
  );
  expect(promtool(valuesOf(Q.verdict(Q.FLEET), { ...healthy, ...other }, "{}", Q.STATE.atRisk))).toContain("SUCCESS");
});

test("without a host, and without a collector, nothing is safe", () => {
  const build = { [at(P.buildInfo, 'version="1"')]: 1 };
  expect(
    promtool(
      valuesOf(Q.verdict(Q.FLEET), build, "{}", Q.STATE.noHost),
      valuesOf(Q.verdict(Q.FLEET), {}, "{}", Q.STATE.noCollector),
    ),
  ).toContain("SUCCESS");
});

test("what is not known has no number", () => {
  const silent = { ...healthy, [KNOWN]: NOW - (25 * HOUR) / SECOND };
  for (const expr of [Q.headroom(Q.FLEET), Q.fallsBelow(Q.FLEET), Q.nextFall(Q.FLEET)])
    expect(promtool(valuesOf(expr, silent, "", undefined))).toContain("SUCCESS");
});
