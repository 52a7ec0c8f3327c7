import { parse, YAMLParseError } from "yaml";
import * as z from "zod";
import { describeIssue } from "./issues.ts";

/** All that is wrong with a configuration, at once, each with its place and its remedy. */
export class ConfigurationError extends Error {
  readonly mistakes: readonly string[];
  constructor(file: string, mistakes: readonly string[]) {
    super(mistakes.map((it) => `${file}: ${it}`).join("\n"));
    this.mistakes = mistakes;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a configuration: YAML text, `${VAR}` taken from the environment, keys overridden by `ACTIVATION_` + path in upper
 * snake case (`ACTIVATION_HTTP_LISTEN`; lists and maps as YAML), defaults from the schema. The result is frozen.
 *
 * @throws ConfigurationError with every mistake: bad YAML, unknown keys, wrong values, variables that are not set.
 */
export const loadConfiguration = <S extends z.ZodType>(
  schema: S,
  { file, text, environment }: { file: string; text: string; environment: Environment },
): z.output<S> => {
  const mistakes: string[] = [];
  const shape = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
  const written = withoutEmptySections(expandVariables(parseYaml(file, text), environment, [], mistakes), shape);
  const { value, variables } = override(written, leafPaths(shape), environment, mistakes);
  const read = schema.safeParse(value, { error: describeIssue });
  if (!read.success) mistakes.push(...read.error.issues.flatMap((it) => sentences(it, variables)));
  if (!read.success || mistakes.length > 0) throw new ConfigurationError(file, mistakes);
  return deepFreeze(read.data);
};

const parseYaml = (file: string, text: string): unknown => {
  try {
    return parse(text, { maxAliasCount: 20 }) ?? {};
  } catch (cause) {
    // Its message goes on with the line in question and an arrow below it; place and reason are enough for one sentence.
    if (cause instanceof YAMLParseError)
      throw new ConfigurationError(file, [`not YAML: ${cause.message.split("\n")[0]?.replace(/:$/, "")}`]);
    throw cause;
  }
};

/** Secrets stay out of the file: `${VAR}` anywhere in a text. */
const expandVariables = (value: unknown, environment: Environment, path: string[], mistakes: string[]): unknown => {
  if (typeof value === "string")
    return value.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
      const found = environment[name];
      if (found === undefined)
        mistakes.push(`${path.join(".")}: the variable ${name} is not set; set it or write the value`);
      return found ?? "";
    });
  if (Array.isArray(value))
    return value.map((it, i) => expandVariables(it, environment, [...path, String(i)], mistakes));
  if (value !== null && typeof value === "object")
    return Object.fromEntries(
      Object.entries(value).map(([key, it]) => [key, expandVariables(it, environment, [...path, key], mistakes)]),
    );
  return value;
};

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/** Every key that the schema knows, as path. */
const leafPaths = (node: JsonSchema, path: string[] = []): string[][] =>
  node.properties ? Object.entries(node.properties).flatMap(([key, it]) => leafPaths(it, [...path, key])) : [path];

/** `http:` with nothing below it, as is left when its keys are made comments: every key of it may be left out. */
const withoutEmptySections = (value: unknown, { properties }: JsonSchema): unknown => {
  if (properties === undefined || value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, it]) => {
      const below = properties[key];
      if (it === null && below?.properties) return [];
      return [[key, below ? withoutEmptySections(it, below) : it]];
    }),
  );
};

export const variableOf = (path: readonly string[]): string => `ACTIVATION_${path.join("_").toUpperCase()}`;

const override = (
  written: unknown,
  paths: string[][],
  environment: Environment,
  mistakes: string[],
): { value: unknown; variables: ReadonlySet<string> } => {
  let value = written;
  const variables = new Set<string>();
  for (const path of paths) {
    const variable = variableOf(path);
    const text = environment[variable];
    if (text === undefined) continue;
    variables.add(variable);
    try {
      value = withValue(value, path, LIST_OR_MAP.test(text) ? parse(text) : scalar(text));
    } catch {
      mistakes.push(`${variable}: not a YAML value`);
    }
  }
  return { value, variables };
};

/** `[a, b]` or `{…}`, but not the brackets of an IPv6 address. */
const LIST_OR_MAP = /^\s*(\[.*\]|\{.*\})\s*$/s;

/** Numbers and truth values as YAML reads them; everything else, `127.0.0.1:4318` or `*`, is text as it stands. */
const scalar = (text: string): unknown => (/^(true|false|-?\d+(\.\d+)?)$/.test(text) ? parse(text) : text);

const withValue = (tree: unknown, [key, ...rest]: string[], value: unknown): unknown => {
  if (key === undefined) return value;
  const here =
    tree !== null && typeof tree === "object" && !Array.isArray(tree) ? (tree as Record<string, unknown>) : {};
  return { ...here, [key]: withValue(here[key], rest, value) };
};

const sentences = (issue: z.core.$ZodIssue, variables: ReadonlySet<string>): string[] => {
  const place = issue.path.map(String);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map(
      (key) => `${[...place, key].join(".")}: this key is not known; remove it or fix its spelling`,
    );
  // What came from the environment is not to be looked for in the file.
  const variable = place.map((_, i) => variableOf(place.slice(0, i + 1))).find((it) => variables.has(it));
  return [`${place.join(".") || "the file"}${variable ? ` (from ${variable})` : ""}: ${issue.message}`];
};

const deepFreeze = <T>(value: T): T => {
  if (value !== null && typeof value === "object" && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const it of Object.values(value)) deepFreeze(it);
  }
  return value;
};
