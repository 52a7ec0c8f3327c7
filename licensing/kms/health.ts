import { DAY } from "../time.ts";

/** Where "safe" ends: what alerts and dashboards must agree on, each number with the reason for it. */
export const HEALTH = {
  /** Longer than any host is silent that has a few dozen clients: 25 clients that renew weekly ask every seven hours. */
  unknownAfter: DAY,
  /** Two renewals of every client fit into it, so that a count which really falls is told before it has fallen. Healthy weekly renewal never comes under 23 days. */
  forecast: 14 * DAY,
  /** A few machines that are re-installed or off must not bring it below. */
  nearClients: 5,
  /** Servers and Office need 5 in all: one machine less is the last warning. */
  nearOthers: 1,
  /** A client that renews weekly never has less than 173 days left. */
  deadlineWithin: "7d",
  /** Laptops travel; one in twenty overdue is the network or the host. */
  overdueShare: 0.05,
  /** Weekends and holidays switch off fewer than one in five for three days. */
  staleShare: 0.2,
  /** Events are kept 30 days at the source at best; a day leaves time to mend. */
  backlog: DAY,
} as const;
