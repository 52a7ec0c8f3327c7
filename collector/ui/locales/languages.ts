import { LANGUAGES, type Language } from "../../summary/locales/languages.ts";
import { en } from "./en.ts";
import { ja } from "./ja.ts";
import type { Texts } from "./texts.ts";

export { LANGUAGES, type Language };
export const TEXTS: Readonly<Record<Language, Texts>> = { en, ja };

export const isLanguage = (text: unknown): text is Language => LANGUAGES.some((it) => it === text);

/**
 * The language of a page.
 *
 * @param chosen the parameter `lang`. @param kept the cookie of an earlier choice. @param accepted the header
 * `Accept-Language`.
 */
export const languageFor = (chosen: unknown, kept: unknown, accepted = ""): Language => {
  if (isLanguage(chosen)) return chosen;
  if (isLanguage(kept)) return kept;
  const wanted = accepted
    .slice(0, 500)
    .split(",")
    .map((it) => {
      const [tag = "", ...parameters] = it.trim().toLowerCase().split(";");
      const quality = Number(/^\s*q=([\d.]+)$/.exec(parameters.join(";"))?.[1] ?? 1);
      return { language: tag.split("-")[0], quality };
    })
    .filter((it) => it.quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return wanted.map((it) => it.language).find(isLanguage) ?? "en";
};
