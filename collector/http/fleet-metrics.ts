import type { Format } from "../../licensing/telemetry/exposition.ts";
import { type Clock, type Instant, SECOND } from "../../licensing/time.ts";
import type { EngineClient } from "../engine/engine-client.ts";
import { StoreUnreachable } from "../store/store.ts";

/** A scrape waits so long for an engine that is busy; Prometheus gives up after ten seconds. */
const PATIENCE_MS = 1.5 * SECOND;
/** Where there is no young exposition instead: an engine that does not answer for so long has lost its store. */
const PATIENCE_WITHOUT_LAST_MS = 8 * SECOND;
/** Older figures are not served: another collector on the same database may know of a fall since. */
export const AGE_MAX = 60 * SECOND;

interface Known {
  readonly text: Uint8Array;
  readonly at: Instant;
}

/** A short loss of the store's server leaves no gap in the series. */
const lastWhere = (cause: unknown, last: Known): Uint8Array => {
  if (cause instanceof StoreUnreachable) return last.text;
  throw cause;
};

/**
 * The fleet's exposition. Scrapes that ask at the same time share one computation; while the engine is busy with a large
 * request, the last exposition is served instead, as long as it is young.
 */
export const fleetMetrics = (clock: Clock) => {
  const known = new Map<Format, Known>();
  const running = new Map<Format, Promise<Uint8Array>>();
  return async (engine: Pick<EngineClient, "metrics">, format: Format): Promise<Uint8Array> => {
    const computed =
      running.get(format) ??
      engine
        .metrics(format)
        .then((text) => {
          known.set(format, { text, at: clock() });
          return text;
        })
        .finally(() => running.delete(format));
    running.set(format, computed);
    const last = known.get(format);
    let timer: NodeJS.Timeout | undefined;
    if (!last || clock() - last.at > AGE_MAX) {
      const hanging = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new StoreUnreachable("The engine does not answer.")), PATIENCE_WITHOUT_LAST_MS);
      });
      return Promise.race([computed, hanging]).finally(() => clearTimeout(timer));
    }
    const busy = new Promise<Uint8Array>((resolve) => {
      timer = setTimeout(() => resolve(last.text), PATIENCE_MS);
    });
    return Promise.race([computed.catch((cause) => lastWhere(cause, last)), busy]).finally(() => clearTimeout(timer));
  };
};
