import { guid } from "../events/fields.ts";
import type { LicensingFact, Properties } from "../facts.ts";
import { type Channel, channelOf, numberOf, STATUSES, type Status, textOf } from "../license.ts";
import { type Application, applicationOfId } from "../products.ts";

/** What a KMS host says about itself through WMI. */
export interface KmsReading {
  readonly pools: Readonly<Partial<Record<Application, PoolReading>>>;
  /** The host's own Windows license. */
  readonly status?: Status;
  readonly minutesLeft?: number;
  readonly port: number;
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
 * Contract, rule 4: on a KMS host −1 (4294967295) is an empty table, elsewhere it means nothing.
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

/** What one reading says about a KMS host; undefined on every other computer. */
export const kmsReadingOf = (fact: LicensingFact): KmsReading | undefined => {
  const sources: readonly [Properties | undefined, readonly Properties[]][] = [
    [fact.service, fact.products],
    [fact.officeService, fact.officeProducts ?? []],
  ];
  const pools: Partial<Record<Application, PoolReading>> = {};
  const rows: { row: Properties; channel: Channel; application: Application }[] = [];
  let isHost = false;
  for (const [service, products] of sources) {
    const serviceIsHost = numberOf(service?.IsKeyManagementServiceMachine) === 1;
    isHost ||= serviceIsHost;
    for (const row of products) {
      const channel = channelOf(row);
      const application = applicationOfId(textOf(row.ApplicationID) ?? "");
      rows.push({ row, channel, application });
      const ofRow = numberOf(row.IsKeyManagementServiceMachine);
      // Vista and 2008 have the counters on the service only; there the host key tells which rows they belong to.
      const rowIsHost = ofRow === undefined ? serviceIsHost && channel === "kms_host" : ofRow === 1;
      isHost ||= rowIsHost;
      if (!rowIsHost || application === "unknown") continue;
      const own = reportedCount(row.KeyManagementServiceCurrentCount, true);
      const source = own === undefined ? service : row;
      const count = own ?? reportedCount(service?.KeyManagementServiceCurrentCount, serviceIsHost);
      if (source === undefined || count === undefined) continue;
      const known = pools[application];
      if (!known || count > known.count) pools[application] = poolReading(source, count);
    }
  }
  if (!isHost) return undefined;
  const own = rows.find((it) => it.channel === "kms_host" && it.application === "windows");
  const status = own && STATUSES[numberOf(own.row.LicenseStatus) ?? -1];
  const minutesLeft = own && numberOf(own.row.GracePeriodRemaining);
  const machineId = guid(textOf(fact.service?.ClientMachineID) ?? "");
  return {
    pools,
    ...(status && { status }),
    ...(minutesLeft !== undefined && { minutesLeft }),
    port: numberOf(fact.service?.KeyManagementServiceListeningPort) || 1688,
    keys: rows
      .filter((it) => it.channel === "kms_host")
      .flatMap(({ row, application }) => {
        const partialProductKey = textOf(row.PartialProductKey) ?? "";
        const activationId = textOf(row.ID)?.toLowerCase() ?? "";
        const key = { application, activationId, partialProductKey, ...wordsOf(row) };
        return /^[A-Z0-9]{5}$/i.test(partialProductKey) ? [key] : [];
      })
      .slice(0, KEYS_MAX),
    ...(machineId && { machineId }),
  };
};

const WORDS_MAX = 200;
const wordsOf = (row: Properties): Pick<InstalledKey, "name" | "description" | "status"> => {
  const name = textOf(row.Name)?.slice(0, WORDS_MAX);
  const description = textOf(row.Description)?.slice(0, WORDS_MAX);
  const status = STATUSES[numberOf(row.LicenseStatus) ?? -1];
  return { ...(name && { name }), ...(description && { description }), ...(status && { status }) };
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
