import type { Sample } from "../../licensing/telemetry/exposition.ts";
import { pipelineMetrics as P } from "../../licensing/telemetry/metrics.ts";
import type { Instant } from "../../licensing/time.ts";
import { KINDS, RECORD_OUTCOMES } from "../ingest/accepted-record.ts";
import type { Memory } from "../ingest/changes.ts";
import type { Store } from "../store/store.ts";
import { tallyKey } from "../store/sums.ts";
import { adviceByZone, recommendationFigures } from "../summary/recommendations.ts";
import { type WorksheetSettings, worksheetFigures, worksheets } from "../summary/worksheet.ts";
import { type FleetSettings, fleetFigures } from "./fleet.ts";
import { type KmsSettings, kmsFigures } from "./kms.ts";
import { probeFigures, unexpectedFigures } from "./probes.ts";

export type FigureSettings = KmsSettings & FleetSettings & WorksheetSettings & { readonly version: string };

/** Every figure of the fleet and of the collector's own work, as of `now`. Costs the same for 100 computers and 100,000. */
export const figuresOf = async (
  memory: Memory,
  store: Store,
  settings: FigureSettings,
  now: Instant,
): Promise<Sample[]> => [
  ...(await kmsFigures(memory, store.read, settings, now)),
  ...probeFigures(memory, settings, now),
  ...unexpectedFigures(memory, settings, now),
  ...recommendationFigures(await adviceByZone(memory, store.read, settings, now)),
  ...worksheetFigures(worksheets(memory.tallies, settings, now)),
  ...(await fleetFigures(memory, store.read, settings, now)),
  ...(await ownFigures(memory, store, settings)),
];

const ownFigures = async (
  { counts, tallies }: Memory,
  store: Store,
  { version }: FigureSettings,
): Promise<Sample[]> => [
  { metric: P.buildInfo, labels: [version], value: 1 },
  { metric: P.ready, labels: [], value: 1 },
  { metric: P.timeCorrections, labels: [], value: counts.timeCorrections },
  { metric: P.storeErrors, labels: [], value: counts.storeErrors },
  { metric: P.storeBytes, labels: [], value: await store.bytes() },
  { metric: P.collectorComputers, labels: [], value: tallies.get(tallyKey("computers")) },
  ...KINDS.flatMap((kind) =>
    RECORD_OUTCOMES.map((outcome) => ({
      metric: P.records,
      labels: [kind, outcome],
      value: counts.records.get(`${kind} ${outcome}`) ?? 0,
    })),
  ),
];
