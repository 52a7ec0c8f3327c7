import { Counter, collectDefaultMetrics, Histogram, Registry, type RegistryContentType } from "prom-client";

const DURATIONS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The collector's own process: requests, durations, memory, garbage collection. Per replica, unlike the fleet's figures. */
export interface OwnMetrics {
  readonly requests: Counter<"code">;
  readonly requestDuration: Histogram;
  readonly commitDuration: Histogram;
  text(format: "text" | "openmetrics"): Promise<string>;
}

export const ownMetrics = (): OwnMetrics => {
  const registry = new Registry<RegistryContentType>();
  collectDefaultMetrics({ register: registry });
  // Gauges with a counter's name; their parts by type say the same.
  for (const it of ["handles", "requests", "resources"]) registry.removeSingleMetric(`nodejs_active_${it}_total`);
  const registers = [registry];
  const histogram = (name: string, help: string) =>
    new Histogram({ name: `activation_collector_${name}`, help, buckets: DURATIONS_SECONDS, registers });
  const requests = new Counter({
    name: "activation_collector_requests_total",
    help: "OTLP requests by status code.",
    labelNames: ["code"] as const,
    registers,
  });
  for (const code of [200, 400, 401, 413, 415, 429, 503]) requests.inc({ code: String(code) }, 0);
  return {
    requests,
    requestDuration: histogram("request_duration_seconds", "Time from an OTLP request's arrival to its answer."),
    commitDuration: histogram("commit_duration_seconds", "Time to interpret and commit what one transaction took."),
    text: async (format) => {
      registry.setContentType(format === "text" ? Registry.PROMETHEUS_CONTENT_TYPE : Registry.OPENMETRICS_CONTENT_TYPE);
      return registry.metrics();
    },
  };
};
