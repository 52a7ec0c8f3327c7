import { BigValueTextMode } from "@grafana/grafana-foundation-sdk/common";
import { kmsMetrics as K } from "../licensing/telemetry/metrics.ts";
import { sorted } from "./fleet.ts";
import type { Section } from "./frame.ts";
import type { PanelName, Words } from "./locales/texts.ts";
import { named } from "./names.ts";
import { bars, COLOURS, look, stat, steps, wide } from "./panels.ts";
import * as Q from "./queries.ts";
import * as B from "./queries-boards.ts";
import { table } from "./tables.ts";

const S = Q.FLEET;

/** The planning guide's tables, from live data. */
export const tables = (words: Words): Section => ({
  lines: [
    {
      height: 4,
      panels: [
        ...(
          [
            ["toActivate", B.worksheetRow("total", S), COLOURS.quiet],
            ["byKms", B.worksheetMethod("kms", S), COLOURS.quiet],
            ["byMak", B.worksheetMethod("mak", S), COLOURS.quiet],
            ["unplanned", B.worksheetRow("remaining", S), COLOURS.watch],
          ] as const
        ).map(([name, expr, colour]) => wide(5, counted(name, words, expr, colour))),
        wide(4, counted("missingHosts", words, B.missingHosts(S), COLOURS.watch)),
      ],
    },
    {
      height: 7,
      panels: [
        wide(
          24,
          table(
            "tableOne",
            words,
            [
              { of: "zone", name: "zone" },
              { of: "kind", name: "kind", look: [look.width(105), ...named(words.values.zoneKind)] },
              { of: "B", name: "computers", look: [look.width(95)] },
              { of: "C", name: "recommended", look: [look.width(110)] },
              { of: "D", name: "present", look: [look.width(85)] },
            ],
            Q.zoneKinds(S),
            B.zoneComputers(S),
            B.recommendedHosts(S),
            B.presentHosts(S),
          ),
        ),
      ],
    },
    {
      height: 8,
      panels: [
        wide(
          24,
          table(
            "hostCounts",
            words,
            [
              { of: "kms_host", name: "host" },
              { of: "application", name: "application", look: [look.width(90), ...named(words.values.application)] },
              { of: "A", name: "distinct", look: [look.width(105)] },
              { of: "B", name: "count", look: [look.width(70)] },
              { of: "C", name: "tableLimit", look: [look.width(95)] },
            ],
            B.hostCounts(K.distinctClients, S),
            B.hostCounts(K.effectiveClients, S),
            B.hostCounts(K.cacheSize, S),
          ),
        ),
      ],
    },
    {
      height: 11,
      panels: [
        wide(
          24,
          table(
            "tableTwo",
            words,
            [
              { of: "zone", name: "zone", look: [look.width(110)] },
              { of: "criterion", name: "criterion", look: named(words.values.criterion) },
              { of: "method", name: "method", look: [look.width(80), ...named(words.values.method)] },
              { of: "A", name: "computers", look: [look.width(110)] },
            ],
            B.worksheet(S),
          ).sortBy([sorted(words.columns.zone)]),
        ),
      ],
    },
    {
      height: 6,
      panels: [
        wide(
          24,
          bars("distinctByHost", words, {
            expr: Q.shortHost(`sum by (kms_host, zone) (${B.hostCounts(K.distinctClients, S)})`),
            legend: Q.HOST_LEGEND,
          }),
        ),
      ],
    },
  ],
});

const counted = (name: PanelName, words: Words, expr: string, from: string) =>
  stat(name, words, { expr })
    .textMode(BigValueTextMode.Value)
    .thresholds(from === COLOURS.quiet ? steps(COLOURS.quiet) : steps(COLOURS.quiet, [0, COLOURS.safe], [1, from]));
