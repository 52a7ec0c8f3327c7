import type { Sample } from "../../licensing/telemetry/exposition.ts";
import { pipelineMetrics as P } from "../../licensing/telemetry/metrics.ts";
import type { Instant } from "../../licensing/time.ts";
import { KINDS, RECORD_OUTCOMES } from "../ingest/accepted-record.ts";
import type { Memory } from "../ingest/changes.ts";
import type { Store } from "../store/store.ts";
import { sumKey } from "../store/sums.ts";
import { type KmsSettings, kmsHosts } from "../summary/kms-hosts.ts";
import { adviceByZone } from "../summary/recommendations.ts";
import { type WorksheetSettings, worksheets } from "../summary/worksheet.ts";
import { type FleetSettings, fleetSamples } from "./fleet.ts";
import { kmsSamples } from "./kms.ts";
import { recommendationSamples, worksheetSamples } from "./planning.ts";
import { probeSamples, unexpectedHostSamples } from "./probes.ts";

export type MetricSettings = KmsSettings & FleetSettings & WorksheetSettings & { readonly version: string };

/** Every figure of the fleet and of the collector's own work, as of `now`. Costs the same for 100 computers and 100,000. */
export const samplesOf = async (
  memory: Memory,
  store: Store,
  settings: MetricSettings,
  now: Instant,
): Promise<Sample[]> => [
  ...kmsSamples(await kmsHosts(memory, store.read, settings, now), memory.sums, settings, now),
  ...probeSamples(memory, settings, now),
  ...unexpectedHostSamples(memory, settings, now),
  ...recommendationSamples(await adviceByZone(memory, store.read, settings, now)),
  ...worksheetSamples(worksheets(memory.sums, settings, now)),
  ...(await fleetSamples(memory, store.read, settings, now)),
  ...(await collectorSamples(memory, store, settings)),
];

const collectorSamples = async (
  { counts, sums }: Memory,
  store: Store,
  { version }: MetricSettings,
): Promise<Sample[]> => [
  { metric: P.buildInfo, labels: [version], value: 1 },
  { metric: P.ready, labels: [], value: 1 },
  { metric: P.timeCorrections, labels: [], value: counts.timeCorrections },
  { metric: P.storeErrors, labels: [], value: counts.storeErrors },
  { metric: P.storeBytes, labels: [], value: await store.bytes() },
  { metric: P.collectorComputers, labels: [], value: sums.get(sumKey("computers")) },
  ...KINDS.flatMap((kind) =>
    RECORD_OUTCOMES.map((outcome) => ({
      metric: P.records,
      labels: [kind, outcome],
      value: counts.records.get(`${kind} ${outcome}`) ?? 0,
    })),
  ),
];
