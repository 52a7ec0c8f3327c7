import type { Instant } from "../../licensing/time.ts";
import { NO_ATTEMPTS } from "./attempts.ts";
import type { ComputerState } from "./computer.ts";
import type { ProductFacts, StoredLicense } from "./license-state.ts";

/**
 * A computer's state as its row holds it. What follows from the licenses is left out, which is a fifth of an ordinary
 * computer's row: the row is written with every report.
 */
interface Stored extends Omit<ComputerState, "attempts" | "deadlinesRead" | "products"> {
  readonly attempts?: ComputerState["attempts"];
  /** Absent where a reading told just the deadlines that the licenses have. */
  readonly deadlinesRead?: ComputerState["deadlinesRead"];
  /** Without the end of validity that the license itself has; null says that there is none. */
  readonly products?: Readonly<Record<string, StoredFacts | null>>;
}
type StoredFacts = Omit<ProductFacts, "validUntil"> & { readonly validUntil?: Instant | null | undefined };

/** The text for the row of a computer. */
export const computerText = (state: ComputerState): string => {
  const { attempts, deadlinesRead, products, licenses } = state;
  const short = shortProducts(products, licenses);
  // What is undefined is not written; a copy that keeps its shape is made faster than one with fewer members.
  const stored = {
    ...state,
    attempts: attempts.messages.length > 0 || attempts.logUntil !== undefined ? attempts : undefined,
    deadlinesRead: deadlinesRead && !isAsRead(deadlinesRead, licenses) ? deadlinesRead : undefined,
    products: short,
    licenses: licenses.map(shortLicense),
  };
  return JSON.stringify(stored);
};

/** The state that `computerText` wrote; also that of an older version, which wrote more. */
export const computerOf = (text: string): ComputerState => {
  const state = JSON.parse(text) as Stored as ComputerState;
  for (const it of state.licenses) completeLicense(it);
  if (!state.attempts?.messages) state.attempts = NO_ATTEMPTS;
  if (state.licensesAt !== undefined) state.deadlinesRead ??= state.licenses.map((it) => it.deadline ?? null);
  const products = fullProducts((state as Stored).products, state.licenses);
  if (products) state.products = products;
  else delete state.products;
  return state;
};

/** Validity is what a license has, grace what others have; few are add-ons. */
const kindOf = ({ status, deadline }: StoredLicense): StoredLicense["deadlineKind"] =>
  deadline === undefined ? undefined : status === "licensed" ? "validity" : "grace";

const shortLicense = (it: StoredLicense): object => ({
  ...it,
  addon: it.addon || undefined,
  deadlineKind: it.deadlineKind === kindOf(it) ? undefined : it.deadlineKind,
});

const completeLicense = (it: { -readonly [K in keyof StoredLicense]: StoredLicense[K] }): void => {
  it.addon ??= false;
  const kind = it.deadlineKind ?? kindOf(it);
  if (kind !== undefined) it.deadlineKind = kind;
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
