import { z } from "zod";
import { agentSchema } from "../agent/config.ts";
import { collectorSchema } from "../collector/config.ts";
import { type Shape, shapeOf } from "../config/shape.ts";

const FILES = {
  collector: { schema: collectorSchema, about: "The collector's configuration" },
  agent: { schema: agentSchema, about: "The agent's configuration" },
} as const;

export type ConfigKind = keyof typeof FILES;
export const CONFIG_KINDS = Object.keys(FILES) as ConfigKind[];

/** A configuration to copy: every key as a comment, with its meaning and its default. */
export const configExample = (kind: ConfigKind): string => {
  const { schema, about } = FILES[kind];
  return [
    `# yaml-language-server: $schema=./${kind}.schema.json`,
    `# ${about}. Every key may be left out; the values below are the defaults, <…> stands where there is none. Remove the # of what you`,
    `# change, and of the section above it. Check it with: activation-monitor check-config ${kind}.yaml`,
    "# Made by npm run docs.",
    ...linesOf(shapeOf(schema), ""),
    "",
  ].join("\n");
};

/** For editors: JSON Schema 2020-12 of a configuration, as the program itself checks it, but for what only code can check. */
export const configJsonSchema = (kind: ConfigKind): string => {
  const { schema, about } = FILES[kind];
  const { "x-file": _, ...shape } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return `${JSON.stringify({ ...shape, title: `${about} of activation-monitor` }, null, 2)}\n`;
};

const linesOf = (node: Shape, indent: string): string[] =>
  Object.entries(node.properties ?? {}).flatMap(([key, it]) => {
    const meaning = wrapped(it.description ?? "", 116 - indent.length).map((line) => `# ${indent}# ${line}`);
    const gap = indent === "" ? [""] : [];
    if (it.properties) return [...gap, ...meaning, `# ${indent}${key}:`, ...linesOf(it, `${indent}  `)];
    return [...gap, ...meaning, `# ${indent}${key}: ${it.default === undefined ? "<…>" : JSON.stringify(it.default)}`];
  });

/** A text in lines of at most so many characters. */
const wrapped = (text: string, width: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(" ").filter((it) => it !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};
