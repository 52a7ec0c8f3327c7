import type { Channel, License, Status } from "./license.ts";
import { APPLICATIONS } from "./products.ts";

/** What a verdict looks at. */
export type Judged = Pick<License, "application" | "addon" | "status"> &
  Partial<Pick<License, "activationId" | "channel" | "deadline" | "unused" | "partialProductKey">>;

/**
 * The licenses that speak for a computer: one for each application (docs/counting-rules.md, "Primary licenses decide"), in
 * the order of the applications.
 *
 * Add-ons (Extended Security Updates) never speak, nor do editions that are not in use. A licensed one goes before the rest,
 * so that superseded editions say nothing beside it. The order of rows means nothing.
 */
export const primaryLicenses = <L extends Judged>(licenses: readonly L[]): L[] => {
  const primary: L[] = [];
  for (const application of APPLICATIONS) {
    const it = primaryOf(licenses, application);
    if (it) primary.push(it);
  }
  return primary;
};

/** The Windows license that speaks for the computer. */
export const primaryLicense = <L extends Judged>(licenses: readonly L[]): L | undefined =>
  primaryOf(licenses, "windows");

/** Of the licenses that speak for the computer, the one whose countdown ends first. */
export const soonestDeadline = <L extends Judged>(licenses: readonly L[]): L | undefined => {
  let soonest: L | undefined;
  for (const it of primaryLicenses(licenses))
    if (it.deadline !== undefined && (soonest === undefined || it.deadline < soonest.deadline!)) soonest = it;
  return soonest;
};

const primaryOf = <L extends Judged>(licenses: readonly L[], application: L["application"]): L | undefined => {
  let primary: L | undefined;
  for (const it of licenses)
    if (it.application === application && !it.addon && !it.unused && (!primary || compare(it, primary) < 0))
      primary = it;
  return primary;
};

/** A better state goes first: a computer is licensed by whichever of its licenses is. */
const STATUS_ORDER: Readonly<Record<Status, number>> = {
  licensed: 0,
  oob_grace: 1,
  extended_grace: 1,
  oot_grace: 1,
  non_genuine_grace: 1,
  notification: 2,
  unlicensed: 3,
};

/**
 * Of two licensed editions the one that stands on the other: a subscription on the edition it steps up from, volume on OEM.
 */
const CHANNEL_ORDER: readonly Channel[] = [
  "kms_host",
  "subscription",
  "kms_client",
  "adba",
  "token",
  "avma",
  "mak",
  "retail",
  "oem",
  "other",
];

const compare = (a: Judged, b: Judged): number =>
  STATUS_ORDER[a.status] - STATUS_ORDER[b.status] ||
  channelOrder(a) - channelOrder(b) ||
  // The longer it holds the better; no deadline is for ever.
  descending(a.deadline ?? Number.MAX_VALUE, b.deadline ?? Number.MAX_VALUE) ||
  ascending(a.activationId ?? "", b.activationId ?? "") ||
  ascending(a.partialProductKey ?? "", b.partialProductKey ?? "");

const channelOrder = ({ channel }: Judged): number => CHANNEL_ORDER.indexOf(channel ?? "other");
const descending = (a: number, b: number): number => b - a;
const ascending = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
