import { isMap, parseDocument } from "yaml";
import { agentSchema, readAgentConfig } from "../agent/config.ts";
import { configWarnings as agentWarnings } from "../agent/config-warnings.ts";
import { collectorSchema, readCollectorConfig } from "../collector/config.ts";
import { configWarnings as collectorWarnings } from "../collector/config-warnings.ts";
import { exposureOf } from "../collector/exposure.ts";
import { keysOf } from "../config/document.ts";
import { readSettings } from "../config/file.ts";
import { unreadableFiles } from "../config/file-names.ts";
import { ConfigurationError, type Environment, readSource, type Source } from "../config/load.ts";
import { shapeOf } from "../config/shape.ts";
import { unknownVariables } from "../config/unknown-variables.ts";

/** What is to be said of a valid configuration. */
export interface Checked {
  readonly file: string;
  readonly kind: "agent" | "collector" | "both";
  /** A sentence when all is well. */
  readonly summary: string;
  /** What works and is hardly meant so, or is not protected. */
  readonly warnings: readonly string[];
}

/**
 * `check-config`: whose configuration it is, is told by its keys.
 *
 * @throws ConfigurationError with every mistake.
 */
export const checkConfig = async (path: string, environment: Environment): Promise<Checked> => {
  const { file, text } = readSettings(path);
  const written = sectionsIn(text);
  const known = (of: readonly string[]): number => written?.filter((it) => of.includes(it)).length ?? 0;
  const agent = known(sectionsOf(keysOf(agentSchema).map((it) => it.path)));
  const collector = known(sectionsOf(keysOf(collectorSchema).map((it) => it.path)));
  if (written && written.length > 0 && agent === 0 && collector === 0)
    throw new ConfigurationError(file, ["neither a key of agent.yaml nor one of collector.yaml is in it"]);
  const source = { file, text, environment };
  const warnings = [
    ...(agent >= collector && written ? warningsOfAgent(source) : []),
    ...(agent <= collector || !written ? warningsOfCollector(source) : []),
    ...unknownVariables(environment, [shapeOf(agentSchema), shapeOf(collectorSchema)]),
  ];
  if (agent !== collector) {
    const kind = agent > collector ? "agent" : "collector";
    return { file, kind, summary: `${file} is a valid ${kind} configuration.`, warnings };
  }
  const all = written?.length === 0 ? "There is no key in it, so that every one has its default" : "Both have its keys";
  return {
    file,
    kind: "both",
    summary: `${file} is a valid configuration, of an agent as of a collector. ${all}.`,
    warnings,
  };
};

const warningsOfAgent = (source: Source): string[] => {
  const config = readAgentConfig(source.file, source.text, source.environment);
  const { value, shape } = readSource(agentSchema, source);
  return [...agentWarnings(config), ...unreadableFiles(value, shape)];
};

const warningsOfCollector = (source: Source): string[] => {
  const config = readCollectorConfig(source.file, source.text, source.environment);
  const { value, shape } = readSource(collectorSchema, source);
  return [...exposureOf(config).warnings, ...collectorWarnings(config), ...unreadableFiles(value, shape)];
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
