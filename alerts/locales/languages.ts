import { en } from "./en.ts";
import { ja } from "./ja.ts";
import type { Words } from "./texts.ts";

export const WORDS = { en, ja } as const satisfies Readonly<Record<string, Words>>;
export type Language = keyof typeof WORDS;
