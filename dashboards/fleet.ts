import { BigValueColorMode, BigValueTextMode } from "@grafana/grafana-foundation-sdk/common";
import { HEALTH } from "../licensing/kms/health.ts";
import { DAY, HOUR } from "../licensing/time.ts";
import { type Section, UIDS } from "./frame.ts";
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
export const overview = (words: Words, runbook: string | undefined): Section => ({
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
        wide(
          5,
          stat("nextDeadline", words, { expr: Q.inDays(Q.nextDeadline(Q.FLEET)), legend: "{{computer}}" })
            .unit(words.units.days)
            .decimals(1)
            .textMode(BigValueTextMode.ValueAndName)
            .thresholds(steps(COLOURS.quiet, [0, COLOURS.watch], [7, "blue"])),
        ),
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
    {
      height: 10,
      panels: [
        wide(13, headroomTable(words, Q.FLEET)),
        wide(
          11,
          table("firingAlerts", words, alertColumns(words, runbook), Q.asDate(Q.firingAlerts())).sortBy([
            sorted(words.columns.severity),
            sorted(words.columns.since),
          ]),
        ),
      ],
    },
    {
      height: 9,
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
          table("deadlineTable", words, deadlineColumns(words), Q.asDate(Q.soonestDeadlines(Q.FLEET, 10))).sortBy([
            sorted(words.columns.deadline),
          ]),
        ),
      ],
    },
  ],
});

const silenceSteps = () => steps(COLOURS.quiet, [0, COLOURS.safe], [HEALTH.unknownAfter / HOUR, COLOURS.unknown]);

const sorted = (displayName: string, desc = false) => ({ build: () => ({ displayName, desc }) });

/** Every host and class, the tightest first; on the KMS hosts' dashboard for the chosen ones. */
export const headroomTable = (words: Words, scope: Q.Scope) => {
  const columns: Column[] = [
    { of: "kms_host", name: "host", look: [look.link(words.links.openHost, HOST_URL)] },
    { of: "zone", name: "zone", look: [look.width(65)] },
    {
      of: "product_class",
      name: "class",
      look: [look.width(140), ...named(words.values.productClass)],
    },
    {
      of: "A",
      name: "state",
      look: [look.mapped(stateMappings(words)), look.coloured, look.thresholds(steps("transparent")), look.width(85)],
    },
    {
      of: "B",
      name: "headroom",
      look: [
        look.thresholds(steps(COLOURS.atRisk, [0, COLOURS.quiet])),
        look.mapped([absent(words.unknown, COLOURS.unknown)]),
        look.colouredText,
        look.width(100),
      ],
    },
    {
      of: "C",
      name: "fallsBelow",
      look: [look.unit("dateTimeFromNow"), look.mapped([absent("–", COLOURS.quiet)]), look.width(100)],
    },
    {
      of: "D",
      name: "knownUntil",
      look: [look.unit("dateTimeFromNow"), look.width(140), look.mapped([beforeTime(words)])],
    },
  ];
  return table(
    "headroomTable",
    words,
    columns,
    Q.classStates(scope),
    Q.headroom(scope),
    Q.asDate(Q.fallsBelow(scope)),
    Q.asDate(Q.knownUntilOfClasses(scope)),
  ).sortBy([sorted(words.columns.state, true), sorted(words.columns.headroom)]);
};

/** A host that is only expected is known until 1970. */
export const beforeTime = (words: Words) =>
  ({ type: "value", options: { "0": { text: words.never, color: COLOURS.unknown } } }) as ReturnType<
    typeof stateMappings
  >[number];

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
    look: [look.width(235), ...(runbook ? [look.link(words.links.openAlert, runbook)] : [])],
  },
  { of: "where", name: "where", look: [look.width(85)] },
  { of: "A", name: "since", look: [look.unit("dateTimeFromNow"), look.width(120)] },
  { of: "next", name: "next", look: [look.mapped(textMappings(words.nextSteps))] },
];
const SEVERITY_COLOURS = { critical: COLOURS.atRisk, warning: COLOURS.watch };

const deadlineColumns = (words: Words): readonly Column[] => [
  { of: "computer", name: "computer" },
  { of: "zone", name: "zone", look: [look.width(80)] },
  { of: "product", name: "product" },
  { of: "status", name: "status", look: [look.width(150), ...named(words.values.status)] },
  { of: "A", name: "deadline", look: [look.unit("dateTimeFromNow"), look.width(110)] },
];
