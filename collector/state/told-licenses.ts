import { ACTIVATION_VALIDITY } from "../../licensing/kms/rules.ts";
import type { License, Status } from "../../licensing/license.ts";
import { OTHER_PRODUCT, type Products } from "../../licensing/products.ts";
import { type Instant, MINUTE } from "../../licensing/time.ts";
import {
  type LicenseState,
  type ProductFacts,
  type StatedByEvent,
  type StateRead,
  type StoredLicense,
  validUntil,
} from "./license-state.ts";

export const isSame = (a: StoredLicense, b: StoredLicense): boolean =>
  a.product === b.product && a.deadline === b.deadline && isSameButDeadline(a, b);

/** Each field by its name: looking fields up by a list of names costs several times as much, for every report. */
export const isSameButDeadline = (a: License, b: License): boolean =>
  a.activationId === b.activationId &&
  a.application === b.application &&
  a.name === b.name &&
  a.channel === b.channel &&
  a.status === b.status &&
  a.reason === b.reason &&
  a.deadlineKind === b.deadlineKind &&
  a.partialProductKey === b.partialProductKey &&
  a.addon === b.addon &&
  a.unused === b.unused &&
  a.kmsHost === b.kmsHost &&
  a.genuine === b.genuine &&
  a.renewalIntervalMinutes === b.renewalIntervalMinutes;

export const stateOf = ({ status, reason, deadlineKind }: StateRead): StateRead => ({
  status,
  ...(reason && { reason }),
  ...(deadlineKind && { deadlineKind }),
});
export const isSameState = (a: StateRead, b: StateRead): boolean =>
  a.status === b.status && a.reason === b.reason && a.deadlineKind === b.deadlineKind;

/**
 * A license as events alone tell it. What agents' WMI taught of its product says nothing here: it may come before or after
 * these events.
 */
export const toldLicense = (activationId: string, facts: ProductFacts, products: Products): StoredLicense => {
  const product = products.label(activationId);
  const { at, ...before }: Partial<StatedByEvent> & { status: Status } = toldState(facts);
  const license: StoredLicense = {
    activationId,
    application: products.applicationOf(product) ?? "unknown",
    name: product === OTHER_PRODUCT ? activationId : product,
    product,
    channel: "kms_client",
    addon: false,
    ...before,
  };
  return withActivation(license, facts.activatedAt, at ?? 0);
};

/** The newer of what 8230 and 12288 told; 8230 is exact. */
const toldState = ({ stated, before }: ProductFacts): Partial<StatedByEvent> & { status: Status } =>
  (stated && stated.at >= (before?.at ?? 0) ? stated : before) ?? { status: "unlicensed" };

/** What the newest reading of WMI told, and what events told since. */
export const withEvents = (
  licenses: readonly StoredLicense[],
  { products, licensesAt = 0, deadlinesRead, statesRead }: LicenseState,
): readonly StoredLicense[] => {
  const merged = licenses.map((it, i) => {
    const facts = products?.[it.activationId];
    if (!facts) return it;
    const deadline = deadlinesRead ? (deadlinesRead[i] ?? undefined) : it.deadline;
    const { stated } = facts;
    const isLicensed = !stated && !statesRead && it.status === "licensed" && (facts.activatedAt ?? 0) < licensesAt;
    // Nearly always so: nothing is to be made anew then.
    if (isLicensed && it.deadline === endOfValidity(deadline, validUntil(facts))) return it;
    const { deadline: _, status, reason, deadlineKind, ...license } = it;
    const state = statesRead?.[i] ?? stateOf(it);
    const read = {
      ...license,
      ...(stated ? stateStated(stated) : { ...state, ...(deadline !== undefined && { deadline }) }),
    };
    const now = withValidity(withActivation(read, facts.activatedAt, stated?.at ?? licensesAt), validUntil(facts));
    return isSame(now, it) ? it : now;
  });
  return merged.every((it, i) => it === licenses[i]) ? licenses : merged;
};

const stateStated = ({ status, deadline, deadlineKind }: StatedByEvent) => ({
  status,
  ...(deadline !== undefined && { deadline, ...(deadlineKind && { deadlineKind }) }),
});

/**
 * WMI tells whole minutes, so the end of validity computed from them wavers by less than one from reading to reading, and
 * never lies after the true one: of ends less than a minute apart the latest stands. It nearly always stands still then.
 */
const endOfValidity = (read: Instant | undefined, until: Instant | undefined): Instant | undefined =>
  read !== undefined && until !== undefined && until > read && until < read + MINUTE ? until : read;

const withValidity = (license: StoredLicense, until: Instant | undefined): StoredLicense => {
  const end = endOfValidity(license.deadline, until);
  return license.status !== "licensed" || end === undefined || end === license.deadline
    ? license
    : { ...license, deadline: end };
};

/** A state that was observed before an activation says nothing about what has become of it. */
const withActivation = (license: StoredLicense, at: Instant | undefined, observedAt: Instant): StoredLicense => {
  if (at === undefined || at < observedAt) return license;
  const deadline = at + ACTIVATION_VALIDITY;
  if (license.status === "licensed" && (license.deadline ?? 0) > deadline) return license;
  const { reason, ...rest } = license;
  return {
    ...rest,
    status: "licensed",
    deadline,
    deadlineKind: "validity",
    ...(license.status === "licensed" && reason && { reason }),
  };
};

/**
 * Nearly always the newest reading tells what is known already: the same licenses in the same order, with ends of validity that
 * waver by less than a minute, and no event has told anything else since.
 */
export const isRepeated = (
  computer: LicenseState,
  { licenses, products }: { readonly licenses: readonly License[]; readonly products: Products },
): boolean => {
  const known = computer.licenses;
  if (computer.statesRead || known.length !== licenses.length) return false;
  for (const id in computer.products) if (isStated(computer.products[id]!)) return false;
  for (let i = 0; i < known.length; i += 1) {
    const [it, read] = [known[i]!, licenses[i]!];
    if (!isSameButDeadline(it, read) || it.product !== products.label(read.activationId)) return false;
    const facts = computer.products?.[it.activationId];
    if (facts && (facts.activatedAt ?? 0) >= (computer.licensesAt ?? 0)) return false;
    const isValidity = read.status === "licensed" && read.deadline !== undefined;
    if (isValidity ? !isValidUntil(it, read.deadline, facts) : facts || it.deadline !== read.deadline) return false;
  }
  return true;
};

/** An event has told its state, which a newer reading replaces. */
export const isStated = ({ before, stated }: ProductFacts): boolean => before !== undefined || stated !== undefined;

/** The known end of validity is the latest that was told, and stands for the one that was read. */
const isValidUntil = (it: StoredLicense, read: Instant, facts: ProductFacts | undefined): boolean =>
  facts !== undefined &&
  it.deadline !== undefined &&
  facts.validUntil === it.deadline &&
  validUntil(facts) === it.deadline &&
  read <= it.deadline &&
  it.deadline < read + MINUTE;
