/** How a zone's network hangs together with the others (planning guide, Table 1). */
export const ZONE_KINDS = ["core", "isolated", "lab", "disconnected"] as const;
export type ZoneKind = (typeof ZONE_KINDS)[number];

/** Table 1's sizes of a network. */
export type NetworkSize = "small" | "medium" | "enterprise";
