import type { License } from "./license.ts";
import { DAY, type Instant } from "./time.ts";

/** How often a user is told that Windows is not activated. */
export const CADENCES = ["daily", "four_hourly", "hourly", "persistent", "toast"] as const;
export type Cadence = (typeof CADENCES)[number];

/** Windows 7 and 2008 R2 and before tell by the planning guide's rules; newer ones by toasts. */
export type Generation = "legacy" | "current";

/** By the name of the product, which WMI writes `Windows(R) 7, Enterprise edition`, and the catalogue `Windows 7 Enterprise`. */
export const generationOf = ({ name, product }: { readonly name: string; readonly product: string }): Generation =>
  /\b(7|Vista|2008)\b/.test(`${name} ${product}`) ? "legacy" : "current";

/** Current Windows warns so long before the 180 days of a KMS activation end. */
export const WARNED_BEFORE = 30 * DAY;

const GRACES = new Set<License["status"]>(["oob_grace", "oot_grace", "non_genuine_grace", "extended_grace"]);
/** The states in which a countdown to notification runs. */
export const isGrace = (status: License["status"]): boolean => GRACES.has(status);

/**
 * The planning guide, "Volume activation: user experience": in grace once a day at logon, every four hours within the last
 * three days, every hour on the last one; once it is over the notice stays.
 *
 * @param end of the grace; undefined in notification.
 */
export const cadenceOf = (generation: Generation, end: Instant | undefined, now: Instant): Cadence => {
  if (generation === "current") return "toast";
  if (end === undefined || end <= now) return "persistent";
  if (end - now <= DAY) return "hourly";
  return end - now <= 3 * DAY ? "four_hourly" : "daily";
};
