import { DAY, HOUR, MINUTE, SECOND } from "../licensing/time.ts";

/** Seconds as PromQL compares them. */
const seconds = (ms: number): number => ms / SECOND;

/** Every number on which an alert turns, with the reason for it. */
export const THRESHOLDS = {
  /** Longer than any host is silent that has a few dozen clients: 25 clients that renew weekly ask every seven hours. */
  unknownAfterSeconds: seconds(DAY),
  /** Two renewals of every client fit into it, so that a count which really falls is told before it has fallen. Healthy weekly renewal never comes under 23 days. */
  forecastSeconds: seconds(14 * DAY),
  /** A few machines that are re-installed or off must not bring it below. */
  nearClients: 5,
  /** Servers and Office need 5 in all: one machine less is the last warning. */
  nearOthers: 1,
  /** A renewal interval of seven days, and a day: then somebody must have asked. */
  noRequestsSeconds: seconds(8 * DAY),
  /** Long enough to be seen by whoever looks daily. */
  tableLostSeconds: seconds(DAY),
  /** The host's log and its own count are read at different moments; a handful is normal. */
  disagreeClients: 5,
  /** Ten failures an hour are more than one misconfigured client with its retry of two hours. */
  failingRequests: 10,
  /** Time to find the key and to telephone Microsoft. */
  hostGraceSeconds: seconds(14 * DAY),
  /** A client that renews weekly never has less than 173 days left. */
  deadlineWithin: "7d",
  /** A new allowance must be asked of Microsoft; a tenth lasts some weeks of ordinary installing. */
  makLeftShare: 0.1,
  /** Time to ask for more, at last week's pace. */
  makForecastSeconds: seconds(30 * DAY),
  /** Laptops travel; one in twenty overdue is the network or the host. */
  overdueShare: 0.05,
  /** Re-installing and re-imaging change one or two in a hundred in an hour; one in twenty is something that acts on all. */
  anomalyShare: 0.05,
  /** In a small zone one computer is a large share; five at once are no chance. */
  anomalyComputers: 5,
  /** Any: rates give a little more or less than one for one change. */
  driftComputers: 0.5,
  /** Weekends and holidays switch off fewer than one in five for three days. */
  staleShare: 0.2,
  /** Events are kept 30 days at the source at best; a day leaves time to mend. */
  backlogSeconds: seconds(DAY),
  /** Entries live 30 days: with an interval above ten a client that misses two falls out. */
  renewalIntervalSeconds: seconds(10 * DAY),
} as const;
export type Thresholds = {
  readonly [K in keyof typeof THRESHOLDS]: (typeof THRESHOLDS)[K] extends number ? number : string;
};

/** How long a condition must hold. `immediate` is for trying things out. */
export const PACES = {
  production: {
    short: MINUTE * 5,
    long: HOUR,
    keep: MINUTE * 15,
  },
  immediate: { short: 0, long: 0, keep: 0 },
} as const;
export type Pace = keyof typeof PACES;
