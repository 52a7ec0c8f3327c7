import type { LicensingFact, Properties } from "../../licensing/facts.ts";
import { type KmsReading, kmsReadingOf } from "../../licensing/kms/reading.ts";
import { type Channel, type License, licensesOf, numberOf, type Status, textOf } from "../../licensing/license.ts";
import type { Application } from "../../licensing/products.ts";
import { reasonOf } from "../../licensing/reasons.ts";
import { DAY, HOUR, type Instant, iso, MINUTE } from "../../licensing/time.ts";

/** One computer's license state at one instant. */
export interface Reading {
  readonly host: string;
  readonly readAt: Instant;
  readonly fact: LicensingFact;
  readonly system?: string;
  /** Why there is less than usual. */
  readonly note?: string;
}

/** One computer's license state in the words that an administrator would use. */
export const describe = ({ host, readAt, fact, system, note }: Reading): string => {
  const licenses = licensesOf(fact, readAt);
  const kms = kmsReadingOf(fact);
  return [
    `${host}${system ? `, ${system}` : ""}`,
    `Read at ${moment(readAt)}${note ? `. ${note}` : ""}`,
    ...(licenses.length === 0 ? ["", "No product key is installed."] : []),
    ...licenses.flatMap((it) => ["", it.name, ...table(licenseRows(it, fact, readAt))]),
    ...(kms?.isKmsHost ? ["", "KMS host", ...table(kmsRows(kms, fact.service))] : []),
    "",
  ].join("\n");
};

type Row = readonly [label: string, text: string | undefined];

const table = (rows: readonly Row[]): string[] =>
  rows.filter(([, text]) => text !== undefined && text !== "").map(([label, text]) => `  ${label.padEnd(16)}${text}`);

const licenseRows = (it: License, fact: LicensingFact, readAt: Instant): Row[] => {
  const row = rowOf(it, fact);
  return [
    ["Status", statusText(it, readAt)],
    ["Reason", it.reason === undefined || it.reason === "0x00000000" ? undefined : reasonText(it.reason)],
    ["Channel", CHANNEL[it.channel] + (it.addon ? ", an add-on such as Extended Security Updates" : "")],
    ["Key", it.partialProductKey === undefined ? undefined : `ends in ${it.partialProductKey}`],
    ["KMS host", kmsHostText(it, row, fact.service)],
    ["Renewal", renewalText(it)],
    ["Genuine", it.genuine === undefined ? undefined : it.genuine.replaceAll("_", " ")],
    ["Rearms left", it.application === "windows" ? countText(fact.service?.RemainingWindowsReArmCount) : undefined],
    ["Activation ID", it.activationId],
  ];
};

const rowOf = (it: License, fact: LicensingFact): Properties | undefined =>
  [...fact.products, ...(fact.officeProducts ?? [])].find((row) => textOf(row.ID)?.toLowerCase() === it.activationId);

/** slmgr's own words where they are clear, what they mean where they are not. */
const STATUS: Readonly<Record<Status, string>> = {
  unlicensed: "unlicensed",
  licensed: "licensed",
  oob_grace: "initial grace period, not activated yet",
  oot_grace: "the license expired, or the hardware changed; additional grace period",
  non_genuine_grace: "found not genuine; grace period",
  notification: "notification: not activated, and its users are told so",
  extended_grace: "extended grace period",
};

const statusText = ({ status, deadline, deadlineKind }: License, readAt: Instant): string => {
  if (status === "licensed" && deadline === undefined) return "licensed, permanently";
  if (deadline === undefined) return STATUS[status];
  return `${STATUS[status]}, ${deadlineKind === "validity" ? "until" : "which ends"} ${moment(deadline)} (${lasting(deadline - readAt)} left)`;
};

const CHANNEL: Readonly<Record<Channel, string>> = {
  kms_client: "volume license, activated by a KMS host",
  kms_host: "volume license, key of a KMS host",
  mak: "volume license, multiple activation key (MAK)",
  retail: "retail",
  oem: "OEM",
  adba: "volume license, activated by Active Directory",
  token: "volume license, activated by token",
  avma: "activated by its Hyper-V host (AVMA)",
  subscription: "subscription",
  other: "other (evaluation or unknown)",
};

const reasonText = (code: string): string => {
  const reason = reasonOf(code);
  return reason === "other" ? code : `${code}, ${reason.replaceAll("_", " ")}`;
};

const kmsHostText = (
  { channel }: License,
  row: Properties | undefined,
  service: Properties | undefined,
): string | undefined => {
  if (channel !== "kms_client") return undefined;
  for (const it of [row, service]) {
    const fixed = textOf(it?.KeyManagementServiceMachine);
    if (fixed) return `${fixed}:${portOf(it?.KeyManagementServicePort)} (set on this computer)`;
    const found = textOf(it?.DiscoveredKeyManagementServiceMachineName);
    if (found) return `${found}:${portOf(it?.DiscoveredKeyManagementServiceMachinePort)} (found by DNS)`;
  }
  return "none found yet";
};
const portOf = (value: Properties[string] | undefined): number => numberOf(value) || 1688;

const renewalText = ({ channel, renewalIntervalMinutes: minutes }: License): string | undefined =>
  channel === "kms_client" && minutes !== undefined ? `every ${lasting(minutes * MINUTE)}` : undefined;

const APPLICATION: Readonly<Record<Application, string>> = {
  windows: "Windows",
  office: "Office",
  office2010: "Office 2010",
  unknown: "Other",
};

const kmsRows = (kms: KmsReading, service: Properties | undefined): Row[] => {
  const publishing = service?.KeyManagementServiceDnsPublishing;
  return [
    ...Object.entries(kms.pools).flatMap(([application, { count, need, counters }]): Row[] => [
      [
        `${APPLICATION[application as Application]} clients`,
        `${count}${need === undefined ? "" : `, ${need} needed${count < need ? ": clients are refused" : ""}`}`,
      ],
      [
        "  requests",
        counters.total === undefined
          ? undefined
          : `${counters.total} valid, ${counters.failed ?? 0} failed since it was installed`,
      ],
    ]),
    ["Port", String(kms.port)],
    [
      "DNS",
      typeof publishing === "boolean" ? (publishing ? "publishes itself" : "does not publish itself") : undefined,
    ],
  ];
};

const countText = (value: Properties[string] | undefined): string | undefined => {
  const number = numberOf(value);
  return number === undefined ? undefined : String(number);
};

const moment = (at: Instant): string => `${iso(at).slice(0, 16).replace("T", " ")} UTC`;

const lasting = (ms: number): string => {
  const [size, name] =
    ms >= 2 * DAY
      ? ([DAY, "days"] as const)
      : ms >= 2 * HOUR
        ? ([HOUR, "hours"] as const)
        : ([MINUTE, "minutes"] as const);
  return `${Math.floor(ms / size)} ${name}`;
};
