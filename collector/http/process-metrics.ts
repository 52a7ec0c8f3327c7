import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";
import { OPENMETRICS_END } from "../../licensing/telemetry/exposition.ts";
import { processMetrics as M, type Metric } from "../../licensing/telemetry/metrics.ts";

import { REFUSAL_CAUSES } from "./refusal.ts";

const DURATIONS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The collector's own process: requests, durations, memory, garbage collection. Per replica, unlike the fleet's figures. */
export interface OwnMetrics {
  readonly requests: Counter<"code">;
  /** Refused requests of both listeners, by cause. */
  readonly refused: Counter<"cause">;
  readonly requestDuration: Histogram;
  readonly commitDuration: Histogram;
  text(format: "text" | "openmetrics"): Promise<string>;
}

export const processMetrics = (): OwnMetrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // Gauges with a counter's name; their parts by type say the same.
  for (const it of ["handles", "requests", "resources"]) registry.removeSingleMetric(`nodejs_active_${it}_total`);
  const registers = [registry];
  const histogram = ({ name, help }: Metric) => new Histogram({ name, help, buckets: DURATIONS_SECONDS, registers });
  const { name, help } = M.requests;
  const requests = new Counter({ name, help, labelNames: ["code"] as const, registers });
  for (const code of [200, 400, 401, 413, 415, 429, 503]) requests.inc({ code: String(code) }, 0);
  const refused = new Counter({
    name: M.refusedRequests.name,
    help: M.refusedRequests.help,
    labelNames: ["cause"] as const,
    registers,
  });
  for (const cause of REFUSAL_CAUSES) refused.inc({ cause }, 0);
  return {
    requests,
    refused,
    requestDuration: histogram(M.requestDuration),
    commitDuration: histogram(M.commitDuration),
    text: async (format) => (format === "text" ? registry.metrics() : openMetrics(await registry.metrics())),
  };
};

/**
 * prom-client's own OpenMetrics takes `_total` off its counters for good, so that who asks for text afterwards, as people and
 * other scrapers do between Prometheus' scrapes, finds other names. Only the heads of counters differ.
 */
const openMetrics = (text: string): string =>
  `${text.replaceAll(/^(# (?:HELP|TYPE) \w+)_total /gm, "$1 ").replaceAll(/\n+/g, "\n")}${OPENMETRICS_END}`;
