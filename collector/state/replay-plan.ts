import { CLIENT_LIFETIME } from "../../licensing/kms/ledger.ts";
import {
  type PoolSimulation,
  type Repetition,
  simulationBefore,
  simulationFound,
} from "../../licensing/kms/simulation.ts";
import type { Application } from "../../licensing/products.ts";
import type { Instant } from "../../licensing/time.ts";
import { newClientClocks } from "./client-clocks.ts";
import type { KmsHostState, Replay } from "./kms-host-state.ts";

/** A fact of this instant came late: what was found since must be found anew. */
export const replayLate = (host: KmsHostState, at: Instant): void => {
  const repetition = repetitionFrom(host, Math.min(at, host.replay?.from ?? at));
  host.replay = newReplay(repetition, simulationsOf(host), (it) => simulationBefore(it, repetition));
};

/** A reading showed what the table was like from this instant on: its requests must be counted by that. */
export const replayFound = (host: KmsHostState, from: Instant): void => {
  const repetition = repetitionFrom(host, Math.min(from, host.replay?.from ?? from));
  host.replay = newReplay(repetition, simulationsOf(host), (it) => simulationFound(it, repetition));
};

/** Where the host reports counts, what a reading meets must be exact from 30 days before. */
const repetitionFrom = (host: KmsHostState, from: Instant): Repetition => ({
  from,
  start: from - CLIENT_LIFETIME * (host.reading ? 2 : 1),
});

export type Simulations = Partial<Record<Application, PoolSimulation>>;

const simulationsOf = ({ pools }: KmsHostState): Simulations =>
  Object.fromEntries(Object.entries(pools).map(([name, it]) => [name, it.simulation]));

const newReplay = (
  repetition: Repetition,
  simulations: Simulations,
  begin: (simulation: PoolSimulation) => PoolSimulation,
): Replay => ({
  ...repetition,
  position: [repetition.start, ""],
  readingsUntil: repetition.from - CLIENT_LIFETIME,
  pools: Object.fromEntries(Object.entries(simulations).map(([name, it]) => [name, begin(it)])),
  lastRequest: {},
  askedAt: {},
  clocks: newClientClocks(),
});
