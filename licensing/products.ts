import { guid } from "./events/fields.ts";
import { PRODUCT_SEED } from "./products-seed.ts";

/** A product family that keeps a count of its own on every KMS host (contract, rule 2), and what is in none. */
export const APPLICATIONS = ["windows", "office", "office2010", "unknown"] as const;
export type Application = (typeof APPLICATIONS)[number];

export interface Product {
  readonly name: string;
  readonly application: Application;
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
  /** Takes what an agent's WMI says about a product; true if it was new. */
  learn(activationId: string, name: string, application: Application): boolean;
  /** The name as label: from the catalogue, else `other`. */
  label(activationId: string): string;
  /** The family of a product that has such a label of its own. */
  applicationOf(label: string): Application | undefined;
}

/** Learned products are remembered up to this many: an honest fleet has a few dozen. */
const LEARNED_MAX = 5_000;

/** Configuration, then what agents' WMI taught, then the seed table (contract, rule 2). */
export const productsFrom = (
  configured: readonly { activationId: string; name: string; application: Application }[] = [],
): Products => {
  const fixed = new Map<string, Product>(
    configured.map((it) => [it.activationId, { name: it.name, application: it.application, catalogued: true }]),
  );
  const byLabel = new Map([...SEED.values(), ...fixed.values()].map((it) => [it.name, it.application]));
  const learned = new Map<string, Product>();
  const find = (id: string): Product | undefined => {
    const own = fixed.get(id) ?? learned.get(id);
    const seed = SEED.get(id);
    return own && seed?.need && !own.need ? { ...own, need: seed.need } : (own ?? seed);
  };
  return {
    find,
    learn: (id, name, application) => {
      if (application === "unknown" || fixed.has(id) || learned.size >= LEARNED_MAX) return false;
      if (learned.get(id)?.application === application || SEED.get(id)?.application === application) return false;
      learned.set(id, { name: name.slice(0, 200), application, catalogued: false });
      return true;
    },
    label: (id) => fixed.get(id)?.name ?? SEED.get(id)?.name ?? OTHER_PRODUCT,
    applicationOf: (label) => byLabel.get(label),
  };
};
