import { deadlineOf, type License, renewalMinutes, renewedAt, STATUSES } from "../../licensing/license.ts";
import { primaryLicense } from "../../licensing/primary-license.ts";
import { APPLICATIONS, type Products } from "../../licensing/products.ts";
import type { Instant } from "../../licensing/time.ts";
import { type Change, recordVerdict } from "./license-history.ts";
import {
  type Activation,
  type LicenseState,
  type ProductFacts,
  type StatedByEvent,
  type StateRead,
  type StoredLicense,
  validUntil,
} from "./license-state.ts";
import { isRepeated, isSame, isSameState, isStated, stateOf, toldLicense, withEvents } from "./told-licenses.ts";

/** Products of which facts are kept; those renewed last stay. */
const PRODUCTS_MAX = 20;

/**
 * Takes one reading of WMI; no computer is read twice at one instant. The newest reading tells the licenses. An older one,
 * wherever its time lies, may still tell of a renewal and of changes between readings.
 *
 * @returns what changed between live readings, and whether this is the newest of all; undefined when it has no effect.
 */
export const recordLicenses = (
  computer: LicenseState,
  reading: Reading,
): { newest: boolean; changes: readonly Change[] } | undefined => {
  const { rearmsLeft, observedAt, products, imported } = reading;
  const newest = computer.licensesAt === undefined || observedAt > computer.licensesAt;
  if (newest && isRepeated(computer, reading)) return recordRepeated(computer, reading);
  const before = newest ? undefined : { ...computer };
  const read = inOrder(reading.licenses.map((it) => ({ ...it, product: products.label(it.activationId) })));
  for (const it of read) recordValidity(computer, it.activationId, it);
  for (const it of read) recordRenewal(computer, renewedAt(it));
  recordRearmsRead(computer, rearmsLeft, { observedAt, newest });
  if (newest) {
    computer.licensesAt = observedAt;
    computer.deadlinesRead = read.map((it) => it.deadline ?? null);
    delete computer.statesRead;
    forgetStatesBefore(computer);
    putLicenses(computer, steady(computer.licenses, withEvents(read, computer)), read);
  } else putLicenses(computer, withEvents(computer.licenses, computer));
  const verdict = { license: primaryLicense(read), rearmsLeft };
  const { history, changes } = imported
    ? { history: computer.history, changes: [] }
    : recordVerdict(computer.history ?? [], verdict, observedAt);
  if (history && history.length > 0) computer.history = history;
  const same = before && (Object.keys(computer) as (keyof LicenseState)[]).every((it) => computer[it] === before[it]);
  return same ? undefined : { newest, changes };
};

interface Reading {
  readonly licenses: readonly License[];
  readonly rearmsLeft: number | undefined;
  readonly observedAt: Instant;
  readonly products: Products;
  readonly imported: boolean;
}

/** The licenses stay the very same values: only times move. */
const recordRepeated = (
  computer: LicenseState,
  { licenses, rearmsLeft, observedAt, imported }: Reading,
): { newest: boolean; changes: readonly Change[] } => {
  for (let i = 0; i < licenses.length; i += 1) recordRenewal(computer, renewedAt(licenses[i]!));
  recordRearmsRead(computer, rearmsLeft, { observedAt, newest: true });
  computer.licensesAt = observedAt;
  computer.deadlinesRead = licenses.map((it) => it.deadline ?? null);
  if (imported) return { newest: true, changes: [] };
  const verdict = { license: primaryLicense(computer.licenses), rearmsLeft };
  const { history, changes } = recordVerdict(computer.history ?? [], verdict, observedAt);
  if (history.length > 0) computer.history = history;
  return { newest: true, changes };
};

/** WMI lists licenses in any order; nearly always it is this one, and sorting would copy them first. */
const inOrder = (licenses: StoredLicense[]): StoredLicense[] =>
  licenses.every((it, i) => i === 0 || compare(licenses[i - 1]!, it) <= 0) ? licenses : licenses.sort(compare);

const compare = (a: StoredLicense, b: StoredLicense): number =>
  APPLICATIONS.indexOf(a.application) - APPLICATIONS.indexOf(b.application) ||
  ascending(a.activationId, b.activationId) ||
  ascending(JSON.stringify(a), JSON.stringify(b));
const ascending = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The rearms left are those that the newest reading or event tells that names them. */
const recordRearmsRead = (
  computer: LicenseState,
  rearmsLeft: number | undefined,
  { observedAt, newest }: { observedAt: Instant; newest: boolean },
): void => {
  const licensesAt = newest ? observedAt : computer.licensesAt;
  putRearms(computer, rearmsLeft === undefined ? undefined : { left: rearmsLeft, at: observedAt }, licensesAt);
};

/** 12306 or 8212: the rearms of Windows that are left. */
export const recordRearmsLeft = (computer: LicenseState, left: number, at: Instant): void =>
  putRearms(computer, { left, at }, computer.licensesAt);

/** Of two that are told of one instant the fewer are left. */
const putRearms = (
  computer: LicenseState,
  told: { readonly left: number; readonly at: Instant } | undefined,
  licensesAt: Instant | undefined,
): void => {
  const { rearmsLeft } = computer;
  const knownAt = rearmsLeft === undefined ? undefined : (computer.rearmsAt ?? computer.licensesAt!);
  const isNewer =
    told && (knownAt === undefined || told.at > knownAt || (told.at === knownAt && told.left < rearmsLeft!));
  if (isNewer) computer.rearmsLeft = told.left;
  const at = isNewer ? told.at : knownAt;
  if (at === undefined || at === licensesAt) delete computer.rearmsAt;
  else computer.rearmsAt = at;
};

/** What is as it was stays the very same value, so that an unchanged report changes nothing else. */
const steady = (known: readonly StoredLicense[], read: readonly StoredLicense[]): readonly StoredLicense[] => {
  const merged = read.map((it) => known.find((old) => old.activationId === it.activationId && isSame(old, it)) ?? it);
  return merged.length === known.length && merged.every((it, i) => it === known[i]) ? known : merged;
};

/** An activation of one product, and those that may turn out to be another product's. */
interface ProductActivation {
  readonly activationId: string;
  readonly at: Instant;
  readonly products: Products;
  readonly open: readonly Activation[];
}

/** 12289 with `activated`: something was activated or renewed then, of whichever product. */
export const recordRenewal = (computer: LicenseState, at: Instant | undefined): void => {
  if (at !== undefined && at > (computer.renewedAt ?? 0)) computer.renewedAt = at;
};

/**
 * 12289 with `activated`, and the 12288 that names the product: 180 days from then, unless WMI has told something newer
 * (docs/counting-rules.md, "Deadlines").
 */
export const recordActivation = (
  computer: LicenseState,
  { renewalMinutes: told, ...activation }: ProductActivation & { readonly renewalMinutes: number | undefined },
): void => {
  const interval = renewalMinutes(told);
  putActivations(computer, activation, (known) => [
    { at: activation.at, ...(interval && { renewalMinutes: interval }) },
    ...known,
  ]);
};

/** An activation turned out to be that of another product: its answer belongs to another request. */
export const withdrawActivation = (computer: LicenseState, activation: ProductActivation): void =>
  putActivations(computer, activation, (known) => known.filter((it) => it.at !== activation.at));

/**
 * Keeps the newest activation, and the newest before it that is certain: if all that are open turn out to be another
 * product's, that one is left.
 */
const putActivations = (
  computer: LicenseState,
  { activationId, products, open }: ProductActivation,
  change: (known: readonly Activation[]) => readonly Activation[],
): void => {
  const { activatedAt, renewalMinutes: minutes, earlier, ...facts } = computer.products?.[activationId] ?? {};
  const known: Activation[] = [
    ...(activatedAt === undefined ? [] : [{ at: activatedAt, ...(minutes && { renewalMinutes: minutes }) }]),
    ...(earlier ? [earlier] : []),
    ...open,
  ];
  const all = change(known).toSorted((a, b) => b.at - a.at || (b.renewalMinutes ?? 0) - (a.renewalMinutes ?? 0));
  const [newest, ...others] = all;
  const certain = others.find((it) => it.at !== newest?.at && !open.some((other) => other.at === it.at));
  putProduct(computer, activationId, {
    ...facts,
    ...(newest && { activatedAt: newest.at }),
    ...(newest?.renewalMinutes && { renewalMinutes: newest.renewalMinutes }),
    ...(certain && { earlier: certain }),
  });
  updateLicenses(computer, products);
};

/** 12288 describes the state before that request; it counts where no WMI is read (an OpenTelemetry Collector's host). */
export const recordStateBefore = (
  computer: LicenseState,
  {
    activationId,
    status,
    minutes,
    at,
    products,
  }: {
    activationId: string | undefined;
    status: number | undefined;
    minutes: number | undefined;
    at: Instant;
    products: Products;
  },
): void => {
  const name = STATUSES[status ?? -1];
  if (!activationId || !name || computer.licensesAt !== undefined) return;
  const known = computer.products?.[activationId] ?? {};
  const before = { at, status: name, ...deadlineOf(name, minutes, at) };
  if (known.before && !isAfter(before, known.before)) return;
  putProduct(computer, activationId, { ...known, before });
  updateLicenses(computer, products);
};

const isAfter = (a: { readonly at: Instant }, b: { readonly at: Instant }): boolean =>
  a.at > b.at || (a.at === b.at && JSON.stringify(a) > JSON.stringify(b));

/**
 * 8230 tells the state of one license and when it ends. It counts until a newer reading, for a license that the reading names;
 * where no WMI is read, as the license itself.
 */
export const recordStated = (
  computer: LicenseState,
  { activationId, products, ...stated }: StatedByEvent & { readonly activationId: string; readonly products: Products },
): void => {
  if (stated.at <= (computer.licensesAt ?? Number.NEGATIVE_INFINITY)) return;
  const known = computer.products?.[activationId] ?? {};
  if (known.stated && !isAfter(stated, known.stated)) return;
  putProduct(computer, activationId, { ...known, stated });
  updateLicenses(computer, products);
};

const recordValidity = (
  computer: LicenseState,
  activationId: string,
  { status, deadline }: Pick<License, "status" | "deadline">,
): void => {
  const known = computer.products?.[activationId];
  if (status === "licensed" && deadline !== undefined && deadline > (known?.validUntil ?? 0))
    putProduct(computer, activationId, { ...known, validUntil: deadline });
};

const isAscending = (ids: readonly string[]): boolean => {
  for (let i = 1; i < ids.length; i += 1) if (ids[i - 1]! > ids[i]!) return false;
  return true;
};

const putProduct = (computer: LicenseState, activationId: string, facts: ProductFacts): void => {
  const products = { ...computer.products, [activationId]: facts };
  const ids = Object.keys(products);
  if (ids.length <= PRODUCTS_MAX && isAscending(ids)) {
    computer.products = products;
    return;
  }
  const toldAt = (id: string) => {
    const { before, stated } = products[id]!;
    return Math.max(validUntil(products[id]!) ?? 0, before?.at ?? 0, stated?.at ?? 0);
  };
  const kept =
    ids.length <= PRODUCTS_MAX
      ? ids
      : ids.sort((a, b) => toldAt(b) - toldAt(a) || ascending(a, b)).slice(0, PRODUCTS_MAX);
  computer.products = Object.fromEntries(kept.sort().map((id) => [id, products[id]!]));
};

/** WMI tells the state itself from now on: what 12288 told, and what 8230 told before that reading. */
const forgetStatesBefore = (computer: LicenseState): void => {
  const { products, licensesAt = 0 } = computer;
  let any = false;
  for (const id in products) any ||= isStated(products[id]!);
  if (!any) return;
  const left = Object.entries(products!).flatMap(([id, { before: _, stated, ...others }]) => {
    const facts = { ...others, ...(stated && stated.at > licensesAt && { stated }) };
    return Object.keys(facts).length > 0 ? [[id, facts]] : [];
  });
  if (left.length > 0) computer.products = Object.fromEntries(left);
  else delete computer.products;
};

/** The licenses anew, after an event. Where WMI is read it knows every license. */
const updateLicenses = (computer: LicenseState, products: Products): void => {
  if (computer.licensesAt !== undefined) putLicenses(computer, withEvents(computer.licenses, computer));
  else
    computer.licenses = steady(
      computer.licenses,
      Object.entries(computer.products ?? {})
        .map(([id, facts]) => toldLicense(id, facts, products))
        .sort(compare),
    );
};

/**
 * An activation hides what the newest reading told: that is kept, because the activation may turn out to be another product's.
 *
 * @param before the same licenses as they were: as the reading told them, or with what events told until now.
 */
const putLicenses = (
  computer: LicenseState,
  licenses: readonly StoredLicense[],
  before: readonly StoredLicense[] = computer.licenses,
): void => {
  const read: readonly StateRead[] = computer.statesRead ?? before;
  if (licenses.every((it, i) => isSameState(it, read[i]!))) delete computer.statesRead;
  else computer.statesRead ??= before.map(stateOf);
  computer.licenses = licenses;
};
