import type { HeartbeatFact, LicensingFact } from "../../licensing/facts.ts";
import { expose, type Format, type Sample } from "../../licensing/telemetry/exposition.ts";
import { LOCAL_METRICS } from "../../licensing/telemetry/metrics-self.ts";
import { type Clock, type Instant, MINUTE } from "../../licensing/time.ts";
import type { AgentConfig } from "../config.ts";
import type { Delivery } from "../delivery/delivery-result.ts";
import { every } from "../sources/schedule.ts";
import { saveAtomically } from "../spool/atomic-write.ts";
import { listen } from "./listen.ts";
import { agentSamples, readingSamples } from "./samples.ts";

/** Metrics of this computer, for Prometheus to scrape or for windows_exporter to read; with a collector or without. */
export interface SelfMetrics {
  see(fact: LicensingFact, observedAt: Instant): void;
  delivered(delivery: Delivery): void;
  stop(): Promise<void>;
}

export interface SelfMetricsParts {
  readonly clock: Clock;
  readonly version: string;
  readonly heartbeat: () => HeartbeatFact;
  /** The text file was written. */
  readonly onWritten: () => void;
  readonly onFailure: (cause: Error) => void;
  readonly onListening: (url: string) => void;
}

/**
 * Serves and writes what is configured. The file is replaced as a whole, once a minute and when there is a new reading: each
 * reader sees a whole one, and its time tells that the agent lives. A file that cannot be written is a source that fails,
 * never a dead agent.
 *
 * @throws Error when nothing can listen on the address.
 */
export const startSelfMetrics = async (
  { listen: address, textfile }: AgentConfig["metrics"],
  { clock, version, heartbeat, onWritten, onFailure, onListening }: SelfMetricsParts,
): Promise<SelfMetrics> => {
  let reading: { readonly at: Instant; readonly samples: readonly Sample[] } | undefined;
  let deliveredAt: Instant | undefined;
  const text = (format: Format): string => {
    const agent = agentSamples(heartbeat(), { version, now: clock(), deliveredAt });
    return expose([...(reading?.samples ?? []), ...agent], format, LOCAL_METRICS);
  };
  const write = async (): Promise<void> => {
    try {
      saveAtomically(textfile, text("text"));
      onWritten();
    } catch (cause) {
      onFailure(cause as Error);
    }
  };
  const server = address === "" ? undefined : await listen(address, text);
  if (server) onListening(server.url);
  const writing = textfile === "" ? undefined : every(MINUTE, write);
  writing?.ask();
  return {
    see: (fact, at) => {
      if (reading && at < reading.at) return;
      reading = { at, samples: readingSamples(fact, at) };
      writing?.ask();
    },
    delivered: ({ outcome }) => {
      if (outcome === "accepted") deliveredAt = clock();
    },
    stop: async () => {
      await writing?.stop();
      await server?.close();
    },
  };
};
