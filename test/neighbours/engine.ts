import { join } from "node:path";
import { afterEach, beforeEach } from "@jest/globals";
import { readCollectorConfig } from "../../collector/config.ts";
import { type Engine, openEngine } from "../../collector/engine.ts";
import type { Submission } from "../../collector/ingest.ts";
import { openSqlite } from "../../collector/sqlite/store.ts";
import type { Store } from "../../collector/store.ts";
import type { LogsRequest } from "../../licensing/otlp.ts";
import type { Clock, Instant } from "../../licensing/time.ts";
import { ownFolder } from "./keep.ts";

/** An engine on this store, in this thread. */
export const engineOn = (store: Store, clock: Clock, yaml = ""): Promise<Engine> =>
  openEngine(store, readCollectorConfig("test.yaml", yaml, {}), { clock, version: "1" });

/** One request that has been decoded already. */
export const submissionOf = (groups: LogsRequest, receivedAt: Instant, imported = false): Submission => ({
  read: () => groups,
  receivedAt,
  imported,
});

/** An engine on a store of its own for each test. */
export const ownEngine = (name: string, clock: Clock) => {
  let engine: Engine;
  afterEach(() => engine.close());
  const folder = ownFolder(name);
  const file = () => join(folder(), "a.db");
  const open = async (yaml?: string) => {
    engine = await engineOn(openSqlite(file()), clock, yaml);
  };
  beforeEach(() => open());
  return {
    get engine() {
      return engine;
    },
    get file() {
      return file();
    },
    /** Another engine on the same store, as after a restart. */
    reopen: async (yaml?: string) => {
      await engine.close();
      await open(yaml);
    },
  };
};
