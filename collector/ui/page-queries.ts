import type { Instant } from "../../licensing/time.ts";
import type { Memory } from "../state/memory.ts";
import type { Eventually, Reader } from "../store/store.ts";
import type { ZoneSettings } from "../summary/computer-counts.ts";
import { type FailuresAnswer, failuresAnswer } from "../summary/failures.ts";
import { type FleetOverview, fleetOverview } from "../summary/fleet-overview.ts";
import { type CountRecords, type PipelineAnswer, pipelineAnswer } from "../summary/pipeline.ts";

/** What pages ask beyond the API. */
export interface PageQueries {
  overview: { query: NoParameters; answer: FleetOverview };
  failures: { query: NoParameters; answer: FailuresAnswer };
  pipeline: { query: NoParameters; answer: PipelineAnswer };
}
type NoParameters = Readonly<Record<never, never>>;

export interface PageQueryContext {
  readonly memory: Memory;
  readonly reader: Reader;
  readonly settings: ZoneSettings;
  readonly now: Instant;
  readonly countRecords: CountRecords;
}

/** How each query is answered; each reads a bounded number of rows. */
export const PAGE_ANSWERS: {
  readonly [K in keyof PageQueries]: (
    query: PageQueries[K]["query"],
    context: PageQueryContext,
  ) => Eventually<PageQueries[K]["answer"]>;
} = {
  overview: (_, { memory, reader, settings, now }) => fleetOverview(memory, reader, settings, now),
  failures: (_, { memory }) => failuresAnswer(memory.sums),
  pipeline: (_, { memory, reader, settings, countRecords, now }) =>
    pipelineAnswer(memory, reader, settings, countRecords, now),
};
