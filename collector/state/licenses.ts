import { ACTIVATION_VALIDITY } from "../../licensing/kms/rules.ts";
import { deadlineOf, type License, renewalMinutes, renewedAt, STATUSES, type Status } from "../../licensing/license.ts";
import { primaryLicense } from "../../licensing/primary-license.ts";
import { APPLICATIONS, type Products } from "../../licensing/products.ts";
import { type Instant, MINUTE } from "../../licensing/time.ts";
import type { Run } from "../../licensing/timeline.ts";
import { type Change, recordVerdict } from "./license-history.ts";

export interface StoredLicense extends License {
  /** The name as label: from the catalogue, else `other`. */
  readonly product: string;
}

/** What is known of one product beside its license. */
export interface ProductFacts {
  /** The latest end of validity that a reading told: 180 days from the last activation or renewal of a KMS client. */
  readonly validUntil?: Instant;
  /** The newest activation that an event told (12289), and the renewal interval that it told. */
  readonly activatedAt?: Instant;
  readonly renewalMinutes?: number;
  /** The one before, in case the newest turns out to be another product's. */
  readonly earlier?: Activation;
  /** The state that the newest 12288 told; only while no WMI is read. */
  readonly before?: Pick<License, "status" | "deadline" | "deadlineKind"> & { readonly at: Instant };
}

interface Activation {
  readonly at: Instant;
  readonly renewalMinutes?: number;
}

/** The part of a computer's state that is about its licenses. */
export interface LicenseState {
  licenses: readonly StoredLicense[];
  /** When the licenses were read through WMI; what an event says is newer or older than this. */
  licensesAt?: Instant;
  /** The deadline of each license as that reading told it; what else is known may move it by less than a minute. */
  deadlinesRead?: readonly (Instant | null)[];
  rearmsLeft?: number;
  /** When they were read, where the newest reading did not tell them. */
  rearmsAt?: Instant;
  /** What readings and events told of each product, by its activation ID. */
  products?: Readonly<Record<string, ProductFacts>>;
  /** The last activation or renewal that succeeded, of whichever product. */
  renewedAt?: Instant;
  /** Verdicts of its live readings, to count what changed between them. */
  history?: readonly Run[];
}

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
  reading: {
    readonly licenses: readonly License[];
    readonly rearmsLeft: number | undefined;
    readonly observedAt: Instant;
    readonly products: Products;
    readonly imported: boolean;
  },
): { newest: boolean; changes: readonly Change[] } | undefined => {
  const { rearmsLeft, observedAt, products, imported } = reading;
  const newest = computer.licensesAt === undefined || observedAt > computer.licensesAt;
  const before = newest ? undefined : { ...computer };
  const read = inOrder(reading.licenses.map((it) => ({ ...it, product: products.label(it.activationId) })));
  for (const it of read) recordValidity(computer, it.activationId, it);
  for (const it of read) recordRenewal(computer, renewedAt(it));
  recordRearms(computer, rearmsLeft, { observedAt, newest });
  if (newest) {
    computer.licensesAt = observedAt;
    computer.deadlinesRead = read.map((it) => it.deadline ?? null);
    computer.licenses = steady(computer.licenses, withEvents(read, computer));
    forgetStatesBefore(computer);
  } else computer.licenses = withEvents(computer.licenses, computer);
  const verdict = { license: primaryLicense(read), rearmsLeft };
  const { history, changes } = imported
    ? { history: computer.history, changes: [] }
    : recordVerdict(computer.history ?? [], verdict, observedAt);
  if (history && history.length > 0) computer.history = history;
  const same = before && (Object.keys(computer) as (keyof LicenseState)[]).every((it) => computer[it] === before[it]);
  return same ? undefined : { newest, changes };
};

/** WMI lists licenses in any order; nearly always it is this one, and sorting would copy them first. */
const inOrder = (licenses: StoredLicense[]): StoredLicense[] =>
  licenses.every((it, i) => i === 0 || compare(licenses[i - 1]!, it) <= 0) ? licenses : licenses.sort(compare);

const compare = (a: StoredLicense, b: StoredLicense): number =>
  APPLICATIONS.indexOf(a.application) - APPLICATIONS.indexOf(b.application) ||
  ascending(a.activationId, b.activationId) ||
  ascending(JSON.stringify(a), JSON.stringify(b));
const ascending = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const recordRearms = (
  computer: LicenseState,
  rearmsLeft: number | undefined,
  { observedAt, newest }: { observedAt: Instant; newest: boolean },
): void => {
  const known = computer.rearmsLeft === undefined ? undefined : (computer.rearmsAt ?? computer.licensesAt);
  if (rearmsLeft === undefined) {
    if (newest && known !== undefined) computer.rearmsAt = known;
    return;
  }
  if (newest) delete computer.rearmsAt;
  else if (known === undefined || observedAt > known) computer.rearmsAt = observedAt;
  else return;
  computer.rearmsLeft = rearmsLeft;
};

/** What is as it was stays the very same value, so that an unchanged report changes nothing else. */
const steady = (known: readonly StoredLicense[], read: readonly StoredLicense[]): readonly StoredLicense[] => {
  const merged = read.map((it) => known.find((old) => old.activationId === it.activationId && isSame(old, it)) ?? it);
  return merged.length === known.length && merged.every((it, i) => it === known[i]) ? known : merged;
};

/** Each field by its name: looking fields up by a list of names costs several times as much, for every report. */
const isSame = (a: StoredLicense, b: StoredLicense): boolean =>
  a.activationId === b.activationId &&
  a.application === b.application &&
  a.name === b.name &&
  a.product === b.product &&
  a.channel === b.channel &&
  a.status === b.status &&
  a.reason === b.reason &&
  a.deadline === b.deadline &&
  a.deadlineKind === b.deadlineKind &&
  a.partialProductKey === b.partialProductKey &&
  a.addon === b.addon &&
  a.unused === b.unused &&
  a.kmsHost === b.kmsHost &&
  a.genuine === b.genuine &&
  a.renewalIntervalMinutes === b.renewalIntervalMinutes;

/**
 * 12289 with `activated`: 180 days from then, unless WMI has told something newer (docs/counting-rules.md, "Deadlines").
 * Without the product's ID only the computer is known to have renewed something.
 */
export const recordActivation = (
  computer: LicenseState,
  {
    activationId,
    at,
    renewalMinutes: told,
    products,
  }: { activationId: string | undefined; at: Instant; renewalMinutes: number | undefined; products: Products },
): void => {
  recordRenewal(computer, at);
  if (!activationId) return;
  const interval = renewalMinutes(told);
  const { activatedAt, renewalMinutes: minutes, earlier, ...known } = computer.products?.[activationId] ?? {};
  const all: Activation[] = [
    { at, ...(interval && { renewalMinutes: interval }) },
    ...(activatedAt === undefined ? [] : [{ at: activatedAt, ...(minutes && { renewalMinutes: minutes }) }]),
    ...(earlier ? [earlier] : []),
  ];
  all.sort((a, b) => b.at - a.at || (b.renewalMinutes ?? 0) - (a.renewalMinutes ?? 0));
  putActivations(computer, activationId, known, all);
  updateLicenses(computer, products);
};

/** An activation turned out to be that of another product: its answer belongs to another request. */
export const withdrawActivation = (
  computer: LicenseState,
  { activationId, at, products }: { activationId: string; at: Instant; products: Products },
): void => {
  const facts = computer.products?.[activationId];
  if (!facts || (facts.activatedAt !== at && facts.earlier?.at !== at)) return;
  const { activatedAt, renewalMinutes, earlier, ...known } = facts;
  const newest: Activation[] =
    activatedAt === undefined ? [] : [{ at: activatedAt, ...(renewalMinutes && { renewalMinutes }) }];
  const left = [...newest, ...(earlier ? [earlier] : [])].filter((it) => it.at !== at);
  putActivations(computer, activationId, known, left);
  updateLicenses(computer, products);
};

/** @param activations newest first; of the same instant only one counts. */
const putActivations = (
  computer: LicenseState,
  activationId: string,
  known: Omit<ProductFacts, "activatedAt" | "renewalMinutes" | "earlier">,
  activations: readonly Activation[],
): void => {
  const [newest, ...others] = activations;
  const earlier = others.find((it) => it.at !== newest?.at);
  putProduct(computer, activationId, {
    ...known,
    ...(newest && { activatedAt: newest.at }),
    ...(newest?.renewalMinutes && { renewalMinutes: newest.renewalMinutes }),
    ...(earlier && { earlier }),
  });
};

/** Until when the last activation or renewal that anything told is valid. */
export const validUntil = ({ validUntil: read = 0, activatedAt }: ProductFacts): Instant | undefined =>
  Math.max(read, activatedAt === undefined ? 0 : activatedAt + ACTIVATION_VALIDITY) || undefined;

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

type StateBefore = NonNullable<ProductFacts["before"]>;
const isAfter = (a: StateBefore, b: StateBefore): boolean =>
  a.at > b.at || (a.at === b.at && JSON.stringify(a) > JSON.stringify(b));

const recordValidity = (
  computer: LicenseState,
  activationId: string,
  { status, deadline }: Pick<License, "status" | "deadline">,
): void => {
  const known = computer.products?.[activationId];
  if (status === "licensed" && deadline !== undefined && deadline > (known?.validUntil ?? 0))
    putProduct(computer, activationId, { ...known, validUntil: deadline });
};

const recordRenewal = (computer: LicenseState, at: Instant | undefined): void => {
  if (at !== undefined && at > (computer.renewedAt ?? 0)) computer.renewedAt = at;
};

const putProduct = (computer: LicenseState, activationId: string, facts: ProductFacts): void => {
  const products = { ...computer.products, [activationId]: facts };
  const ids = Object.keys(products);
  const toldAt = (id: string) => Math.max(validUntil(products[id]!) ?? 0, products[id]!.before?.at ?? 0);
  const kept =
    ids.length <= PRODUCTS_MAX
      ? ids
      : ids.sort((a, b) => toldAt(b) - toldAt(a) || ascending(a, b)).slice(0, PRODUCTS_MAX);
  computer.products = Object.fromEntries(kept.sort().map((id) => [id, products[id]!]));
};

/** WMI tells the state itself from now on. */
const forgetStatesBefore = (computer: LicenseState): void => {
  const all = Object.entries(computer.products ?? {});
  if (!all.some(([, it]) => it.before)) return;
  const left = all.flatMap(([id, { before: _, ...facts }]) => (Object.keys(facts).length > 0 ? [[id, facts]] : []));
  if (left.length > 0) computer.products = Object.fromEntries(left);
  else delete computer.products;
};

/** The licenses anew, after an event. Where WMI is read it knows every license. */
const updateLicenses = (computer: LicenseState, products: Products): void => {
  computer.licenses =
    computer.licensesAt !== undefined
      ? withEvents(computer.licenses, computer)
      : steady(
          computer.licenses,
          Object.entries(computer.products ?? {})
            .map(([id, facts]) => toldLicense(id, facts, products))
            .sort(compare),
        );
};

/** A license as events alone tell it. */
const toldLicense = (activationId: string, facts: ProductFacts, products: Products): StoredLicense => {
  const product = products.find(activationId);
  const { at, ...before }: Partial<StateBefore> & { status: Status } = facts.before ?? { status: "unlicensed" };
  const license: StoredLicense = {
    activationId,
    application: product?.application ?? "unknown",
    name: product?.name ?? activationId,
    product: products.label(activationId),
    channel: "kms_client",
    addon: false,
    ...before,
  };
  return withActivation(license, facts.activatedAt, at ?? 0);
};

/** What the newest reading of WMI told, and what events told since. */
const withEvents = (
  licenses: readonly StoredLicense[],
  { products, licensesAt = 0, deadlinesRead }: LicenseState,
): readonly StoredLicense[] => {
  const merged = licenses.map((it, i) => {
    const facts = products?.[it.activationId];
    if (!facts) return it;
    const deadline = deadlinesRead ? (deadlinesRead[i] ?? undefined) : it.deadline;
    const isLicensed = it.status === "licensed" && (facts.activatedAt ?? 0) < licensesAt;
    // Nearly always so: nothing is to be made anew then.
    if (isLicensed && it.deadline === endOfValidity(deadline, validUntil(facts))) return it;
    const { deadline: _, ...license } = it;
    const read = { ...license, ...(deadline !== undefined && { deadline }) };
    const now = withValidity(withActivation(read, facts.activatedAt, licensesAt), validUntil(facts));
    return isSame(now, it) ? it : now;
  });
  return merged.every((it, i) => it === licenses[i]) ? licenses : merged;
};

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
