import { CLIENT_LIFETIME } from "../../../licensing/kms/ledger.ts";
import {
  type PoolSimulation,
  type Repetition,
  simulationBefore,
  simulationFound,
} from "../../../licensing/kms/simulation.ts";
import type { Application } from "../../../licensing/products.ts";
import type { Instant } from "../../../licensing/time.ts";
import { newClientClocks } from "../client-clocks.ts";
import type { KmsHostState, Replay } from "./host-state.ts";

/**
 * A fact of this instant came late: what was found since must be found anew. Whether a table was lost depends on all readings
 * before, so a host that reports counts is walked through from the beginning.
 */
export const replayLate = (host: KmsHostState, at: Instant): void => {
  const reports = Object.values(host.pools).some((it) => it.simulation.watch);
  const repetition = repetitionFrom(host, reports ? 0 : Math.min(at, host.replay?.from ?? at));
  host.replay = {
    ...newReplay(host, repetition, (it) => simulationBefore(it, repetition)),
    ...(at === 0 && { regroups: true }),
  };
};

/** A reading showed what the table was like from this instant on: its requests must be counted by that. */
export const replayFound = (host: KmsHostState, from: Instant): void => {
  const repetition = repetitionFrom(host, Math.min(from, host.replay?.from ?? from));
  host.replay = newReplay(host, repetition, (it) => simulationFound(it, repetition));
};

/** Where the host reports counts, what a reading meets must be exact from 30 days before. */
const repetitionFrom = (host: KmsHostState, from: Instant): Repetition => ({
  from,
  start: from - CLIENT_LIFETIME * (host.reading ? 2 : 1),
});

export type Simulations = Partial<Record<Application, PoolSimulation>>;

const newReplay = (
  { pools, replay }: KmsHostState,
  repetition: Repetition,
  begin: (simulation: PoolSimulation) => PoolSimulation,
): Replay => ({
  ...repetition,
  position: [repetition.start, ""],
  readingsUntil: repetition.from - CLIENT_LIFETIME,
  pools: Object.fromEntries(Object.entries(pools).map(([name, it]) => [name, begin(it.simulation)])),
  lastRequest: {},
  askedAt: {},
  clocks: newClientClocks(),
  ...(replay?.regroups && { regroups: true }),
});
