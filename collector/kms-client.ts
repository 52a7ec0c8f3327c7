import type { NameRun } from "../licensing/duplicates.ts";
import type { Instant } from "../licensing/time.ts";
import { hourOf } from "../licensing/time.ts";
import { type Contribution, tallyKey } from "./tallies.ts";

/** What one client machine ID did at one KMS host. */
export interface KmsClientState {
  /** The names under which it asked. */
  runs: NameRun[];
  /** The client's own clock in its last request, and the product: what joins it with the client's 12288. */
  clientTime?: string;
  activationId?: string;
  /** Its state before its last request. */
  status?: number;
}

/** Distinct clients by the hour of their last valid request, so that 30 days are a sum. */
export const clientContributions = (it: { kmsHost: string; pool: string; lastAt: Instant }): Contribution[] => [
  [tallyKey("distinct", it.kmsHost, it.pool, hourOf(it.lastAt)), 1],
];
