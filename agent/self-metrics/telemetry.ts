import type { Delivery } from "../delivery/delivery-result.ts";

/** The agent's own traces and metrics. */
export interface Telemetry {
  delivered(delivery: Delivery, records: number): void;
  stop(): Promise<void>;
}

const OFF: Telemetry = { delivered: () => {}, stop: async () => {} };
const WANTED = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
];

/**
 * The agent's own traces and metrics, by OpenTelemetry's SDK, when one of its standard variables names where to send them.
 * Otherwise the SDK is not even loaded: it would double the agent's memory.
 */
export const openTelemetry = async (
  environment: Readonly<Record<string, string | undefined>>,
  observe: { readonly spooled: () => number },
): Promise<Telemetry> => {
  if (!WANTED.some((it) => environment[it]) || environment.OTEL_SDK_DISABLED === "true") return OFF;
  const [{ NodeSDK }, { metrics, trace, SpanStatusCode }] = await Promise.all([
    import("@opentelemetry/sdk-node"),
    import("@opentelemetry/api"),
  ]);
  const sdk = new NodeSDK({ serviceName: "activation-agent" });
  sdk.start();
  const meter = metrics.getMeter("activation-monitor");
  const deliveries = meter.createCounter("activation.agent.deliveries", { description: "Requests by outcome." });
  meter
    .createObservableGauge("activation.agent.spooled_records", { description: "Records on disk, not delivered." })
    .addCallback((result) => result.observe(observe.spooled()));
  const tracer = trace.getTracer("activation-monitor");
  return {
    delivered: (delivery, records) => {
      deliveries.add(1, { outcome: delivery.outcome });
      const span = tracer.startSpan("deliver", {
        attributes: { "activation.records": records, outcome: delivery.outcome },
      });
      if (delivery.outcome !== "accepted") span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
    stop: () => sdk.shutdown(),
  };
};
