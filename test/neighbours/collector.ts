import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import winston from "winston";
import { readCollectorConfig } from "../../collector/config.ts";
import { type Collector, startCollector } from "../../collector/start.ts";

export interface Running extends Collector {
  readonly folder: string;
}

/** A collector as in production, on free ports and a database of its own; `stop` ends it and removes its folder. */
export const runningCollector = async (
  yaml = "",
  folder = mkdtempSync(join(tmpdir(), "collector-")),
  environment: Readonly<Record<string, string>> = {},
): Promise<Running> => {
  const config = readCollectorConfig("test.yaml", yaml, {
    ACTIVATION_OTLP_LISTEN: "127.0.0.1:0",
    ACTIVATION_HTTP_LISTEN: "127.0.0.1:0",
    ACTIVATION_STORE_URL: `sqlite:${join(folder, "activation.db")}`,
    ...environment,
  });
  const collector = await startCollector(config, {
    clock: Date.now,
    log: winston.createLogger({ silent: true }),
    version: "test",
  });
  return {
    ...collector,
    folder,
    stop: async () => {
      await collector.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
