/**
 * Finds full product keys in texts: five groups of five. Some events carry one (1192 and 1193 the firmware's key); none may
 * reach a disk, a log or a page of ours. People and programs write them with all kinds of dashes and blanks, with characters
 * of no width inside, without dashes, several in a row, and glued to other letters.
 */

/** Characters that are not seen: they may stand anywhere in a key. */
const UNSEEN =
  "[\\u00ad\\u034f\\u061c\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u2069\\ufe00-\\ufe0f\\ufeff]*";
const BLANK = "[ \\t\\r\\n\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]";
const DASH =
  "(?:[-_\\u00ad\\u058a\\u05be\\u2010-\\u2015\\u2043\\u2212\\u2e3a\\u2e3b\\u301c\\u30fc\\ufe58\\ufe63\\uff0d\\uff3f\\uff70]|%2[dD]|&#(?:0*45|[xX]0*2[dD]);|\\\\u2010|\\\\u2011|\\\\u2013)";
/** Letters and digits, full-width ones too. */
const SIGN = "[A-Za-z0-9\\uff10-\\uff19\\uff21-\\uff3a\\uff41-\\uff5a]";
/** Keys are made of these alone: no vowels, and nothing that is taken for another sign. */
const KEY_SIGN = "[BCDFGHJKMNPQRTVWXYbcdfghjkmnpqrtvwxy2346789]";
const CAPITAL = "[A-Z0-9\\uff10-\\uff19\\uff21-\\uff3a]";

const group = (sign: string): string => `(?:${sign}${UNSEEN}){5}`;
const groups = (sign: string, between: string): string => `${group(sign)}(?:${between}${group(sign)}){4,}`;
/** At least one letter: five numbers of five digits in a row are a table. */
const withLetter = (pattern: string): string =>
  `(?=[^A-Za-z\\uff21-\\uff3a\\uff41-\\uff5a]{0,60}${"[A-Za-z\\uff21-\\uff3a\\uff41-\\uff5a]"})${pattern}`;

const DASHED = groups(SIGN, `${BLANK}{0,3}${UNSEEN}${DASH}${UNSEEN}${BLANK}{0,3}${UNSEEN}`);
const SPACED = `(?<!${SIGN})(?:${withLetter(groups(CAPITAL, `${BLANK}{1,3}${UNSEEN}`))}|${groups(KEY_SIGN, `${BLANK}{1,3}${UNSEEN}`)})(?!${SIGN})`;
const BARE = `(?<![A-Za-z0-9])(?:(?:${KEY_SIGN}${UNSEEN}){25}){1,2}(?![A-Za-z0-9])`;
const PRODUCT_KEY = new RegExp(`${DASHED}|${SPACED}|${BARE}`, "g");

const LENGTH_MIN = 25;
const GROUP_LENGTH = 5;

/** Of each ASCII sign: is it a letter or digit (1), may it stand between the groups of a key (2), does it begin an escape (3)? */
const CLASSES = Uint8Array.from({ length: 128 }, (_, code) => {
  const sign = String.fromCharCode(code);
  if (/[A-Za-z0-9]/.test(sign)) return 1;
  return /[-_\s]/.test(sign) ? 2 : /[%&\\]/.test(sign) ? 3 : 0;
});

/**
 * May a text hold a key? It has five signs between two dashes or blanks, 25 signs in a row, or something that is not ASCII or
 * an escape. Nearly no text has; one pass tells, which costs a tenth of what looking for keys does.
 */
const maybeHoldsKey = (text: string): boolean => {
  let run = 0;
  let before = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    const kind = code < 128 ? CLASSES[code]! : 3;
    if (kind === 1) {
      run += 1;
      if (run === LENGTH_MIN) return true;
      continue;
    }
    if (kind === 3 || (run === GROUP_LENGTH && before === 2 && kind === 2)) return true;
    run = 0;
    before = kind;
  }
  return false;
};

/** Signs that stand in no key and between no groups of one: a document of JSON is looked at piece by piece. */
const PIECE = /[^",:{}]{25,}/g;
const LONG = 2_000;

/** The text with `(redacted)` in place of each full product key. GUIDs, activation IDs and partial keys stay. */
export const redactKeys = (text: string): string => {
  if (text.length < LENGTH_MIN) return text;
  return text.length < LONG ? redactPiece(text) : text.replace(PIECE, redactPiece);
};

const redactPiece = (text: string): string => (maybeHoldsKey(text) ? text.replace(PRODUCT_KEY, "(redacted)") : text);

const NAME_KEY = new RegExp(
  `(?:${KEY_SIGN}{5})(?:[-_.]${KEY_SIGN}{5}){4}|[A-Z0-9]{5}(?:[-_.][A-Z0-9]{5}){4}|(?<![A-Za-z0-9])${KEY_SIGN}{25}(?![A-Za-z0-9])`,
);
/**
 * Does a name (of a host, a zone, a domain) hold a product key? Names in lower case are made of words of five letters now and
 * then, so only signs that keys are made of count there.
 */
export const nameHoldsKey = (name: string): boolean => name.length >= LENGTH_MIN && NAME_KEY.test(name);
