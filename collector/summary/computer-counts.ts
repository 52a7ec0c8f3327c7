import type { ZoneKind } from "../../licensing/planning.ts";
import { DAY, HOUR, hourOf, type Instant } from "../../licensing/time.ts";
import type { Count, Reader } from "../store/store.ts";
import type { Sums } from "../store/sums.ts";

/** Zones by configuration, and from when on a computer in them is silent. */
export interface ZoneSettings {
  readonly zones: readonly { readonly name: string; readonly kind: ZoneKind }[];
  /** Milliseconds of silence after which a computer is stale. */
  readonly staleAfter: number;
}

/** Computers by something that has a time: sums of whole hours, and the hour that an instant cuts from the store. */
export interface HourlyCounts {
  /** By `zone` or `zone status`. */
  readonly byGroup: ReadonlyMap<string, ReadonlyMap<number, number>>;
  before(at: Instant): Promise<Map<string, number>>;
}

export const hourlyCounts = (sums: Sums, reader: Reader, of: "deadline" | "overdue" | "seen"): HourlyCounts => {
  const byGroup = sums.byHour(of);
  return {
    byGroup,
    before: async (at) => {
      const hour = hourOf(at);
      const counts = new Map<string, number>();
      for (const [group, hours] of byGroup) {
        let count = 0;
        for (const [at, sum] of hours) if (at < hour) count += sum;
        counts.set(group, count);
      }
      for (const it of await reader.countComputers(of, hour * HOUR, at))
        counts.set(groupOf(it), (counts.get(groupOf(it)) ?? 0) + it.count);
      return counts;
    },
  };
};
const groupOf = ({ zone, status }: Count): string => (status === null ? zone : `${zone} ${status}`);

/** Computers that are not retired. */
export interface ComputersByAge {
  readonly total: number;
  /** Silent for longer than `stale_after`. */
  readonly silent: number;
}

/** Computers of each zone by how long they have been silent. */
export const computersByAge = async (
  seen: HourlyCounts,
  staleAfter: number,
  now: Instant,
): Promise<(zone: string) => ComputersByAge> => {
  const total = await seen.before(now + DAY);
  const silent = await seen.before(now - staleAfter);
  return (zone) => ({
    total: total.get(zone) ?? 0,
    silent: silent.get(zone) ?? 0,
  });
};
