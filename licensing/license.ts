import { code32, guid } from "./events/fields.ts";
import type { LicensingFact, Properties } from "./facts.ts";
import { ACTIVATION_VALIDITY } from "./kms/rules.ts";
import { type Application, applicationOfId } from "./products.ts";
import { booleanOf, instantOf, numberOf, textOf } from "./properties.ts";
import { type Instant, MINUTE } from "./time.ts";

export { numberOf, textOf } from "./properties.ts";

/** LicenseStatus, the same codes in WMI and in events; the index is the code. */
export const STATUSES = [
  "unlicensed",
  "licensed",
  "oob_grace",
  "oot_grace",
  "non_genuine_grace",
  "notification",
  "extended_grace",
] as const;
export type Status = (typeof STATUSES)[number];
/** In which a deadline can run. */
export const STATUSES_WITH_DEADLINE = STATUSES.filter((it) => it !== "unlicensed" && it !== "notification");

export const CHANNELS = [
  "kms_client",
  "kms_host",
  "mak",
  "retail",
  "oem",
  "adba",
  "token",
  "avma",
  "subscription",
  "other",
] as const;
export type Channel = (typeof CHANNELS)[number];

/** One installed license, as of the instant it was read. */
export interface License {
  readonly application: Application;
  readonly activationId: string;
  readonly name: string;
  readonly channel: Channel;
  readonly status: Status;
  /** Why, as `0x` and eight digits. */
  readonly reason?: string;
  /** When its countdown ends; absent while none runs. */
  readonly deadline?: Instant;
  /** End of validity (grace follows) or end of grace (notification follows). */
  readonly deadlineKind?: "validity" | "grace";
  readonly partialProductKey?: string;
  /** An add-on such as Extended Security Updates: no verdict on the system itself. */
  readonly addon: boolean;
  /** Installed, but not what the computer runs on: see `isUnused`. No verdict. */
  readonly unused?: true;
  readonly kmsHost?: string;
  readonly renewalIntervalMinutes?: number;
  readonly genuine?: Genuine;
}
export type Genuine = "genuine" | "local_genuine" | "non_genuine";

/** Windows, Office and their add-ons come to some twenty; each is kept with its computer. */
const LICENSES_MAX = 100;

/**
 * The licenses with a key in one reading of WMI, in the order of its rows. Rows without a key or with an unknown status say
 * nothing. Of more than a hundred, those with the lowest activation IDs stay.
 */
export const licensesOf = (fact: LicensingFact, observedAt: Instant): License[] => {
  const licenses = [
    ...fact.products.map((it) => licenseOf(it, fact.service, observedAt)),
    ...(fact.officeProducts ?? []).map((it) => licenseOf(it, fact.officeService, observedAt)),
  ].filter((it) => it !== undefined);
  return licenses.length <= LICENSES_MAX
    ? licenses
    : licenses.sort((a, b) => (a.activationId < b.activationId ? -1 : 1)).slice(0, LICENSES_MAX);
};

const licenseOf = (row: Properties, service: Properties | undefined, observedAt: Instant): License | undefined => {
  const status = STATUSES[numberOf(row.LicenseStatus) ?? -1];
  const activationId = guid(textOf(row.ID) ?? "");
  const partialProductKey = textOf(row.PartialProductKey);
  // A reading without WMI (slc.dll) has no such property.
  if (!status || !activationId || (row.PartialProductKey !== undefined && !partialProductKey)) return undefined;
  const channel = channelOf(row);
  const application = applicationOfId(textOf(row.ApplicationID) ?? "");
  const reason = code32(textOf(row.LicenseStatusReason) ?? "");
  const kmsHost = channel === "kms_client" ? (kmsHostIn(row) ?? (service && kmsHostIn(service))) : undefined;
  const renewal = renewalMinutesOf(row) ?? renewalMinutesOf(service);
  const genuine = GENUINE[numberOf(row.GenuineStatus) ?? -1];
  const { deadline, deadlineKind } = deadlineIn(row, status, observedAt);
  const license: { -readonly [K in keyof License]: License[K] } = {
    application,
    activationId,
    name: (textOf(row.Name) ?? activationId).slice(0, 200),
    channel,
    status,
    addon: booleanOf(row.LicenseIsAddon) ?? isAddonByName(row),
  };
  // Without spreading, because every reading comes here.
  if (reason) license.reason = reason;
  if (deadline !== undefined) license.deadline = deadline;
  if (deadlineKind) license.deadlineKind = deadlineKind;
  if (partialProductKey && PARTIAL_KEY.test(partialProductKey)) license.partialProductKey = partialProductKey;
  if (isUnused(row, { application, status, reason })) license.unused = true;
  if (kmsHost) license.kmsHost = kmsHost;
  if (renewal) license.renewalIntervalMinutes = renewal;
  if (genuine) license.genuine = genuine;
  return license;
};

const PARTIAL_KEY = /^[A-Z0-9]{5}$/i;

/** Where a reading does not tell: an add-on depends on another license, and says so in its name. */
const isAddonByName = (row: Properties): boolean =>
  textOf(row.LicenseDependsOn) !== undefined || /\badd-on\b|-ESU-/i.test(textOf(row.Name) ?? "");

/** The interval of renewals as the computer itself is set, in minutes; undefined where it says none that is allowed. */
export const renewalMinutesOf = (row: Properties | undefined): number | undefined =>
  renewalMinutes(numberOf(row?.VLRenewalInterval)) ??
  renewalMinutes(numberOf(row?.KeyManagementServiceRenewalInterval));

/** Windows allows 15 minutes to 30 days; anything else is a sentinel or forged. */
export const renewalMinutes = (minutes: number | undefined): number | undefined =>
  minutes !== undefined && minutes >= 15 && minutes <= 43_200 ? minutes : undefined;

/** SL_E_PKEY_NOT_INSTALLED, SL_E_PRODUCT_SKU_NOT_INSTALLED. */
const NOT_INSTALLED = new Set(["0xC004F014", "0xC004F015"]);

/**
 * An edition that is in the store but not in use: one without a key, and the `Grace` and `Trial` editions that Microsoft 365
 * and pre-installed Office leave there. A Microsoft 365 subscription may show in WMI as its `Grace` edition alone.
 */
const isUnused = (
  row: Properties,
  { application, status, reason }: { application: Application; status: Status; reason: string | undefined },
): boolean => {
  if (status === "unlicensed" && reason !== undefined && NOT_INSTALLED.has(reason)) return true;
  if (application !== "office" && application !== "office2010") return false;
  if (/\(Grace\)/i.test(textOf(row.Description) ?? "") || /_Grace\d*\b/i.test(textOf(row.Name) ?? "")) return true;
  const isTrial =
    /_(?:Sub)?Trial\d*\b/i.test(textOf(row.Name) ?? "") || /:Trial$/i.test(textOf(row.ProductKeyChannel) ?? "");
  return status !== "licensed" && isTrial;
};

/** By the minutes left; where a row tells none, by the date on which an evaluation ends. */
const deadlineIn = (row: Properties, status: Status, observedAt: Instant): ReturnType<typeof deadlineOf> => {
  const minutes = numberOf(row.GracePeriodRemaining);
  const ends = minutes === undefined ? instantOf(row.EvaluationEndDate) : undefined;
  return ends !== undefined && status === "licensed"
    ? { deadline: ends, deadlineKind: "validity" }
    : deadlineOf(status, minutes, observedAt);
};

/**
 * docs/counting-rules.md, "Deadlines": no minutes left on a licensed product is permanent, in a grace state it is now. In
 * notification and unlicensed nothing counts down any more.
 */
export const deadlineOf = (
  status: Status,
  minutesLeft: number | undefined,
  observedAt: Instant,
): { deadline?: Instant; deadlineKind?: "validity" | "grace" } => {
  if (minutesLeft === undefined || status === "notification" || status === "unlicensed") return {};
  if (status === "licensed" && minutesLeft === 0) return {};
  const deadline = observedAt + minutesLeft * MINUTE;
  return { deadline, ...deadlineKindOf({ status, deadline }) };
};

/** What follows at that deadline: grace after validity, notification after grace. */
export const deadlineKindOf = ({
  status,
  deadline,
}: Pick<License, "status" | "deadline">): Pick<License, "deadlineKind"> =>
  deadline === undefined ? {} : { deadlineKind: status === "licensed" ? "validity" : "grace" };

/** When a KMS client was last activated or renewed: each time its validity begins anew. Undefined for other licenses. */
export const renewedAt = ({ channel, status, deadline }: License): Instant | undefined =>
  channel === "kms_client" && status === "licensed" && deadline !== undefined
    ? deadline - ACTIVATION_VALIDITY
    : undefined;

/** SL_GENUINE_STATE. */
const GENUINE: Readonly<Record<number, Genuine>> = {
  0: "genuine",
  1: "non_genuine",
  2: "non_genuine",
  3: "local_genuine",
};

const kmsHostIn = (row: Properties): string | undefined => {
  const name = textOf(row.KeyManagementServiceMachine) ?? textOf(row.DiscoveredKeyManagementServiceMachineName);
  return name && /^[\p{L}\p{N}_.:-]{1,255}$/u.test(name) ? name.toLowerCase() : undefined;
};

/**
 * How a license is activated: by the words of its description, which all versions have, then by ProductKeyChannel. The
 * order matters, because the words contain one another.
 */
export const channelOf = (row: Properties): Channel => {
  const description = (textOf(row.Description) ?? "").toUpperCase();
  const byDescription = DESCRIPTION.find(([word]) => description.includes(word))?.[1];
  const key = textOf(row.ProductKeyChannel)?.toUpperCase() ?? "";
  const channel = byDescription ?? KEY_CHANNEL.find(([word]) => key.startsWith(word))?.[1] ?? "other";
  if (channel !== "kms_client") return channel;
  const type = numberOf(row.VLActivationType);
  return type === 1 ? "adba" : type === 3 ? "token" : "kms_client";
};

const DESCRIPTION: readonly (readonly [string, Channel])[] = [
  ["VOLUME_KMSCLIENT", "kms_client"],
  ["VOLUME_KMS", "kms_host"],
  ["MAK", "mak"],
  ["TIMEBASED_SUB", "subscription"],
  ["TIMEBASED_EVAL", "other"],
  ["VIRTUAL_MACHINE_ACTIVATION", "avma"],
  ["RETAIL", "retail"],
  ["OEM_", "oem"],
];
const KEY_CHANNEL: readonly (readonly [string, Channel])[] = [
  ["VOLUME:GVLK", "kms_client"],
  ["VOLUME:CSVLK", "kms_host"],
  ["VOLUME:MAK", "mak"],
  ["RETAIL:TB:SUB", "subscription"],
  ["RETAIL:TB", "other"],
  ["RETAIL", "retail"],
  ["OEM", "oem"],
  ["VT:IA", "avma"],
];
