/**
 * The properties that are read of each class, those of them that the computer's Windows has: naming columns is several times
 * cheaper than `*`, and a column that does not exist makes the whole query fail. OA3xOriginalProductKey (a full product key)
 * and OfflineInstallationId are never among them.
 *
 * learn.microsoft.com/previous-versions/windows/desktop/sppwmi
 */
const KMS_COUNTERS = [
  "IsKeyManagementServiceMachine",
  "KeyManagementServiceCurrentCount",
  "RequiredClientCount",
  "KeyManagementServiceTotalRequests",
  "KeyManagementServiceFailedRequests",
  "KeyManagementServiceUnlicensedRequests",
  "KeyManagementServiceLicensedRequests",
  "KeyManagementServiceOOBGraceRequests",
  "KeyManagementServiceOOTGraceRequests",
  "KeyManagementServiceNonGenuineGraceRequests",
  "KeyManagementServiceNotificationRequests",
];
const KMS_CLIENT = [
  "KeyManagementServiceMachine",
  "KeyManagementServicePort",
  "KeyManagementServiceLookupDomain",
  "KeyManagementServiceProductKeyID",
  "DiscoveredKeyManagementServiceMachineName",
  "DiscoveredKeyManagementServiceMachinePort",
  "DiscoveredKeyManagementServiceMachineIpAddress",
  "VLActivationInterval",
  "VLRenewalInterval",
];

export const SERVICE_COLUMNS: readonly string[] = [
  "Version",
  "ClientMachineID",
  ...KMS_COUNTERS,
  ...KMS_CLIENT,
  "KeyManagementServiceListeningPort",
  "KeyManagementServiceDnsPublishing",
  "KeyManagementServiceLowPriority",
  "KeyManagementServiceHostCaching",
  "KeyManagementServiceActivationDisabled",
  "PolicyCacheRefreshRequired",
  "RemainingWindowsReArmCount",
  "TokenActivationILID",
  "TokenActivationILVID",
  "TokenActivationGrantNumber",
];

export const PRODUCT_COLUMNS: readonly string[] = [
  "ID",
  "Name",
  "Description",
  "ApplicationID",
  "LicenseStatus",
  "LicenseStatusReason",
  "GracePeriodRemaining",
  "EvaluationEndDate",
  "ExtendedGrace",
  "PartialProductKey",
  "ProductKeyID",
  "ProductKeyChannel",
  "LicenseFamily",
  "LicenseIsAddon",
  "LicenseDependsOn",
  ...KMS_COUNTERS,
  ...KMS_CLIENT,
  "VLActivationTypeEnabled",
  "VLActivationType",
  "ADActivationObjectName",
  "ADActivationObjectDN",
  "ADActivationCsvlkPid",
  "ADActivationCsvlkSkuId",
  "RemainingAppReArmCount",
  "RemainingSkuReArmCount",
  "TrustedTime",
  "GenuineStatus",
];

/** A key is installed: the others are all editions there ever were. */
export const WITH_KEY = "PartialProductKey IS NOT NULL";
