import { type Fact, ofKind } from "./fact.ts";

export type Pool = "windows" | "office" | "office2010" | "unknown";

/** The activation IDs of the generated worlds, as Microsoft lists them. */
const KNOWN_PRODUCTS: Readonly<Record<string, Pool>> = {
  "73111121-5638-40f6-bc11-f1d7b0d64300": "windows",
  "8c1c5410-9f39-4805-8c9d-63a07706358f": "windows",
  "d450596f-894d-49e0-966a-fd39ed4c4c64": "office",
  "6f327760-8c5c-417c-9b61-836a98287e0c": "office2010",
};

/** "Pools": the known products, then what readings teach; an unknown ID that needs 25 is Windows. */
export const poolOf = (facts: readonly Fact[], activationId: string, need: number): Pool => {
  const known = KNOWN_PRODUCTS[activationId];
  if (known) return known;
  const taught = ofKind(facts, "reading")
    .flatMap((it) => it.rows)
    .find((it) => it.activationId === activationId);
  return taught?.application ?? (need === 25 ? "windows" : "unknown");
};
