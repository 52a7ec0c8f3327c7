import type { Section } from "./frame.ts";
import { keysTable } from "./hosts.ts";
import { MAK_COLUMNS } from "./license.ts";
import type { Words } from "./locales/texts.ts";
import { named, withNames } from "./names.ts";
import { areas, COLOURS, lines, look, palette, steps, wide } from "./panels.ts";
import * as Q from "./queries.ts";
import * as B from "./queries-boards.ts";
import { table } from "./tables.ts";

const S = Q.FLEET;

/** What is left of each MAK, and where it is used. */
export const mak = (words: Words): Section => ({
  row: "mak",
  lines: [
    {
      height: 6,
      panels: [
        wide(
          24,
          table(
            "makBudgets",
            words,
            [
              ...MAK_COLUMNS,
              {
                of: "D",
                name: "usedShare",
                look: [look.unit("percentunit"), look.thresholds(USED), look.colouredText, look.width(90)],
              },
              { of: "E", name: "daysLeft", look: [look.decimals(0), look.unit(words.units.days), look.width(100)] },
              { of: "F", name: "asOf", look: [look.unit(words.units.daysAgo), look.decimals(0), look.width(120)] },
            ],
            Q.makComputers(),
            Q.makAllowance(),
            Q.makLeft(),
            B.makUsedShare(),
            B.makDaysLeft(),
            Q.daysSince(B.makAsOf()),
          ),
        ),
      ],
    },
    {
      height: 7,
      panels: [
        wide(
          12,
          lines("makTrend", words, { expr: Q.makComputers(), legend: "{{partial_product_key}}" })
            .min(0)
            .colorScheme(palette()),
        ),
        wide(
          12,
          table(
            "makProducts",
            words,
            [
              { of: "product", name: "product" },
              { of: "status", name: "status", look: [look.width(190), ...named(words.values.status)] },
              { of: "A", name: "licenses", look: [look.width(100)] },
            ],
            `sort_desc(${B.activeChannel(S, "mak")})`,
          ),
        ),
      ],
    },
  ],
});

const USED = steps(COLOURS.quiet, [0.8, COLOURS.watch], [0.9, COLOURS.atRisk]);

/** Host keys against Microsoft's limits, and how all licenses are activated. */
export const hostKeys = (words: Words): Section => ({
  row: "hostKeys",
  lines: [
    { height: 8, panels: [wide(24, keysTable(words, S))] },
    {
      height: 8,
      panels: [
        wide(
          12,
          table(
            "keyHosts",
            words,
            [
              { of: "partial_product_key", name: "key" },
              { of: "A", name: "hosts", look: [look.width(120)] },
              { of: "B", name: "allowed", look: [look.width(120)] },
            ],
            B.keyHosts(),
            B.keyHostsAllowed(),
          ),
        ),
        wide(
          12,
          table(
            "reactivations",
            words,
            [
              { of: "kms_host", name: "host" },
              { of: "partial_product_key", name: "key", look: [look.width(120)] },
              { of: "A", name: "reactivated", look: [look.width(140)] },
              { of: "B", name: "allowed", look: [look.width(110)] },
            ],
            B.reactivations(),
            B.reactivationsAllowed(),
          ),
        ),
      ],
    },
    {
      height: 8,
      panels: [
        wide(
          24,
          withNames(
            areas("channels", words, { expr: B.licensesByChannel(S), legend: "{{channel}}" }).colorScheme(palette()),
            words.values.channel,
          ),
        ),
      ],
    },
  ],
});
