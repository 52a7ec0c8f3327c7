import { readCollectorConfig } from "../../collector/config.ts";
import { type Engine, type EngineParts, openEngine } from "../../collector/engine/engine.ts";
import type { Submission } from "../../collector/ingest/ingest.ts";
import type { Store } from "../../collector/store/store.ts";
import type { Clock, Instant } from "../../licensing/time.ts";
import type { LogsRequest } from "../../otlp/logs.ts";

/** An engine on this store, in this thread. */
export const engineOn = (store: Store, clock: Clock, yaml = "", parts: Partial<EngineParts> = {}): Promise<Engine> =>
  openEngine(store, readCollectorConfig("test.yaml", yaml, {}), { clock, version: "1", ...parts });

/** One request that has been decoded already. */
export const submissionOf = (groups: LogsRequest, receivedAt: Instant, imported = false): Submission => ({
  read: () => groups,
  receivedAt,
  imported,
});
