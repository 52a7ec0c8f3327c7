import type { License } from "../../licensing/license.ts";
import {
  CADENCES,
  type Cadence,
  cadenceOf,
  type Generation,
  generationOf,
  isGrace,
  WARNED_BEFORE,
} from "../../licensing/notifications.ts";
import { primaryLicense } from "../../licensing/primary-license.ts";
import type { Sample } from "../../licensing/telemetry/exposition.ts";
import { fleetMetrics as F } from "../../licensing/telemetry/metrics.ts";
import { HOUR, type Instant, MINUTE } from "../../licensing/time.ts";
import { type Contribution, type Sums, sumKey } from "../store/sums.ts";
import { countedTime } from "./folded-sums.ts";

type Judged = Pick<License, "application" | "addon" | "unused" | "status" | "deadline" | "channel" | "name"> & {
  readonly product: string;
};

/**
 * What a computer adds to the count of those whose users are told that Windows is not activated: nothing while its Windows
 * is activated, but for the last days of an activation that ends.
 *
 * Only the graces of Windows 7 and before change their cadence as they run out; those are counted by the minute in which
 * they end. Current Windows shows toasts all along.
 */
export const notificationContribution = (
  licenses: readonly Judged[],
  zone: string,
  folded = false,
): Contribution | undefined => {
  const license = primaryLicense(licenses);
  if (!license) return undefined;
  const { status, channel } = license;
  const deadline = license.deadline === undefined ? undefined : countedTime(license.deadline, folded);
  const generation = generationOf(license);
  const of = (end: number | "") => [sumKey("notices", zone, generation, status, end), 1] as const;
  if (status === "notification") return of("");
  if (deadline === undefined) return undefined;
  if (isGrace(status)) return of(generation === "current" ? "" : Math.ceil(deadline / MINUTE));
  return status === "licensed" && channel === "kms_client" && generation === "current"
    ? of(Math.ceil(deadline / HOUR))
    : undefined;
};

/** Every zone and cadence from 0 on. */
export const notificationSamples = (sums: Sums, zones: readonly string[], now: Instant): Sample[] => {
  const counts = new Map(zones.map((zone) => [zone, new Map<Cadence, number>(CADENCES.map((it) => [it, 0]))]));
  for (const { labels, sum } of sums.of("notices")) {
    const [zone, generation, status, ends] = labels as [string, Generation, License["status"], string];
    const end = ends === "" ? undefined : Number(ends) * (status === "licensed" ? HOUR : MINUTE);
    if (status === "licensed" && end! - now > WARNED_BEFORE) continue;
    const cadence = cadenceOf(generation, end, now);
    const of = counts.get(zone);
    of?.set(cadence, of.get(cadence)! + sum);
  }
  return [...counts].flatMap(([zone, of]) =>
    [...of].map(([cadence, value]) => ({ metric: F.notifiedComputers, labels: [zone, cadence], value })),
  );
};
