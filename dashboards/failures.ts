import { BigValueTextMode } from "@grafana/grafana-foundation-sdk/common";
import { fleetMetrics as F, kmsMetrics as K } from "../licensing/telemetry/metrics.ts";
import type { Section } from "./frame.ts";
import { uncoveredTable } from "./hosts.ts";
import { duplicateBars } from "./kms.ts";
import { attemptColumns } from "./license.ts";
import type { PanelName, Words } from "./locales/texts.ts";
import { eventsBy, named } from "./names.ts";
import { COLOURS, lines, look, stat, steps, wide } from "./panels.ts";
import * as Q from "./queries.ts";
import * as B from "./queries-boards.ts";
import { type Column, table } from "./tables.ts";

const S = Q.SELECTED;

/** Why activations fail, where, and since when. */
export const causes = (words: Words): Section => ({
  lines: [
    {
      height: 4,
      panels: [
        wide(
          6,
          stat("activatedShare", words, { expr: B.activatedShare(S) })
            .unit("percentunit")
            .decimals(0)
            .textMode(BigValueTextMode.Value)
            .thresholds(steps(COLOURS.quiet, [0, COLOURS.atRisk], [0.5, COLOURS.watch], [0.9, COLOURS.safe])),
        ),
        ...(
          [
            ["failedLastHour", B.failedLastHour(S)],
            ["skewedNow", B.skewed(S)],
            ["uncoveredNow", B.uncoveredTotal(S)],
          ] as const
        ).map(([name, expr]) => wide(6, counted(name, words, expr))),
      ],
    },
    {
      height: 8,
      panels: [
        wide(12, attemptColumns(words)),
        wide(
          12,
          eventsBy("failures", words, "reason", words.values.reason, Q.perHourOrNone(F.failures, "reason", S.zone)),
        ),
      ],
    },
    {
      height: 9,
      panels: [
        wide(
          12,
          table(
            "causesByZone",
            words,
            [{ of: "zone", name: "zone" }, ...causeColumns(words)],
            `sort_desc(${B.failuresInRange(S)})`,
          ),
        ),
        wide(
          12,
          table(
            "causesByHost",
            words,
            [{ of: "kms_host", name: "host" }, ...causeColumns(words)],
            `sort_desc(${B.hostFailuresInRange(S)})`,
          ),
        ),
      ],
    },
  ],
});

const counted = (name: PanelName, words: Words, expr: string) =>
  stat(name, words, { expr })
    .decimals(0)
    .textMode(BigValueTextMode.Value)
    .thresholds(steps(COLOURS.quiet, [0, COLOURS.safe], [0.5, COLOURS.watch]));

const causeColumns = (words: Words): readonly Column[] => [
  { of: "reason", name: "cause", look: named(words.values.reason) },
  { of: "A", name: "attempts", look: [look.decimals(0), look.width(90)] },
];

/** What makes activations fail for a whole zone or product. */
export const conditions = (words: Words): Section => ({
  row: "conditions",
  lines: [
    {
      height: 8,
      panels: [
        wide(
          12,
          lines("skewedByZone", words, { expr: B.skewedByZone(S), legend: "{{zone}}" })
            .min(0)
            .axisSoftMax(5),
        ),
        wide(
          12,
          table(
            "unexpectedHosts",
            words,
            [
              { of: "target", name: "target" },
              { of: "A", name: "computers", look: [look.width(110)] },
            ],
            `sort_desc(${B.unexpectedHosts()})`,
          ),
        ),
      ],
    },
    { height: 7, panels: [wide(24, uncoveredTable(words))] },
    {
      height: 7,
      panels: [
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
        wide(12, duplicateBars(words)),
      ],
    },
  ],
});
