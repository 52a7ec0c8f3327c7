import type { Instant } from "../../licensing/time.ts";
import { backOff } from "./backoff.ts";

/**
 * Computers for which the collector does not let this agent report: the records of one must not hold up those of the others.
 * Its administrator may correct that, so that they are tried again, ever less often.
 */
export interface ForbiddenComputers {
  /** Those that are not tried again yet. */
  waiting(now: Instant): ReadonlySet<string>;
  /** Whether any computer was ever refused since all were last taken: then each travels in requests of its own. */
  readonly any: boolean;
  refused(host: string, now: Instant): void;
  taken(host: string): void;
  /** A request about several computers was refused: which one is meant shows when each travels alone. */
  separate(): void;
}

export const newForbiddenComputers = (random: () => number): ForbiddenComputers => {
  const refused = new Map<string, { readonly times: number; readonly until: Instant }>();
  let separate = false;
  return {
    waiting: (now) => new Set([...refused].filter(([, { until }]) => until > now).map(([host]) => host)),
    get any() {
      return separate;
    },
    refused: (host, now) => {
      const times = (refused.get(host)?.times ?? 0) + 1;
      refused.set(host, { times, until: now + backOff(times, random()) });
    },
    taken: (host) => {
      refused.delete(host);
      if (refused.size === 0) separate = false;
    },
    separate: () => {
      separate = true;
    },
  };
};
