import { HEALTH } from "../licensing/kms/health.ts";
import { kmsMetrics as K, type Metric } from "../licensing/telemetry/metrics.ts";
import { DAY } from "../licensing/time.ts";
import { headroomTable } from "./fleet.ts";
import type { Section } from "./frame.ts";
import { STATUS_COLOURS } from "./license.ts";
import type { PanelName, SeriesName, Words } from "./locales/texts.ts";
import { eventsBy, orNone, withNames } from "./names.ts";
import {
  bars,
  COLOURS,
  columns,
  dashedThresholds,
  lines,
  look,
  manyLines,
  shadedThresholds,
  steps,
  timeline,
  wide,
} from "./panels.ts";
import * as Q from "./queries.ts";

const S = Q.SELECTED;
const byClass = (expr: string) => ({ expr: Q.shortHost(expr), legend: Q.CLASS_LEGEND });
const byHost = (expr: string) => ({ expr: Q.shortHost(expr), legend: Q.HOST_LEGEND });

/** The chosen hosts against their thresholds. */
export const standing = (words: Words): Section => ({
  lines: [
    { height: 8, panels: [wide(24, headroomTable(words, S))] },
    {
      height: 12,
      panels: [
        wide(
          12,
          manyLines("untilFall", words, byClass(Q.inDays(Q.untilFallsBelow(S))))
            .unit(words.units.days)
            .decimals(0)
            .axisSoftMin(0)
            .thresholds(steps("transparent", [0, COLOURS.atRisk], [HEALTH.forecast / DAY, COLOURS.watch]))
            .thresholdsStyle(dashedThresholds()),
        ),
        wide(
          12,
          manyLines("headroomLines", words, byClass(Q.headroom(S)))
            .decimals(0)
            .axisSoftMin(-3)
            .thresholds(steps("red", [0, "transparent"]))
            .thresholdsStyle(shadedThresholds()),
        ),
      ],
    },
    {
      height: 9,
      panels: [
        wide(
          24,
          timeline("classTimeline", words, byClass(Q.orNoHost(Q.classStates(S), ["kms_host", "product_class"]))),
        ),
      ],
    },
  ],
});

/** One pair of panels for each chosen host. */
export const counts = (words: Words): Section => ({
  row: "counts",
  lines: [
    {
      height: 9,
      panels: [
        wide(
          12,
          countPanel("windowsCount", "windows", words, [
            ["clientsNeed", "client", "red"],
            ["serversNeed", "server", "orange"],
          ]),
        ),
        wide(12, countPanel("officeCount", "office", words, [["officeNeeds", "office", "red"]])),
      ],
    },
  ],
});

const COUNTS: readonly (readonly [name: SeriesName, metric: Metric, colour: string])[] = [
  ["told", K.toldClients, "light-yellow"],
  ["table", K.tableClients, "dark-orange"],
  ["reported", K.reportedClients, "blue"],
  ["effective", K.effectiveClients, "green"],
];

const countPanel = (
  name: PanelName,
  application: string,
  words: Words,
  needs: readonly (readonly [name: SeriesName, productClass: string, colour: string])[],
) => {
  const panel = lines(
    name,
    words,
    ...COUNTS.map(([it, metric]) => ({ expr: Q.countOf(metric, application), legend: words.series[it] })),
    { expr: Q.countOf(K.cacheSize, application), legend: words.series.limit },
    ...needs.map(([it, productClass]) => ({ expr: Q.requiredBy(productClass), legend: words.series[it] })),
  ).min(0);
  for (const [it, , colour] of COUNTS)
    panel.overrideByName(words.series[it], [look.colour(colour), ...(it === "effective" ? [] : [look.thin])]);
  for (const [it, , colour] of needs)
    panel.overrideByName(words.series[it], [look.colour(colour), look.dashed, look.thin]);
  return panel
    .overrideByName(words.series.limit, [look.colour("text"), look.dashed, look.thin])
    .repeat("kms_host")
    .repeatDirection("h")
    .maxPerRow(2);
};

export const duplicateBars = (words: Words) =>
  bars("duplicates", words, byHost(Q.ofHosts(K.duplicateMachineIds, S))).thresholds(steps("blue", [1, COLOURS.watch]));

const requestColumns = (words: Words) =>
  withNames(
    columns("requests", words, { expr: Q.perHourOrNone(K.requests, "status", S.host), legend: "{{status}}" }),
    orNone(words.values.status, words),
    STATUS_COLOURS,
  );

export const requests = (words: Words): Section => ({
  row: "requests",
  lines: [
    {
      height: 8,
      panels: [
        wide(12, requestColumns(words)),
        wide(
          12,
          eventsBy(
            "requestFailures",
            words,
            "reason",
            words.values.reason,
            Q.perHourOrNone(K.requestFailures, "reason", S.host),
          ),
        ),
      ],
    },
    {
      height: 6,
      panels: [
        wide(
          12,
          bars("waiting", words, byHost(Q.ofHosts(K.waitingClients, S, "sum"))).thresholds(
            steps("blue", [1, COLOURS.watch]),
          ),
        ),
        wide(12, duplicateBars(words)),
      ],
    },
  ],
});
