import { ADVICE } from "./advice.ts";
import { CODES, codeRow } from "./catalog.ts";
import type { Fault } from "./code-row.ts";
import { EVENTS } from "./events.ts";
import { SOURCES } from "./sources.ts";

export type Language = "en" | "ja";

/** What a code or an event ID stands for, in words. */
export interface Explanation {
  /** `0xC004F038 (SL_E_VL_NOT_ENOUGH_COUNT)`, or `Event 12290`. */
  readonly title: string;
  readonly meaning: string;
  readonly fault: string;
  readonly advice: string;
  readonly source: { readonly title: string; readonly url: string };
}

export type Explained =
  | { readonly outcome: "explained"; readonly explanation: Explanation }
  /** A code or a number that no table has; `nearest` are codes or IDs that look alike. */
  | { readonly outcome: "unknown"; readonly written: string; readonly nearest: readonly string[] }
  /** A number above the event IDs and below the HRESULTs of errors, which no table has. */
  | { readonly outcome: "no event" }
  | { readonly outcome: "no code" };

/**
 * Explains an HRESULT (`0xC004F038`, `C004F038`, `-1073418184`, `3221549112`) or an event ID (`12290`). A decimal number up to
 * 65535 is an event ID, because no HRESULT of an error is so small; hexadecimal digits without `0x` must be eight.
 */
export const explain = (written: string, language: Language): Explained => {
  const text = written.trim();
  if (/^\d{1,5}$/.test(text) && Number(text) <= 0xffff) return explainEvent(Number(text), language);
  const code = codeOf(text);
  if (code === undefined) return { outcome: "no code" };
  const row = codeRow(code);
  if (!row && /^\d+$/.test(text) && Number(text) < FIRST_ERROR) return { outcome: "no event" };
  if (!row) return { outcome: "unknown", written: `0x${code}`, nearest: nearestCodes(code) };
  const [, name, , fault, advice, source, en, ja] = row;
  return {
    outcome: "explained",
    explanation: {
      title: `0x${code}${name ? ` (${name})` : ""}`,
      meaning: { en, ja }[language],
      fault: FAULTS[fault][language],
      advice: ADVICE[advice][language === "en" ? 0 : 1],
      source: SOURCES[source],
    },
  };
};

const explainEvent = (id: number, language: Language): Explained => {
  const row = EVENTS.find((it) => it[0] === id);
  if (!row) {
    const nearest = EVENTS.map((it) => it[0]).toSorted((a, b) => Math.abs(a - id) - Math.abs(b - id) || a - b);
    return { outcome: "unknown", written: String(id), nearest: nearest.slice(0, NEAREST).map(String) };
  }
  const [, fault, advice, source, en, ja] = row;
  return {
    outcome: "explained",
    explanation: {
      title: language === "en" ? `Event ${id}` : `イベント ${id}`,
      meaning: { en, ja }[language],
      fault: FAULTS[fault][language],
      advice: ADVICE[advice][language === "en" ? 0 : 1],
      source: SOURCES[source],
    },
  };
};

/** Eight upper-case hexadecimal digits; undefined where the text is no 32-bit code. */
const codeOf = (text: string): string | undefined => {
  const hex = /^0x([0-9a-f]{1,8})$/i.exec(text)?.[1] ?? /^[0-9a-f]{8}$/i.exec(text)?.[0];
  if (hex !== undefined) return hex.toUpperCase().padStart(8, "0");
  if (!/^-?\d{1,10}$/.test(text)) return undefined;
  const number = Number(text);
  if (number < -(2 ** 31) || number >= 2 ** 32) return undefined;
  return (number >>> 0).toString(16).toUpperCase().padStart(8, "0");
};

/** An HRESULT of an error has the highest of its 32 bits set. */
const FIRST_ERROR = 2 ** 31;

const NEAREST = 3;

/** Codes with the most digits at the same place; of those with as many, the nearest numbers. */
const nearestCodes = (code: string): string[] => {
  const same = (other: string) => [...other].filter((it, i) => it === code[i]).length;
  const distance = (other: string) => Math.abs(Number.parseInt(other, 16) - Number.parseInt(code, 16));
  return CODES.map(([other]) => ({ other, digits: same(other) }))
    .filter((it) => it.digits >= 6)
    .toSorted((a, b) => b.digits - a.digits || distance(a.other) - distance(b.other))
    .slice(0, NEAREST)
    .map((it) => `0x${it.other}`);
};

/** Who has to act, in words. */
export const FAULTS: Readonly<Record<Fault, Readonly<Record<Language, string>>>> = {
  client: { en: "the client computer", ja: "クライアント コンピューター" },
  network: { en: "the network between client and host", ja: "ネットワーク" },
  dns: { en: "DNS", ja: "DNS" },
  host: {
    en: "the activating host (KMS, Active Directory or Hyper-V)",
    ja: "認証するホスト (KMS、Active Directory、Hyper-V)",
  },
  key: { en: "the product key", ja: "プロダクト キー" },
  clock: { en: "the clock of client or host", ja: "クライアントまたはホストの時刻" },
  microsoft: { en: "Microsoft's activation servers", ja: "マイクロソフトのライセンス認証サーバー" },
  none: { en: "none: it reports what happened", ja: "なし (状態の報告です)" },
};
