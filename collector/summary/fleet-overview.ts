import { STATUSES, STATUSES_WITH_DEADLINE, type Status } from "../../licensing/license.ts";
import { DAY, type Instant } from "../../licensing/time.ts";
import type { Memory } from "../state/memory.ts";
import type { Reader } from "../store/store.ts";
import { computersByAge, hourlyCounts, type ZoneSettings } from "./computer-counts.ts";

/** The whole fleet in a few numbers, for the overview. */
export interface FleetOverview {
  readonly computers: {
    readonly reporting: number;
    /** Silent for longer than `stale_after`. */
    readonly silent: number;
    readonly retired: number;
  };
  /** Installed licenses by status; a status without a license is left out. Empty where no license was read yet. */
  readonly licenses: readonly { readonly status: Status; readonly licenses: number }[];
  /** Computers whose validity or grace ends within 7 and 30 days, and those whose deadline has passed. */
  readonly deadlines: { readonly within7Days: number; readonly within30Days: number; readonly passed: number };
  readonly overdue: number;
  /** What agents hold and have not delivered, gaps in their logs, sources that they cannot read. */
  readonly agents: {
    readonly undelivered: number;
    readonly oldestUnsentSeconds: number;
    readonly gaps: number;
    readonly failingSources: number;
  };
}

const WITH_DEADLINE: ReadonlySet<string> = new Set(STATUSES_WITH_DEADLINE);

export const fleetOverview = async (
  { sums }: Memory,
  reader: Reader,
  { staleAfter }: ZoneSettings,
  now: Instant,
): Promise<FleetOverview> => {
  const total = (group: string) => [...sums.of(group)].reduce((sum, it) => sum + it.sum, 0);
  const seen = hourlyCounts(sums, reader, "seen");
  const byAge = await computersByAge(seen, staleAfter, now);
  const ages = [...seen.byGroup.keys()].map(byAge);
  const silent = ages.reduce((sum, it) => sum + it.silent, 0);
  const deadlines = hourlyCounts(sums, reader, "deadline");
  const until = async (at: Instant) => {
    const counts = [...(await deadlines.before(at))].filter(([group]) =>
      WITH_DEADLINE.has(group.slice(group.lastIndexOf(" ") + 1)),
    );
    return counts.reduce((sum, [, count]) => sum + count, 0);
  };
  const passed = await until(now);
  const overdue = [...(await hourlyCounts(sums, reader, "overdue").before(now)).values()];
  const byStatus = new Map<string, number>();
  for (const { labels, sum } of sums.of("licenses"))
    byStatus.set(labels.at(-1)!, (byStatus.get(labels.at(-1)!) ?? 0) + sum);
  return {
    computers: {
      reporting: ages.reduce((sum, it) => sum + it.total, 0) - silent + total("agentless"),
      silent,
      retired: total("retired"),
    },
    licenses: STATUSES.flatMap((status) => {
      const licenses = byStatus.get(status) ?? 0;
      return licenses > 0 ? [{ status, licenses }] : [];
    }),
    deadlines: {
      passed,
      within7Days: (await until(now + 7 * DAY)) - passed,
      within30Days: (await until(now + 30 * DAY)) - passed,
    },
    overdue: overdue.reduce((sum, it) => sum + it, 0),
    agents: {
      undelivered: total("spooled"),
      oldestUnsentSeconds: Math.max(0, ...[...sums.of("unsent")].map(({ labels }) => Number(labels[1]))),
      gaps: total("gaps"),
      failingSources: total("failing"),
    },
  };
};
