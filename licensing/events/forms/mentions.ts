import { canonicalProvider, KMS_CHANNEL } from "../normalise.ts";
import { isBody } from "./form.ts";

const DEPTH_MAX = 5;
const VALUES_MAX = 2_000;
const IN_TEXT =
  /Microsoft-Windows-Security-(?:SPP|Licensing-SLC)|Software (?:Protection Platform|Licensing) Service|Key Management Service|KmsRequests/;
const TEXT_MAX = 100_000;

/**
 * Does a record that no form matches name a licensing provider or the Key Management Service log? Then it is kept to be
 * looked at, for it may be an event in a form that is not known.
 */
export const mentionsLicensing = (value: unknown): boolean => {
  let left = VALUES_MAX;
  const mentions = (it: unknown, depth: number): boolean => {
    left -= 1;
    if (left < 0) return false;
    if (typeof it === "string") return named(it);
    if (depth === 0) return false;
    if (Array.isArray(it)) return it.some((inner) => left >= 0 && mentions(inner, depth - 1));
    if (!isBody(it)) return false;
    for (const key in it) if (left >= 0 && mentions(it[key], depth - 1)) return true;
    return false;
  };
  return mentions(value, DEPTH_MAX);
};

const named = (text: string): boolean =>
  text.length < 100 && (canonicalProvider(text) !== undefined || text === KMS_CHANNEL)
    ? true
    : IN_TEXT.test(text.slice(0, TEXT_MAX));
