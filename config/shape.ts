import * as z from "zod";

/** What a key names a file for: `read` must be there, `made` is made by the program, `sqlite` is a store's address. */
export type FileUse = "read" | "made" | "sqlite";

/** A schema as data: its keys, defaults and meanings. */
export interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly description?: string;
  readonly default?: unknown;
  /** The value is the name of a file, relative to the configuration's folder. */
  readonly "x-file"?: FileUse;
}

export const shapeOf = (schema: z.ZodType): Shape =>
  z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape;

/** Every key that a schema knows, as path. */
export const leafPaths = (node: Shape, path: readonly string[] = []): string[][] =>
  node.properties ? Object.entries(node.properties).flatMap(([key, it]) => leafPaths(it, [...path, key])) : [[...path]];

/** The part of a schema below a path; a list's entries have one shape. */
export const shapeAt = (node: Shape | undefined, [key, ...rest]: readonly (string | number)[]): Shape | undefined => {
  if (node === undefined || key === undefined) return node;
  return shapeAt(node.items ?? node.properties?.[String(key)], rest);
};

/** Changes each text of a configuration that names a file. Lists of files are changed entry by entry. */
export const mapFiles = (
  value: unknown,
  shape: Shape | undefined,
  change: (file: string, use: FileUse, path: readonly string[]) => string,
  path: readonly string[] = [],
): unknown => {
  const use = shape?.["x-file"];
  if (typeof value === "string") return use === undefined || value === "" ? value : change(value, use, path);
  if (Array.isArray(value)) return value.map((it, i) => mapFiles(it, shape?.items, change, [...path, String(i)]));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, it]) => [key, mapFiles(it, shape?.properties?.[key], change, [...path, key])]),
  );
};
