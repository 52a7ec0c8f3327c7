import type { Sample } from "../../licensing/telemetry/exposition.ts";
import { pipelineMetrics as P } from "../../licensing/telemetry/metrics.ts";
import type { Instant } from "../../licensing/time.ts";
import { KINDS, RECORD_OUTCOMES } from "../ingest/accepted-record.ts";
import type { Counters } from "../ingest/counters.ts";
import type { Memory } from "../state/memory.ts";
import type { Reader } from "../store/store.ts";
import { sumKey } from "../store/sums.ts";
import { agentlessByZone } from "../summary/agentless-counts.ts";
import { type KmsSettings, kmsHosts } from "../summary/kms/kms-hosts.ts";
import { limitsOf } from "../summary/limits.ts";
import { adviceByZone } from "../summary/recommendations.ts";
import { type WorksheetSettings, worksheets } from "../summary/worksheet.ts";
import { type FleetSettings, fleetSamples } from "./fleet.ts";
import { kmsSamples } from "./kms.ts";
import { recommendationSamples, worksheetSamples } from "./planning.ts";
import { probeSamples, unexpectedHostSamples } from "./probes.ts";

export type MetricSettings = KmsSettings & FleetSettings & WorksheetSettings & { readonly version: string };

/** What one scrape reads. */
export interface Scrape {
  readonly memory: Memory;
  readonly reader: Reader;
  readonly settings: MetricSettings;
  readonly counters: Counters;
  readonly storeBytes: number;
  readonly isClockSuspect: boolean;
  readonly now: Instant;
}

/** Every figure of the fleet and of the collector's own work, as of `now`. Costs the same for 100 computers and 100,000. */
export const samplesOf = async ({
  memory,
  reader,
  settings,
  counters,
  storeBytes,
  isClockSuspect,
  now,
}: Scrape): Promise<Sample[]> => [
  ...kmsSamples(await kmsHosts(memory, reader, settings, now), memory.sums, settings, now),
  ...probeSamples(memory, settings, now),
  ...unexpectedHostSamples(memory, settings, now),
  ...recommendationSamples(await adviceByZone(memory, reader, settings, now)),
  ...worksheetSamples(worksheets(memory.sums, await agentlessByZone(memory, reader, now), settings, now)),
  ...(await fleetSamples(memory, reader, settings, now)),
  ...collectorSamples({ memory, settings, counters, storeBytes, isClockSuspect, now }, { ready: 1 }),
];

/** The collector's own work, also while no figure of the fleet can be told. */
export const collectorSamples = (
  { memory, settings, counters, storeBytes, isClockSuspect, now }: Omit<Scrape, "reader">,
  { ready }: { ready: 0 | 1 },
): Sample[] => [
  { metric: P.buildInfo, labels: [settings.version], value: 1 },
  { metric: P.ready, labels: [], value: ready },
  { metric: P.timeCorrections, labels: [], value: counters.timeCorrections },
  { metric: P.clockSuspect, labels: [], value: isClockSuspect ? 1 : 0 },
  ...limitsOf(memory, now).map(({ limit, reached }) => ({
    metric: P.limitReached,
    labels: [limit],
    value: reached ? 1 : 0,
  })),
  { metric: P.storeErrors, labels: [], value: counters.storeErrors },
  { metric: P.storeBytes, labels: [], value: storeBytes },
  { metric: P.collectorComputers, labels: [], value: memory.sums.get(sumKey("computers")) },
  ...KINDS.flatMap((kind) =>
    RECORD_OUTCOMES.map((outcome) => ({
      metric: P.records,
      labels: [kind, outcome],
      value: counters.records(kind, outcome),
    })),
  ),
];
