import { withoutCredentials } from "../../config/shown-url.ts";
import type { CollectorConfig } from "../config.ts";
import { startEngine } from "../engine/engine-client.ts";
import { type Target, TargetError } from "./target.ts";

/**
 * Imports straight into the store, by the same engine that a collector runs.
 *
 * @throws Error when the store cannot be opened, because a collector has it.
 */
export const storeTarget = async (config: CollectorConfig, version: string): Promise<Target> => {
  const engine = await startEngine(
    { config, version },
    { onCommit: () => {}, onFailed: () => {}, onPoison: () => {}, onBroken: () => {} },
  );
  return {
    name: withoutCredentials(config.store.url),
    send: async (body) => {
      const submitted = await engine.submit({
        body,
        encoding: "protobuf",
        receivedAt: Date.now(),
        imported: true,
      });
      if (submitted.outcome !== "stored") throw new TargetError(`It could not be stored: ${submitted.reason}`);
      const { message, outcomes = {} } = submitted.receipt;
      return { outcome: "taken", outcomes, ...(message !== undefined && { message }) };
    },
    close: () => engine.close(),
  };
};
