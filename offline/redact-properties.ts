import { guid } from "../licensing/events/fields.ts";
import type { Properties } from "../licensing/facts.ts";
import type { Pseudonyms } from "./pseudonyms.ts";
import { redactTarget } from "./redact-target.ts";
import { isProductWord, noWord, scrub } from "./scrub.ts";

type Redact = (text: string, names: Pseudonyms) => string;

const product: Redact = (text, names) => scrub(text, isProductWord, names);
const plain: Redact = (text, names) => scrub(text, noWord, names);
/** `20270101000000.000000-000`, as WMI writes a time. */
const cimTime: Redact = (text, names) => (/^\d{14}\.\d{6}[+-]\d{3}$/.test(text) ? text : names.word(text));
const productId: Redact = (text, names) => guid(text) ?? names.word(text);
/** Five characters of the alphabet of product keys name no one, and tell which key is used up; anything else might. */
const partialKey: Redact = (text, names) =>
  /^[BCDFGHJKMNPQRTVWXY2-9]{5}$/.test(text) ? text : names.word(text).slice(-5).toUpperCase();
const domain: Redact = (text, names) => names.domain(text);
const machineId: Redact = (text, names) => names.guid(guid(text) ?? text);
const number: Redact = (text, names) =>
  /^(-?\d{1,20}|0x[0-9a-f]{1,16}|true|false)$/i.test(text) ? text : names.word(text);
const word: Redact = (text, names) => names.word(text);

/** WMI properties with text, and what becomes of it. Numbers and truth values identify no one. */
const TEXTS: Readonly<Record<string, Redact>> = {
  ID: productId,
  ApplicationID: productId,
  Name: product,
  Description: product,
  LicenseFamily: product,
  ProductKeyChannel: product,
  PartialProductKey: partialKey,
  Version: plain,
  EvaluationEndDate: cimTime,
  TrustedTime: cimTime,
  KeyManagementServiceMachine: redactTarget,
  DiscoveredKeyManagementServiceMachineName: redactTarget,
  DiscoveredKeyManagementServiceMachineIpAddress: redactTarget,
  KeyManagementServiceLookupDomain: domain,
  ClientMachineID: machineId,
  // Extended PIDs name the agreement; objects of Active Directory name the domain.
  ProductKeyID: word,
  KeyManagementServiceProductKeyID: word,
  ADActivationObjectName: word,
  ADActivationObjectDN: word,
  ADActivationCsvlkPid: word,
  ADActivationCsvlkSkuId: productId,
};

const NUMBERS = new Set(
  `LicenseStatus LicenseStatusReason GracePeriodRemaining ExtendedGrace LicenseIsAddon VLActivationInterval
  VLRenewalInterval VLActivationType VLActivationTypeEnabled IsKeyManagementServiceMachine
  KeyManagementServiceCurrentCount RequiredClientCount KeyManagementServicePort KeyManagementServiceListeningPort
  DiscoveredKeyManagementServiceMachinePort KeyManagementServiceDnsPublishing KeyManagementServiceLowPriority
  KeyManagementServiceHostCaching KeyManagementServiceActivationDisabled KeyManagementServiceTotalRequests
  KeyManagementServiceFailedRequests KeyManagementServiceUnlicensedRequests KeyManagementServiceLicensedRequests
  KeyManagementServiceOOBGraceRequests KeyManagementServiceOOTGraceRequests
  KeyManagementServiceNonGenuineGraceRequests KeyManagementServiceNotificationRequests RemainingWindowsReArmCount
  RemainingAppReArmCount RemainingSkuReArmCount PolicyCacheRefreshRequired GenuineStatus`.match(/\w+/g),
);

/** The properties of one WMI instance without names; those that are not in the list are left out. */
export const redactProperties = (properties: Properties, names: Pseudonyms): Properties =>
  Object.fromEntries(
    Object.entries(properties).flatMap(([key, value]): [string, Properties[string]][] => {
      const redact = TEXTS[key] ?? (NUMBERS.has(key) ? number : undefined);
      if (!redact) return [];
      return [[key, typeof value === "string" && value !== "" ? redact(value, names) : value]];
    }),
  );
