import { en } from "./en.ts";
import { ja } from "./ja.ts";
import type { Sentences } from "./sentences.ts";

/** The languages of sentences and pages. */
export const LANGUAGES = ["en", "ja"] as const;
export type Language = (typeof LANGUAGES)[number];
export const SENTENCES: Readonly<Record<Language, Sentences>> = { en, ja };
