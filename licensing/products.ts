import { guid } from "./events/fields.ts";
import { PRODUCT_SEED } from "./products-seed.ts";

/**
 * A product family that keeps a count of its own on every KMS host (docs/counting-rules.md, "Pools"), and what is in none.
 */
export const APPLICATIONS = ["windows", "office", "office2010", "unknown"] as const;
export type Application = (typeof APPLICATIONS)[number];

export interface Product {
  readonly name: string;
  readonly application: Application;
  /** How many clients a KMS host must count before it activates the product; absent where it is not confirmed. */
  readonly need?: number;
  /** Named by configuration or the seed table, so that its name may become a label. */
  readonly catalogued: boolean;
}

const APPLICATION_IDS = new Map<string, Application>([
  ["55c92734-d682-4d71-983e-d6ec3f16059f", "windows"],
  ["0ff1ce15-a989-479d-af46-f275c6370663", "office"],
  ["59a52881-a989-479d-af46-f275c6370663", "office2010"],
]);
/** Which product family an application ID stands for. */
export const applicationOfId = (applicationId: string): Application =>
  APPLICATION_IDS.get(guid(applicationId) ?? "") ?? "unknown";

/**
 * Is this Windows a server version? By the name that WMI gives it (`Windows(R), ServerStandard edition`) or the catalogue's.
 * `ServerRdsh` is Windows Enterprise multi-session, a client version.
 */
export const isServer = ({ name, product }: { readonly name: string; readonly product: string }): boolean =>
  /server(?!rdsh)/i.test(name) || /\bserver\b/i.test(product);

const HOST_KEY = / ?\[CSVLK, not a client\]/;
const SEED = new Map<string, Product>(
  PRODUCT_SEED.map(([id, name, application, need]) => [
    id,
    { name: name.replace(HOST_KEY, ""), application, catalogued: true, ...(need && { need }) },
  ]),
);

/** The label of what neither configuration nor the seed table names. */
export const OTHER_PRODUCT = "other";

export interface Products {
  find(activationId: string): Product | undefined;
  /**
   * Takes what an agent's WMI says about a product; true if it was new. Where agents disagree, the family that stands first
   * in `APPLICATIONS` counts, whichever source came first.
   */
  learn(activationId: string, name: string, application: Application): boolean;
  /** The same products; what is learned there stays there until `adopt`. */
  fork(): Products;
  /** Takes over what a fork has learned. */
  adopt(fork: Products): void;
  /** What agents' WMI taught. */
  readonly learned: ReadonlyMap<string, Product>;
  /** The name as label: from the catalogue, else `other`. */
  label(activationId: string): string;
  /** The family of a product that has such a label of its own. */
  applicationOf(label: string): Application | undefined;
}

/** Learned products are remembered up to this many: an honest fleet has a few dozen. */
export const LEARNED_MAX = 5_000;
const NAME_MAX = 200;

/** Configuration, then what agents' WMI taught, then the seed table (docs/counting-rules.md, "Pools"). */
export const productsFrom = (
  configured: readonly { activationId: string; name: string; application: Application }[] = [],
): Products => {
  const fixed = new Map<string, Product>(
    configured.map((it) => [it.activationId, { name: it.name, application: it.application, catalogued: true }]),
  );
  const byLabel = new Map([...SEED.values(), ...fixed.values()].map((it) => [it.name, it.application]));
  return learnable(fixed, byLabel, undefined);
};

const learnable = (
  fixed: ReadonlyMap<string, Product>,
  byLabel: ReadonlyMap<string, Application>,
  base: Products | undefined,
): Products => {
  const own = new Map<string, Product>();
  const learned = (id: string): Product | undefined => own.get(id) ?? base?.learned.get(id);
  const find = (id: string): Product | undefined => {
    const named = fixed.get(id) ?? learned(id);
    const seed = SEED.get(id);
    return named && seed?.need && !named.need ? { ...named, need: seed.need } : (named ?? seed);
  };
  const products: Products = {
    learned: own,
    fork: () => learnable(fixed, byLabel, products),
    adopt: (fork) => {
      for (const [id, product] of fork.learned) own.set(id, product);
    },
    find,
    learn: (id, name, application) => {
      if (application === "unknown" || fixed.has(id) || own.size + (base?.learned.size ?? 0) >= LEARNED_MAX)
        return false;
      const known = learned(id);
      if (known === undefined && SEED.get(id)?.application === application) return false;
      const isNew = known === undefined || APPLICATIONS.indexOf(application) < APPLICATIONS.indexOf(known.application);
      // Of several names of one family the one that sorts first counts.
      if (isNew || (application === known.application && name.slice(0, NAME_MAX) < known.name))
        own.set(id, { name: name.slice(0, NAME_MAX), application, catalogued: false });
      return isNew;
    },
    label: (id) => fixed.get(id)?.name ?? SEED.get(id)?.name ?? OTHER_PRODUCT,
    applicationOf: (label) => byLabel.get(label),
  };
  return products;
};
