import { BigValueTextMode } from "@grafana/grafana-foundation-sdk/common";
import { fleetMetrics as F } from "../licensing/telemetry/metrics.ts";
import { deadlineColumns, nextDeadlineTile, sorted } from "./fleet.ts";
import type { Section } from "./frame.ts";
import { overdueShares, rearmsTable, STATUS_COLOURS } from "./license.ts";
import type { PanelName, Words } from "./locales/texts.ts";
import { named, withNames } from "./names.ts";
import { areas, bars, COLOURS, lines, look, stat, steps, wide } from "./panels.ts";
import * as Q from "./queries.ts";
import * as B from "./queries-boards.ts";
import { table } from "./tables.ts";

const S = Q.FLEET;
const SOONEST_MAX = 50;

/** What runs out, when, and who sees it. */
export const whatRunsOut = (words: Words, collector: string | undefined): Section => ({
  lines: [
    {
      height: 4,
      panels: [
        wide(7, nextDeadlineTile(words)),
        ...(
          [
            ["withinWeek", Q.deadlinesWithin(7, S)],
            ["withinMonth", Q.deadlinesWithin(30, S)],
            ["overdueNow", B.overdueTotal(S)],
            ["inNotification", B.licensesIn("notification", S)],
          ] as const
        ).map(([name, expr], i) => wide(i === 3 ? 5 : 4, counted(name, words, expr))),
      ],
    },
    {
      height: 10,
      panels: [
        wide(
          24,
          table(
            "soonestDeadlines",
            words,
            deadlineColumns(words, collector),
            Q.daysUntil(Q.soonestDeadlines(S, SOONEST_MAX)),
          ).sortBy([sorted(words.columns.deadline)]),
        ),
      ],
    },
    {
      height: 8,
      panels: [
        wide(
          12,
          table(
            "deadlinesByStatus",
            words,
            [
              { of: "status", name: "status", look: named(words.values.status) },
              ...DAYS.map(([of, days]) => ({ of, name: `within${days}` as const, look: [look.width(56)] })),
            ],
            ...DAYS.map(([, days]) => B.deadlinesByStatus(days, S)),
          ),
        ),
        wide(
          12,
          lines("deadlineTrend", words, { expr: B.deadlinesByZone(30, S), legend: "{{zone}}" })
            .min(0)
            .axisSoftMax(5),
        ),
      ],
    },
    {
      height: 8,
      panels: [
        wide(12, overdueShares(words)),
        wide(
          12,
          withNames(
            areas("passed", words, { expr: B.passedByStatus(S), legend: "{{status}}" }).axisSoftMax(5),
            words.values.status,
            STATUS_COLOURS,
          ),
        ),
      ],
    },
  ],
});

const DAYS = [
  ["A", 7],
  ["B", 30],
  ["C", 60],
  ["D", 90],
] as const;

const counted = (name: PanelName, words: Words, expr: string) =>
  stat(name, words, { expr })
    .textMode(BigValueTextMode.Value)
    .thresholds(steps(COLOURS.quiet, [0, COLOURS.safe], [1, COLOURS.watch]));

/** What users see, and what a computer has left. */
export const whatUsersSee = (words: Words): Section => ({
  row: "users",
  lines: [
    {
      height: 8,
      panels: [
        wide(
          8,
          withNames(
            areas("notified", words, { expr: B.notified(S), legend: "{{cadence}}" }).axisSoftMax(5),
            words.values.cadence,
          ),
        ),
        wide(
          8,
          withNames(
            areas("genuine", words, { expr: B.genuine(S), legend: "{{state}}" }),
            words.values.genuine,
            GENUINE_COLOURS,
          ),
        ),
        wide(8, rearmsTable(words)),
      ],
    },
    {
      height: 6,
      panels: [
        wide(
          24,
          bars("overdueByZone", words, { expr: Q.byZone(F.renewalsOverdue, S), legend: "{{zone}}" }).thresholds(
            steps("blue", [1, COLOURS.watch]),
          ),
        ),
      ],
    },
  ],
});
const GENUINE_COLOURS = { genuine: "green", local_genuine: "blue", non_genuine: "red" };
