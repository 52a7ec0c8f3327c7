import type { z } from "zod";
import { variableOf } from "./load.ts";
import { type Shape, shapeOf } from "./shape.ts";

export interface Key {
  readonly path: string;
  readonly variable: string;
  /** As it would be written; undefined where there is none. */
  readonly standard: string | undefined;
  readonly meaning: string | undefined;
}

/** Every key of a configuration with its default and meaning, as the schema itself says them. */
export const keysOf = (schema: z.ZodType): Key[] => {
  const walk = (node: Shape, path: readonly string[]): Key[] =>
    node.properties
      ? Object.entries(node.properties).flatMap(([name, it]) => walk(it, [...path, name]))
      : [
          {
            path: path.join("."),
            variable: variableOf(path),
            standard: node.default === undefined ? undefined : yamlOf(node.default),
            meaning: node.description,
          },
        ];
  return walk(shapeOf(schema), []);
};

const yamlOf = (value: unknown): string =>
  Array.isArray(value) ? `[${value.join(", ")}]` : value === "" ? '""' : String(value);

/** The keys as a table in Markdown. */
export const keyTable = (keys: readonly Key[]): string =>
  [
    "| key | default | meaning |",
    "| --- | --- | --- |",
    ...keys.map(
      ({ path, standard, meaning }) =>
        `| \`${path}\` | ${standard ? `\`${standard}\`` : ""} | ${(meaning ?? "").replaceAll("|", "\\|")} |`,
    ),
    "",
  ].join("\n");
