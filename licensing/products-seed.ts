import { KMS_HOST_KEYS } from "./products-seed/kms-host-keys.ts";
import { OFFICE } from "./products-seed/office.ts";
import type { SeedRow } from "./products-seed/seed-row.ts";
import { WINDOWS_CLIENTS } from "./products-seed/windows-clients.ts";
import { WINDOWS_SERVERS } from "./products-seed/windows-servers.ts";

/** Known activation IDs. A seed, never a gate: configuration and what agents read come before it. */
export const PRODUCT_SEED: readonly SeedRow[] = [...WINDOWS_CLIENTS, ...WINDOWS_SERVERS, ...OFFICE, ...KMS_HOST_KEYS];
