import { parse } from "yaml";
import type * as z from "zod";
import { closestName } from "./closest-name.ts";
import { ConfigurationError, type Mistake } from "./command-line/mistake.ts";
import { fromItsFolder } from "./file-names.ts";
import { describeIssue } from "./issues.ts";
import { parseSettings, type SettingsText } from "./settings-text.ts";
import { leafPaths, type Shape, shapeAt, shapeOf } from "./shape.ts";

export { ConfigurationError } from "./command-line/mistake.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a configuration comes from. */
export interface Source {
  readonly file: string;
  readonly text: string;
  readonly environment: Environment;
}

/**
 * Reads a configuration: YAML text, `${VAR}` taken from the environment, keys overridden by `ACTIVATION_` + path in upper
 * snake case (`ACTIVATION_HTTP_LISTEN`; lists and maps as YAML), defaults from the schema. File names in the text are relative
 * to its folder, those of variables and defaults to the working folder. The result is frozen.
 *
 * @throws ConfigurationError with every mistake: bad YAML, unknown keys, wrong values, variables that are not set.
 */
export const loadConfiguration = <S extends z.ZodType>(schema: S, source: Source): z.output<S> => {
  const { written, value, variables, mistakes, shape } = readSource(schema, source);
  const read = schema.safeParse(value, { error: describeIssue });
  if (!read.success)
    mistakes.push(...read.error.issues.flatMap((it) => mistakesOf(it, { shape, variables, text: written })));
  if (!read.success || mistakes.length > 0) throw new ConfigurationError(source.file, mistakes);
  return deepFreeze(read.data);
};

/** The values of a configuration before its schema has checked them. @throws ConfigurationError when it is no YAML. */
export const readSource = (schema: z.ZodType, { file, text, environment }: Source) => {
  const shape = shapeOf(schema);
  const written = parseSettings(file, text);
  const mistakes: Mistake[] = [...written.mistakes];
  const unset = (path: readonly string[], name: string) =>
    mistakes.push({
      line: written.lineOf(path),
      text: `${path.join(".")}: the variable ${name} is not set; set it or write the value`,
    });
  const expanded = withoutEmptySections(expandVariables(written.value, environment, [], unset), shape);
  const { value, variables } = override(fromItsFolder(expanded, shape, file), leafPaths(shape), environment, mistakes);
  return { shape, written, value, variables, mistakes };
};

/** Secrets stay out of the file: `${VAR}` anywhere in a text. */
const expandVariables = (
  value: unknown,
  environment: Environment,
  path: readonly string[],
  unset: (path: readonly string[], name: string) => void,
): unknown => {
  if (typeof value === "string")
    return value.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
      const found = environment[name];
      if (found === undefined) unset(path, name);
      return found ?? "";
    });
  if (Array.isArray(value)) return value.map((it, i) => expandVariables(it, environment, [...path, String(i)], unset));
  if (value !== null && typeof value === "object")
    return Object.fromEntries(
      Object.entries(value).map(([key, it]) => [key, expandVariables(it, environment, [...path, key], unset)]),
    );
  return value;
};

/** `http:` with nothing below it, as is left when its keys are made comments: every key of it may be left out. */
const withoutEmptySections = (value: unknown, { properties }: Shape): unknown => {
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
  mistakes: Mistake[],
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
      mistakes.push({ text: `${variable}: not a YAML value` });
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

const mistakesOf = (
  issue: z.core.$ZodIssue,
  { shape, variables, text }: { shape: Shape; variables: ReadonlySet<string>; text: SettingsText },
): Mistake[] => {
  const place = issue.path.map(String);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      line: text.lineOf([...place, key]),
      text: `${[...place, key].join(".")}: this key is not known; ${remedyFor(key, place, shape)}`,
    }));
  // What came from the environment is not to be looked for in the file.
  const variable = place.map((_, i) => variableOf(place.slice(0, i + 1))).find((it) => variables.has(it));
  return [
    {
      line: variable === undefined ? text.lineOf(place) : undefined,
      text: `${place.join(".") || "the file"}${variable ? ` (from ${variable})` : ""}: ${issue.message}`,
    },
  ];
};

/** A key that is spelt otherwise, or that stands in another section. */
const remedyFor = (key: string, place: readonly string[], shape: Shape): string => {
  const closest = closestName(key, Object.keys(shapeAt(shape, place)?.properties ?? {}));
  if (closest !== undefined) return `did you mean ${[...place, closest].join(".")}?`;
  const elsewhere = leafPaths(shape).find((it) => it.at(-1) === key);
  return elsewhere ? `did you mean ${elsewhere.join(".")}?` : "remove it or fix its spelling";
};

const deepFreeze = <T>(value: T): T => {
  if (value !== null && typeof value === "object" && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const it of Object.values(value)) deepFreeze(it);
  }
  return value;
};
