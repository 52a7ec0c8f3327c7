import { parse } from "yaml";
import { readAgentConfig } from "./agent/config.ts";
import { readCollectorConfig } from "./collector/config.ts";
import { readSettings } from "./settings/file.ts";
import { ConfigurationError, type Environment } from "./settings/load.ts";

const AGENT = ["collector", "spool", "license", "events", "heartbeat", "probes", "targets", "recorded", "zone"];
const COLLECTOR = ["otlp", "http", "store", "zones", "kms", "inventory", "mak", "stale_after", "retention"];

/**
 * `check-config`: whose configuration it is, is told by its keys.
 *
 * @returns a sentence when all is well.
 * @throws ConfigurationError with every mistake.
 */
export const checkConfig = async (path: string, environment: Environment): Promise<string> => {
  const { file, text } = readSettings(path);
  const keys = keysOf(text);
  const has = (of: readonly string[]): number => keys.filter((it) => of.includes(it)).length;
  if (has(AGENT) === 0 && has(COLLECTOR) === 0 && keys.length > 0)
    throw new ConfigurationError(file, ["neither a key of agent.yaml nor one of collector.yaml is in it"]);
  const agent = has(AGENT) > has(COLLECTOR);
  if (agent) readAgentConfig(file, text, environment);
  else readCollectorConfig(file, text, environment);
  return `${file} is a valid ${agent ? "agent" : "collector"} configuration.`;
};

const keysOf = (text: string): string[] => {
  try {
    return Object.keys((parse(text) as object | null) ?? {});
  } catch {
    // The reader tells what is wrong with it.
    return ["otlp"];
  }
};
