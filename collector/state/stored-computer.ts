import type { Instant } from "../../licensing/time.ts";
import { NO_ATTEMPTS } from "./attempts.ts";
import type { ComputerState } from "./computer.ts";
import type { ProductFacts, StoredLicense } from "./license-state.ts";
import type { ReportedId } from "./machine-ids.ts";

/**
 * A computer's state as its row holds it: what follows from the licenses is left out, and licenses and machine IDs are lists
 * without names of members. The row is written with every report, and five of them fit into one page of the database.
 */
interface Stored
  extends Omit<ComputerState, "attempts" | "deadlinesRead" | "products" | "licenses" | "machineIds" | "saidAt"> {
  readonly licenses: readonly (License | StoredLicense)[];
  readonly machineIds?: readonly MachineId[] | Readonly<Record<string, Omit<ReportedId, "id">>>;
  readonly attempts?: ComputerState["attempts"];
  /** `true`: as long ago as the licenses were read. */
  readonly saidAt?: ComputerState["saidAt"] | true;
  /** Absent where a reading told just the deadlines that the licenses have. */
  readonly deadlinesRead?: ComputerState["deadlinesRead"];
  /** Without the end of validity that the license itself has; null says that there is none. */
  readonly products?: Readonly<Record<string, StoredFacts | null>>;
}
type StoredFacts = Omit<ProductFacts, "validUntil"> & { readonly validUntil?: Instant | null | undefined };

/** One license; the reason is 0 where all is well. Versions before 0.2.0 wrote an object. */
type License = readonly [
  application: StoredLicense["application"],
  activationId: string,
  name: string,
  product: string,
  channel: StoredLicense["channel"],
  status: StoredLicense["status"],
  reason: string | 0 | null,
  deadline: Instant | null,
  partialProductKey: string | null,
  renewalIntervalMinutes: number | null,
  rare?: Pick<StoredLicense, "deadlineKind" | "unused" | "kmsHost" | "genuine"> & { readonly addon?: true },
];
type MachineId = readonly [id: string, told: Instant, shared: 0 | 1, ...at: Instant[]];

const NO_REASON = "0x00000000";

/** The text for the row of a computer. */
export const computerText = (state: ComputerState): string => {
  const { attempts, deadlinesRead, products, licenses, machineIds, saidAt } = state;
  const short = shortProducts(products, licenses);
  // What is undefined is not written; a copy that keeps its shape is made faster than one with fewer members.
  const stored = {
    ...state,
    attempts: attempts.messages.length > 0 || attempts.logUntil !== undefined ? attempts : undefined,
    deadlinesRead: deadlinesRead && !isAsRead(deadlinesRead, licenses) ? deadlinesRead : undefined,
    products: short,
    licenses: licenses.map(shortLicense),
    machineIds: machineIds?.map(shortId),
    saidAt: saidAt !== undefined && saidAt === state.licensesAt ? true : saidAt,
  };
  return JSON.stringify(stored);
};

/** The state that `computerText` wrote; also that of an older version, which wrote more. */
export const computerOf = (text: string): ComputerState => {
  const stored = JSON.parse(text) as Stored;
  const state = stored as unknown as ComputerState;
  state.licenses = stored.licenses.map(fullLicense);
  if (!state.attempts?.messages) state.attempts = NO_ATTEMPTS;
  if (stored.machineIds) state.machineIds = fullIds(stored.machineIds);
  if (stored.saidAt === true) state.saidAt = state.licensesAt!;
  if (state.licensesAt !== undefined) state.deadlinesRead ??= state.licenses.map((it) => it.deadline ?? null);
  const products = fullProducts(stored.products, state.licenses);
  if (products) state.products = products;
  else delete state.products;
  return state;
};

const shortId = ({ id, told, shared, at }: ReportedId): MachineId => [id, told, shared ? 1 : 0, ...at];

const fullIds = (ids: NonNullable<Stored["machineIds"]>): readonly ReportedId[] =>
  Array.isArray(ids)
    ? (ids as readonly MachineId[]).map(([id, told, shared, ...at]) =>
        shared === 1 ? { id, at, told, shared: true } : { id, at, told },
      )
    : Object.entries(ids as Readonly<Record<string, Omit<ReportedId, "id">>>).map(([id, it]) => ({ id, ...it }));

/** Validity is what a license has, grace what others have; few are add-ons. */
const kindOf = (status: StoredLicense["status"], deadline: Instant | undefined): StoredLicense["deadlineKind"] =>
  deadline === undefined ? undefined : status === "licensed" ? "validity" : "grace";

const shortLicense = (it: StoredLicense): License => {
  const { application, activationId, name, product, channel, status, reason, deadline, partialProductKey: key } = it;
  const { renewalIntervalMinutes: minutes, deadlineKind, addon, unused, kmsHost, genuine } = it;
  const code = reason === NO_REASON ? 0 : (reason ?? null);
  const end = deadline ?? null;
  const isUsualKind = deadlineKind === kindOf(status, deadline);
  const usual = [application, activationId, name, product, channel, status, code, end, key ?? null, minutes ?? null];
  if (isUsualKind && !addon && !unused && kmsHost === undefined && genuine === undefined)
    return usual as unknown as License;
  const rare = {
    deadlineKind: isUsualKind ? undefined : deadlineKind,
    addon: addon || undefined,
    unused,
    kmsHost,
    genuine,
  };
  return [...usual, rare] as unknown as License;
};

/** Each with the same members in the same order, so that all have one shape; what is undefined is not told. */
const fullLicense = (it: License | StoredLicense): StoredLicense => {
  if (!isListed(it)) return { ...it, addon: it.addon ?? false, ...withKind(it) };
  const [application, activationId, name, product, channel, status, reason, end, key, minutes, rare] = it;
  const deadline = end ?? undefined;
  return {
    application,
    activationId,
    name,
    channel,
    status,
    reason: reason === 0 ? NO_REASON : (reason ?? undefined),
    deadline,
    deadlineKind: rare?.deadlineKind ?? kindOf(status, deadline),
    partialProductKey: key ?? undefined,
    addon: rare?.addon ?? false,
    unused: rare?.unused,
    kmsHost: rare?.kmsHost,
    renewalIntervalMinutes: minutes ?? undefined,
    genuine: rare?.genuine,
    product,
  } as StoredLicense;
};

const isListed = (it: License | StoredLicense): it is License => Array.isArray(it);

const withKind = ({ deadlineKind, status, deadline }: StoredLicense): Pick<StoredLicense, "deadlineKind"> => {
  const kind = deadlineKind ?? kindOf(status, deadline);
  return kind === undefined ? {} : { deadlineKind: kind };
};

const isAsRead = (read: readonly (Instant | null)[], licenses: readonly StoredLicense[]): boolean =>
  read.length === licenses.length && licenses.every((it, i) => (it.deadline ?? null) === read[i]);

/** What a reading that told this license told of the end of its validity. */
const validityOf = ({ status, deadline }: StoredLicense): Instant | undefined =>
  status === "licensed" ? deadline : undefined;

const tellsMore = (facts: ProductFacts): boolean => {
  for (const key in facts) if (key !== "validUntil") return true;
  return false;
};

const shortProducts = (
  products: ComputerState["products"],
  licenses: readonly StoredLicense[],
): Stored["products"] | undefined => {
  const short: Record<string, StoredFacts | null> = {};
  let any = false;
  for (const id in products) {
    const license = licenses.find((it) => it.activationId === id);
    const told = license && validityOf(license);
    const facts = products[id]!;
    if (facts.validUntil !== told) short[id] = { ...facts, validUntil: facts.validUntil ?? null };
    else if (told === undefined || tellsMore(facts)) short[id] = { ...facts, validUntil: undefined };
    else continue;
    any = true;
  }
  for (const it of licenses)
    if (validityOf(it) !== undefined && products?.[it.activationId] === undefined) {
      short[it.activationId] = null;
      any = true;
    }
  return any ? short : undefined;
};

const fullProducts = (
  short: Stored["products"],
  licenses: readonly StoredLicense[],
): ComputerState["products"] | undefined => {
  const full: Record<string, ProductFacts> = {};
  const ids: string[] = [];
  for (const it of licenses) {
    const told = validityOf(it);
    if (told === undefined || short?.[it.activationId] !== undefined || full[it.activationId]) continue;
    full[it.activationId] = { validUntil: told };
    ids.push(it.activationId);
  }
  for (const id in short) {
    const facts = short[id];
    if (!facts) continue;
    const license = licenses.find((it) => it.activationId === id);
    const { validUntil = license && validityOf(license), ...others } = facts;
    full[id] = { ...others, ...(typeof validUntil === "number" && { validUntil }) };
    ids.push(id);
  }
  if (ids.length === 0) return undefined;
  // Nearly always their order is that of their identities already.
  if (ids.every((id, i) => i === 0 || ids[i - 1]! < id)) return full;
  return Object.fromEntries(ids.sort().map((id) => [id, full[id]!]));
};
