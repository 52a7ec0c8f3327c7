import { BigValueColorMode, BigValueTextMode } from "@grafana/grafana-foundation-sdk/common";
import { HEALTH } from "../licensing/kms/health.ts";
import { processMetrics as C, pipelineMetrics as P } from "../licensing/telemetry/metrics.ts";
import { HOUR } from "../licensing/time.ts";
import type { Section } from "./frame.ts";
import type { Words } from "./locales/texts.ts";
import { named, orNone, withNames } from "./names.ts";
import {
  areas,
  COLOURS,
  columns,
  lines,
  look,
  noNumber,
  palette,
  stat,
  steps,
  textMappings,
  wide,
  withLimit,
} from "./panels.ts";
import * as Q from "./queries.ts";
import { table } from "./tables.ts";

const S = Q.FLEET;
const BACKLOG_HOURS = HEALTH.backlog / HOUR;

/** Whether what the other dashboards show can be trusted. */
export const trust = (words: Words): Section => ({
  lines: [
    {
      height: 4,
      panels: [
        wide(
          4,
          stat("ready", words, { expr: Q.ready() }).mappings(
            textMappings({ "0": words.ready.no, "1": words.ready.yes }, { "0": COLOURS.unknown, "1": COLOURS.safe }),
          ),
        ),
        wide(
          4,
          stat("collector", words, { expr: Q.collectors(), legend: "{{version}}" })
            .textMode(BigValueTextMode.Name)
            .overrideByName(Q.NO_COLLECTOR, [look.displayName(words.states.noCollector)])
            .colorMode(BigValueColorMode.None),
        ),
        wide(
          4,
          stat("knownComputers", words, { expr: Q.knownComputers() }).colorMode(BigValueColorMode.None).unit("locale"),
        ),
        wide(
          4,
          stat("agentsSilent", words, { expr: Q.staleShare(S) })
            .unit("percentunit")
            .decimals(1)
            .thresholds(
              steps(
                COLOURS.quiet,
                [0, COLOURS.safe],
                [HEALTH.staleShare / 2, COLOURS.watch],
                [HEALTH.staleShare, COLOURS.unknown],
              ),
            ),
        ),
        wide(
          4,
          stat("backlogNow", words, { expr: Q.inHours(Q.oldestUnsent(S)) })
            .unit(words.units.hours)
            .decimals(1)
            .mappings([...noNumber("backlogNow", words), ...textMappings({ "0": words.series.none })])
            .thresholds(
              steps(
                COLOURS.quiet,
                [0, COLOURS.safe],
                [BACKLOG_HOURS / 4, COLOURS.watch],
                [BACKLOG_HOURS, COLOURS.atRisk],
              ),
            ),
        ),
        wide(4, stat("storeSize", words, { expr: Q.storeBytes() }).colorMode(BigValueColorMode.None).unit("bytes")),
      ],
    },
  ],
});

export const agents = (words: Words): Section => ({
  row: "agents",
  lines: [
    {
      height: 8,
      panels: [
        wide(
          8,
          withNames(
            areas("reporting", words, { expr: Q.computersBy("state", S), legend: "{{state}}" }),
            words.values.computer,
            { reporting: COLOURS.safe, stale: COLOURS.unknown, retired: "text" },
          ),
        ),
        wide(
          8,
          lines("spooled", words, { expr: Q.byZone(P.spooledRecords, S), legend: "{{zone}}" })
            .min(0)
            .axisSoftMax(10),
        ),
        wide(
          8,
          withLimit(
            lines("oldestUnsent", words, { expr: Q.inHours(Q.oldestUnsentByZone(S)), legend: "{{zone}}" })
              .unit(words.units.hours)
              .decimals(1)
              .min(0)
              .axisSoftMax(1),
            BACKLOG_HOURS,
            COLOURS.atRisk,
          ),
        ),
      ],
    },
    {
      height: 7,
      panels: [
        wide(
          12,
          columns(
            "lost",
            words,
            { expr: Q.lostPerHour(P.droppedRecords, S), legend: words.series.dropped },
            { expr: Q.lostPerHour(P.eventGaps, S), legend: words.series.gaps },
          ),
        ),
        wide(
          12,
          table(
            "failingSources",
            words,
            [
              { of: "source", name: "source", look: named(orNone({}, words)) },
              { of: "zone", name: "zone" },
              { of: "A", name: "computers", look: [look.width(140)] },
            ],
            Q.failingSources(S),
          ),
        ),
      ],
    },
  ],
});

export const collector = (words: Words): Section => ({
  row: "collector",
  lines: [
    {
      height: 8,
      panels: [
        wide(
          8,
          withNames(
            lines("records", words, {
              expr: Q.perMinute(P.records, "kind", 'outcome="accepted"'),
              legend: "{{kind}}",
            }).min(0),
            words.values.record,
          ),
        ),
        wide(
          8,
          withNames(
            lines("unwelcome", words, {
              expr: Q.perMinute(P.records, "outcome", 'outcome!="accepted"'),
              legend: "{{outcome}}",
            })
              .min(0)
              .axisSoftMax(1)
              .colorScheme(palette()),
            words.values.recordOutcome,
            { rejected: COLOURS.atRisk, uninterpreted: "orange" },
          ),
        ),
        wide(
          8,
          columns(
            "trouble",
            words,
            { expr: Q.perHourInAll(P.timeCorrections), legend: words.series.corrections },
            { expr: Q.perHourInAll(P.storeErrors), legend: words.series.refusedTransactions },
          ).overrideByName(words.series.refusedTransactions, [look.colour(COLOURS.atRisk)]),
        ),
      ],
    },
    {
      height: 8,
      panels: [
        wide(
          12,
          lines("otlpRequests", words, { expr: Q.processPerMinute(C.requests, "code"), legend: "{{code}}" })
            .min(0)
            .colorScheme(palette()),
        ),
        wide(
          12,
          lines(
            "otlpDuration",
            words,
            { expr: Q.processQuantile(0.5, C.requestDuration), legend: words.series.requestP50 },
            { expr: Q.processQuantile(0.99, C.requestDuration), legend: words.series.requestP99 },
            { expr: Q.processQuantile(0.5, C.commitDuration), legend: words.series.commitP50 },
            { expr: Q.processQuantile(0.99, C.commitDuration), legend: words.series.commitP99 },
          )
            .unit("s")
            .min(0),
        ),
      ],
    },
  ],
});
