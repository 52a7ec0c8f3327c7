import { HEALTH } from "../licensing/kms/health.ts";
import { KEY_HOSTS_ALLOWED, KEY_REACTIVATIONS_ALLOWED } from "../licensing/kms/key-use.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../licensing/time.ts";

/** Seconds as PromQL compares them. */
const seconds = (ms: number): number => ms / SECOND;

/** Every number on which an alert turns, with the reason for it; what dashboards show as well stands in licensing/verdict. */
export const THRESHOLDS = {
  unknownAfterSeconds: seconds(HEALTH.unknownAfter),
  forecastSeconds: seconds(HEALTH.forecast),
  nearClients: HEALTH.nearClients,
  nearOthers: HEALTH.nearOthers,
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
  /** What Microsoft grants everybody, where no collector says otherwise. */
  keyHosts: KEY_HOSTS_ALLOWED,
  keyReactivations: KEY_REACTIVATIONS_ALLOWED,
  deadlineWithin: HEALTH.deadlineWithin,
  /** A new allowance must be asked of Microsoft; a tenth lasts some weeks of ordinary installing. */
  makLeftShare: 0.1,
  /** Time to ask for more, at last week's pace. */
  makForecastSeconds: seconds(30 * DAY),
  overdueShare: HEALTH.overdueShare,
  /** Re-installing and re-imaging change one or two in a hundred in an hour; one in twenty is something that acts on all. */
  anomalyShare: 0.05,
  /** In a small zone one computer is a large share; five at once are no chance. */
  anomalyComputers: 5,
  /** Any: rates give a little more or less than one for one change. */
  driftComputers: 0.5,
  staleShare: HEALTH.staleShare,
  backlogSeconds: seconds(HEALTH.backlog),
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
