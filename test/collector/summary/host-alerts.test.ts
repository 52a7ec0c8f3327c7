import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { buildAlerts } from "../../../alerts/build.ts";
import { ALERTS } from "../../../alerts/locales/texts.ts";
import { HOST_ALERTS } from "../../../collector/summary/host-alerts.ts";
import { METRICS, recordedName } from "../../../licensing/telemetry/metrics.ts";
import { DAY, HOUR, SECOND } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { heartbeat, KMS01, request } from "../../support/facts.ts";
import { HEALTH_CASES, type HealthCase, NOW } from "../../support/health-cases.ts";

const own = ownEngine("host-alerts", NOW);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "host-alerts-"));
  buildAlerts(folder, { pace: "immediate" });
});
afterAll(() => rmSync(folder, { recursive: true }));

const clients = (at: number) =>
  Array.from({ length: 40 }, (_, i) => request({ at: at + i * SECOND, client: i, recordId: 100 + i }));
const failing = (at: number) =>
  Array.from({ length: 12 }, (_, i) =>
    request({ at: at + i * SECOND, client: i, recordId: 200 + i, hresult: "0xC004F06C" }),
  );
const dnsFailed = (at: number, domain: string) => ({
  ...request({ at, client: 0, recordId: 300 }),
  eventId: 12293,
  data: ["0x80072338", domain],
});
/** What no case of health needs. */
const MORE_CASES: readonly Omit<HealthCase, "health">[] = [
  {
    name: "silent for 20 days",
    reports: [
      [
        NOW - 20 * DAY,
        [...clients(NOW - 20 * DAY - HOUR), ...failing(NOW - 20 * DAY - HOUR), heartbeat(NOW - 20 * DAY)],
      ],
    ],
  },
  { name: "requests fail", reports: [[NOW, [...clients(NOW - DAY), ...failing(NOW - HOUR / 2), heartbeat(NOW)]]] },
  {
    name: "its log is read, and nobody has asked for 12 days",
    reports: [[NOW, [...clients(NOW - 12 * DAY), heartbeat(NOW)]]],
  },
  {
    name: "it publishes in no DNS domain",
    reports: [[NOW, [...clients(NOW - DAY), dnsFailed(NOW - DAY, "contoso.com"), heartbeat(NOW)]]],
  },
];

/** Prometheus' own time: promtool begins in 1970, so the present of the cases is its day 40. */
const END = 40 * 86_400;
const recorded = new Map(METRICS.map((it) => [it.name, recordedName(it)]));

test("every alert that a page names exists", () => {
  for (const it of HOST_ALERTS) expect(ALERTS).toContain(it);
});

/** The page of a KMS host and Prometheus' rules judge the same facts alike. */
test.each([...HEALTH_CASES, ...MORE_CASES])(
  "$name: the rules fire as the page says",
  async ({ reports, probers = {}, config }) => {
    if (config) await own.reopen(config);
    for (const [at, facts] of reports) {
      own.now = at;
      await own.take(KMS01, facts);
    }
    own.now = NOW;
    for (const [host, facts] of Object.entries(probers)) await own.take(host, facts);
    const { items } = await own.engine.answer({ ask: "kms-hosts" });
    const said = HOST_ALERTS.filter((alert) => items.some((it) => it.alerts.includes(alert)));
    const input = [...(await own.series())].flatMap(([key, value]) => {
      const [name = "", labels = ""] = key.split(/(?=\{)/);
      const to = recorded.get(name);
      if (to === undefined) return [];
      const now = /timestamp_seconds$/.test(name) ? Number(value) - NOW / SECOND + END : Number(value);
      return [{ series: `${to}${labels}`, values: `${now}x2` }];
    });
    const file = join(folder, "case.yaml");
    const expression = `count by (alertname) (ALERTS{alertstate="firing",alertname=~"${HOST_ALERTS.join("|")}"})`;
    writeFileSync(
      file,
      stringify(
        {
          rule_files: ["activation-alerts.rules.yaml"],
          evaluation_interval: "20d",
          tests: [
            {
              interval: "20d",
              input_series: input,
              promql_expr_test: [
                {
                  expr: `${expression} > bool 0`,
                  eval_time: `${END}s`,
                  exp_samples: said.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
                },
              ],
            },
          ],
        },
        { lineWidth: 0 },
      ),
    );
    const { stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
    expect(stdout + stderr).toContain("SUCCESS");
  },
);
