import { nameHoldsKey } from "./product-keys.ts";

/** A name as it may be kept and shown, or why it may not. */
export type NameReading = { readonly name: string } | { readonly reason: string };

const NAME_LENGTH_MAX = 253;
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_][A-Za-z0-9_-]*)*$/;
const LABEL = /^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_-]*$/u;

/**
 * Reads the name of a computer or of a DNS domain as a person wrote it. Dots at its end say nothing, and full-width letters
 * are the same letters (NFKC). Refused: what is no name, what mixes alphabets or looks like a Latin name without being one,
 * and a product key. Upper and lower case stay.
 */
export const readName = (text: string): NameReading => {
  const name = withoutEndDots(PLAIN.test(text) ? text : text.normalize("NFKC").trim());
  if (name === "") return { reason: "it is empty" };
  if (name.length > NAME_LENGTH_MAX) return { reason: `it has more than ${NAME_LENGTH_MAX} characters` };
  if (nameHoldsKey(name)) return { reason: "it holds a product key" };
  if (PLAIN.test(name)) return { name };
  for (const label of name.split(".")) {
    if (!LABEL.test(label)) return { reason: "it is no computer's or domain's name" };
    if (isLookAlike(label)) return { reason: "it mixes alphabets or looks like another name" };
  }
  return { name };
};

/** The name under which a computer or domain is known: lower case. Undefined for what is no name. */
export const nameKey = (text: string): string | undefined => {
  const read = readName(text);
  return "name" in read ? read.name.toLowerCase() : undefined;
};

const withoutEndDots = (text: string): string => {
  let end = text.length;
  while (end > 0 && text[end - 1] === ".") end -= 1;
  return end === text.length ? text : text.slice(0, end);
};

const LATIN = /\p{Script=Latin}/u;
/** Alphabets with letters that look like Latin ones. */
const OTHER =
  /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Coptic}\p{Script=Lisu}]/u;
/** The letters of those that do. */
const ALIKE =
  /^[\u0391-\u0392\u0395-\u0397\u0399-\u039a\u039c-\u039d\u039f\u03a1\u03a4-\u03a5\u03a7\u03b9\u03bd\u03bf\u03c1\u03c5\u0405\u0406\u0408\u0410\u0412\u0415\u041a\u041c-\u041e\u0420-\u0422\u0425\u0430\u0435\u043a\u043c-\u043e\u0440-\u0443\u0445\u0455\u0456\u0458\u04ae\u04af\u04bb\u04cf\u0501\u051b\u051d\u0570\u0578\u057d\u0585]+$/u;

const isLookAlike = (label: string): boolean => {
  if (!OTHER.test(label)) return false;
  return LATIN.test(label) || ALIKE.test(label.replaceAll(/[\p{N}_-]/gu, ""));
};
