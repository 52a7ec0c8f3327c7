/** One JSON value of a file, as text, or what is wrong, with its place. */
export type JsonText =
  | { readonly json: string; readonly position: string }
  | { readonly error: string; readonly position: string };

/**
 * Cuts a file of JSON into its values: one a line (NDJSON), one after the other over several lines (as ConvertTo-Json and jq
 * write them), or the members of an array. A broken line takes no other with it. Walks through the text once.
 */
export function* jsonTexts(text: string): Generator<JsonText> {
  if (isByLine(text)) yield* lines(text);
  else yield* values(text);
}

/** NDJSON has one value a line: the first line is a whole one, or the second begins like one. */
const isByLine = (text: string): boolean => {
  const [first = "", second] = firstLines(text);
  if (!first.startsWith("{") || first === "{") return false;
  return isWhole(first) || second?.startsWith("{") === true;
};

/** The first two lines that hold anything. */
const firstLines = (text: string): string[] => {
  const found: string[] = [];
  for (let from = 0; from < text.length && found.length < 2; ) {
    const end = text.indexOf("\n", from);
    const line = text.slice(from, end < 0 ? text.length : end).trim();
    if (line !== "") found.push(line);
    from = end < 0 ? text.length : end + 1;
  }
  return found;
};

const isWhole = (json: string): boolean => {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
};

function* lines(text: string): Generator<JsonText> {
  let line = 0;
  let from = 0;
  while (from < text.length) {
    const end = text.indexOf("\n", from);
    const json = text.slice(from, end < 0 ? text.length : end);
    line += 1;
    if (json.trim() !== "") yield { json, position: `line ${line}` };
    from = end < 0 ? text.length : end + 1;
  }
}

/** What may not stand between values. */
const BETWEEN = /[^\s,[\]\ufeff]/;
const NOT_JSON = "Not JSON: there is something else between the values.";
const MARK = /["{}[\]\n]/g;

/** Maps at the top, or in arrays at the top. */
function* values(text: string): Generator<JsonText> {
  let line = 1;
  let depth = 0;
  let start = -1;
  let startLine = 1;
  let behind = 0;
  MARK.lastIndex = 0;
  for (let found = MARK.exec(text); found; found = MARK.exec(text)) {
    const { index, 0: mark } = found;
    if (mark === "\n") line += 1;
    else if (mark === '"') {
      const end = endOfText(text, index);
      if (end < 0) break;
      MARK.lastIndex = end;
    } else if (mark === "{" || mark === "[") {
      if (depth === 0 && mark === "[") continue;
      if (depth === 0) {
        if (BETWEEN.test(text.slice(behind, index))) yield { error: NOT_JSON, position: `line ${line}` };
        [start, startLine] = [index, line];
      }
      depth += 1;
    } else if (depth > 0) {
      depth -= 1;
      if (depth > 0) continue;
      yield { json: text.slice(start, index + 1), position: `line ${startLine}` };
      start = -1;
      behind = index + 1;
    }
  }
  if (start < 0 && BETWEEN.test(text.slice(behind))) yield { error: NOT_JSON, position: `line ${line}` };
  if (start >= 0) yield { error: "The JSON is cut off: its end is missing.", position: `line ${startLine}` };
}

/** Behind the closing quotes; JSON texts hold no line breaks. -1 where they are missing. */
const endOfText = (text: string, open: number): number => {
  for (let end = text.indexOf('"', open + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return end + 1;
  }
  return -1;
};
