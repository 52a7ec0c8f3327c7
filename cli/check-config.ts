import { isMap, parseDocument } from "yaml";
import { agentSchema, readAgentConfig } from "../agent/config.ts";
import { configWarnings } from "../agent/config-warnings.ts";
import { collectorSchema, readCollectorConfig } from "../collector/config.ts";
import { exposureOf } from "../collector/exposure.ts";
import { keysOf } from "../config/document.ts";
import { readSettings } from "../config/file.ts";
import { ConfigurationError, type Environment } from "../config/load.ts";

/**
 * `check-config`: whose configuration it is, is told by its keys.
 *
 * @returns a sentence when all is well.
 * @throws ConfigurationError with every mistake.
 */
export const checkConfig = async (path: string, environment: Environment): Promise<string> => {
  const { file, text } = readSettings(path);
  const written = sectionsIn(text);
  const known = (of: readonly string[]): number => written?.filter((it) => of.includes(it)).length ?? 0;
  const agent = known(sectionsOf(keysOf(agentSchema).map((it) => it.path)));
  const collector = known(sectionsOf(keysOf(collectorSchema).map((it) => it.path)));
  if (written && written.length > 0 && agent === 0 && collector === 0)
    throw new ConfigurationError(file, ["neither a key of agent.yaml nor one of collector.yaml is in it"]);
  const warnings = [
    ...(agent >= collector && written ? configWarnings(readAgentConfig(file, text, environment)) : []),
    ...(agent <= collector || !written ? exposureOf(readCollectorConfig(file, text, environment)).warnings : []),
  ];
  if (agent !== collector)
    return [
      `${file} is a valid ${agent > collector ? "agent" : "collector"} configuration.`,
      ...warnings.map((it) => `Warning: ${it}`),
    ].join("\n");
  const all = written?.length === 0 ? "There is no key in it, so that every one has its default" : "Both have its keys";
  return `${file} is a valid configuration, of an agent as of a collector. ${all}.`;
};

/** `metrics.listen` is a key of the section `metrics`, and both tell whose file it is. */
const sectionsOf = (paths: readonly string[]): string[] =>
  paths.flatMap((path) => path.split(".").map((_, i, keys) => keys.slice(0, i + 1).join(".")));

/** The keys that are written and those below them; undefined where the reader will tell what is wrong with the file. */
const sectionsIn = (text: string): string[] | undefined => {
  const document = parseDocument(text);
  if (document.errors.length > 0) return undefined;
  if (document.contents === null) return [];
  if (!isMap(document.contents)) return undefined;
  return document.contents.items.flatMap(({ key, value }) => [
    String(key),
    ...(isMap(value) ? value.items.map((it) => `${key}.${it.key}`) : []),
  ]);
};
