import type { Sample } from "../../licensing/telemetry/exposition.ts";
import { fleetMetrics as F, kmsMetrics as M } from "../../licensing/telemetry/metrics.ts";
import { CRITERIA } from "../../licensing/worksheet.ts";
import type { ZoneAdvice } from "../summary/recommendations.ts";
import type { worksheets } from "../summary/worksheet.ts";

/** Table 1 of the planning guide. */
export const recommendationSamples = (advice: readonly ZoneAdvice[]): Sample[] =>
  advice.map(({ zone, hosts }) => ({ metric: M.recommendedHosts, labels: [zone], value: hosts }));

/** Table 2 of the planning guide. */
export const worksheetSamples = ({ zones }: ReturnType<typeof worksheets>): Sample[] =>
  zones.flatMap(({ zone, rows }) =>
    CRITERIA.map(({ criterion, method }) => ({
      metric: F.worksheetComputers,
      labels: [zone, criterion, method],
      value: rows[criterion],
    })),
  );
