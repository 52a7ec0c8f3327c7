import type { PanelName } from "./locales/texts.ts";
import { computersKnown, deadlinesKnown, FLEET, hostsKnown } from "./queries.ts";

/** A query where what it counts is known; nothing elsewhere. */
export const whereKnown = (name: PanelName, expr: string): string => {
  const known = KNOWN[name];
  return known === undefined ? expr : `(${expr}) and on () ${known}`;
};

/**
 * Panels in which "none" or 0 would be a falsehood while nothing was read that they count: the query has a value where they
 * are known. Elsewhere they say so.
 */
export const KNOWN: Readonly<Partial<Record<PanelName, string>>> = {
  nextFall: hostsKnown(FLEET),
  nextDeadline: deadlinesKnown(FLEET),
  deadlineTable: deadlinesKnown(FLEET),
  deadlinesAhead: deadlinesKnown(FLEET),
  withinWeek: deadlinesKnown(FLEET),
  withinMonth: deadlinesKnown(FLEET),
  soonestDeadlines: deadlinesKnown(FLEET),
  deadlinesByStatus: deadlinesKnown(FLEET),
  overdueNow: computersKnown(FLEET),
  failedLastHour: computersKnown(FLEET),
  skewedNow: computersKnown(FLEET),
};
