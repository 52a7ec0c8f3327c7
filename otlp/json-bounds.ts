import {
  DEPTH_MAX,
  MEMBERS_MAX,
  OtlpError,
  RECORDS_MAX,
  tooDeep,
  tooManyMembers,
  tooManyValues,
  VALUES_MAX,
} from "./logs.ts";

/** A text this short takes little, whatever it says. */
const SMALL = 64 * 1024;
/** A value of OTLP/JSON makes three levels of JSON: `{"arrayValue":{"values":[…`; the request around it makes some more. */
const JSON_DEPTH_MAX = 3 * DEPTH_MAX + 20;
/** A value makes about four members: `{"key":…,"value":{"stringValue":…}}`. */
const JSON_VALUES_MAX = 4 * VALUES_MAX;

const QUOTE = 34;
const COMMA = 44;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/**
 * Holds a JSON text against the limits before it is parsed, because then it is in memory: how deep it nests, how many members
 * an array or an object has, how many values there are. Whether it is JSON is JSON.parse's to say.
 *
 * @throws OtlpError
 */
export const checkJsonBounds = (text: string): void => {
  if (text.length <= SMALL) return;
  const members = new Int32Array(JSON_DEPTH_MAX + 2);
  const maxima = new Int32Array(JSON_DEPTH_MAX + 2).fill(RECORDS_MAX);
  let depth = 0;
  let values = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = endOfText(text, i);
    else if (code === COMMA) {
      values += 1;
      members[depth]! += 1;
      if (members[depth]! >= maxima[depth]!) throw tooManyMembers(maxima[depth]!);
      if (values > JSON_VALUES_MAX) throw tooManyValues();
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      depth += 1;
      if (depth > JSON_DEPTH_MAX) throw tooDeep();
      members[depth] = 0;
      maxima[depth] = code === OPEN_OBJECT ? MEMBERS_MAX : RECORDS_MAX;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth = Math.max(0, depth - 1);
  }
};

/** Where the text's closing quotes stand. */
const endOfText = (text: string, open: number): number => {
  for (let end = text.indexOf('"', open + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  throw new OtlpError("Not JSON: a text has no end.");
};
