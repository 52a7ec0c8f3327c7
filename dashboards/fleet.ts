import { BigValueColorMode, BigValueTextMode } from "@grafana/grafana-foundation-sdk/common";
import { HEALTH } from "../licensing/kms/health.ts";
import { DAY, HOUR } from "../licensing/time.ts";
import { type Addresses, type Section, UIDS } from "./frame.ts";
import type { Words } from "./locales/texts.ts";
import { named } from "./names.ts";
import {
  above,
  absent,
  below,
  COLOURS,
  look,
  noNumber,
  stat,
  stateMappings,
  steps,
  textMappings,
  timeline,
  wide,
} from "./panels.ts";
import * as Q from "./queries.ts";
import { type Column, table } from "./tables.ts";

/** Ten years: the host was never heard of. */
const NEVER_HOURS = (3_650 * DAY) / HOUR;

/** The first screen: are we safe, since when, what next. */
export const overview = (words: Words, { runbook, collector }: Addresses): Section => ({
  lines: [
    {
      height: 4,
      panels: [
        wide(
          5,
          stat("verdict", words, { expr: Q.verdict(Q.FLEET), legend: words.panels.verdict.title })
            .mappings(stateMappings(words))
            .colorMode(BigValueColorMode.BackgroundSolid)
            .textMode(BigValueTextMode.Value),
        ),
        wide(
          6,
          stat("nextFall", words, { expr: Q.inDays(Q.shortHost(Q.nextFall(Q.FLEET))), legend: Q.CLASS_LEGEND })
            .unit(words.units.days)
            .decimals(1)
            .mappings([...noNumber("nextFall", words), below(0, words.fallen, COLOURS.atRisk)])
            .textMode(BigValueTextMode.ValueAndName)
            .thresholds(steps(COLOURS.quiet, [0, COLOURS.watch], [HEALTH.forecast / DAY, COLOURS.safe])),
        ),
        wide(5, nextDeadlineTile(words)),
        wide(
          4,
          stat("longestSilence", words, {
            expr: Q.inHours(Q.shortHost(Q.longestSilence(Q.FLEET))),
            legend: Q.HOST_LEGEND,
          })
            .unit(words.units.hours)
            .decimals(1)
            .mappings([...noNumber("longestSilence", words), above(NEVER_HOURS, words.never, COLOURS.unknown)])
            .textMode(BigValueTextMode.ValueAndName)
            .thresholds(silenceSteps()),
        ),
        wide(
          4,
          stat(
            "firingCounts",
            words,
            { expr: Q.alertsOf("critical"), legend: words.series.critical },
            { expr: Q.alertsOf("warning"), legend: words.series.warning },
          )
            .thresholds(steps(COLOURS.quiet, [0, COLOURS.safe], [1, COLOURS.watch]))
            .overrideByName(words.series.critical, [
              look.thresholds(steps(COLOURS.quiet, [0, COLOURS.safe], [1, COLOURS.atRisk])),
            ]),
        ),
      ],
    },
    // Tables have the whole width: at 1280 pixels with Grafana's menu docked no column is cut off.
    { height: 7, panels: [wide(24, headroomTable(words, Q.FLEET))] },
    {
      height: 6,
      panels: [
        wide(
          24,
          table("firingAlerts", words, alertColumns(words, runbook), Q.hoursSince(Q.firingAlerts())).sortBy([
            sorted(words.columns.severity),
            sorted(words.columns.since, true),
          ]),
        ),
      ],
    },
    {
      height: 6,
      panels: [
        wide(
          12,
          timeline("hostTimeline", words, {
            expr: Q.shortHost(Q.orNoHost(Q.hostStates(Q.FLEET), ["kms_host"])),
            legend: Q.HOST_LEGEND,
          }),
        ),
        wide(
          12,
          table(
            "deadlineTable",
            words,
            deadlineColumns(words, collector).filter(({ of }) => IN_SHORT.has(of)),
            Q.daysUntil(Q.soonestDeadlines(Q.FLEET, 10)),
          ).sortBy([sorted(words.columns.deadline)]),
        ),
      ],
    },
  ],
});

/** Of a deadline, what fits into half the width; the dashboard of deadlines has the rest. */
const IN_SHORT: ReadonlySet<string> = new Set(["computer", "product", "A"]);

export const nextDeadlineTile = (words: Words) =>
  stat("nextDeadline", words, { expr: Q.inDays(Q.nextDeadline(Q.FLEET)), legend: "{{computer}}" })
    .unit(words.units.days)
    .decimals(1)
    .textMode(BigValueTextMode.ValueAndName)
    .thresholds(steps(COLOURS.quiet, [0, COLOURS.watch], [7, "blue"]));

const silenceSteps = () => steps(COLOURS.quiet, [0, COLOURS.safe], [HEALTH.unknownAfter / HOUR, COLOURS.unknown]);

export const sorted = (displayName: string, desc = false) => ({ build: () => ({ displayName, desc }) });

/** Every host and class, the tightest first; on the KMS hosts' dashboard for the chosen ones. */
export const headroomTable = (words: Words, scope: Q.Scope) => {
  const columns: Column[] = [
    { of: "kms_host", name: "host", look: [look.link(words.links.openHost, HOST_URL)] },
    { of: "zone", name: "zone", look: [look.width(80)] },
    {
      of: "product_class",
      name: "class",
      look: [look.width(185), ...named(words.values.productClass)],
    },
    {
      of: "A",
      name: "state",
      look: [look.mapped(stateMappings(words)), look.coloured, look.thresholds(steps("transparent")), look.width(110)],
    },
    {
      of: "B",
      name: "headroom",
      look: [
        look.thresholds(steps(COLOURS.atRisk, [0, COLOURS.quiet])),
        look.mapped([absent(words.unknown, COLOURS.unknown)]),
        look.colouredText,
        look.width(105),
      ],
    },
    {
      of: "C",
      name: "fallsBelow",
      look: [
        look.unit(words.units.days),
        look.decimals(1),
        look.mapped([absent("–", COLOURS.quiet), below(0, words.fallen, COLOURS.atRisk)]),
        look.width(145),
      ],
    },
    {
      of: "D",
      name: "knownUntil",
      look: [...ago(words), look.width(125)],
    },
  ];
  return table(
    "headroomTable",
    words,
    columns,
    Q.classStates(scope),
    Q.headroom(scope),
    Q.daysUntil(Q.fallsBelow(scope)),
    Q.hoursSince(Q.knownUntilOfClasses(scope)),
  ).sortBy([sorted(words.columns.state, true), sorted(words.columns.headroom)]);
};

/** Hours since something was heard; a host that is only expected is known until 1970. */
export const ago = (words: Words) => [
  look.unit(words.units.hoursAgo),
  look.decimals(1),
  look.mapped([above(NEVER_HOURS, words.never, COLOURS.unknown)]),
];

/** The KMS host of the cell, on the KMS hosts' dashboard, in the same time and data source. */
const HOST_URL = `/d/${UIDS.kms}?\${__url_time_range}&\${datasource:queryparam}&var-kms_host=\${__value.text}`;

const alertColumns = (words: Words, runbook: string | undefined): Column[] => [
  {
    of: "severity",
    name: "severity",
    look: [
      look.mapped(textMappings({ critical: words.series.critical, warning: words.series.warning }, SEVERITY_COLOURS)),
      look.colouredText,
      look.width(75),
    ],
  },
  {
    of: "alertname",
    name: "alert",
    tellsWhyEmpty: true,
    look: [look.width(250), ...(runbook ? [look.link(words.links.openAlert, runbook)] : [])],
  },
  { of: "where", name: "where", look: [look.width(120)] },
  { of: "A", name: "since", look: [look.unit(words.units.hours), look.decimals(1), look.width(120)] },
  { of: "next", name: "next", look: [look.mapped(textMappings(words.nextSteps))] },
];
const SEVERITY_COLOURS = { critical: COLOURS.atRisk, warning: COLOURS.watch };

/** @param collector its pages' address: names of computers then link to theirs. */
export const deadlineColumns = (words: Words, collector?: string): readonly Column[] => [
  {
    of: "computer",
    name: "computer",
    look:
      collector === undefined ? [] : [look.link(words.links.openComputer, `${collector}/computers/\${__value.text}`)],
  },
  { of: "zone", name: "zone", look: [look.width(70)] },
  { of: "product", name: "product" },
  { of: "status", name: "status", look: [look.width(210), ...named(words.values.status)] },
  { of: "A", name: "deadline", look: [look.unit(words.units.days), look.decimals(1), look.width(120)] },
];
