import type { License } from "./license.ts";
import type { ZoneKind } from "./planning.ts";
import { primaryLicense, primaryLicenses } from "./primary-license.ts";
import type { Instant } from "./time.ts";

/** How a computer is activated as of now: what the planning guide's Table 2 asks of each. */
export type Method = "kms" | "mak" | "none";

/** Channels that renew with the organisation's own network. */
const RENEWING = new Set(["kms_client", "adba", "token"]);

/**
 * How a computer is activated by what its licenses say, and until when that holds; undefined for one that is not to be
 * activated by volume license (retail, OEM, a KMS host itself).
 */
export const methodOf = (
  licenses: readonly Pick<License, "application" | "addon" | "unused" | "channel" | "status" | "deadline">[],
): { method: Method; until?: Instant } | undefined => {
  const license = primaryLicense(licenses) ?? primaryLicenses(licenses)[0];
  if (!license) return undefined;
  const { channel, status, deadline } = license;
  if (channel !== "mak" && !RENEWING.has(channel)) return undefined;
  if (status !== "licensed") return { method: "none" };
  return channel === "mak" ? { method: "mak" } : { method: "kms", ...(deadline !== undefined && { until: deadline }) };
};

/**
 * The rows of the planning guide's Table 2 (worksheet for the activation methods): every computer that is to be activated
 * belongs to one of rows 2 to 6, so row 7 must be 0.
 */
export const CRITERIA = [
  { row: 1, criterion: "total", method: "" },
  { row: 2, criterion: "connects_every_180_days", method: "kms" },
  { row: 3, criterion: "does_not_connect", method: "mak" },
  { row: 4, criterion: "isolated_threshold_met", method: "kms" },
  { row: 5, criterion: "isolated_threshold_not_met", method: "mak" },
  { row: 6, criterion: "lab_not_activated", method: "none" },
  { row: 7, criterion: "remaining", method: "" },
] as const;
export type Criterion = (typeof CRITERIA)[number]["criterion"];

/** In words, as the guide asks. */
export const CRITERION_WORDS: Readonly<Record<Criterion, string>> = {
  total: "Computers to be activated",
  connects_every_180_days: "Connect at least once every 180 days to a network that meets the KMS threshold",
  does_not_connect: "Do not connect to the network at least once every 180 days",
  isolated_threshold_met: "In isolated networks where the KMS threshold is met",
  isolated_threshold_not_met: "In isolated networks where the KMS threshold is not met",
  lab_not_activated: "In test or development labs that will not be activated",
  remaining: "Remaining; this must be 0",
};

export type Worksheet = Readonly<Record<Criterion, number>>;

/**
 * Table 2 for one zone, filled from what its computers do. A valid KMS activation is 180 days old at most, so whoever has one
 * has connected within that time.
 *
 * @param inventory how many computers there are by AD or a CMDB; undefined: as many as are known.
 */
export const worksheetOf = (
  kind: ZoneKind,
  { kms, mak, none }: Readonly<Record<Method, number>>,
  inventory: number | undefined,
): Worksheet => {
  const isolated = kind === "isolated" || kind === "lab";
  const rows = {
    connects_every_180_days: isolated ? 0 : kms,
    does_not_connect: isolated ? 0 : mak,
    isolated_threshold_met: isolated ? kms : 0,
    isolated_threshold_not_met: isolated ? mak : 0,
    lab_not_activated: kind === "lab" ? none : 0,
  };
  const total = inventory ?? kms + mak + none;
  const placed = Object.values(rows).reduce((sum, it) => sum + it, 0);
  return { total, ...rows, remaining: total - placed };
};

/** What a remainder means; undefined where there is none. */
export const worksheetFinding = ({ remaining }: Worksheet, inventory: number | undefined): string | undefined => {
  if (remaining === 0) return undefined;
  if (remaining < 0)
    return `${computers(-remaining, "more ")} known than the inventory has. Bring the inventory up to date.`;
  return inventory === undefined
    ? `${computers(remaining)} not activated. Let them reach a KMS host, or give them a MAK.`
    : `${computers(remaining)} in the inventory but not activated, or nothing is known of them. Run an agent on them, let them reach a KMS host, or give them a MAK.`;
};

const computers = (count: number, more = ""): string =>
  count === 1 ? `1 ${more}computer is` : `${count} ${more}computers are`;
