import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";
import { ConfigurationError, type Mistake } from "./command-line/mistake.ts";

/** A configuration's text as values, and where they stand. */
export interface SettingsText {
  readonly value: unknown;
  readonly mistakes: readonly Mistake[];
  /** The line of a key, or of the nearest one above it that is written. */
  lineOf(path: readonly (string | number)[]): number | undefined;
}

/**
 * Reads YAML. Control characters in a text are mistakes: they come from backslashes in double quotes (`"C:\temp"`).
 *
 * @throws ConfigurationError when it is no YAML.
 */
export const parseSettings = (file: string, text: string): SettingsText => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) {
    // Its message goes on with the line in question and an arrow below it; place and reason are enough for one sentence.
    const reason = error.message.split("\n")[0]?.replace(/:$/, "");
    const remedy = error.code === "BAD_DQ_ESCAPE" ? `; ${PATHS}` : "";
    throw new ConfigurationError(file, [`not YAML: ${reason}${remedy}`]);
  }
  return {
    value: document.toJS({ maxAliasCount: 20 }) ?? {},
    mistakes: controlCharacters(document, lines),
    lineOf: (path) => {
      const offset = offsetOf(document, path);
      return offset === undefined ? undefined : lines.linePos(offset).line;
    },
  };
};

const PATHS = "write a path of Windows in single quotes, or with / instead of \\";

const controlCharacters = (document: Document, lines: LineCounter): Mistake[] => {
  const mistakes: Mistake[] = [];
  visit(document, {
    Scalar: (_, node) => {
      // A text over several lines has line ends; anywhere else they are an unintended escape.
      if (typeof node.value !== "string" || node.type?.startsWith("BLOCK")) return;
      const [found] = /[\u0000-\u001f\u007f-\u009f]/.exec(node.value) ?? [];
      if (found === undefined) return;
      const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
      mistakes.push({
        line: node.range ? lines.linePos(node.range[0]).line : undefined,
        text: `a text has the control character U+${code}, because \\ begins an escape in double quotes; ${PATHS}`,
      });
    },
  });
  return mistakes;
};

const offsetOf = (document: Document, path: readonly (string | number)[]): number | undefined => {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((it) => isScalar(it.key) && String(it.key.value) === String(key));
      if (pair === undefined) break;
      offset = isScalar(pair.key) ? pair.key.range?.[0] : offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = (node as { range?: readonly [number, number, number] } | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return offset;
};
