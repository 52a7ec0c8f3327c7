import { ACTIVATION_VALIDITY, renewalOverdueAt } from "../../licensing/kms/rules.ts";
import { renewedAt } from "../../licensing/license.ts";
import { primaryLicenses } from "../../licensing/primary-license.ts";
import type { Instant } from "../../licensing/time.ts";
import { type LicenseState, type ProductFacts, type StoredLicense, validUntil } from "./license-state.ts";

/**
 * When the first renewal of a KMS client counts as overdue (docs/counting-rules.md, "Renewal overdue"): for each product
 * that is in use, so that a fresh one does not hide another. Undefined where none is expected.
 */
export const overdueAt = (computer: LicenseState): Instant | undefined => {
  const primary = primaryLicenses(computer.licenses);
  const isExpected = (it: StoredLicense): boolean =>
    it.channel === "kms_client" && !it.addon && !it.unused && (it.status === "licensed" || primary.includes(it));
  let clients = 0;
  for (const it of computer.licenses) if (isExpected(it)) clients += 1;
  // An answer whose request is unknown can only be about the one product that there is.
  const single = clients === 1 ? computer.renewedAt : undefined;
  let first: Instant | undefined;
  for (const it of computer.licenses) {
    if (!isExpected(it)) continue;
    const facts = computer.products?.[it.activationId];
    const until = facts && validUntil(facts);
    const told = until === undefined ? undefined : until - ACTIVATION_VALIDITY;
    const renewed = single ?? told ?? renewedAt(it);
    if (renewed === undefined) continue;
    const overdue = renewalOverdueAt(renewed, renewalMinutes(computer, it, facts));
    if (first === undefined || overdue < first) first = overdue;
  }
  return first;
};

/** The interval that was told last: by the computer's own property, or by the KMS host's answer. */
const renewalMinutes = (
  { licensesAt = 0 }: LicenseState,
  { renewalIntervalMinutes }: StoredLicense,
  facts: ProductFacts | undefined,
): number | undefined =>
  facts?.renewalMinutes !== undefined && isAfterReading(facts, licensesAt)
    ? facts.renewalMinutes
    : (renewalIntervalMinutes ?? facts?.renewalMinutes);

const isAfterReading = ({ activatedAt = 0 }: ProductFacts, licensesAt: Instant): boolean => activatedAt >= licensesAt;

/** Of two states with the same products: does a product's renewal interval differ because they were read at different times? */
export const decidesInterval = (a: LicenseState, b: LicenseState): boolean => {
  const { products } = a;
  for (const id in products) {
    const facts = products[id]!;
    if (facts.renewalMinutes === undefined) continue;
    if (isAfterReading(facts, a.licensesAt ?? 0) !== isAfterReading(facts, b.licensesAt ?? 0)) return true;
  }
  return false;
};
