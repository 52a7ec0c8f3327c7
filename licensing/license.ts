import { code32, guid } from "./events/fields.ts";
import type { LicensingFact, Properties } from "./facts.ts";
import { ACTIVATION_VALIDITY } from "./kms/rules.ts";
import { type Application, applicationOfId } from "./products.ts";
import { type Instant, MINUTE } from "./time.ts";

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
  readonly kmsHost?: string;
  readonly renewalIntervalMinutes?: number;
  readonly genuine?: Genuine;
}
export type Genuine = "genuine" | "local_genuine" | "non_genuine";

/** "No value" of WMI's unsigned properties: −1 as 32 bits. None of them can be larger. */
const ABSENT = 0xffff_ffff;

/** A property of WMI as a number, whether it came as number, text or boolean; undefined where it says nothing. */
export const numberOf = (value: Properties[string] | undefined): number | undefined => {
  const number = typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number === "boolean") return Number(number);
  return typeof number === "number" && Number.isInteger(number) && number >= 0 && number < ABSENT ? number : undefined;
};
/** A property of WMI as text; blanks are nothing. */
export const textOf = (value: Properties[string] | undefined): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;

/** Windows, Office and their add-ons come to some twenty; each is kept with its computer. */
const LICENSES_MAX = 100;

/** The licenses with a key in one reading of WMI; rows without a key or with a status nobody knows say nothing. */
export const licensesOf = (fact: LicensingFact, observedAt: Instant): License[] =>
  [
    ...fact.products.map((it) => licenseOf(it, fact.service, observedAt)),
    ...(fact.officeProducts ?? []).map((it) => licenseOf(it, fact.officeService, observedAt)),
  ]
    .filter((it) => it !== undefined)
    .slice(0, LICENSES_MAX);

const licenseOf = (row: Properties, service: Properties | undefined, observedAt: Instant): License | undefined => {
  const status = STATUSES[numberOf(row.LicenseStatus) ?? -1];
  const activationId = guid(textOf(row.ID) ?? "");
  if (!status || !activationId || row.PartialProductKey === null || row.PartialProductKey === "") return undefined;
  const channel = channelOf(row);
  const partialProductKey = textOf(row.PartialProductKey);
  const reason = code32(String(row.LicenseStatusReason ?? ""));
  const kmsHost = channel === "kms_client" ? (kmsHostIn(row) ?? (service && kmsHostIn(service))) : undefined;
  const renewal = numberOf(row.VLRenewalInterval) ?? numberOf(service?.VLRenewalInterval);
  const genuine = GENUINE[numberOf(row.GenuineStatus) ?? -1];
  return {
    application: applicationOfId(textOf(row.ApplicationID) ?? ""),
    activationId,
    name: (textOf(row.Name) ?? activationId).slice(0, 200),
    channel,
    status,
    ...(reason && { reason }),
    ...deadlineOf(status, numberOf(row.GracePeriodRemaining), observedAt),
    ...(partialProductKey && /^[A-Z0-9]{5}$/i.test(partialProductKey) && { partialProductKey }),
    addon: row.LicenseIsAddon === true,
    ...(kmsHost && { kmsHost }),
    ...(renewal && { renewalIntervalMinutes: renewal }),
    ...(genuine && { genuine }),
  };
};

/**
 * Contract, rule 9: no minutes left on a licensed product is permanent, in a grace state it is now. In notification and
 * unlicensed nothing counts down any more.
 */
export const deadlineOf = (
  status: Status,
  minutesLeft: number | undefined,
  observedAt: Instant,
): { deadline?: Instant; deadlineKind?: "validity" | "grace" } => {
  if (minutesLeft === undefined || status === "notification" || status === "unlicensed") return {};
  if (status === "licensed" && minutesLeft === 0) return {};
  return {
    deadline: observedAt + minutesLeft * MINUTE,
    deadlineKind: status === "licensed" ? "validity" : "grace",
  };
};

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

/** The Windows license that speaks for the computer: no add-on, a licensed one before the rest. */
export const primaryLicense = <L extends Pick<License, "application" | "addon" | "status">>(
  licenses: readonly L[],
): L | undefined => {
  const windows = licenses.filter((it) => it.application === "windows" && !it.addon);
  return windows.find((it) => it.status === "licensed") ?? windows[0];
};

/** The license whose countdown ends first; add-ons do not count. */
export const soonestDeadline = <L extends Pick<License, "deadline" | "addon">>(licenses: readonly L[]): L | undefined =>
  licenses
    .filter((it) => !it.addon && it.deadline !== undefined)
    .reduce<L | undefined>((soonest, it) => (soonest && soonest.deadline! <= it.deadline! ? soonest : it), undefined);
