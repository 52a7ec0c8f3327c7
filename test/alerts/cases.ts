import type { Case } from "./cases/case.ts";
import { KMS_COUNTS } from "./cases/kms-counts.ts";
import { KMS_HOSTS } from "./cases/kms-hosts.ts";
import { LICENSES } from "./cases/licenses.ts";
import { PIPELINE } from "./cases/pipeline.ts";

/** Of every alert: what makes it fire, and what keeps it silent. */
export const CASES: readonly Case[] = [...KMS_COUNTS, ...KMS_HOSTS, ...LICENSES, ...PIPELINE];
