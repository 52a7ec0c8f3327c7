/** Every text of a language's words by its path; a text made from a number is made from 7. */
export const textsOf = (words: object, path = ""): Map<string, string> => {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(words) as [string, unknown][]) {
    const at = path ? `${path}.${key}` : key;
    const text = typeof value === "function" ? String(value(7)) : value;
    if (typeof text === "string") texts.set(at, text);
    else for (const [below, it] of textsOf(text as object, at)) texts.set(below, it);
  }
  return texts;
};

/** What Prometheus or Grafana fills in, and `code`, in the order of the alphabet: they are the same in every language. */
export const figuresOf = (text: string): string[] =>
  [...text.matchAll(/\{\{.*?\}\}|`[^`]+`|\$\w+|https?:\S+/g)].map(([it]) => it).sort();

/** Numbers written in digits: thresholds, days, ports, event IDs, codes. A language may write more of them so. */
export const numbersOf = (text: string): string[] => text.match(/\b(0x)?\d[\dA-F]*\b/g) ?? [];

const JAPANESE = "[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}ー]";
const LATIN = "[A-Za-z0-9$%]";
export const isJapanese = (text: string): boolean => new RegExp(JAPANESE, "u").test(text);

/** How Microsoft's Japanese texts are written, and one word for one thing. */
const UNTIDY: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["no half-width space between Latin and Japanese", new RegExp(`${JAPANESE}${LATIN}|${LATIN}${JAPANESE}`, "u")],
  ["full-width letters, digits or brackets", /[\uFF01-\uFF60]/],
  ["half-width katakana", /[\uFF61-\uFF9F]/],
  ["two spaces, or one at an end", / {2}|^ | $/],
  ["閾値 for しきい値", /閾値/],
  ["a long vowel left out", /(コンピュータ|サーバ|ユーザ|フォルダ|コレクタ)(?!ー)/],
  ["アクティブ化 or アクティベーション for ライセンス認証", /アクティブ化|アクティベーション(?!計画ガイド)/],
  ["マシン ID for CMID", /マシン ID/],
  ["配信 or 配送 for 送信", /配信|配送/],
];
export const untidy = (text: string): string[] => {
  const plain = text
    .replaceAll(/\{\{ with .*?\{\{ end \}\}/g, "0")
    .replaceAll(/\{\{ (if .*?|else|end) \}\}/g, "\n")
    .replaceAll(/\{\{.*?\}\}|`[^`]+`/g, "0");
  return UNTIDY.filter(([, pattern]) => pattern.test(plain)).map(([what]) => what);
};
