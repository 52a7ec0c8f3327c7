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
      {
        height: 8,
        panels: [
          wide(14, table("zones", words, zoneColumns(words), ...zoneQueries)),
          wide(
            10,
            bars(
              "deadlinesAhead",
              words,
              ...WITHIN_DAYS.map((days) => ({ expr: Q.deadlinesWithin(days, Q.FLEET), legend: words.day(days) })),
            ).thresholds(steps("blue")),
          ),
        ],
      },
      {
        height: 8,
        panels: [
          wide(8, status),
          wide(
            8,
            withLimit(
              lines("overdue", words, { expr: Q.overdueShare(Q.FLEET), legend: "{{zone}}" })
                .unit("percentunit")
                .min(0)
                .axisSoftMax(HEALTH.overdueShare * 1.5),
              HEALTH.overdueShare,
              COLOURS.watch,
            ),
          ),
          wide(
            8,
            table(
              "products",
              words,
              [
                { of: "product", name: "product" },
                { of: "channel", name: "channel", look: [look.width(135), ...named(words.values.channel)] },
                { of: "A", name: "licenses", look: [look.width(90)] },
              ],
              `sort_desc(${Q.licensesBy("product, channel", Q.FLEET)})`,
            ),
          ),
        ],
      },
    ],
  };
};

const warn = (colour: string) => look.thresholds(steps(COLOURS.quiet, [1, colour]));
const zoneColumns = (words: Words): readonly Column[] => [
  { of: "zone", name: "zone" },
  { of: "kind", name: "kind", look: [look.width(110), ...named(words.values.zoneKind)] },
  { of: "B", name: "reporting", look: [look.width(75)] },
  { of: "C", name: "silent", look: [look.width(75)] },
  { of: "D", name: "overdue", look: [look.width(85)] },
  { of: "E", name: "notification", look: [warn(COLOURS.atRisk), look.colouredText, look.width(110)] },
  { of: "F", name: "deadlines", look: [warn(COLOURS.watch), look.colouredText, look.width(120)] },
  { of: "G", name: "skewed", look: [warn(COLOURS.watch), look.colouredText, look.width(90)] },
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

const MAK_COLUMNS: readonly Column[] = [
  { of: "partial_product_key", name: "key" },
  { of: "A", name: "computers", look: [look.width(120)] },
  { of: "B", name: "allowance", look: [look.noValue("–"), look.width(120)] },
  { of: "C", name: "left", look: [look.noValue("–"), look.width(120)] },
];
const COMPUTERS: Column = { of: "A", name: "computers", look: [look.width(140)] };

export const activations = (words: Words): Section => {
  const attempts = withNames(
    columns("attempts", words, { expr: Q.perHour(F.attempts, "outcome", Q.FLEET.zone), legend: "{{outcome}}" }),
    words.values.attempt,
    OUTCOME_COLOURS,
  );
  return {
    row: "activations",
    lines: [
      {
        height: 8,
        panels: [
          wide(8, attempts),
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
        height: 5,
        panels: [
          wide(12, table("mak", words, MAK_COLUMNS, Q.makComputers(), Q.makAllowance(), Q.makLeft())),
          wide(
            12,
            table(
              "rearms",
              words,
              [
                { of: "remaining", name: "rearmsLeft", look: [look.mapped(textMappings({ more: words.moreRearms }))] },
                COMPUTERS,
              ],
              Q.rearms(Q.FLEET),
            ),
          ),
        ],
      },
    ],
  };
};
