import { type ProductClass, REQUIRED } from "./kms/rules.ts";
import type { License } from "./license.ts";
import type { ZoneKind } from "./planning.ts";
import { type PlanningSentences, planningEn } from "./planning-sentences.ts";
import { primaryLicense, primaryLicenses } from "./primary-license.ts";
import { isServer } from "./products.ts";
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
  licenses: readonly Activated[],
): { method: Method; productClass: ProductClass; until?: Instant } | undefined => {
  const license = primaryLicense(licenses) ?? primaryLicenses(licenses)[0];
  if (!license) return undefined;
  const { channel, status, deadline } = license;
  if (channel !== "mak" && !RENEWING.has(channel)) return undefined;
  const productClass = classOf(license);
  if (status !== "licensed") return { method: "none", productClass };
  if (channel === "mak") return { method: "mak", productClass };
  return { method: "kms", productClass, ...(deadline !== undefined && { until: deadline }) };
};

type Activated = Pick<License, "application" | "addon" | "unused" | "channel" | "status" | "deadline" | "name"> & {
  readonly product: string;
};

/** What is of no known family is taken for the class that needs most. */
const classOf = (license: Activated): ProductClass => {
  const { application } = license;
  if (application === "office" || application === "office2010") return application;
  return isServer(license) ? "server" : "client";
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

/** Computers by what they run and how they are activated. */
export type MethodCounts = Readonly<Partial<Record<ProductClass, Readonly<Record<Method, number>>>>>;

/**
 * Table 2 for one zone, filled from what its computers do. A valid KMS activation is 180 days old at most, so a computer that
 * has one was connected to a network that meets the threshold. For a MAK computer the threshold of what it runs decides: 25
 * for client Windows, 5 for the rest, counted over all computers of the zone. A disconnected zone connects to no such network.
 *
 * @param inventory how many computers there are by AD or a CMDB; undefined: as many as are known.
 */
export const worksheetOf = (kind: ZoneKind, counts: MethodCounts, inventory: number | undefined): Worksheet => {
  const classes = Object.entries(counts) as [ProductClass, Readonly<Record<Method, number>>][];
  const sum = (of: (it: Readonly<Record<Method, number>>, productClass: ProductClass) => number) =>
    classes.reduce((all, [productClass, it]) => all + of(it, productClass), 0);
  const known = sum(({ kms, mak, none }) => kms + mak + none);
  const computers = Math.max(known, inventory ?? 0);
  const isMet = (it: ProductClass) => kind !== "disconnected" && computers >= REQUIRED[it];
  const met = sum(({ kms, mak }, it) => kms + (isMet(it) ? mak : 0));
  const notMet = sum(({ mak }, it) => (isMet(it) ? 0 : mak));
  const isolated = kind === "isolated" || kind === "lab";
  const rows = {
    connects_every_180_days: isolated ? 0 : met,
    does_not_connect: isolated ? 0 : notMet,
    isolated_threshold_met: isolated ? met : 0,
    isolated_threshold_not_met: isolated ? notMet : 0,
    lab_not_activated: kind === "lab" ? sum(({ none }) => none) : 0,
  };
  const total = inventory ?? known;
  const placed = Object.values(rows).reduce((sum, it) => sum + it, 0);
  return { total, ...rows, remaining: total - placed };
};

/** What a remainder means; undefined where there is none. */
export const worksheetFinding = (
  { remaining }: Worksheet,
  inventory: number | undefined,
  say: PlanningSentences = planningEn,
): string | undefined => {
  if (remaining === 0) return undefined;
  if (remaining < 0) return say.moreThanInventory(-remaining);
  return inventory === undefined ? say.notActivated(remaining) : say.notInData(remaining);
};
