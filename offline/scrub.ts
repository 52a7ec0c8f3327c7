import { isIP } from "node:net";
import { guid } from "../licensing/events/fields.ts";
import { applicationOfId, productsFrom } from "../licensing/products.ts";
import { PRODUCT_SEED } from "../licensing/products-seed.ts";
import type { Pseudonyms } from "./pseudonyms.ts";

/** A run of letters, digits and what joins them in names, addresses and times. */
const RUN = /[\p{L}\p{M}\p{N}_.:%-]+/gu;
const NUMBER = /^(\d{1,7}|0x[0-9a-f]{1,8})$/i;
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?Z?)?$/;
/** Not an address: the build number of Windows is greater than 255. */
const VERSION = /^\d{1,3}(\.\d{1,5}){1,3}$/;

/**
 * Replaces in a text everything that is not known to be harmless: what is no number, code, time, version, GUID of a product,
 * or word of `vocabulary` may be a name. An account (`DOMAIN\user`, `user@domain`) is replaced whatever it looks like.
 */
export const scrub = (text: string, vocabulary: (word: string) => boolean, names: Pseudonyms): string =>
  text.replaceAll(RUN, (run, at: number) => {
    const account = /[\\@]/.test((text[at - 1] ?? "") + (text[at + run.length] ?? ""));
    if (account) return names.word(run);
    if (isIP(run.replace(/[.]+$/, ""))) return names.name(run);
    if (TIME.test(run) || VERSION.test(run)) return run;
    return run
      .split(/([:%]|^[.-]+|[.-]+$)/)
      .map((part) => (/^[.:%-]*$/.test(part) ? part : scrubPart(part, vocabulary, names)))
      .join("");
  });

const scrubPart = (part: string, vocabulary: (word: string) => boolean, names: Pseudonyms): string => {
  if (isIP(part)) return names.name(part);
  if (NUMBER.test(part) || VERSION.test(part) || vocabulary(part)) return part;
  const id = guid(part);
  if (id) return isOfProduct(id) ? id : names.guid(id);
  return part.includes(".") ? names.name(part) : names.word(part);
};

const seed = productsFrom();
const isOfProduct = (id: string): boolean => seed.find(id) !== undefined || applicationOfId(id) !== "unknown";

const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** EditionID of Windows, and what else stands in WMI's names and descriptions of licenses. */
const PRODUCT_WORDS = new Set([
  ...PRODUCT_SEED.flatMap(([, name]) => words(name)),
  ...words(`Windows R Server Operating System channel edition add on for Office Microsoft KMS client
    Enterprise EnterpriseN EnterpriseS EnterpriseSN EnterpriseEval EnterpriseSEval Professional ProfessionalN
    ProfessionalWorkstation ProfessionalWorkstationN ProfessionalEducation ProfessionalEducationN Education EducationN
    Core CoreN CoreSingleLanguage CoreCountrySpecific Business BusinessN Ultimate HomeBasic HomePremium Starter
    IoTEnterprise IoTEnterpriseS ServerStandard ServerStandardCore ServerStandardEval ServerDatacenter
    ServerDatacenterCore ServerDatacenterEval ServerEnterprise ServerEnterpriseCore ServerWeb ServerHPC ServerRdsh
    ServerTurbine ServerAzureCor ServerSolution ServerStorageStandard ServerStorageWorkgroup`),
]);
/** `VOLUME_KMS_WS22`, `OEM_DM`, `Office16ProPlusVL_KMS_Client`, `Client-ESU-Year1`, `GVLK`. */
const PRODUCT_TOKENS =
  /^((VOLUME|OEM|RETAIL|TIMEBASED|VIRTUAL)(_[A-Z0-9_]+)?|MAK|Volume|OEM|Retail|GVLK|CSVLK|TB|Sub|Eval|Trial|DM|SLP|COA|NONSLP|VT|IA|Office\d{1,2}\w{0,40}VL_(KMS|MAK)\w{0,20}|(Client|Server)-ESU-Year\d)$/;

export const isProductWord = (word: string): boolean =>
  PRODUCT_WORDS.has(word.toLowerCase()) || PRODUCT_TOKENS.test(word);

/** Keys and fixed values in the data of 8198, 8230, 8233 and their like. */
const EVENT_WORDS = new Set(
  words(`hr RuleId Action AutoActivate AppId SkuId NotificationInterval Trigger TimerEvent NetworkAvailable UserLogon
    SessionId GraceEndDate LicenseState LastConsumptionReason LastNotificationId ReArmCount Reason`),
);
export const isEventWord = (word: string): boolean => EVENT_WORDS.has(word.toLowerCase());

export const noWord = (): boolean => false;
