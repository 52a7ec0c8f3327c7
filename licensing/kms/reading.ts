import { guid } from "../events/fields.ts";
import type { LicensingFact, Properties } from "../facts.ts";
import { channelOf, numberOf, STATUSES, type Status, textOf } from "../license.ts";
import { type Application, applicationOfId } from "../products.ts";

/** What a KMS host says about itself through WMI. */
export interface KmsReading {
  /** False: the computer says that it is no KMS host, neither for Windows nor for Office. */
  readonly isKmsHost: boolean;
  readonly pools: Readonly<Partial<Record<Application, PoolReading>>>;
  readonly port: number;
  /** Whether it publishes itself in DNS; absent where WMI does not say (before Windows 7). */
  readonly dnsPublishing?: boolean;
  readonly keys: readonly InstalledKey[];
  /** The host's own client machine ID, which a new installation changes. */
  readonly machineId?: string;
}

/** A KMS host key and its license, as WMI tells them. */
export interface InstalledKey {
  readonly application: Application;
  readonly activationId: string;
  readonly partialProductKey: string;
  readonly name?: string;
  readonly description?: string;
  readonly status?: Status;
  /** Until its grace or validity ends; 0 on a licensed key is permanent. */
  readonly minutesLeft?: number;
  /** Whether the computer is a KMS host by this key (IsKeyManagementServiceMachine); absent where WMI does not say. */
  readonly serves?: boolean;
}

export interface PoolReading {
  readonly count: number;
  /** The need of the clients that asked, as WMI reports it: 5 or 25. */
  readonly need?: number;
  /** Cumulative since the KMS host was installed, by result: `total`, `failed`, and each status. */
  readonly counters: Readonly<Record<string, number>>;
}

export const COUNTERS = {
  KeyManagementServiceTotalRequests: "total",
  KeyManagementServiceFailedRequests: "failed",
  KeyManagementServiceUnlicensedRequests: "unlicensed",
  KeyManagementServiceLicensedRequests: "licensed",
  KeyManagementServiceOOBGraceRequests: "oob_grace",
  KeyManagementServiceOOTGraceRequests: "oot_grace",
  KeyManagementServiceNonGenuineGraceRequests: "non_genuine_grace",
  KeyManagementServiceNotificationRequests: "notification",
} as const;

/**
 * docs/counting-rules.md, "Reported counts": on a KMS host −1 (4294967295) is an empty table, elsewhere it means nothing.
 * An absent property means nothing anywhere.
 */
export const reportedCount = (value: Properties[string] | undefined, isKmsHost: boolean): number | undefined => {
  if (!isKmsHost || value === undefined || value === null) return undefined;
  const number = value === "" ? Number.NaN : Number(value);
  if (number === -1 || number === 0xffff_ffff) return 0;
  return isCount(number) ? number : undefined;
};

/** One for Windows and one for each version of Office; each is a series. */
const KEYS_MAX = 20;

/** No KMS host counts further than twice its highest need; a sentinel or a forgery must not become a figure. */
const COUNT_MAX = 10_000;
export const isCount = (number: number): boolean => Number.isInteger(number) && number >= 0 && number <= COUNT_MAX;

/** Does one reading say that the computer is a KMS host? Undefined where no property says so or not. */
export const isKmsHostIn = ({
  service,
  products,
  officeService,
  officeProducts,
}: LicensingFact): boolean | undefined => {
  let isHost: boolean | undefined;
  const look = (row: Properties | undefined): void => {
    const said = numberOf(row?.IsKeyManagementServiceMachine);
    if (said !== undefined) isHost = isHost || said === 1;
  };
  look(service);
  look(officeService);
  products.forEach(look);
  officeProducts?.forEach(look);
  return isHost;
};

/**
 * What one reading says about a KMS host; undefined where it does not say whether the computer is one. The order of the rows
 * has no meaning.
 */
export const kmsReadingOf = (fact: LicensingFact): KmsReading | undefined => {
  const isKmsHost = isKmsHostIn(fact);
  if (isKmsHost === undefined) return undefined;
  const sources: readonly [Properties | undefined, readonly Properties[]][] = [
    [fact.service, fact.products],
    [fact.officeService, fact.officeProducts ?? []],
  ];
  const pools: Partial<Record<Application, PoolReading>> = {};
  const keys: InstalledKey[] = [];
  for (const [service, products] of sources) {
    const ofService = numberOf(service?.IsKeyManagementServiceMachine);
    const serviceIsHost = ofService === 1;
    for (const row of products) {
      const channel = channelOf(row);
      const application = applicationOfId(textOf(row.ApplicationID) ?? "");
      const ofRow = numberOf(row.IsKeyManagementServiceMachine);
      // Vista and 2008 have the counters on the service only; there the host key tells which rows they belong to.
      const rowIsHost = ofRow === undefined ? serviceIsHost && channel === "kms_host" : ofRow === 1;
      const isSaid = ofRow !== undefined || ofService !== undefined;
      if (channel === "kms_host") keys.push(...installedKey(row, application, isSaid ? rowIsHost : undefined));
      if (!rowIsHost || application === "unknown") continue;
      const own = reportedCount(row.KeyManagementServiceCurrentCount, true);
      const source = own === undefined ? service : row;
      const count = own ?? reportedCount(service?.KeyManagementServiceCurrentCount, serviceIsHost);
      if (source === undefined || count === undefined) continue;
      const known = pools[application];
      const reading = poolReading(source, count);
      if (!known || isMore(reading, known)) pools[application] = reading;
    }
  }
  const machineId = guid(textOf(fact.service?.ClientMachineID) ?? "");
  const dnsPublishing = flagOf(fact.service?.KeyManagementServiceDnsPublishing);
  return {
    isKmsHost,
    pools,
    port: numberOf(fact.service?.KeyManagementServiceListeningPort) || 1688,
    ...(dnsPublishing !== undefined && { dnsPublishing }),
    keys: keys.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)).slice(0, KEYS_MAX),
    ...(machineId && { machineId }),
  };
};

/** A host key that serves comes first; beyond that, by its text. */
const orderOf = (it: InstalledKey): string =>
  [it.serves === false ? 1 : 0, it.application, it.partialProductKey, it.activationId].join(" ");

const WORDS_MAX = 200;
/** None where the row shows no partial product key: then no key is installed. */
const installedKey = (row: Properties, application: Application, serves: boolean | undefined): InstalledKey[] => {
  const partialProductKey = textOf(row.PartialProductKey) ?? "";
  if (!/^[A-Z0-9]{5}$/i.test(partialProductKey)) return [];
  const name = textOf(row.Name)?.slice(0, WORDS_MAX);
  const description = textOf(row.Description)?.slice(0, WORDS_MAX);
  const status = STATUSES[numberOf(row.LicenseStatus) ?? -1];
  const minutesLeft = numberOf(row.GracePeriodRemaining);
  const key = { application, activationId: textOf(row.ID)?.toLowerCase() ?? "", partialProductKey };
  return [
    {
      ...key,
      ...(name && { name }),
      ...(description && { description }),
      ...(status && { status }),
      ...(minutesLeft !== undefined && { minutesLeft }),
      ...(serves !== undefined && { serves }),
    },
  ];
};

/** Of two rows of one product family the one that counts more, else the one that has answered more requests. */
const isMore = (a: PoolReading, b: PoolReading): boolean =>
  a.count === b.count ? (a.counters.total ?? 0) > (b.counters.total ?? 0) : a.count > b.count;

/** A boolean of WMI, whether it came as boolean, number or text. */
const flagOf = (value: Properties[string] | undefined): boolean | undefined => {
  const text = textOf(value)?.toLowerCase();
  if (text === "true" || text === "false") return text === "true";
  const number = numberOf(value);
  return number === undefined ? undefined : number !== 0;
};

const poolReading = (source: Properties, count: number): PoolReading => {
  const need = numberOf(source.RequiredClientCount);
  const counters: Record<string, number> = {};
  for (const [property, result] of Object.entries(COUNTERS)) {
    const value = numberOf(source[property]);
    if (value !== undefined) counters[result] = value;
  }
  return { count, ...(need && { need }), counters };
};
