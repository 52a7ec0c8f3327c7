import type { Sample } from "../../licensing/telemetry/exposition.ts";
import { pipelineMetrics as P } from "../../licensing/telemetry/metrics.ts";
import type { Instant } from "../../licensing/time.ts";
import { KINDS, RECORD_OUTCOMES } from "../ingest/accepted-record.ts";
import type { Memory } from "../state/memory.ts";
import type { Counters } from "../ingest/counters.ts";
import type { Reader } from "../store/store.ts";
import { sumKey } from "../store/sums.ts";
import { adviceByZone, recommendationSamples } from "../summary/recommendations.ts";
import { type WorksheetSettings, worksheetSamples, worksheets } from "../summary/worksheet.ts";
import { type FleetSettings, fleetSamples } from "./fleet.ts";
import { type KmsSettings, kmsSamples } from "./kms.ts";
import { probeSamples, unexpectedHostSamples } from "./probes.ts";

export type MetricSettings = KmsSettings & FleetSettings & WorksheetSettings & { readonly version: string };

/** What one scrape reads. */
export interface Scrape {
  readonly memory: Memory;
  readonly reader: Reader;
  readonly settings: MetricSettings;
  readonly counters: Counters;
  readonly storeBytes: number;
  readonly now: Instant;
}

/** Every figure of the fleet and of the collector's own work, as of `now`. Costs the same for 100 computers and 100,000. */
export const samplesOf = async ({ memory, reader, settings, counters, storeBytes, now }: Scrape): Promise<Sample[]> => [
  ...(await kmsSamples(memory, reader, settings, now)),
  ...probeSamples(memory, settings, now),
  ...unexpectedHostSamples(memory, settings, now),
  ...recommendationSamples(await adviceByZone(memory, reader, settings, now)),
  ...worksheetSamples(worksheets(memory.sums, settings, now)),
  ...(await fleetSamples(memory, reader, settings, now)),
  ...collectorSamples(memory, settings, { counters, storeBytes }),
];

const collectorSamples = (
  { sums }: Memory,
  { version }: MetricSettings,
  { counters, storeBytes }: Pick<Scrape, "counters" | "storeBytes">,
): Sample[] => [
  { metric: P.buildInfo, labels: [version], value: 1 },
  { metric: P.ready, labels: [], value: 1 },
  { metric: P.timeCorrections, labels: [], value: counters.timeCorrections },
  { metric: P.storeErrors, labels: [], value: counters.storeErrors },
  { metric: P.storeBytes, labels: [], value: storeBytes },
  { metric: P.collectorComputers, labels: [], value: sums.get(sumKey("computers")) },
  ...KINDS.flatMap((kind) =>
    RECORD_OUTCOMES.map((outcome) => ({
      metric: P.records,
      labels: [kind, outcome],
      value: counters.records(kind, outcome),
    })),
  ),
];
