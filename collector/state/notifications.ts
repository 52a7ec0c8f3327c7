import { type License, primaryLicense } from "../../licensing/license.ts";
import {
  CADENCES,
  type Cadence,
  cadenceOf,
  type Generation,
  generationOf,
  isGrace,
  WARNED_BEFORE,
} from "../../licensing/notifications.ts";
import type { Sample } from "../../licensing/telemetry/exposition.ts";
import { fleetMetrics as F } from "../../licensing/telemetry/metrics.ts";
import { HOUR, hourOf, type Instant } from "../../licensing/time.ts";
import { type Contribution, type Sums, sumKey } from "../store/sums.ts";

type Told = Pick<License, "application" | "addon" | "status" | "deadline" | "channel" | "name"> & {
  readonly product: string;
};

/**
 * What a computer adds to the count of those whose users see notices: nothing while its Windows is activated, but for the
 * last days of an activation that ends.
 */
export const notificationContribution = (licenses: readonly Told[], zone: string): Contribution | undefined => {
  const license = primaryLicense(licenses);
  if (!license) return undefined;
  const { status, deadline } = license;
  const generation = generationOf(license);
  if (status === "notification") return [sumKey("notices", zone, generation, status, ""), 1];
  const ends =
    isGrace(status) || (status === "licensed" && license.channel === "kms_client" && generation === "current");
  if (deadline === undefined || !ends) return undefined;
  return [sumKey("notices", zone, generation, status, hourOf(deadline)), 1];
};

/** To the hour, as the notices themselves come. Every zone and cadence from 0 on. */
export const notificationSamples = (sums: Sums, zones: readonly string[], now: Instant): Sample[] => {
  const counts = new Map(zones.map((zone) => [zone, new Map<Cadence, number>(CADENCES.map((it) => [it, 0]))]));
  for (const { labels, sum } of sums.of("notices")) {
    const [zone, generation, status, hour] = labels as [string, Generation, License["status"], string];
    const end = hour === "" ? undefined : Number(hour) * HOUR;
    if (status === "licensed" && end! - now > WARNED_BEFORE) continue;
    const cadence = cadenceOf(generation, end, now);
    const of = counts.get(zone);
    of?.set(cadence, of.get(cadence)! + sum);
  }
  return [...counts].flatMap(([zone, of]) =>
    [...of].map(([cadence, value]) => ({ metric: F.notifiedComputers, labels: [zone, cadence], value })),
  );
};
