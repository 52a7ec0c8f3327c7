import { HEALTH } from "../licensing/kms/health.ts";
import type { Status } from "../licensing/license.ts";
import { fleetMetrics as F, WITHIN_DAYS } from "../licensing/telemetry/metrics.ts";
import type { Section } from "./frame.ts";
import type { Words } from "./locales/texts.ts";
import { eventsBy, named, withNames } from "./names.ts";
import { areas, bars, COLOURS, columns, lines, look, steps, textMappings, wide, withLimit } from "./panels.ts";
import * as Q from "./queries.ts";
import { type Column, table } from "./tables.ts";

export const STATUS_COLOURS: Readonly<Record<Status, string>> = {
  licensed: "green",
  oob_grace: "yellow",
  oot_grace: "orange",
  extended_grace: "light-yellow",
  non_genuine_grace: "dark-orange",
  notification: "red",
  unlicensed: "dark-red",
};
const OUTCOME_COLOURS = { activated: "green", refused: "red", no_answer: "orange" };

/** The computers' licenses: below the first screen of the fleet overview. */
export const licenses = (words: Words): Section => {
  const status = withNames(
    areas("licenseStatus", words, { expr: Q.licensesBy("status", Q.FLEET), legend: "{{status}}" }),
    words.values.status,
    STATUS_COLOURS,
  );
  return {
    row: "licenses",
    lines: [
      { height: 6, panels: [wide(24, table("zones", words, zoneColumns(words), ...zoneQueries))] },
      {
        height: 8,
        panels: [wide(8, deadlinesAhead(words)), wide(8, status), wide(8, overdueShares(words))],
      },
    ],
  };
};

const deadlinesAhead = (words: Words) =>
  bars(
    "deadlinesAhead",
    words,
    ...WITHIN_DAYS.map((days) => ({ expr: Q.deadlinesWithin(days, Q.FLEET), legend: words.day(days) })),
  ).thresholds(steps("blue"));

export const overdueShares = (words: Words) =>
  withLimit(
    lines("overdue", words, { expr: Q.overdueShare(Q.FLEET), legend: "{{zone}}" })
      .unit("percentunit")
      .min(0)
      .axisSoftMax(HEALTH.overdueShare * 1.5),
    HEALTH.overdueShare,
    COLOURS.watch,
  );

const warn = (colour: string) => look.thresholds(steps(COLOURS.quiet, [1, colour]));
const zoneColumns = (words: Words): readonly Column[] => [
  { of: "zone", name: "zone" },
  { of: "kind", name: "kind", look: [look.width(100), ...named(words.values.zoneKind)] },
  { of: "B", name: "reporting", look: [look.width(90)] },
  { of: "C", name: "silent", look: [look.width(90)] },
  { of: "D", name: "overdue", look: [look.width(95)] },
  { of: "E", name: "notification", look: [warn(COLOURS.atRisk), look.colouredText, look.width(115)] },
  { of: "F", name: "deadlines", look: [warn(COLOURS.watch), look.colouredText, look.width(125)] },
  { of: "G", name: "skewed", look: [warn(COLOURS.watch), look.colouredText, look.width(95)] },
];
const zoneQueries: readonly string[] = [
  Q.zoneKinds(Q.FLEET),
  Q.byZone(F.computers, Q.FLEET, 'state="reporting"'),
  Q.byZone(F.computers, Q.FLEET, 'state="stale"'),
  Q.byZone(F.renewalsOverdue, Q.FLEET),
  `${Q.byZone(F.licenses, Q.FLEET, 'status="notification"')} or 0 * ${Q.byZone(F.computers, Q.FLEET)}`,
  Q.byZone(F.deadlines, Q.FLEET, `within="${HEALTH.deadlineWithin}"`),
  Q.byZone(F.clockSkewed, Q.FLEET),
];

export const MAK_COLUMNS: readonly Column[] = [
  { of: "partial_product_key", name: "key" },
  { of: "A", name: "computers", look: [look.width(95)] },
  { of: "B", name: "allowance", look: [look.noValue("–"), look.width(95)] },
  { of: "C", name: "left", look: [look.noValue("–"), look.width(70)] },
];

export const attemptColumns = (words: Words) =>
  withNames(
    columns("attempts", words, { expr: Q.perHour(F.attempts, "outcome", Q.FLEET.zone), legend: "{{outcome}}" }),
    words.values.attempt,
    OUTCOME_COLOURS,
  );

export const rearmsTable = (words: Words) =>
  table(
    "rearms",
    words,
    [
      { of: "remaining", name: "rearmsLeft", look: [look.mapped(textMappings({ more: words.moreRearms }))] },
      { of: "A", name: "computers", look: [look.width(140)] },
    ],
    Q.rearms(Q.FLEET),
  );

export const activations = (words: Words): Section => {
  return {
    row: "activations",
    lines: [
      {
        height: 8,
        panels: [
          wide(8, attemptColumns(words)),
          wide(
            8,
            eventsBy(
              "failures",
              words,
              "reason",
              words.values.reason,
              Q.perHourOrNone(F.failures, "reason", Q.FLEET.zone),
            ),
          ),
          wide(
            8,
            eventsBy(
              "changes",
              words,
              "change",
              words.values.change,
              Q.perHourOrNone(F.licenseChanges, "change", Q.FLEET.zone),
            ),
          ),
        ],
      },
      {
        height: 6,
        panels: [
          wide(
            12,
            table(
              "products",
              words,
              [
                { of: "product", name: "product" },
                { of: "channel", name: "channel", look: [look.width(150), ...named(words.values.channel)] },
                { of: "A", name: "licenses", look: [look.width(90)] },
              ],
              `sort_desc(${Q.licensesBy("product, channel", Q.FLEET)})`,
            ),
          ),
          wide(12, table("mak", words, MAK_COLUMNS, Q.makComputers(), Q.makAllowance(), Q.makLeft())),
        ],
      },
    ],
  };
};
