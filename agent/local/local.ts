import type { HeartbeatFact, LicensingFact } from "../../licensing/fact.ts";
import { expose, type Format, type Sample } from "../../licensing/metrics-exposition.ts";
import { LOCAL_METRICS } from "../../licensing/metrics-local.ts";
import { type Clock, type Instant, MINUTE } from "../../licensing/time.ts";
import { saveAtomically } from "../atomic.ts";
import type { AgentConfig } from "../config.ts";
import type { Delivery } from "../delivery.ts";
import { every } from "../schedule.ts";
import { agentFigures, readingFigures } from "./figures.ts";
import { listen } from "./listen.ts";

/** This computer's own figures, for Prometheus to scrape or for windows_exporter to read; with a collector or without. */
export interface Local {
  see(fact: LicensingFact, observedAt: Instant): void;
  delivered(delivery: Delivery): void;
  text(format: Format): string;
}

export const newLocal = ({
  clock,
  version,
  hasCollector,
  heartbeat,
}: {
  clock: Clock;
  version: string;
  hasCollector: boolean;
  heartbeat: () => HeartbeatFact;
}): Local => {
  let reading: { readonly at: Instant; readonly figures: readonly Sample[] } | undefined;
  let deliveredAt: Instant | undefined;
  return {
    see: (fact, at) => {
      if (reading && at < reading.at) return;
      reading = { at, figures: readingFigures(fact, at) };
    },
    delivered: ({ outcome }) => {
      if (hasCollector && outcome === "accepted") deliveredAt = clock();
    },
    text: (format) =>
      expose(
        [...(reading?.figures ?? []), ...agentFigures(heartbeat(), { version, now: clock(), deliveredAt })],
        format,
        LOCAL_METRICS,
      ),
  };
};

/**
 * Serves and writes what is configured. The file is replaced as a whole, once a minute and when there is a new reading: whoever reads it, reads a whole one,
 * and its time tells that the agent lives. A file that cannot be written is a source that fails, never a dead agent.
 *
 * @throws Error when nothing can listen on the address.
 */
export const publish = async (
  { listen: address, textfile }: AgentConfig["metrics"],
  local: Local,
  { written, failed, told }: { written: () => void; failed: (cause: Error) => void; told: (text: string) => void },
): Promise<{ refresh(): void; stop(): Promise<void> }> => {
  const server = address === "" ? undefined : await listen(address, local.text);
  if (server) told(`Figures of this computer at ${server.url}`);
  const writing =
    textfile === ""
      ? undefined
      : every(MINUTE, async () => {
          try {
            saveAtomically(textfile, local.text("text"));
            written();
          } catch (cause) {
            failed(cause as Error);
          }
        });
  writing?.ask();
  return {
    refresh: () => writing?.ask(),
    stop: async () => {
      await writing?.stop();
      await server?.close();
    },
  };
};
